import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { notificationId } from '../../shared/notify.ts'
import type { Captured } from '../stand-ins/index.ts'
import type { ReplayEvent } from './events.ts'
import type { Published } from './publish.ts'

export interface Delivery {
  channel: string
  type: string
  /** `duplicate`: the same change had been sent before, as `request`. `superseded`: a newer change says the opposite. */
  status: 'delivered' | 'dead-lettered' | 'duplicate' | 'superseded'
  /** Why it was not delivered. */
  error?: string
  /** What the channel got. */
  request?: unknown
}

export interface Routed {
  file: string
  alert: Alert
  severity: string
  rule: string
  because: string[]
  deliveries: Delivery[]
}

/** What became of one alert, or of an event that gave none. */
export type ReplayOutcome = Routed | { file: string; error: string }

/** Was it handled: routed, and taken by each of its channels? */
export function isHandled(outcome: ReplayOutcome): boolean {
  return 'alert' in outcome && outcome.deliveries.every(({ status }) => status !== 'dead-lettered')
}

type Item = Record<string, AttributeValue>

/**
 * Puts together what became of each event, in the order of the input, from where the router left it: the table, the
 * dead-letter queues, and what the channels got.
 */
export async function collectOutcomes(
  published: Published[],
  sources: {
    config: Config
    events: ReplayEvent[]
    requests: { pagerduty: Captured[]; slack: Captured[] }
    /** SNS's id of the message that an SQS message carries. */
    snsIdOf: (sqsId: string) => string
  },
): Promise<ReplayOutcome[]> {
  const items = await scanTable()
  const changes = Map.groupBy(
    items.filter((item) => item.sk?.S?.startsWith('change#')),
    (item) => sources.snsIdOf(item.messageId?.S ?? ''),
  )
  const deliveries = new Map(items.map((item) => [item.notificationId?.S, item]))
  const refusals = await refusedMessages(sources.snsIdOf)
  const requests = new Map<string, unknown>()
  for (const { notificationId, body } of [
    ...sources.requests.pagerduty,
    ...sources.requests.slack,
    ...(await inbox()),
  ]) {
    if (notificationId) requests.set(notificationId, body)
  }
  const byEvent = new Map(published.map((one) => [one.event, one]))

  return sources.events.flatMap((event): ReplayOutcome[] => {
    const { file } = event
    const one = byEvent.get(event)
    if (!one || 'error' in one) return [{ file, error: one?.error ?? 'was not published' }]
    const refusal = refusals.get(one.messageId)
    if (refusal) return [{ file, error: inFile(refusal) }]
    const found = (changes.get(one.messageId) ?? []).sort((a, b) => Number(a.position?.N) - Number(b.position?.N))
    if (found.length === 0) return [{ file, error: 'was not routed: run with LOG_LEVEL=DEBUG to see why' }]
    return found.map((change) => routed(file, change))
  })

  function routed(file: string, change: Item): Routed {
    const alert = JSON.parse(change.alert?.S ?? '{}') as Alert
    const outcome = change.outcome?.S
    const because = texts(change.because)
    const common = { file, alert, severity: change.severity?.S ?? '', rule: change.rule?.S ?? '' }
    if (outcome === 'stale') {
      return { ...common, because: [...because, 'a newer change of this alert is known: not sent'], deliveries: [] }
    }
    const routes = texts(change.channels).map((channel): Delivery => {
      const type = sources.config.channels[channel]?.type ?? ''
      const id = notificationId(alert, channel)
      const request = requests.has(id) ? { request: requests.get(id) } : {}
      if (outcome === 'duplicate') return { channel, type, status: 'duplicate', ...request }
      const delivery = deliveries.get(id)
      if (delivery?.status?.S === 'superseded') return { channel, type, status: 'superseded' }
      const isDelivered = delivery?.status?.S === 'delivered'
      return {
        channel,
        type,
        status: isDelivered ? 'delivered' : 'dead-lettered',
        ...(isDelivered ? {} : { error: delivery?.error?.S ?? 'never reached its channel' }),
        ...request,
      }
    })
    return { ...common, because, deliveries: routes }
  }
}

/** The router names the path in the message that it got, of which the user's file is only the body. */
function inFile(refusal: string): string {
  return refusal.replace(/^Records\[0\]\.body(?::|\.)/, (path) => (path.endsWith(':') ? 'event:' : ''))
}

function texts(list: AttributeValue | undefined): string[] {
  return list?.L?.flatMap((item) => item.S ?? []) ?? []
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

/** Why each refused message was refused, by SNS's id (or SQS's, for what did not come by SNS). */
async function refusedMessages(snsIdOf: (sqsId: string) => string): Promise<Map<string, string>> {
  const refusals = new Map<string, string>()
  for (const message of await drain(process.env.ALARMS_DEAD_LETTERS_URL)) {
    const reason = message.MessageAttributes?.reason?.StringValue ?? 'the router failed on it each time'
    const origin = message.MessageAttributes?.messageId?.StringValue ?? message.MessageId ?? ''
    refusals.set(snsIdOf(origin), reason)
  }
  return refusals
}

/** What email topics sent, as the channels' requests. */
async function inbox(): Promise<Captured[]> {
  const messages = await drain(process.env.INBOX_QUEUE_URL)
  return messages.map(({ Body }) => {
    const { Subject, Message, MessageAttributes } = JSON.parse(Body ?? '{}')
    return {
      notificationId: MessageAttributes?.notificationId?.Value,
      path: 'inbox',
      body: { subject: Subject, text: Message },
      at: 0,
    }
  })
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
