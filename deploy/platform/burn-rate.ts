import type { Objective, Platform } from '../../schemas/platform.ts'
import { type BurnPair, burnPairs } from '../../shared/platform/burn.ts'
import { seriesOf } from '../../shared/platform/series.ts'
import type { TemplateResource } from '../email-topics.ts'
import { describedAs, NOTIFIES, ofOne, percentOf } from './alarms.ts'
import { idOf } from './names.ts'

const SEVERITIES = ['critical', 'warning'] as const

/**
 * For each objective an alarm for each window in which its budget may burn too fast, which notifies nobody, and two that do:
 * one that pages, one that can wait. They fire while both windows of a pair are over.
 */
export function burnRateAlarms(platform: Platform): Record<string, TemplateResource> {
  const all = Object.entries(platform.objectives).flatMap(([name, objective]) => {
    const pairs = burnPairs(objective)
    return [
      ...pairs.flatMap((pair) => [
        windowAlarm(platform, name, objective, pair, 'long'),
        windowAlarm(platform, name, objective, pair, 'short'),
      ]),
      ...SEVERITIES.flatMap((severity) =>
        composite(
          name,
          objective,
          pairs.filter((pair) => pair.severity === severity),
          severity,
        ),
      ),
    ]
  })
  return Object.fromEntries(all)
}

type Window = 'long' | 'short'

const secondsOf = (pair: BurnPair, window: Window) => (window === 'long' ? pair.longS : pair.shortS)

/** `5m`, `6h`, `3d` */
function short(seconds: number): string {
  if (seconds < 3_600) return `${seconds / 60}m`
  return seconds < 86_400 ? `${seconds / 3_600}h` : `${seconds / 86_400}d`
}

/** The same window may be the long one of a pair and the short one of another. */
const windowName = (name: string, pair: BurnPair, window: Window) =>
  `${name}-burn-${pair.burn}x-${short(secondsOf(pair, window))}`
const windowId = (name: string, pair: BurnPair, window: Window) => idOf(windowName(name, pair, window), 'Alarm')

function windowAlarm(
  platform: Platform,
  name: string,
  objective: Objective,
  pair: BurnPair,
  window: Window,
): [string, TemplateResource] {
  const seconds = secondsOf(pair, window)
  const what = `In ${short(seconds)}, the budget of "${objective.what}" burns ${pair.burn} times as fast as it may. It notifies nobody: the alarms that combine two windows do`
  const Properties = {
    ...describedAs(windowName(name, pair, window), { what, owner: objective.owner }),
    ...measured(platform, objective, pair, window),
    EvaluationPeriods: 1,
    // Nothing was asked, or nobody measures: another alarm says the latter.
    TreatMissingData: 'notBreaching',
  }
  return [windowId(name, pair, window), { Type: 'AWS::CloudWatch::Alarm', Properties }]
}

function measured(platform: Platform, { percent, ratio }: Objective, pair: BurnPair, window: Window): object {
  const periodS = secondsOf(pair, window)
  if (ratio) {
    return {
      // One failure among few is no burn. In the short window it may be: both have to be over.
      Metrics: percentOf(platform, ratio, periodS, window === 'long' ? pair.leastEvents : 1),
      Threshold: pair.percent,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    }
  }
  const [series] = seriesOf(platform, percent ?? '')
  if (!series) return {}
  return {
    ...ofOne(series),
    Statistic: 'Average',
    Period: periodS,
    Threshold: Number((100 - pair.percent).toPrecision(10)),
    ComparisonOperator: 'LessThanOrEqualToThreshold',
  }
}

function composite(
  name: string,
  { what, owner, runbook }: Objective,
  pairs: BurnPair[],
  severity: BurnPair['severity'],
): [string, TemplateResource][] {
  if (pairs.length === 0) return []
  const alarm = (pair: BurnPair, window: Window) => `ALARM("\${${windowId(name, pair, window)}}")`
  const rule = pairs.map((pair) => `(${alarm(pair, 'long')} AND ${alarm(pair, 'short')})`).join(' OR ')
  const speed = severity === 'critical' ? 'fast' : 'slowly'
  const burns = `The budget of "${what}" burns ${speed === 'fast' ? 'so fast that it is gone in days' : 'faster than it may'}`
  const { Tags: _tags, ...described } = describedAs(`${name}-burns-${speed}`, {
    what: burns,
    severity,
    owner,
    runbook,
  }) as {
    Tags: unknown
  }
  const Properties = { ...described, AlarmRule: { 'Fn::Sub': rule }, ...NOTIFIES }
  return [[idOf(`${name}-burns-${speed}`, 'Alarm'), { Type: 'AWS::CloudWatch::CompositeAlarm', Properties }]]
}
