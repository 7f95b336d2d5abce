/** Points AWS clients created after this to a region and an account. */
export function goTo({ region, profile }: { region?: string | undefined; profile?: string | undefined }): void {
  if (profile !== undefined) {
    process.env.AWS_PROFILE = profile
    // These would take precedence over the profile.
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[name]
  }
  const wanted = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION
  if (wanted !== undefined) process.env.AWS_REGION = wanted
}
