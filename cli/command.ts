import { constants } from 'node:os'
import { ConfigError } from '../shared/config/problem.ts'

/** What the commands have in common: how wrong usage and AWS's errors are told to a person. */

/** What the user asked for can't be done as asked. Shown as it is, with exit code 2. */
export class UsageError extends Error {}

/** Runs what the user typed, and sets the exit code that `main` gives. */
export async function runCommand(main: (argv: string[]) => Promise<number>): Promise<void> {
  endOnSignals()
  let isLost = false
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (isClosed(error)) return endIfItStays()
      if (!isLost) process.stderr.write(`The output can't be written: ${error.message}\n`)
      isLost = true
      process.exitCode = 1
    })
  }
  const code = await main(process.argv.slice(2))
  process.exitCode = isLost ? 1 : code
}

/** Ctrl-C, the end of a terminal, and a polite kill. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Ends at once, as a shell expects: what must not be left behind goes when the process exits. A command that has an end of its
 * own listens, too, once: then it decides, and a second Ctrl-C ends it at once.
 */
function endOnSignals(): void {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal])
    })
  }
}

/** `… | head -1`: whoever read has seen enough. On Windows it is EOF. */
function isClosed({ code = '' }: NodeJS.ErrnoException): boolean {
  return ['EPIPE', 'EOF', 'ERR_STREAM_DESTROYED'].includes(code)
}

/**
 * With nobody reading, a command goes on to its end: it may be in the midst of a change, or have something to clean up. One that
 * stays until Ctrl-C ends as if it had got it.
 */
function endIfItStays(): void {
  // One listener is the usual one.
  if (process.listenerCount('SIGTERM') > 1) process.emit('SIGTERM')
}

/** What went wrong, for a person; `howToHelp` is the command line that says more. */
export function errorText(error: unknown, howToHelp: string): string {
  if (error instanceof UsageError) return `${error.message}\n${howToHelp} says more.`
  return error instanceof ConfigError ? error.message : explainAwsError(error as AwsError)
}

type AwsError = Error & { code?: string }

const MISSING = /^(QueueDoesNotExist|.*NonExistentQueue|ResourceNotFoundException|NoSuchRouter)$/
const CREDENTIALS = /^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch)/
const NO_ANSWER = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|TimeoutError)$/

/** What to do about an error of the AWS SDK. Never a stack trace. */
export function explainAwsError({ name, message, code }: AwsError): string {
  if (MISSING.test(name)) {
    return `There is no such stack here: is it another --stage, --region or account (--profile)? (${message})`
  }
  if (name === 'CredentialsProviderError') {
    const { AWS_PROFILE: profile } = process.env
    if (profile) {
      return `There are no AWS credentials for the profile "${profile}" (AWS_PROFILE): is it in ~/.aws/config, and logged in (aws sso login)? (${message})`
    }
    return `There are no AWS credentials in the environment: name a --profile, or log in with "aws sso login". (${message})`
  }
  if (/region is missing/i.test(message)) {
    return 'No region is set. Name the one that the stack is in: --region eu-west-1, or AWS_REGION=eu-west-1 in front of the command.'
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
