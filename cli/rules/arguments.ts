import type { ParseArgsConfig } from 'node:util'
import { readArguments } from '../arguments.ts'

/** How a command of `npm run rules` is known. */
export interface Command {
  help: string
  /** Gives the exit code. @throws {UsageError | ConfigError | Error} what went wrong, to be shown by its message. */
  run(args: string[]): Promise<number>
  /** The exit code of wrong usage; 2, when absent. */
  wrongUsage?: number
}

/**
 * Reads a command's options, of which each has `--json`, and the paths that stand beside them.
 * @throws {UsageError} that names the option that is not known, and the one that may be meant.
 */
export function readOptions<Options extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: Options) {
  return readArguments(args, { ...options, json: { type: 'boolean', default: false } } as const, 'paths')
}
