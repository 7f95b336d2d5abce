import type { Alert } from '../../schemas/alert.ts'
import type { Case, Expected } from '../../schemas/case.ts'
import type { Config } from '../../schemas/config.ts'
import { worded } from '../channels/template.ts'
import { didYouMean } from '../config/allowed.ts'
import { noSuchChannel } from '../config/channel-problems.ts'
import { commandLine } from '../config/command-line.ts'
import { decide } from '../decide/decide.ts'
import { recipientsOf, type Timed } from '../decide/decision.ts'
import { hold } from '../decide/hold.ts'
import { notificationsOf } from '../decide/notifications.ts'
import { rulesOf } from '../decide/rules.ts'
import { alertOf } from './alert-of.ts'
import type { CaseDifference, CaseResult } from './case-result.ts'
import { runStory } from './run-story.ts'
import { said, says } from './said.ts'

/** Evaluates the rules for a case's alert, and compares. `event` is already read: a text, or an object. Pure. */
export function runCase(one: Case, config: Config): CaseResult {
  if (one.story) return runStory(one, config)
  const { name, event, alert, at, expect = {} } = one
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
