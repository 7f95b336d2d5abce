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

/** AppConfig waits 15 s for a validator, which has a third of a processor: reading rules and running cases takes its share. */
const LOOK_MS = 5_000

/** What a validator says of a config. */
export interface Pushed {
  /** What stands in the way, a line each. None: it may go live. */
  problems: string[]
  /** What there was no time to look at, a line each. */
  timeWasUp: string[]
}

/**
 * Looks at a pushed config: the config's own check first, then its cases. What the stack was deployed with is not held up for
 * what it says. Pure, but for the time that it may take.
 */
export function lookAtPushed(
  document: string,
  { now = new Date(), hasTime = timeFor(LOOK_MS) }: { now?: Date; hasTime?: HasTime } = {},
): Pushed {
  const refused = (problems: string[]): Pushed => ({ problems, timeWasUp: [] })
  let data: PushedConfig
  try {
    data = JSON.parse(document) as PushedConfig
  } catch (error) {
    return refused([`is not JSON: ${(error as Error).message}. "${commandLine('rules push')}" makes what belongs here`])
  }
  try {
    // In the words of the check rather than in those of the schema.
    const config = checkConfig(data?.config)
    const shape = pushedConfigSchema.safeParse(data, { jitless: true })
    if (!shape.success) return refused(shape.error.issues.map(({ path, message }) => `${pathText(path)}: ${message}`))
    if (data.version !== versionOf(JSON.stringify(data.config))) {
      return refused([
        `version: is not that of this config: it was changed after "${commandLine('rules push')}" made it`,
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
        ({ what, expected, found }) => `case "${one.name}": ${what} is ${found}, not ${expected}`,
      ),
    )
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `cases${pathText(path)}: ${message}`)
  }
}
