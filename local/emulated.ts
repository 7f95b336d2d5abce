/** Dummy credentials: the emulators accept any. */
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' }
/** The same for a process's environment. */
export const CREDENTIALS_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
}

/** How an SDK client of ours reaches an engine's emulator of a service, by the engine's environment. */
export function emulated(environment: Record<string, string>, service: 'SNS' | 'SQS' | 'DYNAMODB') {
  return {
    endpoint: environment[`AWS_ENDPOINT_URL_${service}`],
    region: environment.AWS_REGION,
    credentials: CREDENTIALS,
  }
}
