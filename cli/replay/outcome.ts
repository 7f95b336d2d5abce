import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { readDeadLetters, release } from '../../local/dead-letters.ts'
import type { Requests } from '../../local/engine.ts'
import type { Captured } from '../../local/stand-ins/index.ts'
import { PREFIX } from '../../local/topology.ts'
import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { unpacked } from '../../shared/aws/packed.ts'
import type { Change, Delivery as KeptDelivery } from '../../shared/history/alert-history.ts'
import { changesIn, logsIn, stateOf } from '../../shared/history/changes.ts'
import { type Item, skOf, texts } from '../../shared/history/items.ts'
import { alertsIn, inBatch, NO_ALERT, type ReplayEvent } from './events.ts'
import type { Published } from './publish.ts'

export interface Delivery {
  channel: string
  type: string
  /**
   * `duplicate`: the same change was sent before, as `request`. `superseded`: by a newer change. `held`: by a window or
   * by other alerts; `until` then, ISO 8601, if that is known, and `why`. These are also set if it was superseded while held.
   */
  status: 'delivered' | 'dead-lettered' | 'duplicate' | 'superseded' | 'held'
  until?: string
  why?: string
  /** Why it was not delivered. */
  error?: string
  /** What the channel received; for a digest or a shared incident, only on the first of its alerts. */
  request?: unknown
  /** The digest that included it, and the number of alerts in it. */
  digest?: { id: string; of: number }
  /** The incident that it shares with others. */
  incident?: string
  /** The failed channel that this one is the fallback of. */
  fallbackFor?: string
}

export interface Routed {
  file: string
  alert: Alert
  severity: string
  rule: string
  because: string[]
  deliveries: Delivery[]
}

/**
 * The outcome of one alert, or of an event without one: rejected with an `error`, or no alert for the reason in
 * `ignored`.
 */
export type ReplayOutcome = Routed | { file: string; error: string } | { file: string; ignored: string }

/** Whether every channel accepted it, or it is not an alert. */
export function isHandled(outcome: ReplayOutcome): boolean {
  if (!('alert' in outcome)) return 'ignored' in outcome
  return outcome.deliveries.every(({ status }) => status !== 'dead-lettered')
}

/**
 * Collects the outcome of each event, in the order of the input, from the table, the dead-letter queues, and the
 * requests that the channels received.
 */
export async function collectOutcomes(
  published: Published[],
  sources: {
    config: Config
    events: ReplayEvent[]
    requests: Requests
    /** SNS's id of the message that an SQS message carries. */
    snsIdOf: (sqsId: string) => string
  },
): Promise<ReplayOutcome[]> {
  const items = await scanTable()
  const messages = Map.groupBy(
    items.filter((item) => skOf(item).startsWith('change#')),
    (item) => sources.snsIdOf(item.messageId?.S ?? ''),
  )
  const changes = await changesByKey(items)
  const refusals = await refusedMessages(sources.snsIdOf)
  const requestFor = requestsOf(sources.requests, await inbox())
  const byEvent = new Map(published.map((one) => [one.event, one]))

  return sources.events.flatMap((event): ReplayOutcome[] => {
    const { file } = event
    const one = byEvent.get(event)
    if (!one || 'error' in one) return [{ file, error: one?.error ?? 'was not published' }]
    const refusal = refusals.get(one.messageId)
    if (refusal) return [{ file, error: inBatch(inFile(refusal), event) }]
    const found = (messages.get(one.messageId) ?? []).sort((a, b) => positionOf(a) - positionOf(b))
    if (found.length === 0 && isNoAlert(event)) return [{ file, ignored: NO_ALERT }]
    if (found.length === 0) return [{ file, error: 'was not routed: run with LOG_LEVEL=DEBUG to see why' }]
    return found.map((item) => routed(file, item))
  })

  function routed(file: string, item: Item): Routed {
    const alert = JSON.parse(unpacked(item.alert) ?? '{}') as Alert
    const outcome = item.outcome?.S
    const because = texts(item.because)
    const common = { file, alert, severity: item.severity?.S ?? '', rule: item.rule?.S ?? '', because }
    if (outcome !== 'sent' && outcome !== 'held' && outcome !== 'duplicate') return { ...common, deliveries: [] }
    const delivery = changes.get(keyOf(item))?.deliveries ?? []
    return { ...common, deliveries: delivery.map((one) => deliveryIn(one, outcome === 'duplicate')) }
  }

  function deliveryIn(delivery: KeptDelivery, isDuplicate: boolean): Delivery {
    const { channel, status, error, digest, incident, fallbackFor, until, why, heldUntil, heldBy } = delivery
    const common = {
      channel,
      type: sources.config.channels[channel]?.type ?? '',
      ...(digest && { digest }),
      ...(incident !== undefined && { incident }),
      ...(fallbackFor !== undefined && { fallbackFor }),
    }
    if (status === 'held') return { ...common, status, ...(until && { until }), ...(why && { why }) }
    if (isDuplicate) return { ...common, status: 'duplicate', ...requestFor(delivery) }
    if (status === 'superseded' || status === 'missed') {
      return { ...common, status: 'superseded', ...(heldUntil && { until: heldUntil }), ...(heldBy && { why: heldBy }) }
    }
    if (status === 'delivered') return { ...common, status, ...requestFor(delivery) }
    // The queues are empty: everything that failed or was waiting became a dead letter.
    const failed = status === 'untried' ? 'never reached its channel' : (error ?? 'its channel rejected it')
    return { ...common, status: 'dead-lettered', error: failed, ...requestFor(delivery) }
  }
}

function isNoAlert(event: ReplayEvent): boolean {
  try {
    return alertsIn(event).length === 0
  } catch {
    return false
  }
}

/** The outcome of each change, by the keys of its items. */
async function changesByKey(items: Item[]): Promise<Map<string, Change>> {
  const all = new Map<string, Change>()
  for (const [pk, ofAlert] of Map.groupBy(items, (item) => item.pk?.S ?? '')) {
    const item = ofAlert.find((one) => skOf(one) === 'state.2')
    const ofChanges = ofAlert.filter((one) => skOf(one).startsWith('change#'))
    const inOrder = ofChanges.sort((a, b) => (skOf(a) < skOf(b) ? -1 : 1))
    const sources = { state: item && stateOf(item), logs: logsIn(item), earlierDeliveries: () => [] }
    for await (const change of changesIn(inOrder, sources)) for (const sk of change.keys) all.set(`${pk} ${sk}`, change)
  }
  return all
}

function keyOf(item: Item): string {
  return `${item.pk?.S} ${skOf(item)}`
}

/** Its position among the alerts of its message. */
function positionOf(item: Item): number {
  return Number(skOf(item).split('#').at(-1))
}

/**
 * Finds the request that a channel received for a notification: it has the notification's id, or its digest's; a
 * request that changed a shared incident for several alerts has that incident's key. A request with several alerts
 * is returned once.
 */
function requestsOf(vendors: Requests, emails: Captured[]): (delivery: KeptDelivery) => { request?: unknown } {
  const toVendors = Object.values(vendors).flat()
  const byId = Map.groupBy([...toVendors, ...emails], (one) => one.notificationId)
  const ofIncident = (incident: string) =>
    toVendors.filter(({ body }) => (body as { dedup_key?: string } | null)?.dedup_key === incident)
  const given = new Set<unknown>()
  return ({ notificationId, digest, incident, deliveredAt = '' }) => {
    const isShared = digest !== undefined || incident !== undefined
    const own = byId.get(digest?.id ?? notificationId)
    const captured = own
      ? (lastUntil(deliveredAt, own) ?? own.at(-1))
      : incident !== undefined && lastUntil(deliveredAt, ofIncident(incident))
    const request = captured ? captured.body : undefined
    if (request === undefined || (isShared && given.has(request))) return {}
    given.add(request)
    return { request }
  }
}

/** Two changes with the same time (two pages of AWS Health) share an id, and are sent one after the other. */
function lastUntil(deliveredAt: string, requests: Captured[]): Captured | undefined {
  return requests.findLast(({ at }) => at <= Date.parse(deliveredAt))
}

/** The router reports the path in the message that it received; the user's file is only the body of that message. */
function inFile(refusal: string): string {
  return refusal.replace(/^Records\[0\]\.body(?::|\.)/, (path) => (path.endsWith(':') ? 'event:' : ''))
}

async function scanTable(): Promise<Item[]> {
  const client = new DynamoDBClient({})
  const items: Item[] = []
  for await (const page of paginateScan({ client }, { TableName: process.env.TABLE_NAME })) {
    items.push(...(page.Items ?? []))
  }
  client.destroy()
  return items
}

/**
 * Why each rejected message was rejected, by SNS's id (or SQS's, if it was not sent through SNS). The messages stay
 * in the queue.
 */
async function refusedMessages(snsIdOf: (sqsId: string) => string): Promise<Map<string, string>> {
  const sqs = new SQSClient({})
  const letters = await readDeadLetters(sqs, PREFIX, ['alarms'])
  await release(sqs, PREFIX, letters)
  sqs.destroy()
  return new Map(letters.map(({ messageId, reason }) => [snsIdOf(messageId), reason]))
}

/** The messages that email topics sent, in the form of the channels' requests. */
async function inbox(): Promise<Captured[]> {
  const messages = await drain(process.env.INBOX_QUEUE_URL)
  const emails = messages.map(({ Body }) => {
    const { Subject, Message, MessageAttributes, Timestamp } = JSON.parse(Body ?? '{}')
    return {
      notificationId: MessageAttributes?.notificationId?.Value,
      path: 'inbox',
      body: { subject: Subject, text: Message },
      at: Date.parse(Timestamp),
    }
  })
  return emails.sort((a, b) => a.at - b.at)
}

async function drain(url: string | undefined) {
  const sqs = new SQSClient({})
  const all = []
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    )
    if (Messages.length === 0) break
    all.push(...Messages)
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }))
  }
  sqs.destroy()
  return all
}
