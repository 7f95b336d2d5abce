import type { Context, SQSRecord } from 'aws-lambda'
import type { Config } from '../../schemas/config.ts'
import { deadLetter } from '../aws/queue.ts'
import { withSilences } from '../decide/silence.ts'
import { liveConfig } from '../live-config/live.ts'
import { rulesIn } from '../live-config/load.ts'
import type { Versioned } from '../live-config/source.ts'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { parse } from '../parse/parse.ts'
import { RefusedEvent } from '../parse/refused.ts'
import { asKnownBefore } from '../store/earlier-key.ts'
import { readSilences, type SilencesNow } from '../store/silences.ts'
import { routeAlert } from './alert.ts'
import { execute, orderIn } from './orders.ts'

const rules = liveConfig(rulesIn)

/**
 * From a message to what is owed: the message is an event, or one of the router's own orders. When this returns, the
 * table holds all that is owed, and the deliverers have been woken; when it throws, the message is retried.
 */
export async function routeRecord(record: SQSRecord, invocation: Context): Promise<void> {
  const current = await currentIn(invocation)
  const order = orderIn(record.body)
  const { sentAt } = record.messageAttributes ?? {}
  if (order) return execute(order, current, Number(sentAt?.stringValue ?? record.attributes?.SentTimestamp ?? 0))
  const first = asFirst(record)
  try {
    const alerts = parse({ Records: [first] })
    for (const [position, alert] of alerts.entries()) {
      const copyOf = record.messageAttributes?.messageId && { messageId: first.messageId, position }
      await routeAlert(await asKnownBefore(alert, copyOf), first.messageId, position, current)
    }
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    await refuse(first, error)
  }
}

/** The silences that an invocation has read. */
const silencesIn = new WeakMap<Context, Promise<SilencesNow>>()

/** The rules, and the silences as they are since the invocation began: whoever sent it a message had seen no newer ones. */
async function currentIn(invocation: Context): Promise<Versioned<Config>> {
  const read = silencesIn.get(invocation) ?? readSilences()
  silencesIn.set(invocation, read)
  const [current, { silences }] = await Promise.all([rules.current(), read])
  return { ...current, config: withSilences(current.config, silences) }
}

/** A message that is not an event can't succeed later either: it becomes a dead letter at once, with the reason. */
async function refuse({ messageId, body }: SQSRecord, { message: reason }: RefusedEvent): Promise<void> {
  log.error('message.refused', 'moved to the dead letters', { messageId, reason })
  await deadLetter('alarms', { messageId, body, reason })
  measure({ Refused: 1 })
}

/** A redriven message keeps the id of the original, and its time where the event has none. */
function asFirst(record: SQSRecord): SQSRecord {
  const { messageId, sentAt } = record.messageAttributes ?? {}
  const SentTimestamp = sentAt?.stringValue ?? record.attributes?.SentTimestamp
  return {
    ...record,
    messageId: messageId?.stringValue ?? record.messageId,
    attributes: { ...record.attributes, SentTimestamp },
  }
}
