import type { Context, SQSRecord } from 'aws-lambda'
import type { ChannelConfig } from '../schemas/config.ts'
import { type ChannelType, type Notification, notificationSchema } from '../schemas/notification.ts'
import { batchHandler } from './batch.ts'
import { type Channel, ChannelError, type Destination } from './channels/channel.ts'
import { loadChannels } from './config/load.ts'
import { log } from './log.ts'
import { deadLetter, waitBeforeRetry } from './queue.ts'
import { claim, markDelivered, markFailed, markSuperseded } from './state.ts'

/** What a channel is reached by. */
export type Target = Pick<Destination, 'target' | 'server'>
/** Finds a channel's target by its config and name; `fresh` when the last one was refused. */
export type ResolveTarget<Type extends ChannelType> = (
  config: Extract<ChannelConfig, { type: Type }>,
  options: { name: string; fresh: boolean },
) => Promise<Target>

/** Left of the function's time for what follows a call: marking, and answering SQS. */
const RESERVE_MS = 3_000
const LONGEST_CALL_MS = 10_000
/** With less time than this nothing is sent: the message comes again. */
const SHORTEST_CALL_MS = 1_000
/** Whoever holds a claim is done by then, or will be soon. */
const BUSY_WAIT_MS = 5_000

/** The Lambda handler of one type of channel: each record of a batch is delivered by itself, and fails by itself. */
export function deliverer<Type extends ChannelType, Payload>(
  channel: Channel<Payload, Type>,
  resolveTarget: ResolveTarget<Type>,
) {
  const channels = loadChannels()

  async function deliver(record: SQSRecord, context: Context): Promise<void> {
    const notification = readNotification(record)
    const line = {
      fingerprint: notification.alert.fingerprint,
      notificationId: notification.id,
      channel: notification.channel,
    }
    const remainingMs = context.getRemainingTimeInMillis()
    // The claim outlives this function, so that nobody else sends while it may still be sending.
    const claimed = await claim(notification, remainingMs + 1_000)
    if (claimed === 'delivered') return log.info('delivered before', line)
    if (claimed === 'busy') {
      await waitBeforeRetry(notification.type, record.receiptHandle, BUSY_WAIT_MS)
      throw new Error('another function is sending this notification')
    }
    if (claimed === 'superseded') {
      await markSuperseded(notification)
      return log.info('superseded', line)
    }
    try {
      const timeoutMs = Math.min(LONGEST_CALL_MS, context.getRemainingTimeInMillis() - RESERVE_MS)
      // What is sent and can't be marked any more would be sent again.
      if (timeoutMs < SHORTEST_CALL_MS) throw new Error('there is no time left to send and to mark it')
      await send(notification, timeoutMs)
    } catch (error) {
      await settleFailure(record, notification, error)
      return
    }
    await markDelivered(notification)
    log.info('delivered', line)
  }

  async function send(notification: Notification, timeoutMs: number): Promise<void> {
    const name = notification.channel
    const config = channels[name]
    if (!isOfType(config, channel.type)) {
      throw new ChannelError(`the config has no ${channel.type} channel "${name}" any more`, { retry: 'never' })
    }
    const payload = channel.render(notification)
    const to = { channel: name, notificationId: notification.id, timeoutMs }
    const known = await resolveTarget(config, { name, fresh: false })
    try {
      await channel.send(payload, { ...to, ...known })
    } catch (error) {
      if (!(error instanceof ChannelError) || error.retry !== 'secret') throw error
      const fresh = await resolveTarget(config, { name, fresh: true })
      if (fresh.target === known.target) throw error
      await channel.send(payload, { ...to, ...fresh })
    }
  }

  return batchHandler(deliver)
}

function isOfType<Type extends ChannelType>(
  config: ChannelConfig | undefined,
  type: Type,
): config is Extract<ChannelConfig, { type: Type }> {
  return config?.type === type
}

function readNotification(record: SQSRecord): Notification {
  return notificationSchema.parse(JSON.parse(record.body))
}

/**
 * The channel has not said yes. What can't succeed becomes a dead letter at once; all else waits in the queue, longer
 * each time, or as long as the channel asks.
 * @throws the error, where the message must come again.
 */
async function settleFailure(record: SQSRecord, notification: Notification, error: unknown): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error)
  const dead = error instanceof ChannelError && error.retry !== 'later'
  log.warn(dead ? 'dead letter' : 'not delivered, will try again', {
    fingerprint: notification.alert.fingerprint,
    notificationId: notification.id,
    channel: notification.channel,
    reason,
  })
  if (dead) {
    await deadLetter(notification.type, {
      messageId: record.messageId,
      body: record.body,
      reason: `${notification.channel}: ${reason}`,
    })
    await markFailed(notification, reason, { dead })
    return
  }
  await markFailed(notification, reason, { dead })
  const asked = error instanceof ChannelError ? error.retryAfterMs : undefined
  await waitBeforeRetry(
    notification.type,
    record.receiptHandle,
    asked ?? backoffMs(Number(record.attributes.ApproximateReceiveCount)),
  )
  throw error
}

/** 1 s, 2 s, 4 s … 15 min, each halved at random so that what failed together does not come back together. */
function backoffMs(attempt: number): number {
  return Math.min(900_000, 1_000 * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
}
