import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Alert } from '../../schemas/alert.ts'
import { type DecisionTrace, traceSchema } from '../../schemas/trace.ts'
import { notificationId } from '../../shared/decide/notifications.ts'

/** What the table tells of an alert, from oldest to newest. */
export interface Story {
  fingerprint: string
  /** What it is now; missing when all that is left is its past. */
  state?: State
  changes: Change[]
}

export interface State {
  fingerprint: string
  title: string
  status: string
  changedAt: string
  firingSince?: string
}

/** A change of the alert, however many messages told of it. */
export interface Change {
  alert: Alert
  severity: string
  rule: string
  /** Why, in steps. */
  because: string[]
  /** The version of the rules that decided; older records do not say. */
  configVersion?: string
  /** Each rule that was tried, and what it saw, as it was then; absent in older records, and of a form that is not known. */
  trace?: DecisionTrace
  channels: string[]
  messages: Message[]
  /** By channel, in the decision's order; a fallback's after the one that it stands in for. */
  deliveries: Delivery[]
}

/** `sent`: it was news. `duplicate`: the same had been sent. `stale`: it came after a newer one. */
export interface Message {
  messageId: string
  outcome: string
  recordedAt: string
}

export interface Delivery {
  channel: string
  /** `untried` when the table knows nothing of it. */
  status: 'delivered' | 'failed' | 'waiting' | 'dead-lettered' | 'superseded' | 'untried'
  notificationId: string
  type?: string
  tries: Try[]
  /** How often it was kept waiting; that is no try. */
  waits: number
  deliveredAt?: string
  supersededAt?: string
  /** What is read first in the message that told of it; older records do not say. */
  said?: string
  /** Why it is not delivered (yet). */
  error?: string
  failingSince?: string
  /** The message that carried it with others, and how many it names. */
  digest?: { id: string; of: number }
  /** The incident that it shares with others of its group. */
  incident?: string
  /** The channel that it stands in for. */
  fallbackFor?: string
  /** The channel that was told in its place, too. */
  fallbackTo?: string
  fallbackAt?: string
}

export interface Try {
  at: string
  outcome: string
  reason?: string
  /** When the next one is due. */
  until?: string
}

export type Item = Record<string, AttributeValue>

/** Puts together what lies under one fingerprint. */
export function storyOf(fingerprint: string, items: Item[]): Story {
  const state = items.find((item) => item.sk?.S === 'state')
  const deliveries = items.filter((item) => item.sk?.S?.startsWith('delivery#')).map(deliveryOf)
  const messages = items
    .filter((item) => item.sk?.S?.startsWith('change#'))
    .map((item) => ({ item, alert: JSON.parse(item.alert?.S ?? '{}') as Alert }))
    .sort((a, b) => (a.item.recordedAt?.S ?? '').localeCompare(b.item.recordedAt?.S ?? ''))
  const changes = Map.groupBy(messages, ({ alert }) => JSON.stringify([alert.changedAt, alert.status, alert.title]))
  return {
    fingerprint,
    ...(state && { state: stateOf(state) }),
    changes: [...changes.values()]
      .map((told) => changeOf(told, deliveries))
      .sort((a, b) => a.alert.changedAt.localeCompare(b.alert.changedAt)),
  }
}

export function stateOf(item: Item): State {
  return {
    fingerprint: item.pk?.S ?? '',
    title: item.title?.S ?? '',
    status: item.status?.S ?? '',
    changedAt: item.changedAt?.S ?? '',
    ...text('firingSince', item),
  }
}

function changeOf(told: { item: Item; alert: Alert }[], deliveries: Delivery[]): Change {
  // What was sent was decided by the first that was news.
  const decided = told.find(({ item }) => item.outcome?.S === 'sent') ?? told[0]
  const { item = {}, alert = {} as Alert } = decided ?? {}
  const channels = texts(item.channels)
  const isSent = item.outcome?.S === 'sent'
  return {
    alert,
    severity: item.severity?.S ?? '',
    rule: item.rule?.S ?? '',
    because: texts(item.because),
    ...text('configVersion', item),
    ...traceIn(item),
    channels,
    messages: told.map(({ item }) => ({
      messageId: item.messageId?.S ?? '',
      outcome: item.outcome?.S ?? '',
      recordedAt: item.recordedAt?.S ?? '',
    })),
    deliveries: isSent
      ? [
          ...channels.flatMap((channel) => deliveriesTo(channel, alert, deliveries)),
          ...others(alert, channels, deliveries),
        ]
      : [],
  }
}

function traceIn({ trace }: Item): Pick<Change, 'trace'> {
  try {
    return { trace: traceSchema.parse(JSON.parse(trace?.S ?? '')) }
  } catch {
    return {}
  }
}

/** To channels that are none of the decision's: who was told in another's place that it fires is told that it is over. */
export function others(alert: Alert, channels: string[], deliveries: Delivery[]): Delivery[] {
  return deliveries.filter(
    ({ channel, notificationId: id }) => !channels.includes(channel) && id === notificationId(alert, channel),
  )
}

/** A channel's own, and that of its fallback. */
export function deliveriesTo(channel: string, alert: Alert, deliveries: Delivery[]): Delivery[] {
  const id = notificationId(alert, channel)
  const own = deliveries.find((one) => one.notificationId === id)
  if (!own) return [{ channel, status: 'untried', notificationId: id, tries: [], waits: 0 }]
  const fallbackId = own.fallbackTo && notificationId(alert, `${own.fallbackTo} for ${channel}`)
  const fallback = deliveries.find((one) => one.notificationId === fallbackId)
  return fallback ? [own, fallback] : [own]
}

/** Reads what the table keeps of a notification. */
export function deliveryOf(item: Item): Delivery {
  const digestId = item.digestId?.S
  return {
    channel: item.channel?.S ?? '',
    status: (item.status?.S ?? 'untried') as Delivery['status'],
    notificationId: item.notificationId?.S ?? '',
    ...text('type', item),
    tries: item.tries?.L?.map(({ M = {} }) => tryOf(M)) ?? [],
    waits: Number(item.waits?.N ?? 0),
    ...text('deliveredAt', item),
    ...text('said', item),
    ...text('supersededAt', item),
    ...text('error', item),
    ...text('failingSince', item),
    ...(digestId !== undefined && { digest: { id: digestId, of: Number(item.digestOf?.N ?? 1) } }),
    ...text('incident', item),
    ...text('fallbackFor', item),
    ...text('fallbackTo', item),
    ...text('fallbackAt', item),
  }
}

function tryOf(item: Item): Try {
  return { at: item.at?.S ?? '', outcome: item.outcome?.S ?? '', ...text('reason', item), ...text('until', item) }
}

function text<Name extends string>(name: Name, item: Item): { [name in Name]?: string } {
  const value = item[name]?.S
  return (value === undefined ? {} : { [name]: value }) as { [name in Name]?: string }
}

export function texts(list: AttributeValue | undefined): string[] {
  return list?.L?.flatMap((item) => item.S ?? []) ?? []
}
