import type { Rule } from '../../schemas/config.ts'
import type { Part } from '../../schemas/trace.ts'
import { type Held, recipientsOf } from '../decide/decision.ts'
import type { Decided } from './decided.ts'

/** Each part of an outcome, and its origin: one of the rules that matched, or something else. */
export function partsOf({ alert, decided, decision }: Decided, matching: Rule[], isFollowing: boolean): Part[] {
  const { severity, rule, groupBy, labels, held } = decision
  const by = (one: Rule | undefined) => (one ? `rule "${one.name}"` : 'its own way')
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
  return [
    { part: 'severity', value: severity, by: why },
    ...decided.channels
      .filter((channel) => notified.includes(channel))
      .map(
        (channel): Part => ({
          part: 'channel',
          value: channel,
          by: followed ?? channelBy(channel, matching, ofSeverity),
        }),
      ),
    ...waiting.map((channel): Part => ({ part: 'channel', value: channel, by: 'still owed from when it was held' })),
    ...held.map(({ channel, until, why: reason }: Held): Part => {
      return { part: 'later', value: channel, by: `${reason}: sent at ${until.slice(0, 16).replace('T', ' ')} UTC` }
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
    ...Object.entries(labels ?? {}).map(([label, value]): Part => {
      const setter = matching.findLast((one) => one.labels && Object.hasOwn(one.labels, label))
      return { part: 'label', value: `${label}=${value}`, by: followed ?? by(setter) }
    }),
  ]
}

function channelBy(channel: string, matching: Rule[], ofSeverity: string): string {
  const list = matching.findLast(({ channels }) => Array.isArray(channels))
  if (Array.isArray(list?.channels) && list.channels.includes(channel))
    return `rule "${list.name}", replacing the severity's`
  const adds = matching.find(({ channels }) => channels && !Array.isArray(channels) && channels.add.includes(channel))
  const isOfRule = matching.some((one) => one.severity !== undefined)
  if (!list && !adds) return isOfRule ? ofSeverity : 'the default'
  return adds ? `added by rule "${adds.name}"` : ofSeverity
}
