import { setTimeout as sleep } from 'node:timers/promises'
import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { ChannelConfig } from '../schemas/config.ts'
import { type ChannelType, type Notification, notificationSchema } from '../schemas/notification.ts'
import { type Channel, ChannelError, type Destination } from './channels/channel.ts'
import { withTemplates } from './channels/template.ts'
import { throughCircuit } from './circuit.ts'
import { liveConfig } from './config/live.ts'
import { channelsIn } from './config/load.ts'
import { within } from './deadline.ts'
import { fallbackNotification, isFallbackDue } from './fallback.ts'
import { changeMembers, type JoinTurn, joinTurn, markTold, withIncident } from './incident.ts'
import { Invocation, lineOf } from './invocation.ts'
import { log } from './log.ts'
import { FEW, type Message, messagesFor } from './messages.ts'
import { measure } from './metrics.ts'
import { type NextStep, nextStep } from './next-step.ts'
import { NotYet } from './not-yet.ts'
import { notificationId } from './notifications.ts'
import { freeSlots, paceOf, pauseTarget, reserveSlots } from './pace.ts'
import { deadLetter, enqueue, waitBeforeRetry } from './queue.ts'
import {
  type Claimed,
  claim,
  type Delivered,
  markDead,
  markDelivered,
  markFailed,
  markWaiting,
  rememberIncident,
} from './state.ts'

/** What a channel is reached by. */
export type Target = Pick<Destination, 'target' | 'server'>
/** Finds a channel's target by its config and name; `fresh` when the last one was refused. */
export type ResolveTarget<Type extends ChannelType> = (
  config: Extract<ChannelConfig, { type: Type }>,
  options: { name: string; fresh: boolean },
) => Promise<Target>

/** What it takes to put a message into a queue. */
const HANDING_OVER_MS = 1_000
/** Whoever holds a claim is done by then, or will be soon. */
const BUSY_WAIT_MS = 5_000
/** Pushed rules reach every function within this time (deploy/live-config.ts). */
const LONGEST_ROLLOUT_MS = 60 * 60_000

/**
 * The Lambda handler of one type of channel. A batch becomes as few messages as the channel's pace and its reader want;
 * each notification in it succeeds or fails by itself, and what failed comes again by its own time.
 */
export function deliverer<Type extends ChannelType, Payload>(
  channel: Channel<Payload, Type>,
  resolveTarget: ResolveTarget<Type>,
) {
  const live = liveConfig(channelsIn)
  let channels = live.packaged.config

  return middy<SQSEvent, SQSBatchResponse>().handler(({ Records }, context) =>
    within(context.getRemainingTimeInMillis(), async () => {
      const invocation = new Invocation(context)
      const [{ config }, claimed] = await Promise.all([
        live.current(),
        inParts(Records, (record) => claimRecord(record, invocation)),
      ])
      channels = config
      const byChannel = Map.groupBy(
        claimed.filter((one) => one !== undefined),
        ({ notification }) => notification.channel,
      )
      await Promise.all([...byChannel].map(([name, group]) => tellChannel(name, group, invocation)))
      return invocation.answer()
    }),
  )

  /** `undefined` when there is nothing to send now. */
  async function claimRecord(record: SQSRecord, invocation: Invocation): Promise<Claimed | undefined> {
    const notification = await readOrRefuse(record, invocation)
    if (!notification) return undefined
    try {
      // The claim outlives this function, so that nobody else sends while it may still be sending.
      const claimed = await claim(notification, invocation.remainingMs() + 1_000)
      if (claimed === 'busy') {
        await waitBeforeRetry(notification.type, record.receiptHandle, BUSY_WAIT_MS)
        invocation.comesAgain(record)
        log.info('busy: another function is telling the channel of this alert', lineOf(notification))
        return undefined
      }
      if (claimed === 'delivered' || claimed === 'superseded') {
        measure({ Suppressed: 1 }, { Channel: notification.channel })
        log.info(claimed === 'delivered' ? 'delivered before' : claimed, lineOf(notification))
        return undefined
      }
      invocation.add(claimed, record)
      if (!notification.delivered) return claimed
      await finish(claimed, notification.delivered, invocation)
      return undefined
    } catch (error) {
      invocation.comesAgain(record)
      log.warn('comes again', { ...lineOf(notification), reason: String(error) })
      return undefined
    }
  }

  /** What is no notification can't succeed later either: it is a dead letter at once, with the reason. */
  async function readOrRefuse(record: SQSRecord, invocation: Invocation): Promise<Notification | undefined> {
    const { messageId, body } = record
    try {
      return notificationSchema.parse(JSON.parse(body))
    } catch {
      const reason = 'is no notification: someone other than the router has put it into this queue'
      log.error('refused', { messageId, reason })
      await deadLetter(channel.type, { messageId, body, reason }).catch(() => invocation.comesAgain(record))
      return undefined
    }
  }

  /** Tells one channel what is in the batch for it. */
  async function tellChannel(name: string, claimed: Claimed[], invocation: Invocation): Promise<void> {
    const config = channels[name]
    if (!isOfType(config, channel.type)) {
      await Promise.all(claimed.map((one) => settle([one], unknownChannel(one), {}, invocation)))
      return
    }
    const pace = paceOf(channel.type, config.perMinute)
    try {
      const free = channel.renderDigest && claimed.length > FEW ? await freeSlots(name, pace) : 0
      const messages = messagesFor(claimed, withTemplates(channel, config), {
        groupBy: config.groupBy,
        freeSlots: free,
      })
      const own = messages.filter(({ content }) => 'payload' in content)
      const shared = messages.filter(({ content }) => 'incident' in content)
      const { slots, nextAt } = await reserveSlots(name, own.length, pace, invocation.waitableMs())
      const send = (message: Message<Payload>, index: number) =>
        sendAt(slots[index], nextAt, message, config, invocation)
      // PagerDuty takes a repeated event for the same one: pages need not wait for each other. Of what can't be told apart
      // one is sent and marked, and then the next: a function that dies in between repeats one message at the most.
      if (channel.incidents)
        await Promise.all([...own.map(send), ...shared.map((one) => tellIncident(one, config, invocation))])
      else for (const [index, message] of own.entries()) await send(message, index)
    } catch (error) {
      await settle(claimed, error, config, invocation)
    }
  }

  async function sendAt(
    slot: number | undefined,
    nextAt: number,
    { id, carries, content }: Message<Payload>,
    config: Extract<ChannelConfig, { type: Type }>,
    invocation: Invocation,
  ): Promise<void> {
    if (!('payload' in content)) return
    try {
      await untilSlot(slot, nextAt)
      await send(id, content.payload, carries, config, invocation)
    } catch (error) {
      return settle(carries, error, config, invocation)
    }
    const digest = carries.length > 1 ? { id, of: carries.length } : undefined
    const delivered = { at: new Date().toISOString(), said: channel.firstLine(content.payload), digest }
    await inParts(carries, (one) => finish(one, delivered, invocation))
  }

  /**
   * Opens the incident or adds to it; closes it when none of its alerts fires any more. An incident of which the channel
   * was told a moment ago is open, and people know: who joins it then waits, and the next call speaks for all who have.
   */
  async function tellIncident(
    { id, carries, content }: Message<Payload>,
    config: Extract<ChannelConfig, { type: Type }>,
    invocation: Invocation,
  ): Promise<void> {
    const { incidents } = withTemplates(channel, config)
    if (!('incident' in content) || !incidents) return
    const { incident } = content
    const name = firstOf(carries).channel
    const shared = { channel: name, key: incident }
    const isOver = ({ notification }: Claimed) => notification.alert.status === 'resolved'
    const fingerprints = (of: Claimed[]) => of.map(({ notification }) => notification.alert.fingerprint)
    const [firing, resolved] = [carries.filter((one) => !isOver(one)), carries.filter(isOver)]

    const tell = async (): Promise<Told> => {
      await Promise.all(firing.map((one) => rememberIncident(one, incident)))
      const members = { firing: fingerprints(firing), resolved: fingerprints(resolved) }
      const state = await changeMembers(shared, members)
      const now = Date.now()
      const turn = joinTurn(firing, state, now)
      const told = state.firing > 0 ? turn.told : resolved
      if (told.length === 0) return { turn, told }
      const { slots, nextAt } = await reserveSlots(
        name,
        1,
        paceOf(channel.type, config.perMinute),
        invocation.waitableMs(),
      )
      await untilSlot(slots[0], nextAt)
      const payload = incidents.render(
        told.map(({ notification }) => notification),
        incident,
        state.firing,
      )
      await send(id, payload, told, config, invocation)
      await markTold(shared, state.firing > 0 ? now : 0)
      return { turn, told, said: channel.firstLine(payload) }
    }

    let outcome: Told
    try {
      outcome = await withIncident(shared, invocation.remainingMs() + 1_000, tell)
    } catch (error) {
      return settle(carries, error, config, invocation)
    }
    const { turn, told, said } = outcome
    const done = [...turn.spokenFor, ...turn.told, ...resolved]
    const at = new Date().toISOString()
    await inParts(done, (one) => finish(one, { at, incident, said: told.includes(one) ? said : undefined }, invocation))
    const joined = 'has joined an open incident: the next call to the channel speaks for it too'
    await settle(turn.waiting, new NotYet(joined, turn.waitMs), config, invocation)
  }

  async function send(
    id: string,
    payload: Payload,
    carries: Claimed[],
    config: Extract<ChannelConfig, { type: Type }>,
    invocation: Invocation,
  ): Promise<void> {
    const { channel: name } = firstOf(carries)
    const to = { channel: name, notificationId: id }
    await throughCircuit(name, async () => {
      const known = await resolveTarget(config, { name, fresh: false })
      try {
        await channel.send(payload, { ...to, ...known, timeoutMs: invocation.callMs() })
      } catch (error) {
        if (!(error instanceof ChannelError) || error.retry !== 'secret') throw error
        const fresh = await resolveTarget(config, { name, fresh: true })
        if (fresh.target === known.target) throw error
        await channel.send(payload, { ...to, ...fresh, timeoutMs: invocation.callMs() })
      }
    })
  }

  /** The channel has said yes. Where that can't be noted, a message that says so takes the place of ours: it is noted later. */
  async function finish(claimed: Claimed, delivered: Delivered, invocation: Invocation): Promise<void> {
    const { notification } = claimed
    await invocation.orAgain(claimed, async () => {
      try {
        await within(invocation.remainingMs() - HANDING_OVER_MS, () => note(claimed, delivered))
      } catch (error) {
        // It has not been sent by us, and comes again as it is.
        if (notification.delivered) throw error
        await enqueue({ ...notification, delivered })
        log.warn('delivered, to be noted later', { ...lineOf(notification), reason: String(error) })
      }
    })
  }

  async function note(claimed: Claimed, delivered: Delivered): Promise<void> {
    const { notification, firingFallbackTo } = claimed
    const { alert, channel } = notification
    if (alert.status === 'resolved' && firingFallbackTo) await tellOver(notification, firingFallbackTo)
    await markDelivered(claimed, delivered)
    const latencyMs = Math.max(0, Date.parse(delivered.at) - Date.parse(alert.changedAt))
    measure({ Delivered: 1, LatencyMs: latencyMs }, { Channel: channel })
    log.info('delivered', { ...lineOf(notification), latencyMs, digestId: delivered.digest?.id })
  }

  /** Whoever was told in this channel's place that the alert fires is told that it is over; once, by its own id. */
  async function tellOver(notification: Notification, name: string): Promise<void> {
    const type = channels[name]?.type
    if (!type) return
    const { fallbackFor, delivered, ...rest } = notification
    await enqueue({ ...rest, channel: name, type, id: notificationId(notification.alert, name) })
  }

  /** The channel has not said yes to a message: what becomes of each alert in it. */
  async function settle(
    claimed: Claimed[],
    error: unknown,
    config: Partial<Pick<ChannelConfig, 'perMinute' | 'fallback' | 'patience'>>,
    invocation: Invocation,
  ): Promise<void> {
    const isDigest = claimed.length > 1
    // What a digest carried comes back together, to be one again.
    const random = Math.random()
    const steps = claimed.map((one) => ({ one, step: nextStep(error, { ...one, isDigest }, new Date(), random) }))
    const asked = steps.find(({ step }) => step.kind === 'wait' && step.wasAsked)
    if (asked && 'waitMs' in asked.step) {
      const until = Date.now() + asked.step.waitMs
      await pauseTarget(firstOf(claimed).channel, paceOf(channel.type, config.perMinute), until).catch((failure) =>
        log.warn('the channel could not be paused', { reason: String(failure) }),
      )
    }
    await inParts(steps, ({ one, step }) => invocation.orAgain(one, () => settleOne(one, step, config, invocation)))
  }

  async function settleOne(
    claimed: Claimed,
    step: NextStep,
    config: Partial<Pick<ChannelConfig, 'fallback' | 'patience'>>,
    invocation: Invocation,
  ): Promise<void> {
    const { notification } = claimed
    const { reason } = step
    const isMereWait = step.kind === 'wait' && !step.wasAsked
    const words = isMereWait ? 'waits' : step.kind === 'dead' ? 'dead letter' : 'not delivered, will try again'
    log[isMereWait ? 'info' : 'warn'](words, { ...lineOf(notification), reason })
    const fallbackTo = isFallbackDue(claimed, step, config)
      ? await tellFallback(notification, config, reason)
      : undefined
    if (step.kind === 'dead') {
      const { messageId, body } = invocation.recordOf(claimed)
      await deadLetter(notification.type, { messageId, body, reason: `${notification.channel}: ${reason}` })
      await markDead(claimed, reason, { fallbackTo })
      measure({ Failed: 1 }, { Channel: notification.channel })
      return
    }
    if (step.kind === 'wait') await markWaiting(claimed, reason, { fallbackTo, wasAsked: step.wasAsked })
    else await markFailed(claimed, reason, { fallbackTo, isAlone: step.kind === 'alone' })
    if (!isMereWait) measure({ Retried: 1 }, { Channel: notification.channel })
    await comeAgain(claimed, step.waitMs, invocation)
  }

  /** The fallback's name, once the notification is in its queue. */
  async function tellFallback(
    notification: Notification,
    { fallback: name }: Partial<Pick<ChannelConfig, 'fallback'>>,
    reason: string,
  ): Promise<string | undefined> {
    const type = name === undefined ? undefined : channels[name]?.type
    if (name === undefined || type === undefined) return undefined
    await enqueue(fallbackNotification(notification, { channel: name, type }, reason))
    log.warn('told the fallback', { ...lineOf(notification), fallback: name, reason })
    return name
  }

  async function comeAgain(claimed: Claimed, waitMs: number, invocation: Invocation): Promise<void> {
    const record = invocation.recordOf(claimed)
    invocation.comesAgain(record)
    await waitBeforeRetry(claimed.notification.type, record.receiptHandle, waitMs)
  }
}

/** What became of those who share an incident: whose turn it was, of whom the call told, and what. */
interface Told {
  turn: JoinTurn<Claimed>
  told: Claimed[]
  said?: string
}

/** `route` may be ahead of this function by a roll-out of new rules; after that nobody knows the channel any more. */
function unknownChannel({ notification, failingSince }: Claimed): ChannelError {
  const { type, channel } = notification
  const isRollingOut = failingSince === undefined || Date.now() - Date.parse(failingSince) < LONGEST_ROLLOUT_MS
  const retry = isRollingOut ? 'later' : 'never'
  return new ChannelError(`the rules name no ${type} channel "${channel}"${isRollingOut ? ' yet' : ''}`, { retry })
}

/**
 * So many at a time. Of a table that throttles, all at once would use up the SDK's allowance of retries (500 tokens, five a
 * retry, given back by what succeeds), and what has been sent could not be marked.
 */
async function inParts<One, Result>(all: One[], work: (one: One) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < all.length; from += 16) {
    results.push(...(await Promise.all(all.slice(from, from + 16).map(work))))
  }
  return results
}

/** Waits until a message may be sent. @throws {NotYet} when that is not in this function's time. */
async function untilSlot(slot: number | undefined, nextAt: number): Promise<void> {
  const now = Date.now()
  if (slot === undefined) {
    throw new NotYet('waits for its turn: the channel is sent no more than its pace allows', Math.max(0, nextAt - now))
  }
  if (slot > now) await sleep(slot - now)
}

function firstOf([first]: Claimed[]): Notification {
  if (!first) throw new Error('a message that carries nothing')
  return first.notification
}

function isOfType<Type extends ChannelType>(
  config: ChannelConfig | undefined,
  type: Type,
): config is Extract<ChannelConfig, { type: Type }> {
  return config?.type === type
}
