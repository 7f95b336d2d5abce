import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelConfig, ChannelType } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { PostedMessage } from '../../schemas/wake.ts'
import { type Channel, ChannelError, type Destination } from '../channels/channel.ts'
import { throughCircuit } from './circuit.ts'
import { DeferredError } from './deferred.ts'
import type { Invocation } from './invocation.ts'
import type { Claimed, Message } from './messages.ts'
import { pacedAs } from './pace.ts'

/** Where and how a channel is reached. */
export type Target = Pick<Destination, 'target' | 'lane' | 'server' | 'room' | 'ses'>
/**
 * Finds a channel's target by its config and name; `fresh` when the last one was refused. `about`: where the channel has
 * incidents, the dedup key of one, which chooses among several targets.
 */
export type ResolveTarget<Type extends ChannelType> = (
  config: Extract<ChannelConfig, { type: Type }>,
  options: { name: string; fresh: boolean; about?: string | undefined },
) => Promise<Target>

/** Shared by all that one invocation sends. */
export interface Delivery<Payload, Type extends ChannelType> {
  channel: Channel<Payload, Type>
  channels: Config['channels']
  resolveTarget: ResolveTarget<Type>
  invocation: Invocation
}

/**
 * Sends one message to its channel. Where messages are edited, returns where it is.
 * @throws {ChannelError | DeferredError | Error} unless the channel accepted it.
 */
export async function send<Payload, Type extends ChannelType>(
  { id, payload, carries, incident }: Sending<Payload>,
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<PostedMessage | undefined> {
  // All of one message have the same.
  const to = { notificationId: id, posted: carries[0]?.posted }
  const about = aboutOf({ carries, incident }, delivery)
  const call = async (target: Destination) => (await delivery.channel.send(payload, target)) || undefined
  return callTarget({ name: firstOf(carries).channel, about }, config, delivery, (target) => call({ ...to, ...target }))
}

/** What is sent, and for whom. `incident`: the shared one that it is about; without it, the alert's own. */
export type Sending<Payload> = Pick<Message<Payload>, 'id' | 'carries'> & { payload: Payload } & About
type About = Pick<Message<unknown>, 'carries'> & { incident?: string | undefined }

/** The dedup key of the incident that a message is about, where its channel has these. */
function aboutOf<Payload, Type extends ChannelType>(
  { carries: [one], incident }: About,
  { channel }: Delivery<Payload, Type>,
): string | undefined {
  return one && channel.incidents && (incident || channel.incidents.keyOf(one.fingerprint))
}

/** Whose pace a message has: its channel's, or that of one of several targets. @throws {Error} when these cannot be read. */
export async function paceFor<Payload, Type extends ChannelType>(
  message: About,
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<string> {
  const { channel: name } = firstOf(message.carries)
  const about = aboutOf(message, delivery)
  if (about === undefined) return name
  const { lane } = await delivery.resolveTarget(config, { name, fresh: false, about })
  return pacedAs(name, lane)
}

/**
 * Calls a channel's target; once more if the secret was replaced since it was read.
 * @throws {ChannelError | DeferredError | Error} what the call throws, or that it was not made.
 */
export async function callTarget<Result, Payload, Type extends ChannelType>(
  { name, about }: { name: string; about?: string | undefined },
  config: Extract<ChannelConfig, { type: Type }>,
  { resolveTarget, invocation }: Delivery<Payload, Type>,
  call: (to: Target & Pick<Destination, 'channel' | 'timeoutMs'>) => Promise<Result>,
): Promise<Result> {
  return throughCircuit(name, async () => {
    const known = await resolveTarget(config, { name, fresh: false, about })
    try {
      return await call({ channel: name, ...known, timeoutMs: invocation.callMs() })
    } catch (error) {
      if (!(error instanceof ChannelError) || error.retry !== 'secret') throw error
      const fresh = await resolveTarget(config, { name, fresh: true, about })
      if (fresh.target === known.target) throw error
      return call({ channel: name, ...fresh, timeoutMs: invocation.callMs() })
    }
  })
}

/** Waits until a message may be sent. @throws {DeferredError} when that is after this function's time. */
export async function untilSlot(slot: number | undefined, nextAt: number): Promise<void> {
  const now = Date.now()
  if (slot === undefined) {
    const reason = 'rate limited: channel is at its perMinute limit'
    throw new DeferredError(reason, Math.max(0, nextAt - now), { isForSlot: true })
  }
  if (slot > now) await sleep(slot - now)
}

export function firstOf([first]: Claimed[]): Notification {
  if (!first) throw new Error('a message that carries nothing')
  return first.notification
}
