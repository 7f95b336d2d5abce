import type { Context, SQSRecord } from 'aws-lambda'
import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { deadLetter } from '../aws/queue.ts'
import { withSilences } from '../decide/silence.ts'
import type { Standing } from '../decide/standing.ts'
import { liveConfig } from '../live-config/live.ts'
import { rulesIn } from '../live-config/load.ts'
import type { Versioned } from '../live-config/source.ts'
import { isHeartbeat, isHeartbeatOf } from '../observe/heartbeat.ts'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { pairHere } from '../observe/regions.ts'
import { parse } from '../parse/parse.ts'
import { RefusedEvent } from '../parse/refused.ts'
import { readStanding } from '../store/beats.ts'
import { asKnownBefore } from '../store/earlier-key.ts'
import { readSilences, type SilencesNow } from '../store/silences.ts'
import { routeAlert } from './alert.ts'
import { execute, orderIn } from './orders.ts'
import { isOfPair } from './pair.ts'
import { leaveOrder, leaveRecorded, leaveRefused } from './standby.ts'

const rules = liveConfig(rulesIn)

/**
 * From a message to what is owed: the message is an event, or one of the router's own orders. When this returns, the
 * table holds all that is owed, and the deliverers have been woken; when it throws, the message is retried.
 */
export async function routeRecord(record: SQSRecord, invocation: Context): Promise<void> {
  const [current, standing] = await Promise.all([currentIn(invocation), standingIn(invocation)])
  const order = orderIn(record.body)
  const { sentAt } = record.messageAttributes ?? {}
  if (order && standing !== 'active' && !isOfPair(order)) return leaveOrder(order, record, standing)
  if (order) return execute(order, current, Number(sentAt?.stringValue ?? record.attributes?.SentTimestamp ?? 0))
  const first = asFirst(record)
  try {
    await routeAlerts(record, first, { current, standing })
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    if (standing !== 'active') return leaveRefused(record, error, standing)
    await refuse(first, error)
  }
}

async function routeAlerts(
  { messageAttributes }: SQSRecord,
  first: SQSRecord,
  { current, standing }: { current: Versioned<Config>; standing: Standing },
): Promise<void> {
  const alerts = parse({ Records: [first] }).filter((alert) => !isHeartbeatOf(alert, pairHere()?.other))
  const knownAs = (alert: Alert, position: number) =>
    asKnownBefore(alert, messageAttributes?.messageId && { messageId: first.messageId, position })
  // Its own heartbeat takes the whole way in any region: it shows that this one could send.
  if (standing !== 'active' && !alerts.every(isHeartbeat)) {
    return leaveRecorded(await Promise.all(alerts.map(knownAs)), first.messageId, current)
  }
  for (const [position, alert] of alerts.entries()) {
    await routeAlert(await knownAs(alert, position), first.messageId, position, current)
  }
}

/** What the region may do, as an invocation has read it. */
const standings = new WeakMap<Context, Promise<Standing>>()

function standingIn(invocation: Context): Promise<Standing> {
  const read = standings.get(invocation) ?? readStanding()
  standings.set(invocation, read)
  return read
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

/** Of two regions, both have a copy of a message: SNS's id is in each, and so a change has one key in their table. */
function idOfBoth({ body }: SQSRecord): string | undefined {
  return pairHere() && /^\s*\{\s*"Type"\s*:\s*"Notification",\s*"MessageId"\s*:\s*"([\w-]+)"/.exec(body)?.[1]
}

/** A redriven message keeps the id of the original, and its time where the event has none. */
function asFirst(record: SQSRecord): SQSRecord {
  const { messageId, sentAt } = record.messageAttributes ?? {}
  const SentTimestamp = sentAt?.stringValue ?? record.attributes?.SentTimestamp
  return {
    ...record,
    messageId: messageId?.stringValue ?? idOfBoth(record) ?? record.messageId,
    attributes: { ...record.attributes, SentTimestamp },
  }
}
