/**
 * How every AWS client of ours is made: each call has a deadline, and its retries fit in a function's own.
 * The endpoint is the SDK's matter (`AWS_ENDPOINT_URL_…`), which is how the same code runs on a laptop.
 */
export const clientOptions = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
} as const

/**
 * An environment variable that the stack sets.
 * @throws {Error} naming it, when it is missing: the function is not deployed as it should be.
 */
export function environment(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`the environment variable ${name} is not set: serverless.yml sets it for this function`)
  return value
}
