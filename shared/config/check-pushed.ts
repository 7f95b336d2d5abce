import type { Config } from '../../schemas/config.ts'
import { type PushedConfig, pushedConfigSchema } from '../../schemas/pushed-config.ts'
import { checkCases } from '../cases/check.ts'
import { runCase } from '../cases/run.ts'
import type { Finding } from '../check/finding.ts'
import { errorsIn } from '../check/findings.ts'
import { ConfigError, checkConfig, pathText } from './check.ts'
import { versionOf } from './version.ts'

/**
 * What stands in the way of a pushed config, a line each: the config's own check first, then its cases. None: it may go
 * live. What the stack was deployed with is not held up for what it says. Pure.
 */
export function problemsOfPushed(document: string, now = new Date()): string[] {
  let data: PushedConfig
  try {
    data = JSON.parse(document) as PushedConfig
  } catch (error) {
    return [`is not JSON: ${(error as Error).message}. "npm run rules -- push" makes what belongs here`]
  }
  try {
    // In the words of the check rather than in those of the schema.
    const config = checkConfig(data?.config)
    const shape = pushedConfigSchema.safeParse(data, { jitless: true })
    if (!shape.success) return shape.error.issues.map(({ path, message }) => `${pathText(path)}: ${message}`)
    if (data.version !== versionOf(JSON.stringify(data.config))) {
      return ['version: is not that of this config: it was changed after "npm run rules -- push" made it']
    }
    const dead = data.version === data.base ? [] : errorsIn(config, now)
    return [...dead.map((one) => inWords(one, config)), ...failedCases(shape.data.cases, config)]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `config.${pathText(path)}: ${message}`)
  }
}

function inWords({ path, message, mend }: Finding, { rules }: Config): string {
  const rule = path[0] === 'rules' ? rules[Number(path[1])]?.name : undefined
  return `config.${pathText(path)}${rule === undefined ? '' : ` (rule "${rule}")`}: ${message}. ${mend}`
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
