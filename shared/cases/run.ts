import type { Alert } from '../../schemas/alert.ts'
import type { Case, Expected } from '../../schemas/case.ts'
import type { Config } from '../../schemas/config.ts'
import { type Decision, decide } from '../decide/decide.ts'
import { notificationsOf } from '../notify.ts'
import { parse } from '../parse/parse.ts'
import { RefusedEvent } from '../parse/refused.ts'
import { said, says } from './said.ts'

/** What came of a case. */
export interface CaseResult {
  name: string
  /** The rule that decided; absent when nothing could be decided. */
  rule?: string
  /** What is not as expected; none: it passes. */
  differences: CaseDifference[]
  /** Why it was decided so. */
  because: string[]
}

/** `severity`, `rule`, `channels`, `text.slack-warning`; `event` when it is no one alert. */
export interface CaseDifference {
  what: string
  expected: string
  found: string
}

/** Decides a case's alert by the rules, and compares. `event` has been read: a text, or an object. Pure. */
export function runCase({ name, event, alert, at, expect }: Case, config: Config): CaseResult {
  const read = alertOf({ event, alert, at })
  if (typeof read === 'string') {
    return { name, differences: [{ what: 'event', expected: 'one alert', found: read }], because: [] }
  }
  const decision = decide(read, config)
  const differences = [...decisionDifferences(decision, expect), ...textDifferences(read, decision, config, expect)]
  return { name, rule: decision.rule, differences, because: decision.because }
}

/** What a case expects of an alert that is decided as it is now. */
export function expectationOf({ severity, rule, channels }: Decision): Expected {
  return { severity, rule, channels }
}

/** The rules that none of these reaches, in the config's order; `default` counts as one. */
export function unreached(config: Config, results: CaseResult[]): string[] {
  const reached = new Set(results.map(({ rule }) => rule))
  return [...config.rules.map(({ name }) => name), 'default'].filter((name) => !reached.has(name))
}

/** The alert, or why there is none. */
export function alertOf({ event, alert, at }: Pick<Case, 'event' | 'alert' | 'at'>): Alert | string {
  const changedAt = at === undefined ? undefined : new Date(at).toISOString()
  if (alert) return { ...alarmWith(alert), ...(changedAt && { changedAt }) }
  try {
    const [first, ...others] = parse(event, changedAt ? { now: new Date(changedAt) } : {})
    if (!first || others.length > 0) return `${others.length + 1} alerts: give each a case of its own`
    return { ...first, ...(changedAt && { changedAt }) }
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    return `an event that is refused: ${error.message}`
  }
}

/** Times are given: a case gives the same tomorrow. */
const SOME_TIME = '2026-01-01T12:00:00.000Z'

function alarmWith(fields: NonNullable<Case['alert']>): Alert {
  const name = fields.name ?? fields.title ?? 'an-alarm'
  return {
    fingerprint: name,
    kind: 'metric-alarm',
    status: 'firing',
    name,
    title: name,
    changedAt: SOME_TIME,
    source: 'aws.cloudwatch',
    resource: name,
    dimensions: {},
    tags: {},
    children: [],
    details: {},
    links: {},
    ...fields,
  }
}

function decisionDifferences(decision: Decision, expect: Expected): CaseDifference[] {
  const differs = (what: string, expected: string | undefined, found: string) =>
    expected === undefined || expected === found ? [] : [{ what, expected, found }]
  return [
    ...differs('severity', expect.severity, decision.severity),
    ...differs('rule', expect.rule, decision.rule),
    ...(expect.channels && expect.channels.toSorted().join() !== decision.channels.toSorted().join()
      ? differs('channels', listed(expect.channels), listed(decision.channels))
      : []),
  ]
}

function textDifferences(alert: Alert, decision: Decision, config: Config, { text = {} }: Expected): CaseDifference[] {
  const notifications = notificationsOf(alert, decision, config, undefined)
  return Object.entries(text).flatMap(([channel, wanted]) => {
    const notification = notifications.find((one) => one.channel === channel)
    const what = `text.${channel}`
    if (!notification) return [{ what, expected: [wanted].flat().join('\n'), found: 'nothing: it is not told' }]
    const found = said(notification)
    return [wanted].flat().flatMap((one) => (says(found, one) ? [] : [{ what, expected: one, found }]))
  })
}

function listed(names: string[]): string {
  return `[${names.join(', ')}]`
}
