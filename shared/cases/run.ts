import type { Alert } from '../../schemas/alert.ts'
import type { Case, Expected } from '../../schemas/case.ts'
import type { Config } from '../../schemas/config.ts'
import { severityWord } from '../alert/severity-word.ts'
import { worded } from '../channels/template.ts'
import { didYouMean } from '../config/allowed.ts'
import { noSuchChannel } from '../config/channel-problems.ts'
import { commandLine } from '../config/command-line.ts'
import { decide } from '../decide/decide.ts'
import { recipientsOf, type Timed } from '../decide/decision.ts'
import { hold } from '../decide/hold.ts'
import { notificationsOf } from '../decide/notifications.ts'
import { rulesOf } from '../decide/rules.ts'
import { parsePublished } from '../parse/published.ts'
import { RefusedEvent } from '../parse/refused.ts'
import { said, says } from './said.ts'

/** The result of a case. */
export interface CaseResult {
  name: string
  /** The rule that won; absent when nothing could be decided. */
  rule?: string
  /** The rules that applied: the winning one, and those with `continue`. */
  reached: string[]
  /** What differs from the expectation; empty if the case passes. */
  differences: CaseDifference[]
  /** The reasons for the decision. */
  because: string[]
}

/** `severity`, `rule`, `channels`, `text.slack-warning`; `event` when it is not exactly one alert. */
export interface CaseDifference {
  what: string
  expected: string
  found: string
  /** Set when the expected name is not in the config: `unknown rule "daat loss". Did you mean "data loss"? …` */
  hint?: string
}

/** Evaluates the rules for a case's alert, and compares. `event` is already read: a text, or an object. Pure. */
export function runCase({ name, event, alert, at, expect }: Case, config: Config): CaseResult {
  const read = alertOf({ event, alert, at })
  if (typeof read === 'string') {
    return { name, differences: [{ what: 'event', expected: 'one alert', found: read }], reached: [], because: [] }
  }
  const decision = decisionOf(read, config)
  const differences = [
    ...decisionDifferences(decision, config, expect),
    ...textDifferences(read, decision, config, expect),
  ]
  const matching = rulesOf(config)
    .matching({ alert: read })
    .map((rule) => rule.name)
  const reached = [...new Set([...matching, decision.rule])]
  return { name, rule: decision.rule, reached, differences, because: decision.because }
}

/** The decision of `route` for an alert without any earlier state. */
function decisionOf(alert: Alert, config: Config): Timed {
  const at = new Date(alert.changedAt)
  return hold(alert, decide(alert, config, undefined, at), config, at)
}

/** The expectation that a case for the alert needs to pass with these rules. */
export function expectationOf(alert: Alert, config: Config): Expected {
  const { severity, rule, channels, held } = decisionOf(alert, config)
  return { severity, rule, channels, ...(held.length > 0 && { later: held.map(({ channel }) => channel) }) }
}

/** The rules that none of these reaches, in the config's order; `default` counts as one. */
export function unreached(config: Config, results: CaseResult[]): string[] {
  const reached = new Set(results.flatMap((result) => result.reached))
  return [...config.rules.map(({ name }) => name), 'default'].filter((name) => !reached.has(name))
}

/** The alert, or why there is not exactly one. */
export function alertOf({ event, alert, at }: Pick<Case, 'event' | 'alert' | 'at'>): Alert | string {
  const changedAt = at === undefined ? undefined : new Date(at).toISOString()
  if (alert) return { ...alarmWith(alert), ...(changedAt && { changedAt }) }
  try {
    const [first, ...others] = parsePublished(event, changedAt ? { now: new Date(changedAt) } : {})
    if (!first) return 'no alert'
    if (others.length > 0) return `${others.length + 1} alerts: give each a case of its own`
    return { ...first, ...(changedAt && { changedAt }) }
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    return `a rejected event: ${error.message}`
  }
}

/** Fixed, so that a case gives the same result every day. */
const SOME_TIME = '2026-01-01T12:00:00.000Z'

/** The name of an alarm whose case gives none. A pattern for other alarms is unlikely to match it. */
export const NO_NAME = '(unnamed)'

function alarmWith(fields: NonNullable<Case['alert']>): Alert {
  const name = fields.name ?? fields.title ?? NO_NAME
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
    ...(fields.declaredSeverity && { declaredSeverity: severityWord(fields.declaredSeverity) }),
  }
}

function decisionDifferences(decision: Timed, config: Config, expect: Expected): CaseDifference[] {
  const differs = (what: string, expected: string | undefined, found: string, hint?: string) =>
    expected === undefined || expected === found ? [] : [{ what, expected, found, ...(hint && { hint }) }]
  const { channels, later } = expect
  const held = decision.held.map(({ channel }) => channel)
  return [
    ...differs('severity', expect.severity, decision.severity),
    ...differs('rule', expect.rule, decision.rule, noSuchRule(expect.rule, config)),
    ...Object.entries(expect.values ?? {}).flatMap(([name, wanted]) =>
      differs(`values.${name}`, wanted, ownIn(decision.values, name) ?? 'none'),
    ),
    ...differs('channels', channels && listed(channels), listed(decision.channels), noneOf(channels, config)),
    ...differs('later', later && listed(later), listed(held), noneOf(later, config)),
  ]
}

function ownIn(values: Record<string, string> | undefined, name: string): string | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined
}

function noSuchRule(name: string | undefined, { rules }: Config): string | undefined {
  const names = [...rules.map((rule) => rule.name), 'default']
  if (name === undefined || names.includes(name)) return undefined
  // A list of ten thousand rules would not help.
  return `unknown rule "${name}". ${didYouMean(name, names) || `"${commandLine('rules tree')}" lists them`}`.trimEnd()
}

function noneOf(names: string[] = [], { channels }: Config): string | undefined {
  return names.flatMap((name) => noSuchChannel(name, channels) ?? [])[0]
}

function textDifferences(alert: Alert, decision: Timed, config: Config, { text = {} }: Expected): CaseDifference[] {
  const notifications = notificationsOf(alert, { ...decision, channels: recipientsOf(decision) }, config, undefined)
  return Object.entries(text).flatMap(([channel, wanted]) => {
    const notification = notifications.find((one) => one.channel === channel)
    const what = `text.${channel}`
    if (!notification) {
      const hint = noneOf([channel], config)
      return [
        { what, expected: [wanted].flat().join('\n'), found: 'nothing: it is not notified', ...(hint && { hint }) },
      ]
    }
    const found = said(worded(notification, config.channels[channel] ?? {}))
    return [wanted].flat().flatMap((one) => (says(found, one) ? [] : [{ what, expected: one, found }]))
  })
}

/** Sorted: the order does not matter. */
function listed(names: string[]): string {
  return `[${names.toSorted().join(', ')}]`
}
