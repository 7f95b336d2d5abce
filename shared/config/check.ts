import { type Config, configSchema } from '../../schemas/config.ts'
import { allowed } from './allowed.ts'
import { ConfigError, type Problem } from './problem.ts'
import { ruleProblems } from './rule-problems.ts'
import { setProblems } from './set-problems.ts'
import { shapeProblems } from './shape-problems.ts'
import { templateProblems } from './template-problems.ts'
import { fieldProblems } from './when-problems.ts'
import { maintenanceProblems, windowProblems, windowsOf } from './window-problems.ts'

export { ConfigError, type Problem, pathText } from './problem.ts'

/**
 * Checks that data is a config whose every name leads somewhere.
 * Pure, and knows no file: `readConfig` adds the lines.
 * @throws {ConfigError} with all problems, not only the first.
 */
export function checkConfig(data: unknown): Config {
  // Once at each start: compiling the checks to code would cost more than it saves.
  const result = configSchema.safeParse(data, { jitless: true })
  if (!result.success) throw new ConfigError(result.error.issues.flatMap((issue) => shapeProblems(issue, data)))
  const problems = [
    ...channelProblems(result.data),
    ...fallbackProblems(result.data),
    ...groupByProblems(result.data),
    ...ruleProblems(result.data),
    ...setProblems(result.data),
    ...templateProblems(result.data),
    ...nonProductionProblems(result.data),
    ...windowProblems(windowsOf(result.data)),
    ...maintenanceProblems(result.data),
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  return result.data
}

function channelProblems(config: Config): Problem[] {
  const defined = Object.keys(config.channels)
  const lists: [Problem['path'], string[] | undefined][] = [
    ...Object.entries(config.severities).map(([name, severity]): [Problem['path'], string[]] => [
      ['severities', name, 'channels'],
      severity.channels,
    ]),
    [['default', 'channels'], config.default.channels],
    ...config.rules.map((rule, index): [Problem['path'], string[] | undefined] =>
      rule.channels && 'add' in rule.channels
        ? [['rules', index, 'channels', 'add'], rule.channels.add]
        : [['rules', index, 'channels'], rule.channels as string[] | undefined],
    ),
  ]
  return lists.flatMap(([path, names]) =>
    (names ?? []).flatMap((name, index) =>
      defined.includes(name)
        ? []
        : [{ path: [...path, index], message: `no channel is called "${name}". ${allowed(name, defined)}` }],
    ),
  )
}

/** A fallback is another channel; what comes to it as such goes no further. */
function fallbackProblems({ channels }: Config): Problem[] {
  return Object.entries(channels).flatMap(([name, { fallback, patience }]): Problem[] => {
    const path = ['channels', name, 'fallback']
    if (fallback === undefined) {
      if (patience === undefined) return []
      return [
        {
          path: ['channels', name, 'patience'],
          message: 'says when the fallback is told, and there is none: name a channel as fallback, or remove it',
        },
      ]
    }
    const others = Object.keys(channels).filter((other) => other !== name)
    if (fallback === name) {
      return [{ path, message: `"${name}" can't stand in for itself. Name another channel: ${others.join(', ')}` }]
    }
    if (Object.hasOwn(channels, fallback)) return []
    return [{ path, message: `no channel is called "${fallback}". ${allowed(fallback, others)}` }]
  })
}

function groupByProblems({ channels }: Config): Problem[] {
  return Object.entries(channels).flatMap(([name, { groupBy }]) =>
    (groupBy ?? []).flatMap((field, index) => fieldProblems(field, ['channels', name, 'groupBy', index])),
  )
}

/** What may not page must still reach somebody. */
function nonProductionProblems({ nonProduction, severities, channels }: Config): Problem[] {
  if (!nonProduction) return []
  const { highest } = nonProduction
  if (severities[highest].channels.some((name) => channels[name] && channels[name].type !== 'pagerduty')) return []
  return [
    {
      path: ['nonProduction', 'highest'],
      message: `"${highest}" sends to PagerDuty alone, and non-production never pages: its alerts would reach nobody. Give severities.${highest}.channels a Slack or email channel too`,
    },
  ]
}
