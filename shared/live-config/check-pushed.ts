import type { Config } from '../../schemas/config.ts'
import { type PushedConfig, pushedConfigSchema } from '../../schemas/pushed-config.ts'
import { checkCases } from '../cases/check.ts'
import { runCase } from '../cases/run.ts'
import type { Finding } from '../check/finding.ts'
import { errorsIn } from '../check/findings.ts'
import { type HasTime, timeFor } from '../check/time.ts'
import { ConfigError, checkConfig, pathText } from '../config/check.ts'
import { commandLine } from '../config/command-line.ts'
import { versionOf } from './version.ts'

/**
 * AppConfig waits 15 s for a validator, which has a third of a processor; reading rules and running cases takes its
 * share.
 */
const CHECK_MS = 5_000

/** A validator's answer about a config. */
export interface Pushed {
  /** The problems that keep it from going live, a line each. */
  problems: string[]
  /** Checks there was no time for, a line each. */
  timeWasUp: string[]
}

/**
 * Checks a pushed config: the config's own check first, then its cases. The version that the stack was deployed with is
 * not held up by findings. Pure, but for the time it may take.
 */
export function checkPushed(
  document: string,
  { now = new Date(), hasTime = timeFor(CHECK_MS) }: { now?: Date; hasTime?: HasTime } = {},
): Pushed {
  const refused = (problems: string[]): Pushed => ({ problems, timeWasUp: [] })
  let data: PushedConfig
  try {
    data = JSON.parse(document) as PushedConfig
  } catch (error) {
    return refused([
      `not JSON: ${(error as Error).message}. Use "${commandLine('rules push')}" to create this document`,
    ])
  }
  try {
    // The check's messages are better than the schema's.
    const config = checkConfig(data?.config)
    const shape = pushedConfigSchema.safeParse(data, { jitless: true })
    if (!shape.success) return refused(shape.error.issues.map(({ path, message }) => `${pathText(path)}: ${message}`))
    if (data.version !== versionOf(JSON.stringify(data.config))) {
      return refused([
        `version: does not match this config, which was changed after "${commandLine('rules push')}" created it`,
      ])
    }
    const { errors, timeWasUp } =
      data.version === data.base ? { errors: [], timeWasUp: [] } : errorsIn(config, { now, hasTime })
    const problems = [...errors.map((one) => describe(one, config)), ...failedCases(shape.data.cases, config)]
    return { problems, timeWasUp }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return refused(error.problems.map(({ path, message }) => `config.${pathText(path)}: ${message}`))
  }
}

function describe({ path, message, fix }: Finding, { rules }: Config): string {
  const rule = path[0] === 'rules' ? rules[Number(path[1])]?.name : undefined
  return `config.${pathText(path)}${rule === undefined ? '' : ` (rule "${rule}")`}: ${message}. ${fix}`
}

function failedCases(cases: unknown, config: Config): string[] {
  try {
    return checkCases(cases).flatMap((one) =>
      runCase(one, config).differences.map(
        ({ what, expected, found }) => `case "${one.name}": ${what}: expected ${expected}, got ${found}`,
      ),
    )
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `cases${pathText(path)}: ${message}`)
  }
}
