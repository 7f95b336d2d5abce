import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { ChannelConfig, ChannelType } from '../../schemas/channel.ts'
import type { PostedMessage } from '../../schemas/wake.ts'
import { within } from '../aws/deadline.ts'
import type { Channel } from '../channels/channel.ts'
import { withTemplates } from '../channels/template.ts'
import { liveConfig } from '../live-config/live.ts'
import { channelsIn } from '../live-config/load.ts'
import { joinIncident } from '../store/incidents.ts'
import { readOn, removeRead } from './backlog.ts'
import { claimAll, readAsked } from './claim.ts'
import { editDigests, keepMembers, noteInDigests } from './digests.ts'
import { notFound } from './found.ts'
import { leaveIncidents, sendToIncident } from './incident.ts'
import { Invocation } from './invocation.ts'
import { type Claimed, FEW, type Message, messagesFor } from './messages.ts'
import { freeSlots, paceOf, type Reservation, reserveSlots } from './pace.ts'
import { inParts } from './parts.ts'
import { type Delivery, paceFor, type ResolveTarget, send, untilSlot } from './send.ts'
import { finish, settle, unknownChannel } from './settle.ts'
import { leftToOther } from './standby.ts'

/**
 * The Lambda handler of one type of channel. Each message of a batch asks for a look: is a recipient of an alert owed
 * something? Everything that it is owed is claimed and sent, in as few messages as the channel's pace and its readers want.
 * Where a message can be about many alerts, a batch of many is joined by what else waits in the queue.
 * Each succeeds or fails alone, and is retried on its own schedule.
 */
export function deliverer<Type extends ChannelType, Payload>(
  channel: Channel<Payload, Type>,
  resolveTarget: ResolveTarget<Type>,
) {
  const live = liveConfig(channelsIn)

  return middy<SQSEvent, SQSBatchResponse>().handler(({ Records }, context) =>
    within(context.getRemainingTimeInMillis(), async () => {
      // The heartbeat ends here in a region that stands by, too.
      const left = channel.type === 'sink' ? undefined : await leftToOther(Records)
      if (left) return left
      const invocation = new Invocation(context, channel.type)
      const further = channel.renderDigest ? await readOn(channel.type, Records, () => invocation.remainingMs()) : []
      const records = [...Records, ...further]
      const reading = readAsked(records)
      // The rules are asked for meanwhile. Whoever awaits it hears of a failure.
      reading.catch(() => {})
      const { config: channels } = await live.current()
      const delivery: Delivery<Payload, Type> = { channel, channels, resolveTarget, invocation }
      const claimed = await claimAll(records, reading, delivery)
      const byChannel = Map.groupBy(claimed, ({ notification }) => notification.channel)
      await Promise.all([...byChannel].map(([name, group]) => sendToChannel(name, group, delivery)))
      await editDigests(delivery)
      const handled = further.filter((record) => !invocation.isRetried(record))
      await removeRead(channel.type, handled)
      return invocation.answer(Records)
    }),
  )
}

/** Sends one channel everything in the batch for it. */
async function sendToChannel<Payload, Type extends ChannelType>(
  name: string,
  claimed: Claimed[],
  delivery: Delivery<Payload, Type>,
): Promise<void> {
  const { channel, channels } = delivery
  const config = channels[name]
  if (!isOfType(config, channel.type)) {
    await Promise.all(claimed.map((one) => settle([one], unknownChannel(one), delivery)))
    return
  }
  const pace = paceOf(channel.type, config.perMinute)
  const unsent = await notFound(await leaveIncidents(claimed, config, delivery), config, delivery)
  const ready = await noteInDigests(unsent, delivery)
  try {
    const free = channel.renderDigest && ready.length > FEW ? await freeSlots(name, pace) : 0
    const { groupBy } = config
    const messages = messagesFor(ready, withTemplates(channel, config), { groupBy, freeSlots: free })
    const own = messages.filter(({ content }) => 'payload' in content)
    const shared = messages.filter(({ content }) => 'incident' in content)
    const paces = await Promise.all(own.map((one) => paceFor(one, config, delivery)))
    const byPace = Map.groupBy(own, (one) => paces[own.indexOf(one)] ?? name)
    await Promise.all([
      ...[...byPace].map(([paced, some]) => sendPaced(paced, some, config, delivery)),
      ...shared.map((one) => sendToIncident(one, config, delivery)),
    ])
  } catch (error) {
    await settle(ready, error, delivery)
  }
}

/** Sends messages that have one pace. Never throws because of it: messages of another may have been sent meanwhile. */
async function sendPaced<Payload, Type extends ChannelType>(
  paced: string,
  messages: Message<Payload>[],
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<void> {
  const { channel, invocation } = delivery
  const pace = paceOf(channel.type, config.perMinute)
  let reserved: Reservation
  try {
    reserved = await reserveSlots(paced, messages.length, pace, invocation.waitableMs())
  } catch (error) {
    const carried = messages.flatMap(({ carries }) => carries)
    return settle(carried, error, delivery)
  }
  const { slots, nextAt } = reserved
  const report = (message: Message<Payload>, index: number) => sendAt(slots[index], nextAt, message, config, delivery)
  if (channel.incidents) await Promise.all(messages.map(report))
  // One after the other, in the order in which its readers should see them.
  else for (const [index, message] of messages.entries()) await report(message, index)
}

async function sendAt<Payload, Type extends ChannelType>(
  slot: number | undefined,
  nextAt: number,
  { id, carries, content }: Message<Payload>,
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<void> {
  if (!('payload' in content)) return
  let posted: PostedMessage | undefined
  try {
    await untilSlot(slot, nextAt)
    await inParts(carries, (one) => keepLongKey(one, delivery))
    await keepMembers(id, carries, delivery)
    posted = await send({ id, payload: content.payload, carries }, config, delivery)
  } catch (error) {
    return settle(carries, error, delivery)
  }
  const digest = carries.length > 1 ? { id, of: carries.length } : undefined
  const said = delivery.channel.firstLine(content.payload)
  const notifiedAt = new Date().toISOString()
  await inParts(carries, (one) => finish(one, { notifiedAt, said, digest, posted }, delivery))
}

/** A dedup key that was made shorter does not say whose it is: whoever answers its incident needs to know. */
async function keepLongKey<Payload, Type extends ChannelType>(
  { fingerprint, notification, state, owed }: Claimed,
  { channel: { incidents } }: Delivery<Payload, Type>,
): Promise<void> {
  if (!incidents?.has(notification) || owed.status === 'resolved') return
  const key = incidents.keyOf(fingerprint)
  if (key !== fingerprint) await joinIncident(key, fingerprint, state.version)
}

function isOfType<Type extends ChannelType>(
  config: ChannelConfig | undefined,
  type: Type,
): config is Extract<ChannelConfig, { type: Type }> {
  return config?.type === type
}
