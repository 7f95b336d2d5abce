import { type ParseArgsConfig, parseArgs } from 'node:util'
import { didYouMean } from '../../shared/config/allowed.ts'
import { UsageError } from '../command.ts'

/** How a command of `npm run rules` is known. */
export interface Command {
  help: string
  /** Gives the exit code. @throws {UsageError | ConfigError | Error} what went wrong, to be shown by its message. */
  run(args: string[]): Promise<number>
}

/**
 * Reads a command's options, of which each has `--json`, and what stands beside them.
 * @throws {UsageError} that names the option that is not known, and the one that may be meant.
 */
export function readOptions<Options extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: Options) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { ...options, json: { type: 'boolean', default: false } },
    })
  } catch (error) {
    const [, unknown] = /Unknown option '(--[^']*)'/.exec((error as Error).message) ?? []
    if (unknown === undefined) throw new UsageError((error as Error).message)
    const known = [...Object.keys(options), 'json', 'help'].map((name) => `--${name}`)
    throw new UsageError(`${unknown} is no option here. ${didYouMean(unknown, known)}Allowed: ${known.join(', ')}.`)
  }
}
