import { randomBytes } from 'node:crypto'
import type { SQSRecord } from 'aws-lambda'
import type { ChannelConfig, ChannelType } from '../../schemas/channel.ts'
import type { Notification } from '../../schemas/notification.ts'
import { readWake, type Wake } from '../../schemas/wake.ts'
import { environment } from '../aws/client.ts'
import { deadLetter, waitBeforeRetry } from '../aws/queue.ts'
import type { AlertState, Owed, Recipient } from '../decide/alert-state.ts'
import { presentName, recipientNow } from '../decide/channel-now.ts'
import { knowsNewer } from '../decide/marks.ts'
import { isOfType, placeOf, postedAt } from '../decide/place.ts'
import { isBusyByOtherName, knownByOtherName } from '../decide/renamed.ts'
import { asKnownHere, notificationOf } from '../decide/to-send.ts'
import { claimed, leftToAnother, look, markPassed, markReceived, markRedriven } from '../decide/turn.ts'
import { log } from '../observe/log.ts'
import { measure, type SuppressedBecause } from '../observe/metrics.ts'
import { namingRegion } from '../observe/regions.ts'
import { changeAlert, readMany } from '../store/alerts.ts'
import { tookOverAt } from '../store/beats.ts'
import { readChange } from '../store/changes.ts'
import { adopt } from './adopt.ts'
import { watchDigest } from './digests.ts'
import { type Claimed, incidentKey } from './messages.ts'
import { inParts } from './parts.ts'
import { isKeyBusy, isSuperseded } from './same-key.ts'
import type { Delivery } from './send.ts'

/** After this the holder of a claim is done, or nearly. */
const BUSY_WAIT_MS = 5_000
/** Why a recipient that never got the firing gets no resolve either. */
const ENDED_UNSENT = 'resolved before the firing was sent'

interface Asked {
  record: SQSRecord
  wake: Wake
}

type Known = Awaited<ReturnType<typeof readMany>>

/** What the table knows of all that a batch asks about. @throws {Error} when it cannot be read. */
export function readAsked(records: SQSRecord[]): Promise<Known> {
  return readMany(records.flatMap(({ body }) => readWake(bodyOf(body)) ?? []))
}

/**
 * Claims everything a batch asks to look at and that must be sent, so that no other invocation sends it meanwhile.
 * @param reading `readAsked` of the same records.
 */
export async function claimAll<Payload, Type extends ChannelType>(
  records: SQSRecord[],
  reading: Promise<Known>,
  delivery: Delivery<Payload, Type>,
): Promise<Claimed[]> {
  const asked = (await inParts(records, (record) => readOrRefuse(record, delivery))).filter((one) => one !== undefined)
  const known = await reading.catch((error) => {
    for (const { record } of asked) delivery.invocation.retryLater(record)
    log.warn('table.read_failed', 'cannot read the table; retry scheduled', { reason: String(error) })
    return undefined
  })
  if (!known) return []
  const claims = await inParts(asked, (one) => claimOne(one, known, delivery))
  return claims.filter((one) => one !== undefined)
}

/** A message that is not a wake-up can't succeed later either: it becomes a dead letter at once, with the reason. */
async function readOrRefuse<Payload, Type extends ChannelType>(
  record: SQSRecord,
  { channel, channels, invocation }: Delivery<Payload, Type>,
): Promise<Asked | undefined> {
  const { messageId, body } = record
  try {
    const message = bodyOf(body)
    const wake = readWake(message)
    if (wake) return { record, wake }
    const adopted = await adopt(message, channels)
    if (adopted) return { record, wake: adopted }
    const reason = 'not a wake-up: not written by the router'
    log.error('message.refused', 'moved to the dead letters', { messageId, reason })
    await deadLetter(channel.type, { messageId, body, reason })
  } catch (error) {
    invocation.retryLater(record)
    log.warn('message.retry', 'retry scheduled', { messageId, reason: String(error) })
  }
  return undefined
}

function bodyOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** `undefined` when there is nothing to send now. */
async function claimOne<Payload, Type extends ChannelType>(
  { record, wake }: Asked,
  known: Known,
  delivery: Delivery<Payload, Type>,
): Promise<Claimed | undefined> {
  const { invocation } = delivery
  const { fingerprint, recipient, channel } = wake
  const about = { fingerprint, recipient, channel }
  try {
    const { state, result } = await changeAlert(
      fingerprint,
      (now) => claimIn(now, { record, wake }, known, delivery),
      known.alerts.get(fingerprint),
    )
    if (result === 'busy') {
      invocation.retryLater(record)
      await waitBeforeRetry(wake.type, record.receiptHandle, BUSY_WAIT_MS)
      log.info('delivery.in_progress', 'claimed by another invocation; retry scheduled', about)
      return undefined
    }
    watchDigest(state, { record, wake }, delivery)
    if (typeof result === 'string') {
      log.info('delivery.suppressed', 'not sent', { ...about, reason: result })
      const Reason: SuppressedBecause = result === ENDED_UNSENT ? 'missed' : 'known'
      if (state?.drill === undefined) measure({ Suppressed: 1 }, {}, { about: { Reason } })
      return undefined
    }
    const mine = { ...result, state: state ?? result.state }
    invocation.add(mine, record)
    return mine
  } catch (error) {
    invocation.retryLater(record)
    log.warn('message.retry', 'retry scheduled', { ...about, reason: String(error) })
    return undefined
  }
}

/** A claim on what is owed, in the state and on its own; or why there is nothing to send. */
async function claimIn<Payload, Type extends ChannelType>(
  before: AlertState | undefined,
  { record, wake }: Asked,
  known: Known,
  { channel, channels, invocation }: Delivery<Payload, Type>,
): Promise<{ state: AlertState | undefined; result: Claimed | 'busy' | string }> {
  const now = new Date()
  const isRedriven = isFromDeadLetters(record)
  const recipient = recipientNow(before, wake, channels)
  const state = before && isRedriven ? markRedriven(before, recipient, wake.change, now) : before
  const seen = look(state, recipient, now, isRedriven)
  if (!state || seen.kind === 'nothing') return { state, result: seen.kind === 'nothing' ? seen.why : 'unknown alert' }
  const isBusy = [isKeyBusy, isBusyByOtherName].some((isBusyIn) => isBusyIn(state, recipient, channels, now))
  if (seen.kind === 'busy' || isBusy) return { state, result: 'busy' }
  const one = asSentElsewhere(seen.one, seen.owed)
  const name = presentName(channels, one.channel)
  if (Object.hasOwn(channels, name) && channels[name]?.type !== channel.type) {
    return { state: leftToAnother(state, recipient, now), result: 'its channel has changed its type' }
  }
  const owed = asKnownHere(one, seen.owed, channel.type)
  const spared = reasonToSkip(state, recipient, { one, owed }, { channel, channels }, now)
  if (spared) return spared
  const key = `${wake.fingerprint} ${owed.change}`
  const kept = known.changes.get(key) ?? (await readChange(wake.fingerprint, owed.change))
  if (!kept) return { state, result: 'its change has expired' }
  // Where messages open incidents, a resolve is always a resolve.
  const owedNow = channel.incidents ? { ...owed, missed: undefined } : owed
  const notification = notificationOf(kept, owedNow, one, { state, name, type: channel.type })
  const incident = channel.incidents?.has(notification) ? incidentOf(notification, one, channels[name]) : undefined
  const token = randomBytes(6).toString('base64url')
  // The claim outlives this function, so that nobody else sends while it may still be sending.
  const leaseMs = invocation.remainingMs() + 1_000
  const hasNone = channel.incidents === undefined
  const isBack = !isOfType(one.notified?.place, channel.type)
  const isUnknown = !Object.hasOwn(channels, name)
  const opensAt = channel.incidents?.has(notification) ? placeOf(channels[name]) : undefined
  const canFind = channel.find !== undefined
  const claim = { token, leaseMs, incident, opensAt, hasNone, isBack, isUnknown, isRedriven, canFind }
  const next = claimed({ ...state, recipients: { ...state.recipients, [recipient]: one } }, recipient, claim, now)
  const posted = postedAt(one, placeOf(channels[name]), now)
  return { state: next, result: claimOf(next, recipient, { owed: owedNow, notification, token, posted }) }
}

/**
 * What was owed before this region took over from another one, that one may have sent in its last moment: its message is looked
 * for where it can be, and an incident is resolved even if nothing here knows of it.
 */
function asSentElsewhere(one: Recipient, { at, since = at }: Owed): Recipient {
  const tookOver = tookOverAt()
  if (tookOver === undefined || since >= tookOver || one.maybe || one.tries + one.waits > 0) return one
  return { ...one, maybe: true, maybeSince: since }
}

/**
 * The shared incident that a message is for; `undefined`: its alert's own. An acknowledgement opens none, so it is for the one
 * that the alert is in, whatever newer rules would share.
 */
function incidentOf(
  notification: Notification,
  { incident }: Recipient,
  config: ChannelConfig | undefined,
): string | undefined {
  if (notification.update?.is === 'acknowledged') return incident
  const place = { stage: environment('STAGE'), region: namingRegion() ?? '' }
  return incidentKey(notification, config?.groupBy, place)
}

/** Why what it is owed need not be sent any more; `undefined` if it must be sent. */
function reasonToSkip<Payload, Type extends ChannelType>(
  state: AlertState,
  recipient: string,
  { one, owed }: { one: Recipient; owed: Owed },
  { channel, channels }: Pick<Delivery<Payload, Type>, 'channel' | 'channels'>,
  now: Date,
): { state: AlertState; result: string } | undefined {
  // A newer change that it received keeps its incident.
  const hasNoIncident = knowsNewer(one, owed) || (!one.maybe && one.incident === undefined && !one.leaving)
  if (owed.missed && channel.incidents && hasNoIncident) {
    return { state: markPassed(state, recipient, now), result: ENDED_UNSENT }
  }
  const known = knownByOtherName(state, recipient, owed, channels, now)
  if (known) {
    return {
      state: markReceived(state, recipient, known, now),
      result: 'superseded: its channel received a newer change under its other name',
    }
  }
  if (owed.status === 'resolved' && isSuperseded(state, recipient, channels, owed)) {
    return {
      state: markPassed(state, recipient, now),
      result: 'superseded: its incident received a newer change',
    }
  }
  return undefined
}

function claimOf(
  state: AlertState,
  recipient: string,
  sent: Pick<Claimed, 'owed' | 'notification' | 'token' | 'posted'>,
): Claimed {
  const one = state.recipients[recipient]
  return {
    ...sent,
    fingerprint: state.fingerprint,
    recipient,
    state,
    tries: one?.tries ?? 0,
    failingSince: one?.failingSince,
    isAlone: one?.isAlone === true,
    fallbackTo: one?.fallbackTo,
    incident: one?.incident,
    leaving: one?.leaving ?? [],
    left: [],
    inDoubtSince: one?.lease?.wasInDoubt ? one.maybeSince : undefined,
    joinedAt: one?.joinedAt,
  }
}

/** Our redrive sets an attribute; a redrive from the AWS console keeps the reason that the dead letter carries. */
function isFromDeadLetters({ messageAttributes = {} }: SQSRecord): boolean {
  return messageAttributes.reason !== undefined || messageAttributes.redriven !== undefined
}
