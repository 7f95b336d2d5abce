import { ConfigError } from '../shared/config/problem.ts'

/** What the commands have in common: how wrong usage and AWS's errors are told to a person. */

/** What the user asked for can't be done as asked. Shown as it is, with exit code 2. */
export class UsageError extends Error {}

/** A command's main function: what it gives is the exit code. It may throw; what a user typed stands in `argv`. */
type Main = (argv: string[]) => Promise<number>

/**
 * A command that never throws: it gives the exit code of `main`, `wrongUsage` for a UsageError, 1 for any other error, and says
 * why.
 * @param name as in `doctor`, or `rules check` for one of several commands of a script
 * @param help what --help says; nothing else is done then
 */
export function commandOf(name: string, main: Main, help: string, wrongUsage = 2): Main {
  const [script, ...command] = name.split(' ')
  const howToHelp = ['npm run', script, '--', ...command, '--help'].join(' ')
  return async (args) => {
    try {
      return (await tellsOfItself(args, help)) ? 0 : await main(args)
    } catch (error) {
      process.stderr.write(`${errorText(error, howToHelp)}\n`)
      return error instanceof UsageError ? wrongUsage : 1
    }
  }
}

/**
 * Runs a command with what the user typed, and sets the exit code.
 * @param meta `import.meta` of its file: nothing runs where that is only imported. A Node that can't tell runs it.
 */
export async function runCommand(meta: ImportMeta, command: Main): Promise<void> {
  if (meta.main === false) return
  let isLost = false
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (isClosed(error)) return endIfItStays()
      if (!isLost) process.stderr.write(`The output can't be written: ${error.message}\n`)
      isLost = true
      process.exitCode = 1
    })
  }
  const code = await command(process.argv.slice(2))
  process.exitCode = isLost ? 1 : code
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
  if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM')
}

/** Says what --help or --version ask for; whether they did. */
async function tellsOfItself(args: string[], help: string): Promise<boolean> {
  if (asks(args, '--help', '-h')) process.stdout.write(help)
  else if (asks(args, '--version', '-V')) process.stdout.write((await import('./version.ts')).versionText())
  else return false
  return true
}

/** Is it asked for this, before any `--`? */
function asks(args: string[], ...names: string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end < 0 ? undefined : end).some((one) => names.includes(one))
}

/** What went wrong, for a person; `howToHelp` is the command line that says more. */
function errorText(error: unknown, howToHelp: string): string {
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
