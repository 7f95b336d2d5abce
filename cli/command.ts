import { constants } from 'node:os'
import { ConfigError } from '../shared/config/problem.ts'

/** What the commands share: how usage errors and AWS errors are shown to a person. */

/** Wrong usage. Its message is shown as it is, with exit code 2. */
export class UsageError extends Error {}

/** Runs the user's command line, and sets the exit code that `main` returns. */
export async function runCommand(main: (argv: string[]) => Promise<number>): Promise<void> {
  endOnSignals()
  let isLost = false
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (isClosed(error)) return endIfItStays()
      if (!isLost) process.stderr.write(`Cannot write the output: ${error.message}\n`)
      isLost = true
      process.exitCode = 1
    })
  }
  const code = await main(process.argv.slice(2))
  process.exitCode = isLost ? 1 : code
}

/** Ctrl-C, a closed terminal, and a plain kill. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Exits at once, as a shell expects; exit handlers clean up. A command with its own shutdown also listens, once:
 * then it decides when to exit, and a second Ctrl-C exits at once.
 */
function endOnSignals(): void {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal])
    })
  }
}

/** `… | head -1` closes the pipe early. On Windows the code is EOF. */
function isClosed({ code = '' }: NodeJS.ErrnoException): boolean {
  return ['EPIPE', 'EOF', 'ERR_STREAM_DESTROYED'].includes(code)
}

/**
 * With the output closed, a command still runs to its end: it may be in the middle of a change, or have to clean up.
 * One that runs until Ctrl-C exits as if it had received it.
 */
function endIfItStays(): void {
  // The first listener is that of endOnSignals.
  if (process.listenerCount('SIGTERM') > 1) process.emit('SIGTERM')
}

/** The error for a person; `howToHelp` is the command line that shows the usage. */
export function errorText(error: unknown, howToHelp: string): string {
  if (error instanceof UsageError) return `${error.message}\nRun ${howToHelp} for usage.`
  if (error instanceof ConfigError) return error.message
  return isOfFileSystem(error) ? explainFileError(error) : explainAwsError(error as AwsError)
}

const READS = /^(scandir|stat|lstat|read|readlink)$/
const WRITES = /^(open|write|mkdir|mkdtemp|rename|unlink|rm|rmdir|symlink|copyfile|cp)$/

/** Such as a folder that may not be written. What the user names is read by `readable`, so an `open` here is a write. */
export function isOfFileSystem(error: unknown): error is NodeJS.ErrnoException & { path: string; syscall: string } {
  const { path, syscall = '' } = (error ?? {}) as NodeJS.ErrnoException
  return path !== undefined && (READS.test(syscall) || WRITES.test(syscall))
}

function explainFileError({ path, syscall, message }: { path: string; syscall: string; message: string }): string {
  return `${path}: cannot be ${READS.test(syscall) ? 'read' : 'written'}: ${message}`
}

type AwsError = Error & { code?: string }

const MISSING = /^(QueueDoesNotExist|.*NonExistentQueue|ResourceNotFoundException|NoSuchRouter)$/
const CREDENTIALS = /^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch)/
const NO_ANSWER = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|TimeoutError)$/

/** What to do about an error of the AWS SDK. Never a stack trace. */
export function explainAwsError({ name, message, code }: AwsError): string {
  if (MISSING.test(name)) {
    return `Stack not found: check --stage, --region and the account (--profile). (${message})`
  }
  if (name === 'CredentialsProviderError') {
    const { AWS_PROFILE: profile } = process.env
    if (profile) {
      return `No AWS credentials for the profile "${profile}" (AWS_PROFILE): check that it is in ~/.aws/config, and logged in (aws sso login). (${message})`
    }
    return `No AWS credentials found: give a --profile, or log in with "aws sso login". (${message})`
  }
  if (/region is missing/i.test(message)) {
    return 'No region is set. Give the region of the stack: --region eu-west-1, or AWS_REGION=eu-west-1 before the command.'
  }
  if (CREDENTIALS.test(name)) {
    return `AWS rejected the credentials: they have expired, or belong to another account. Log in again. (${message})`
  }
  if (name.startsWith('AccessDenied')) return `Access denied with these credentials: ${message}`
  if (NO_ANSWER.test(code ?? '') || NO_ANSWER.test(name)) {
    return `No answer from AWS: check the network and the region. (${message || code})`
  }
  return name === 'Error' ? `Failed: ${message}` : `Failed: ${name}: ${message}`
}
