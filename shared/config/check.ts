import { type Config, configSchema } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import {
  channelProblems,
  emailProblems,
  fallbackProblems,
  formerNameProblems,
  secretProblems,
} from './channel-problems.ts'
import { countProblems } from './count-problems.ts'
import { escalationProblems } from './escalation-problems.ts'
import { inhibitProblems } from './inhibit-problems.ts'
import { ConfigError, type Problem } from './problem.ts'
import { ruleProblems } from './rule-problems.ts'
import { setProblems } from './set-problems.ts'
import { shapeProblems } from './shape-problems.ts'
import { templateProblems } from './template-problems.ts'
import { valueProblems } from './value-problems.ts'
import { settersOf } from './value-scope.ts'
import { fieldProblems } from './when-problems.ts'
import { maintenanceProblems, windowProblems, windowsOf } from './window-problems.ts'

export { ConfigError, type Problem, pathText } from './problem.ts'

/**
 * Checks that data is a valid config and that every name in it is defined. Pure, and knows no file: `readConfig` adds
 * the lines.
 * @throws {ConfigError} with all problems, not only the first.
 */
export function checkConfig(data: unknown): Config {
  // Once at each start: compiling the checks to code would cost more than it saves.
  const result = configSchema.safeParse(data, { jitless: true })
  if (!result.success) throw new ConfigError(shapeProblems(result.error.issues, { schema: configSchema, data }))
  const problems = [
    ...channelProblems(result.data),
    ...emailProblems(result.data),
    ...fallbackProblems(result.data),
    ...formerNameProblems(result.data),
    ...secretProblems(result.data),
    ...groupByProblems(result.data),
    ...escalationProblems(result.data),
    ...countProblems(result.data),
    ...ruleProblems(result.data),
    ...setProblems(result.data),
    ...valueProblems(result.data),
    ...templateProblems(result.data),
    ...nonProductionProblems(result.data),
    ...windowProblems(windowsOf(result.data)),
    ...maintenanceProblems(result.data),
    ...inhibitProblems(result.data),
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  return result.data
}

function groupByProblems(config: Config): Problem[] {
  // By then, every rule has been evaluated.
  const scope = { config, setters: settersOf(config), before: Number.POSITIVE_INFINITY }
  return Object.entries(config.channels).flatMap(([name, { groupBy }]) =>
    (groupBy ?? []).flatMap((field, index) => fieldProblems(field, ['channels', name, 'groupBy', index], { scope })),
  )
}

/** Alerts that may not page must still reach somebody. */
function nonProductionProblems({ nonProduction, severities, channels }: Config): Problem[] {
  if (!nonProduction) return []
  const { highest } = nonProduction
  // An undefined channel is reported already.
  if (severities[highest].channels.some((name) => !pages(channels[name]))) return []
  return [
    {
      path: ['nonProduction', 'highest'],
      message: `"${highest}" has only PagerDuty channels, and non-production never pages: its alerts would reach nobody. Add a Slack or email channel to severities.${highest}.channels`,
    },
  ]
}
