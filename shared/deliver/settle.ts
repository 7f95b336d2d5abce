import type { ChannelType } from '../../schemas/channel.ts'
import type { Notification } from '../../schemas/notification.ts'
import { type Note, readWake } from '../../schemas/wake.ts'
import { carriedBy } from '../alert/identity.ts'
import { within } from '../aws/deadline.ts'
import { deadLetter, order, waitBeforeRetry } from '../aws/queue.ts'
import { ChannelError } from '../channels/channel.ts'
import type { AlertState, Owed } from '../decide/alert-state.ts'
import { isOutstanding } from '../decide/due-at.ts'
import { type Failure, failed, isForClock } from '../decide/failure.ts'
import { placeOf } from '../decide/place.ts'
import { noteOf } from '../decide/to-send.ts'
import { notified } from '../decide/turn.ts'
import { type LogEvent, log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { changeAlert } from '../store/alerts.ts'
import { fallbackDue, withinPatience } from './fallback.ts'
import { type Invocation, lineOf } from './invocation.ts'
import type { Claimed } from './messages.ts'
import { isLongWait, type NextStep, nextStep } from './next-step.ts'
import { pacedAs, paceOf, pauseTarget } from './pace.ts'
import { inParts } from './parts.ts'
import { type Delivery, firstOf } from './send.ts'

/** Time to put a message into a queue. */
const HANDING_OVER_MS = 1_000
/** Pushed rules reach every function within this time (deploy/live-config.ts). */
const MAX_ROLLOUT_MS = 60 * 60_000

/** A channel's acceptance of a message. */
export type Acceptance = Pick<Note, 'notifiedAt' | 'said' | 'digest' | 'incident' | 'posted'>

/** The channel accepted it. If the table can't be written, a message asks `route` to record it later. */
export async function finish<Payload, Type extends ChannelType>(
  claimed: Claimed,
  accepted: Acceptance,
  { channels, invocation }: Delivery<Payload, Type>,
): Promise<void> {
  const { notification, fingerprint, recipient, owed, token, state } = claimed
  const place = placeOf(channels[notification.channel])
  const note = noteOf(owed, { fingerprint, recipient, token, ...accepted, place })
  await invocation.runOrRetry(claimed, async () => {
    try {
      const after = await within(invocation.remainingMs() - HANDING_OVER_MS, () =>
        changeAlert(fingerprint, (now) => ({ state: now && notified(now, note, channels), result: undefined }), state),
      )
      if (hasNext(claimed, after.state)) await returnForNext(claimed, invocation)
    } catch (error) {
      await order({ notified: note })
      log.warn('delivery.recording_deferred', 'delivered; recording deferred', {
        ...lineOf(claimed),
        reason: String(error),
      })
    }
  })
  const latencyMs = Math.max(0, Date.parse(accepted.notifiedAt) - Date.parse(notification.alert.changedAt))
  if (!isDrill(notification)) measure({ LatencyMs: latencyMs }, { Channel: notification.channel })
  log.info('delivery.delivered', 'delivered', { ...lineOf(claimed), latencyMs, digestId: accepted.digest?.id })
}

/** Is another change of the same moment owed, which has waited for this one; or that somebody has acknowledged it meanwhile? */
function hasNext({ state, recipient, owed }: Claimed, after: AlertState | undefined): boolean {
  const next = after?.recipients[recipient]
  const waited = state.recipients[recipient]?.more ?? []
  // A message from an earlier version is only about itself.
  if (next === undefined || !isOutstanding(next) || carriedBy(owed.change)) return false
  return isAmong(waited, next.owed) || next.owed?.update?.is === 'acknowledged'
}

function isAmong(marks: Owed[], one: Owed | undefined): boolean {
  return marks.some(({ change }) => change === one?.change)
}

/** The message for the next change may have come too early: this one is retried for it, at once. */
async function returnForNext(claimed: Claimed, invocation: Invocation): Promise<void> {
  const record = invocation.recordOf(claimed)
  invocation.retryLater(record)
  await waitBeforeRetry(claimed.notification.type, record.receiptHandle, 0)
}

/** The channel did not accept a message: what happens to each alert in it. */
export async function settle<Payload, Type extends ChannelType>(
  claimed: Claimed[],
  error: unknown,
  delivery: Delivery<Payload, Type>,
  { hasJoined = false } = {},
): Promise<void> {
  if (claimed.length === 0) return
  const { channel, channels, invocation } = delivery
  const isDigest = claimed.length > 1
  // The alerts of a digest are retried together, so that they form one digest again.
  const [now, random] = [new Date(), Math.random()]
  const waitingSince = claimed.flatMap(({ failingSince }) => failingSince ?? []).sort()[0]
  const steps = claimed.map((one) => {
    const step = nextStep(error, { ...one, isDigest, waitingSince }, now, random)
    return { one, step: withinPatience(step, one, channels[one.notification.channel] ?? {}, channels, now) }
  })
  const asked = steps.find(({ step }) => step.kind === 'wait' && step.isRateLimited)
  if (asked && 'waitMs' in asked.step) {
    const { channel: name } = firstOf(claimed)
    const until = Date.now() + asked.step.waitMs
    const paced = pacedAs(name, error instanceof ChannelError ? error.lane : undefined)
    await pauseTarget(paced, paceOf(channel.type, channels[name]?.perMinute), until).catch((failure) =>
      log.warn('channel.pause_failed', 'cannot pause the channel', { reason: String(failure) }),
    )
  }
  const how = { isUncertain: isUncertain(error), hasJoined, now }
  await inParts(steps, ({ one, step }) => invocation.runOrRetry(one, () => settleOne(one, step, how, delivery)))
}

/** The channel was called, and may have accepted it. */
function isUncertain(error: unknown): boolean {
  if (!(error instanceof ChannelError) || error.retry !== 'later') return false
  return error.status === undefined || error.status >= 500
}

async function settleOne<Payload, Type extends ChannelType>(
  claimed: Claimed,
  step: NextStep,
  { now, ...how }: Pick<Failure, 'isUncertain' | 'hasJoined'> & { now: Date },
  { channels, invocation }: Delivery<Payload, Type>,
): Promise<void> {
  const { notification, owed, token, fingerprint, recipient, state } = claimed
  const { reason } = step
  const isNotAttempted = step.kind === 'wait' && !step.isRateLimited
  const [event, message] = failureEvent(step, isNotAttempted)
  log[isNotAttempted ? 'info' : 'warn'](event, message, { ...lineOf(claimed), reason })
  const isDead = step.kind === 'dead'
  const record = invocation.recordOf(claimed)
  if (isDead) {
    const about = `${notification.alert.title} (${notification.alert.status}) → ${notification.channel}`
    const { messageId } = record
    const body = bodyFor(claimed, record.body)
    await deadLetter(notification.type, { messageId, body, reason: `${notification.channel}: ${reason}`, about })
  }
  const fallbackTo = fallbackDue(claimed, step, channels[notification.channel] ?? {}, channels)
  const failure: Failure = {
    ...{ token, owed, reason, ...how },
    place: placeOf(channels[notification.channel]),
    left: claimed.left,
    kind: isDead ? 'dead-lettered' : step.kind === 'wait' ? 'waits' : 'failed',
    waitMs: isDead ? 0 : step.waitMs,
    isForClock: isLongWait(step),
    isShown: !isNotAttempted,
    ...(step.kind === 'alone' && { isAlone: true }),
    ...(fallbackTo !== undefined && { fallbackTo }),
  }
  const after = await changeAlert(
    fingerprint,
    (before) => ({ state: before && failed(before, recipient, failure, now), result: undefined }),
    state,
  )
  // If this fails, the index has it too.
  if (fallbackTo !== undefined) await order({ due: fingerprint, at: new Date().toISOString() })
  measureFailure(notification, { isDead, isNotAttempted })
  if (isDead) return
  invocation.waits(claimed)
  // The table has it, and when: until then nothing of it is in flight.
  if (failure.isForClock && isForClock(after.state, recipient)) return
  invocation.retryLater(record)
  await waitBeforeRetry(notification.type, record.receiptHandle, step.waitMs)
}

function measureFailure(notification: Notification, how: { isDead: boolean; isNotAttempted: boolean }): void {
  // A dead letter is counted by its queue.
  if (!isDrill(notification) && !how.isDead && !how.isNotAttempted) measure({ Retried: 1 })
}

/** No count of deliveries has drills. */
const isDrill = ({ alert }: Notification) => alert.drill !== undefined

/** How the log names a delivery that its channel did not accept. */
function failureEvent(step: NextStep, isNotAttempted: boolean): [event: LogEvent, message: string] {
  if (isNotAttempted) return ['delivery.deferred', 'not attempted; retry scheduled']
  if (step.kind === 'dead') return ['delivery.dead_lettered', 'not delivered; moved to the dead letters']
  return ['delivery.failed', 'attempt failed; retry scheduled']
}

/** Its message may have come for another change: a dead letter names the change it is about. */
function bodyFor({ owed }: Claimed, body: string): string {
  const wake = readWake(JSON.parse(body))
  // A message from an earlier version stays unchanged: it is only about itself.
  return wake ? JSON.stringify({ ...wake, change: owed.change }) : body
}

/** `route` may have new rules before this function does; after the roll-out the channel is really gone. */
export function unknownChannel({ notification, failingSince }: Claimed): ChannelError {
  const { type, channel } = notification
  const isRollingOut = failingSince === undefined || Date.now() - Date.parse(failingSince) < MAX_ROLLOUT_MS
  const retry = isRollingOut ? 'later' : 'never'
  return new ChannelError(`the rules name no ${type} channel "${channel}"${isRollingOut ? ' yet' : ''}`, {
    retry,
    status: 404,
  })
}
