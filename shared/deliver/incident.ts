import type { ChannelConfig, ChannelType } from '../../schemas/channel.ts'
import type { Notification } from '../../schemas/notification.ts'
import { withTemplates } from '../channels/template.ts'
import { isEarlierIncident, leaveEarlierIncident } from '../store/carried.ts'
import {
  giveIncidentBack,
  type IncidentLease,
  joinIncident,
  leaveIncident,
  membersOf,
  takeIncident,
} from '../store/incidents.ts'
import { DeferredError } from './deferred.ts'
import type { Claimed, Message } from './messages.ts'
import { paceOf, reserveSlots } from './pace.ts'
import { inParts } from './parts.ts'
import { type Delivery, paceFor, type Sending, send, untilSlot } from './send.ts'
import { finish, settle } from './settle.ts'

/** After this the other invocation is done. */
const BUSY_WAIT_MS = 1_000
/** At most this many alerts are counted in one incident. */
const MAX_COUNTED = 1_000

/** Whose turn it was, whom the call included, and its text. */
interface Notified {
  turn: JoinTurn<Claimed>
  notified: Claimed[]
  said?: string
}

/**
 * Opens the incident or adds to it; closes it when none of its alerts fires any more. If the channel was called about
 * the incident a moment ago, it is open and people know: a joining alert then waits, and the next call includes all
 * that have joined.
 */
export async function sendToIncident<Payload, Type extends ChannelType>(
  message: Message<Payload>,
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<void> {
  const { carries, content } = message
  if (!('incident' in content)) return
  const { incident } = content
  let outcome: Notified
  try {
    outcome = await withIncident(incident, delivery, (lease) =>
      sendInIncident(incident, lease, message, config, delivery),
    )
  } catch (error) {
    return settle(carries, error, delivery)
  }
  const { turn, notified, said } = outcome
  const resolved = carries.filter(isOver)
  const notifiedAt = new Date().toISOString()
  await inParts([...turn.included, ...turn.notified, ...resolved], (one) =>
    finish(one, { notifiedAt, incident, said: notified.includes(one) ? said : undefined }, delivery),
  )
  const joined = 'grouped into an open incident: the next call to the channel includes it'
  await settle(turn.waiting, new DeferredError(joined, turn.waitMs), delivery, { hasJoined: true })
}

function isOver({ owed }: Claimed): boolean {
  return owed.status === 'resolved'
}

/**
 * No other invocation calls the channel about this incident meanwhile.
 * @throws {DeferredError} when one does; else what `report` throws.
 */
async function withIncident<Result extends { notifiedAt?: number }, Payload, Type extends ChannelType>(
  incident: string,
  { invocation }: Delivery<Payload, Type>,
  report: (lease: IncidentLease) => Promise<Result>,
): Promise<Result> {
  const lease = await takeIncident(incident, invocation.remainingMs() + 1_000)
  if (!lease) throw new DeferredError('incident in progress: claimed by another invocation', BUSY_WAIT_MS)
  let notifiedAt: number | undefined
  try {
    const result = await report(lease)
    notifiedAt = result.notifiedAt
    return result
  } finally {
    await giveIncidentBack(incident, lease, { notifiedAt })
  }
}

async function sendInIncident<Payload, Type extends ChannelType>(
  incident: string,
  lease: IncidentLease,
  { id, carries }: Message<Payload>,
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<Notified & { notifiedAt?: number }> {
  const { incidents } = withTemplates(delivery.channel, config)
  const [firing, resolved] = [carries.filter((one) => !isOver(one)), carries.filter(isOver)]
  await inParts(firing, ({ fingerprint, state }) => joinIncident(incident, fingerprint, state.version))
  const now = Date.now()
  const turn = joinTurn(firing, lease, now)
  const members = await membersWithout(resolved, incident, config, turn.notified.length > 0 ? MAX_COUNTED : 1)
  const notified = members > 0 ? turn.notified : resolved
  if (notified.length === 0 || !incidents) return { turn, notified }
  const notifications = notified.map(({ notification }) => notification)
  const payload = incidents.render(notifications, incident, members)
  await sendInTurn({ id, payload, carries: notified, incident }, config, delivery)
  return { turn, notified, said: delivery.channel.firstLine(payload), notifiedAt: members > 0 ? now : 0 }
}

/** Sends it when its pace allows. */
async function sendInTurn<Payload, Type extends ChannelType>(
  sending: Sending<Payload>,
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<void> {
  const { channel, invocation } = delivery
  const pace = paceOf(channel.type, config.perMinute)
  const { slots, nextAt } = await reserveSlots(
    await paceFor(sending, config, delivery),
    1,
    pace,
    invocation.waitableMs(),
  )
  await untilSlot(slots[0], nextAt)
  await send(sending, config, delivery)
}

/**
 * An alert leaves its former incident before it is sent to another. Returns those that are ready to send; the others
 * are retried.
 */
export async function leaveIncidents<Payload, Type extends ChannelType>(
  claimed: Claimed[],
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<Claimed[]> {
  const ready = await inParts(claimed, async (one) => {
    try {
      for (const incident of one.leaving) {
        await leave(one, incident, config, delivery)
        one.left.push(incident)
      }
      return one
    } catch (error) {
      await settle([one], error, delivery)
      return undefined
    }
  })
  return ready.filter((one) => one !== undefined)
}

async function leave<Payload, Type extends ChannelType>(
  one: Claimed,
  incident: string,
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<void> {
  const channel = withTemplates(delivery.channel, config)
  const gone = asGone(one.notification)
  const sending = { id: one.notification.id, carries: [one], incident }
  if (incident === '') return sendInTurn({ ...sending, payload: channel.render(gone) }, config, delivery)

  await withIncident(incident, delivery, async () => {
    if ((await membersWithout([one], incident, config, 1)) > 0 || !channel.incidents) return {}
    await sendInTurn({ ...sending, payload: channel.incidents.render([gone], incident, 0) }, config, delivery)
    return { notifiedAt: 0 }
  })
}

/** How many alerts keep an incident open without these; at most `most` are counted. */
async function membersWithout(
  leaving: Claimed[],
  incident: string,
  { formerly }: ChannelConfig,
  most: number,
): Promise<number> {
  if (!isEarlierIncident(incident)) {
    await inParts(leaving, ({ fingerprint }) => leaveIncident(incident, fingerprint))
    return membersOf(incident, most)
  }
  let left = 0
  for (const { notification, fingerprint } of leaving) {
    left = 0
    for (const name of [notification.channel, ...(formerly ?? [])]) {
      left += await leaveEarlierIncident(name, incident, fingerprint)
    }
  }
  return left
}

/** The resolve for the incident that it leaves. */
function asGone(notification: Notification): Notification {
  const { alert } = notification
  const reason = 'Moved to another incident.'
  return { ...notification, alert: { ...alert, previousStatus: alert.status, status: 'resolved', reason } }
}

/** After a call the incident is left alone for this long: people know, and one call can cover many alerts. */
const REST_MS = 15_000

/** Which of the firing alerts are sent now. */
export interface JoinTurn<One> {
  /** A call made after they had joined included them. */
  included: One[]
  notified: One[]
  /** The channel was called about the incident a moment ago: the next call, after `waitMs`, includes them. */
  waiting: One[]
  waitMs: number
}

/** Decides it. Pure. `joinedAt`: since when it has waited for that, as one of the incident's alerts. */
export function joinTurn<One extends { joinedAt: string | undefined }>(
  firing: One[],
  { notifiedAt }: Pick<IncidentLease, 'notifiedAt'>,
  now: number,
): JoinTurn<One> {
  const isIncluded = ({ joinedAt }: One) => joinedAt !== undefined && Date.parse(joinedAt) < notifiedAt
  const included = firing.filter(isIncluded)
  const news = firing.filter((one) => !isIncluded(one))
  const waitMs = Math.max(0, notifiedAt + REST_MS - now)
  return { included, waitMs, ...(waitMs > 0 ? { notified: [], waiting: news } : { notified: news, waiting: [] }) }
}
