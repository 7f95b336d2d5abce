import type { SQSRecord } from 'aws-lambda'
import type { ChannelType } from '../../schemas/channel.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { Wake } from '../../schemas/wake.ts'
import { waitBeforeRetry } from '../aws/queue.ts'
import { ChannelError } from '../channels/channel.ts'
import type { AlertState } from '../decide/alert-state.ts'
import { presentName, recipientNow } from '../decide/channel-now.ts'
import { placeOf, postedAt } from '../decide/place.ts'
import { log } from '../observe/log.ts'
import { changeDigest, digestShows, keepDigest, readDigest } from '../store/digests.ts'
import { DeferredError } from './deferred.ts'
import type { Watched } from './invocation.ts'
import type { Claimed } from './messages.ts'
import type { Delivery } from './send.ts'
import { settle } from './settle.ts'

/*
 * Where messages are edited, a digest shows each of its alerts as it is now. What becomes of an alert is noted before it is
 * sent, so that whoever edits the digest next shows it. The edit comes last, when all that was sent is recorded, and no
 * alert's own message depends on it. A function that dies before it leaves its wake-ups: the next look at one finds a digest
 * that does not show everything.
 */

/** A version may become outdated while it is sent: then the next one is, at most so many times. */
const MAX_EDITS = 3
/** When an edit has failed, and nobody says for how long to wait. */
const WAIT_MS = 30_000
/** After so many receives of a wake-up its digest stays as it is, until something else changes. */
const MAX_RECEIVES = 20
/** A change that cannot be noted waits so often; then it is sent anyway: no alert depends on its digest. */
const MAX_WAITS_TO_NOTE = 3
const WAIT_TO_NOTE_MS = 5_000

/**
 * What a digest is about, before it is posted. Without that it stays as it is posted. What goes into the thread of another is
 * kept, too: where that is gone, it becomes a digest itself.
 */
export async function keepMembers<Payload, Type extends ChannelType>(
  id: string,
  carries: Claimed[],
  { channel }: Delivery<Payload, Type>,
): Promise<void> {
  if (!channel.digests || carries.length < 2) return
  const notifications = carries.map(({ notification }) => notification)
  await keepDigest(id, notifications).catch((error) => notEdited(id, error))
}

/**
 * What becomes of alerts that are in digests, before they are sent.
 * @returns what may be sent now; what could not be noted waits a little.
 */
export async function noteInDigests<Payload, Type extends ChannelType>(
  claimed: Claimed[],
  delivery: Delivery<Payload, Type>,
): Promise<Claimed[]> {
  if (!delivery.channel.digests) return claimed
  const waiting = new Set<Claimed>()
  const changes = claimed.filter(({ notification, posted }) => posted?.digest !== undefined && !notification.update)
  const byDigest = Map.groupBy(changes, ({ posted }) => posted?.digest ?? '')
  await Promise.all(
    [...byDigest].map(async ([id, some]) => {
      const newer = some.map(({ notification }) => notification)
      try {
        await changeDigest(id, (known) => withNewer(known, newer))
      } catch (error) {
        notEdited(id, error)
        for (const one of some.filter(mayWaitToBeNoted)) waiting.add(one)
      }
    }),
  )
  const later = new DeferredError('not attempted: what becomes of it could not be noted in its digest', WAIT_TO_NOTE_MS)
  await Promise.all([...waiting].map((one) => settle([one], later, delivery)))
  return claimed.filter((one) => !waiting.has(one))
}

function mayWaitToBeNoted({ state, recipient }: Claimed): boolean {
  return (state.recipients[recipient]?.waits ?? 0) < MAX_WAITS_TO_NOTE
}

/** The notifications with what is newer about the same alerts; `undefined`: nothing is. Pure. */
export function withNewer(known: Notification[], newer: Notification[]): Notification[] | undefined {
  const changed = known.map((one) => newer.findLast((other) => isAboutSame(one, other) && isNewer(other, one)) ?? one)
  return changed.every((one, n) => one === known[n]) ? undefined : changed
}

function isAboutSame(a: Notification, b: Notification): boolean {
  const keyOf = ({ alertKey, alert, fallbackFor }: Notification) => [
    alertKey ?? alert.fingerprint,
    fallbackFor?.channel,
  ]
  return String(keyOf(a)) === String(keyOf(b))
}

/** Of the same moment, the later one is: they are sent in that order. */
function isNewer(a: Notification, b: Notification): boolean {
  return a.id !== b.id && !(Date.parse(a.alert.changedAt) < Date.parse(b.alert.changedAt))
}

/** A wake-up was about an alert in a digest: its message will be checked. */
export function watchDigest<Payload, Type extends ChannelType>(
  state: AlertState | undefined,
  { record, wake }: { record: SQSRecord; wake: Wake },
  { channel, channels, invocation }: Delivery<Payload, Type>,
): void {
  const one = channel.digests && state?.recipients[recipientNow(state, wake, channels)]
  if (!one) return
  const name = presentName(channels, one.channel)
  const posted = postedAt(one, placeOf(channels[name]), new Date())
  if (posted?.digest !== undefined) invocation.digests.set(posted.digest, { channel: name, posted, record })
}

/** Edits each digest that does not show what its alerts are now. Never throws. */
export async function editDigests<Payload, Type extends ChannelType>(delivery: Delivery<Payload, Type>): Promise<void> {
  await Promise.all(
    [...delivery.invocation.digests].map(async ([id, watched]) => {
      try {
        await editDigest(id, watched, delivery)
      } catch (error) {
        notEdited(id, error)
        if (error instanceof ChannelError && error.retry === 'never') return
        await editLater(id, watched, error, delivery).catch((failure) => notEdited(id, failure))
      }
    }),
  )
}

/** @throws {ChannelError | DeferredError | Error} */
async function editDigest<Payload, Type extends ChannelType>(
  id: string,
  { channel: name, posted }: Watched,
  { channel: { digests, type }, channels, resolveTarget, invocation }: Delivery<Payload, Type>,
): Promise<void> {
  const config = channels[name]
  if (!digests || config?.type !== type) return
  let edited = 0
  for (let times = 0; times <= MAX_EDITS; times++) {
    const kept = await readDigest(id)
    // Another's edit of an older version may have overtaken one of a newer: whoever has edited looks once more.
    const isCurrent = kept && (edited > 0 ? kept.version === edited : kept.shown >= kept.version)
    if (!kept || isCurrent) return
    if (times === MAX_EDITS) throw new Error('it changes faster than it is edited')
    const target = await resolveTarget(config as Parameters<typeof resolveTarget>[0], { name, fresh: false })
    const to = { channel: name, notificationId: id, posted, ...target, timeoutMs: invocation.callMs() }
    // Past its circuit: what fails here says nothing of whether its alerts arrive.
    await digests.edit(digests.render(kept.notifications), to)
    edited = kept.version
    await digestShows(id, edited)
  }
}

/** One of its wake-ups comes back, and has nothing else to do. */
async function editLater<Payload, Type extends ChannelType>(
  id: string,
  { record }: Watched,
  error: unknown,
  { channel, invocation }: Delivery<Payload, Type>,
): Promise<void> {
  const isBack = invocation.isRetried(record)
  const isOften = Number(record.attributes.ApproximateReceiveCount) > MAX_RECEIVES
  if (!isOften) invocation.retryLater(record)
  // It may have been edited, to what is older than another's edit.
  await digestShows(id, 0)
  if (isBack || isOften) return
  const waitMs = (error instanceof ChannelError && error.retryAfterMs) || WAIT_MS
  await waitBeforeRetry(channel.type, record.receiptHandle, waitMs)
}

function notEdited(id: string, error: unknown): void {
  log.info('digest.not_edited', 'the digest does not show what has changed yet', {
    digestId: id,
    reason: String(error),
  })
}
