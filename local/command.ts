import { ConfigError } from '../shared/config/problem.ts'

/** What the commands have in common: how wrong usage and AWS's errors are told to a person. */

/** What the user asked for can't be done as asked. Shown as it is, with exit code 2. */
export class UsageError extends Error {}

/** Runs a command and sets its exit code: what `main` gives, 2 for wrong usage, 1 for what went wrong. */
export async function runCommand(name: string, main: (argv: string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1
    const text =
      error instanceof UsageError
        ? `${error.message}\nnpm run ${name} -- --help says more.`
        : error instanceof ConfigError
          ? error.message
          : explainAwsError(error as AwsError)
    process.stderr.write(`${text}\n`)
  }
}

type AwsError = Error & { code?: string }

const MISSING = /^(QueueDoesNotExist|.*NonExistentQueue|ResourceNotFoundException|NoSuchRouter)$/
const CREDENTIALS = /^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch)/
const NO_ANSWER = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|TimeoutError)$/

/** What to do about an error of the AWS SDK. Never a stack trace. */
export function explainAwsError({ name, message, code }: AwsError): string {
  if (MISSING.test(name)) {
    return `There is no such stack here: is it another --stage, region (AWS_REGION) or account (AWS_PROFILE)? (${message})`
  }
  if (name === 'CredentialsProviderError') {
    return `There are no AWS credentials in the environment: set AWS_PROFILE, or log in with "aws sso login". (${message})`
  }
  if (/region is missing/i.test(message)) {
    return 'No region is set: AWS_REGION=eu-west-1 in front of the command, with the region that the stack is in.'
  }
  if (CREDENTIALS.test(name)) {
    return `AWS does not take these credentials: they have expired, or are another account's. Log in again. (${message})`
  }
  if (name.startsWith('AccessDenied')) return `These credentials may not do this. AWS says: ${message}`
  if (NO_ANSWER.test(code ?? '') || NO_ANSWER.test(name)) {
    return `No answer from AWS: is the network up, and the region right? (${message || code})`
  }
  return `It failed: ${name}: ${message}`
}
