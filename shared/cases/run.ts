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
import { parse } from '../parse/parse.ts'
import { RefusedEvent } from '../parse/refused.ts'
import { said, says } from './said.ts'

/** What came of a case. */
export interface CaseResult {
  name: string
  /** The rule that decided; absent when nothing could be decided. */
  rule?: string
  /** The rules that had a say: it, and those that go on to later ones. */
  reached: string[]
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
  /** Where the config has nothing of the expected name: `no rule is called "daat loss". Did you mean "data loss"? …` */
  hint?: string
}

/** Decides a case's alert by the rules, and compares. `event` has been read: a text, or an object. Pure. */
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

/** As `route` decides it when it comes, with nothing known of it. */
function decisionOf(alert: Alert, config: Config): Timed {
  const at = new Date(alert.changedAt)
  return hold(alert, decide(alert, config, undefined, at), config, at)
}

/** What a case would expect of an alert, to be as it is by these rules. */
export function expectationOf(alert: Alert, config: Config): Expected {
  const { severity, rule, channels, held } = decisionOf(alert, config)
  return { severity, rule, channels, ...(held.length > 0 && { later: held.map(({ channel }) => channel) }) }
}

/** The rules that none of these reaches, in the config's order; `default` counts as one. */
export function unreached(config: Config, results: CaseResult[]): string[] {
  const reached = new Set(results.flatMap((result) => result.reached))
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

/** The name of an alarm whose case gives none. A pattern that is meant for other alarms hardly matches it. */
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
    ...differs('channels', channels && listed(channels), listed(decision.channels), noneOf(channels, config)),
    ...differs('later', later && listed(later), listed(held), noneOf(later, config)),
  ]
}

function noSuchRule(name: string | undefined, { rules }: Config): string | undefined {
  const names = [...rules.map((rule) => rule.name), 'default']
  if (name === undefined || names.includes(name)) return undefined
  // Of ten thousand, the list would help nobody.
  return `no rule is called "${name}". ${didYouMean(name, names) || `"${commandLine('rules tree')}" lists them`}`.trimEnd()
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
      return [{ what, expected: [wanted].flat().join('\n'), found: 'nothing: it is not told', ...(hint && { hint }) }]
    }
    const found = said(worded(notification, config.channels[channel] ?? {}))
    return [wanted].flat().flatMap((one) => (says(found, one) ? [] : [{ what, expected: one, found }]))
  })
}

/** In any order: sorted. */
function listed(names: string[]): string {
  return `[${names.toSorted().join(', ')}]`
}
