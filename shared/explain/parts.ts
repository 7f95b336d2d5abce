import type { Rule } from '../../schemas/config.ts'
import type { Part } from '../../schemas/trace.ts'
import { channelsFor, type NamedChannels } from '../decide/channels-by-field.ts'
import { type Held, recipientsOf } from '../decide/decision.ts'
import { NO_VALUES, type Values } from '../decide/fill.ts'
import { minuteOf } from '../decide/minute.ts'
import { valuesAfter } from '../decide/values.ts'
import type { Decided } from './decided.ts'

const by = (one: Rule | undefined) => (one ? `rule "${one.name}"` : 'its own way')

/** Each part of an outcome, and its origin: one of the rules that matched, or something else. */
export function partsOf({ alert, config, decided, decision }: Decided, matching: Rule[], isFollowing: boolean): Part[] {
  const { severity, rule, groupBy, held, nobody } = decision
  const last = (key: 'groupBy' | 'runbook') => by(matching.findLast((one) => one[key] !== undefined))
  // The decision's own text for that step.
  const lowered = decision.because.find((step) => step.startsWith('non-production: lowered'))
  const followed = isFollowing ? 'as when it started firing' : undefined
  const found = matching.find(({ name }) => name === rule)
  const why = followed ?? lowered ?? (found ? by(found) : 'the default')
  const runbook = alert.links.runbook ?? decision.runbook
  const notified = recipientsOf(decision)
  // These are still owed an earlier change that could not be delivered.
  const waiting = notified.filter((channel) => !decided.channels.includes(channel))
  const ofSeverity = `severity ${severity}${lowered ? ', as non-production' : ''}`
  const steps = stepsOf({ alert, config }, matching)
  return [
    { part: 'severity', value: severity, by: why },
    ...decided.channels
      .filter((channel) => notified.includes(channel))
      .map(
        (channel): Part => ({
          part: 'channel',
          value: channel,
          by: followed ?? channelBy(channel, steps, ofSeverity),
        }),
      ),
    ...waiting.map((channel): Part => ({ part: 'channel', value: channel, by: 'still owed from when it was held' })),
    ...(nobody ? [{ part: 'nobody', value: nobody.reason, by: `rule "${nobody.rule}"` }] : []),
    ...held.map(({ channel, until, why: reason, isOpen }: Held): Part => {
      const by = isOpen ? reason : `${reason}: sent at ${minuteOf(until)} UTC`
      return { part: 'later', value: channel, by }
    }),
    ...(groupBy ? [{ part: 'groupBy', value: groupBy.join(', '), by: followed ?? last('groupBy') }] : []),
    ...(runbook === undefined
      ? []
      : [
          {
            part: 'runbook',
            value: runbook,
            by: alert.links.runbook ? 'the alert itself' : (followed ?? last('runbook')),
          },
        ]),
    ...valueParts(decision, steps, followed),
    ...labelParts(decision, matching, followed),
  ]
}

/** A rule that matched, with what it has set and named for this alert. */
interface Step {
  rule: Rule
  values: Values
  named: NamedChannels
}

function stepsOf({ alert, config }: Pick<Decided, 'alert' | 'config'>, matching: Rule[]): Step[] {
  let values = NO_VALUES
  return matching.map((rule) => {
    values = valuesAfter(rule, { alert, values }, config.tables)
    return { rule, values, named: channelsFor(rule, { alert, values }, config) }
  })
}

function valueParts({ values = {} }: Decided['decision'], steps: Step[], followed: string | undefined): Part[] {
  const all = steps.at(-1)?.values ?? NO_VALUES
  return Object.entries(values).map(([name, value]): Part => {
    const set = all.get(name)
    const origin = set && [`rule "${set.rule}"`, ...(set.from === '' ? [] : [`from ${set.from}`])].join(', ')
    return { part: 'value', value: `${name}=${value}`, by: followed ?? origin ?? 'its own way' }
  })
}

function labelParts({ labels = {} }: Decided['decision'], matching: Rule[], followed: string | undefined): Part[] {
  return Object.entries(labels).map(([label, value]): Part => {
    const setter = matching.findLast((one) => one.labels && Object.hasOwn(one.labels, label))
    return { part: 'label', value: `${label}=${value}`, by: followed ?? by(setter) }
  })
}

function channelBy(channel: string, steps: Step[], ofSeverity: string): string {
  const has = ({ named }: Step) => named.found.find(({ name }) => name === channel)
  const list = steps.findLast(({ rule }) => Array.isArray(rule.channels))
  const inList = list && has(list)
  if (list && inList) return `rule "${list.rule.name}"${asWritten(inList)}, replacing the severity's`
  const adds = steps.find((step) => !Array.isArray(step.rule.channels) && has(step))
  const added = adds && has(adds)
  if (adds && added) return `added by rule "${adds.rule.name}"${asWritten(added)}`
  const missing = list?.named.missing[0]
  const isOfRule = steps.some(({ rule }) => rule.severity !== undefined)
  if (missing !== undefined) return `${isOfRule ? ofSeverity : 'the default'}: ${missing}`
  return list || isOfRule ? ofSeverity : 'the default'
}

/** `, as slack-{team}` */
function asWritten({ name, written }: NamedChannels['found'][number]): string {
  return name === written ? '' : `, as ${written}`
}
