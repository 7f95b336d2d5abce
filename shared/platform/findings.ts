import type { Platform, PlatformAlarm, PlatformMetric } from '../../schemas/platform.ts'
import type { Problem } from '../config/problem.ts'
import { durationMs } from '../decide/duration.ts'
import { NEEDED_DIMENSIONS } from './aws-metrics.ts'
import { budgetOf, burnPairs, LEAST_PERIOD_DAYS } from './burn.ts'
import { grantsOf } from './grants.ts'
import { logGroupOf, seriesOf } from './series.ts'

/** What can't work, or probably is not meant, although every name is defined. */
export interface PlatformFinding {
  code: PlatformFindingCode
  path: Problem['path']
  message: string
  fix: string
  also?: Problem['path'][]
}

export const PLATFORM_FINDINGS = {
  'nobody-publishes': 'error',
  'one-metric-twice': 'error',
  'alike-metrics': 'warning',
  'dimension-missing': 'error',
  'budget-gone-first': 'error',
  'never-fires': 'error',
  'slower-than-period': 'error',
  'summed-twice': 'error',
  'unused-metric': 'warning',
  'too-many-to-name': 'warning',
  'nobody-asks': 'warning',
} as const
export type PlatformFindingCode = keyof typeof PLATFORM_FINDINGS

export function platformFindings(platform: Platform): PlatformFinding[] {
  return [
    ...unpublished(platform),
    ...twice(platform),
    ...alike(platform),
    ...withoutDimensions(platform),
    ...objectivesThatFireLate(platform),
    ...alarmsThatNeverFire(platform),
    ...alarmsFasterThanData(platform),
    ...summedTwice(platform),
    ...unused(platform),
    ...tooManyToName(platform),
    ...unasked(platform),
  ]
}

function unpublished({ metrics, reports }: Platform): PlatformFinding[] {
  return Object.entries(metrics).flatMap(([name, { from, namespace, metric }]) => {
    const isOfReport = from?.by === 'daily-report' && reports.daily === undefined
    if (!isOfReport && (from !== undefined || namespace.startsWith('AWS/'))) return []
    return [
      {
        code: 'nobody-publishes' as const,
        path: ['metrics', name],
        message: `nobody publishes ${namespace} ${metric}: graphs of it stay empty, and alarms see no data`,
        fix: isOfReport
          ? 'Give the daily report a time, under reports: daily: { on: every day, at: "07:30" }'
          : 'Say who does, under from: by probe, log, daily-report or emf',
      },
    ]
  })
}

const idOf = ({ namespace, metric, dimensions }: PlatformMetric) =>
  JSON.stringify([namespace, metric, Object.entries(dimensions).sort()])

function twice({ metrics }: Platform): PlatformFinding[] {
  const named = Object.entries(metrics)
  const groups = [
    ...Map.groupBy(named, ([, metric]) => idOf(metric)).values(),
    // The same figure of the same lines, under two names of CloudWatch.
    ...Map.groupBy(named, ([name, { from }]) => (from?.by === 'log' ? JSON.stringify(from) : name)).values(),
  ]
  return groups.flatMap(([first, ...others]) =>
    others.map(([name]) => ({
      code: 'one-metric-twice' as const,
      path: ['metrics', name],
      message: `"${name}" and "${first?.[0]}" are one metric with two names`,
      fix: 'Keep one of them, and use its name everywhere',
      also: [['metrics', first?.[0] ?? '']],
    })),
  )
}

/** Names that differ in a word, in the same unit: mostly one thing that was named twice. */
function alike({ metrics }: Platform): PlatformFinding[] {
  const named = Object.entries(metrics)
  return named.flatMap(([name, one], at) =>
    named
      .slice(0, at)
      .filter(([, other]) => idOf(other) !== idOf(one) && other.unit === one.unit && areAlike(one.metric, other.metric))
      .map(([other, { namespace, metric }]) => ({
        code: 'alike-metrics' as const,
        path: ['metrics', name, 'metric'],
        message: `${one.namespace} ${one.metric} and ${namespace} ${metric} may be one metric with two names: whoever reads one does not see what is published to the other`,
        fix: `Keep one of "${name}" and "${other}"; if they are two, name them apart`,
        also: [['metrics', other, 'metric']],
      })),
  )
}

const wordsOf = (metric: string) =>
  metric.split(/(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+/).map((word) => word.toLowerCase())

function areAlike(one: string, other: string): boolean {
  const [words, others] = [wordsOf(one), wordsOf(other)]
  const shared = words.filter((word) => others.includes(word)).length
  return shared >= 2 && Math.max(words.length, others.length) - shared <= 1
}

function withoutDimensions({ metrics }: Platform): PlatformFinding[] {
  return Object.entries(metrics).flatMap(([name, { namespace, metric, dimensions }]) => {
    const missing = (NEEDED_DIMENSIONS[namespace] ?? []).filter((one) => !Object.hasOwn(dimensions, one))
    if (missing.length === 0) return []
    return [
      {
        code: 'dimension-missing' as const,
        path: ['metrics', name],
        message: `${namespace} ${metric} has no data without ${missing.join(' and ')}: graphs of it stay empty`,
        fix: `Add ${missing.join(' and ')} to its dimensions, or use SERVICE.${metric}, which has them`,
      },
    ]
  })
}

function objectivesThatFireLate({ objectives }: Platform): PlatformFinding[] {
  return Object.entries(objectives).flatMap(([name, { goal, over }]) => {
    const isPaged = burnPairs({ goal }).some(({ severity }) => severity === 'critical')
    const long = Number.parseInt(over, 10) >= LEAST_PERIOD_DAYS
    return [
      ...(isPaged
        ? []
        : [
            {
              code: 'budget-gone-first' as const,
              path: ['objectives', name, 'goal'],
              message: `nothing pages for this objective: with ${budgetOf(goal)} % that may fail, even an outage of everything burns too slowly`,
              fix: 'Raise the goal above 83.3, or use a bound under kpis and an alarm',
            },
          ]),
      ...(long
        ? []
        : [
            {
              code: 'budget-gone-first' as const,
              path: ['objectives', name, 'over'],
              message: `the alarm for a slow burn looks at 3 days, and the budget of ${over} is gone by then`,
              fix: `Use ${LEAST_PERIOD_DAYS}d or more; 30d is usual`,
            },
          ]),
    ]
  })
}

function alarmsThatNeverFire(platform: Platform): PlatformFinding[] {
  return Object.entries(platform.alarms).flatMap(([name, alarm]) => {
    const [series] = alarm.metric === undefined ? [] : seriesOf(platform, alarm.metric)
    const { key, value } = boundOf(alarm)
    const isPercent = alarm.ratio !== undefined || series?.unit === 'Percent'
    if (!isPercent || (value >= 0 && value <= 100)) return []
    const isAlways = key === 'below' ? value > 100 : value < 0
    return [
      {
        code: 'never-fires' as const,
        path: ['alarms', name, key],
        message: `a percentage is from 0 to 100: ${key} ${value} is ${isAlways ? 'always' : 'never'} so`,
        fix: 'Use a value from 0 to 100',
      },
    ]
  })
}

export function boundOf({ above, below, atLeast }: PlatformAlarm): {
  key: 'above' | 'below' | 'atLeast'
  value: number
} {
  if (above !== undefined) return { key: 'above', value: above }
  return below !== undefined ? { key: 'below', value: below } : { key: 'atLeast', value: atLeast ?? 0 }
}

function alarmsFasterThanData(platform: Platform): PlatformFinding[] {
  return Object.entries(platform.alarms).flatMap(([name, { metric, period }]) => {
    const slow = (metric === undefined ? [] : seriesOf(platform, metric)).find(
      ({ everyS }) => everyS * 1_000 > durationMs(period),
    )
    if (!slow) return []
    return [
      {
        code: 'slower-than-period' as const,
        path: ['alarms', name, 'period'],
        message: `${slow.namespace} ${slow.metric} has one value in ${slow.everyS / 3_600} hours, and the alarm looks at ${period}: mostly it sees no data`,
        fix: `Use period: ${slow.everyS / 86_400}d`,
      },
    ]
  })
}

/** Each run of the daily report publishes the last days again (shared/questions/day-values.ts). */
function summedTwice({ metrics, kpis, alarms }: Platform): PlatformFinding[] {
  const isOfReport = (name = '') => Object.hasOwn(metrics, name) && metrics[name]?.from?.by === 'daily-report'
  const read = [
    ...Object.entries(metrics).map(([name, { statistic }]) => ({ path: ['metrics', name], metric: name, statistic })),
    ...Object.entries(kpis).map(([name, of]) => ({ path: ['kpis', name], ...of })),
    ...Object.entries(alarms).map(([name, of]) => ({ path: ['alarms', name], ...of })),
  ]
  return read
    .filter(({ metric, statistic }) => isOfReport(metric) && (statistic === 'Sum' || statistic === 'SampleCount'))
    .map(({ path, metric, statistic }) => ({
      code: 'summed-twice' as const,
      path: [...path, 'statistic'],
      message: `each daily report publishes the last days of "${metric}" again, and ${statistic} counts them all`,
      fix: 'Use Maximum: the same value, however often it is published',
    }))
}

function unused(platform: Platform): PlatformFinding[] {
  const { metrics, objectives, kpis, alarms } = platform
  const used = new Set([
    ...Object.values(objectives).map(({ percent }) => percent),
    ...[...Object.values(kpis), ...Object.values(alarms)].map(({ metric }) => metric),
    ...Object.values(metrics).map(({ from }) => (from?.by === 'daily-report' ? from.per : undefined)),
  ])
  return Object.keys(metrics)
    .filter((name) => !used.has(name))
    .map((name) => ({
      code: 'unused-metric',
      path: ['metrics', name],
      message: `no objective, figure or alarm uses "${name}": nobody hears of it, and it costs as much as the others`,
      fix: 'Use it under kpis (shown: true, if nothing about it is good or bad), or remove it',
    }))
}

/** Their sections ask about each of them by name: the capacity plan about functions, the performance review about logs. */
function tooManyToName(platform: Platform): PlatformFinding[] {
  const { services, accounts, reports } = platform
  const { widened } = grantsOf({
    functions:
      reports.capacity === undefined
        ? []
        : Object.values(services).flatMap((one) => (one.type === 'lambda' ? [one.function] : [])),
    logGroups:
      reports.performance === undefined
        ? []
        : Object.keys(services).flatMap((name) => logGroupOf(platform, name) ?? []),
    roles: Object.values(accounts).map(({ role }) => role),
  })
  if (widened.length === 0) return []
  return [
    {
      code: 'too-many-to-name',
      path: ['services'],
      message: `they are too many for the policies of one role: the reports' function may do ${widened.join(' and ')} on all of the account, not on these alone`,
      fix: 'Watch some of them by a stage of their own, or leave out those that no report has to ask',
    },
  ]
}

/** The probe asks what a metric is made of. */
function unasked({ services, metrics }: Platform): PlatformFinding[] {
  const asked = new Set(Object.values(metrics).flatMap(({ from }) => (from?.by === 'probe' ? from.services : [])))
  return Object.entries(services)
    .filter(([name, { type }]) => type === 'http' && !asked.has(name))
    .map(([name]) => ({
      code: 'nobody-asks' as const,
      path: ['services', name],
      message: `no metric is made of "${name}": the probe does not ask it, and nobody hears when it is down`,
      fix: 'Name it in a metric, under from: { by: probe, services: [...] }, or remove it',
    }))
}
