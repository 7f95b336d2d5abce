import type { SQSRecord } from 'aws-lambda'
import type { Config } from '../../schemas/config.ts'
import type { Order } from '../../schemas/wake.ts'
import { FORWARDED, orderElsewhere } from '../aws/queue.ts'
import type { Standing } from '../decide/standing.ts'
import { DeferredError } from '../deliver/deferred.ts'
import type { Versioned } from '../live-config/source.ts'
import { pairHere } from '../observe/regions.ts'
import type { RefusedEvent } from '../parse/refused.ts'
import type { Known } from '../store/earlier-key.ts'
import { isRecorded } from './alert.ts'

/*
 * What the region that does not send does with the messages of its queue. Each event is in both regions' queues. Here it
 * stays until the table shows that the other one has recorded it: what that one could not record before it was lost, is
 * still here.
 */

/** Where a message stays. The queue brings it again. */
const stays = (why: string) => new DeferredError(why, 0)

/** Each change of an event is recorded: by now it would be a duplicate here, too. @throws {DeferredError} otherwise. */
export async function leaveRecorded(alerts: Known[], messageId: string, { config }: Versioned<Config>): Promise<void> {
  const recorded = await Promise.all(alerts.map((known, position) => isRecorded(known, messageId, position, config)))
  if (recorded.every(Boolean)) return
  throw stays('the other region sends, and has not recorded it yet')
}

/** So many times a message that is no event is received: the region that sends has made a dead letter of it by then. */
const REFUSED_RECEIVES = 10

/** @throws {DeferredError} as long as the other region may still have to refuse it. */
export function leaveRefused(record: SQSRecord, error: RefusedEvent, standing: Standing): void {
  if (standing === 'standby' && receivesOf(record) > REFUSED_RECEIVES) return
  throw stays(`left to the region that sends: ${error.message}`)
}

/**
 * An order is executed where messages are sent, as only one region writes alerts. What is due, that region finds in the
 * table. @throws {DeferredError} while nobody knows which region that is.
 */
export async function leaveOrder(order: Order, record: SQSRecord, standing: Standing): Promise<void> {
  const pair = pairHere()
  const { messageAttributes = {}, attributes } = record
  // It came from there: one of the two may not know yet what the other does. It knows by the next time.
  const isBack = messageAttributes[FORWARDED] !== undefined && receivesOf(record) <= 1
  if (standing === 'waiting' || isBack || !pair) throw stays('it is not known yet which region sends')
  if ('due' in order) return
  const { messageId, sentAt } = messageAttributes
  await orderElsewhere(pair.other, order, {
    attributes: {
      [FORWARDED]: pair.here,
      sentAt: sentAt?.stringValue ?? attributes?.SentTimestamp ?? '0',
      ...(messageId?.stringValue !== undefined && { messageId: messageId.stringValue }),
    },
  })
}

const receivesOf = ({ attributes }: SQSRecord): number => Number(attributes?.ApproximateReceiveCount ?? 0)
