import type { Config } from '../../schemas/config.ts'
import type { PushedConfig } from '../../schemas/pushed-config.ts'

/** A file of config/tests, as data. */
export type CaseFile = NonNullable<PushedConfig['cases']>[number]

/**
 * Runs a config's cases, for `push` and for the validator alike: what failed, a text for each. None: all pass.
 * @throws {Error} when there are cases and nothing to run them with, so that none counts as passed that was not run.
 */
export function runCases(_config: Config, files: CaseFile[]): string[] {
  if (files.length > 0) throw new Error(`${files.map(({ path }) => path).join(', ')}: cases can't be run yet`)
  return []
}
