import type { Alert } from '../../schemas/alert.ts'
import { type Mark, type Notified, newRecipient, type Owed, type Recipient } from '../decide/alert-state.ts'
import { notificationId } from '../decide/notifications.ts'
import type { Delivery, State, Try } from './alert-history.ts'
import type { Entry } from './logs.ts'

/** The recipients of a change, as its record names them. */
export interface Concerned {
  alert: Alert
  /** The keys of the change's items. */
  keys: string[]
  /** Those that the rules selected, and those that they held. */
  channels: string[]
  held: { channel: string; until?: string; why?: string }[]
}

/** The outcome of a change for each recipient: as recorded, and as it is now. */
export function deliveriesTo(concerned: Concerned, entries: Entry[], state: State | undefined): Delivery[] {
  const { keys, channels, held } = concerned
  const recipients = state?.recipients ?? {}
  const byRecipient = Map.groupBy(entries, ({ recipient }) => recipient)
  const isAbout = (mark: Mark | undefined) => mark !== undefined && keys.includes(mark.change)
  const now = Object.entries(recipients).flatMap(([name, { owed, more = [], notified }]) =>
    [owed, ...more, notified].some(isAbout) ? name : [],
  )
  const known = [...new Set([...byRecipient.keys(), ...now])]
  const planned = [...new Set([...channels, ...held.map(({ channel }) => channel)])].filter(
    // A recipient of a resolve as another's fallback is listed among the channels, too.
    (channel) => known.includes(channel) || !known.some((name) => channelOf(name, recipients[name]) === channel),
  )
  return inOrder([...new Set([...planned, ...known])]).map((name) => {
    const one = recipients[name]
    const later = isAbout(one?.owed) ? undefined : one?.more?.find(isAbout)
    return deliveryTo(name, concerned, byRecipient.get(name) ?? [], {
      one: one && later ? inItsTurn(one, later) : one,
      owed: isAbout(one?.owed) ? one?.owed : later,
      notified: isAbout(one?.notified) ? one?.notified : undefined,
    })
  })
}

/** If it is sent after others of the same time, it has not been attempted, or is a dead letter. */
function inItsTurn(one: Omit<Recipient, 'log'>, { dead }: Pick<Recipient, 'dead'>): Omit<Recipient, 'log'> {
  const { channel, fallbackFor } = one
  return { ...newRecipient(channel), ...(fallbackFor && { fallbackFor }), ...(dead && { dead }) }
}

interface Now {
  one: Omit<Recipient, 'log'> | undefined
  owed: Owed | undefined
  notified: Notified | undefined
}

function deliveryTo(name: string, concerned: Concerned, all: Entry[], { one, owed, notified }: Now): Delivery {
  const { alert } = concerned
  const entries = all.filter(({ update }) => update === undefined)
  const updates = all.flatMap(({ update: is, outcome, at, said, reason }) =>
    is === undefined || outcome === 'fallback'
      ? []
      : [{ is, outcome: outcome === 'overtaken' ? 'superseded' : outcome, at, said, reason }],
  )
  const delivered = entries.findLast(({ outcome }) => outcome === 'delivered')
  const last = lastAbout(owed, all)
  const fallback = all.findLast(({ outcome }) => outcome === 'fallback')
  const status = entries.at(-1)?.status ?? owed?.status ?? notified?.status ?? alert.status
  const [, , fallbackFor = one?.fallbackFor?.channel] = /^(\S+) for (\S+)$/.exec(name) ?? []
  // What came last may be a reminder.
  const deliveredAt = delivered?.at ?? (updates.length === 0 ? notified?.notifiedAt : undefined)
  const held = concerned.held.find(({ channel }) => channel === name)
  const said = asItWasSent(alert, status, owed?.at ?? notified?.at)
  return {
    channel: channelOf(name, one),
    status: statusOf({
      delivered: deliveredAt ?? updates.find(({ outcome }) => outcome === 'delivered')?.at,
      owed,
      one,
      last,
    }),
    // A hash, for --json.
    get notificationId() {
      return notificationId(said, name)
    },
    ...(status !== alert.status && { as: status }),
    tries: entries.filter(({ outcome }) => outcome !== 'fallback').map(tryOf),
    waits: owed ? (one?.waits ?? 0) : timesOf(entries, 'waits'),
    ...(deliveredAt !== undefined && { deliveredAt }),
    ...(last?.outcome === 'overtaken' && { supersededAt: last.at }),
    ...(last?.by && { supersededBy: last.by }),
    ...(delivered?.said !== undefined && { said: delivered.said }),
    ...(delivered?.digest && { digest: delivered.digest }),
    ...(delivered?.incident !== undefined && { incident: delivered.incident }),
    ...((delivered?.missed || owed?.missed) && { missed: true as const }),
    ...(held?.until !== undefined && { heldUntil: held.until }),
    ...(held?.why !== undefined && { heldBy: held.why }),
    ...(owed && one && asOwed(owed, one, last)),
    ...(fallbackFor !== undefined && { fallbackFor }),
    ...(updates.length > 0 && { updates }),
    ...(fallback && { fallbackTo: fallback.reason ?? '', fallbackAt: fallback.at }),
  }
}

/** What happened last to what it is owed: the change, or, if it was owed no change, an update. */
function lastAbout(owed: Owed | undefined, all: Entry[]): Entry | undefined {
  const outcomes = all.filter(({ outcome }) => outcome !== 'fallback' && outcome !== 'left open')
  const isOfUpdates = owed?.update !== undefined || outcomes.every(({ update }) => update !== undefined)
  return outcomes.findLast(({ update }) => (isOfUpdates ? update !== undefined : update === undefined))
}

/** What is still owed, and its progress. */
function asOwed(owed: Owed, one: Omit<Recipient, 'log'>, last: Entry | undefined): Partial<Delivery> {
  const { failingSince, nextTryAt, lookAt, lease, maybe, dead } = one
  const error = dead?.reason ?? last?.reason
  return {
    ...(error !== undefined && { error }),
    ...(owed.until !== undefined && { ...(!owed.isOpen && { until: owed.until }), why: owed.why ?? '' }),
    ...(failingSince !== undefined && { failingSince }),
    ...(nextTryAt !== undefined && { nextTryAt }),
    ...(owed.until === undefined && !dead && lookAt !== undefined && { lookAt }),
    ...(lease && { sendingUntil: new Date(lease.until).toISOString() }),
    ...(maybe && !lease && { isInDoubt: true as const }),
  }
}

function statusOf(so: {
  delivered: string | undefined
  owed: Owed | undefined
  one: Now['one']
  last: Entry | undefined
}): Delivery['status'] {
  const { delivered, owed, one, last } = so
  if (owed?.until !== undefined) return 'held'
  if (owed && one?.dead) return 'dead-lettered'
  if (delivered !== undefined) return 'delivered'
  if (owed && one) return one.tries > 0 ? 'failed' : one.waits > 0 ? 'waiting' : 'untried'
  if (last?.outcome === 'overtaken') return last.missed ? 'missed' : 'superseded'
  if (last?.outcome === 'dead-lettered' || last?.outcome === 'gone') return last.outcome
  return 'unknown'
}

function tryOf({ at, outcome, reason, times, last }: Entry): Try {
  return {
    at,
    outcome: outcome === 'overtaken' ? 'superseded' : outcome,
    ...(reason !== undefined && { reason }),
    ...(times !== undefined && { times }),
    ...(last !== undefined && { last }),
  }
}

function timesOf(entries: Entry[], outcome: Entry['outcome']): number {
  return entries.filter((one) => one.outcome === outcome).reduce((sum, { times = 1 }) => sum + times, 0)
}

/** A firing that arrived after its own resolve is sent as resolved (shared/deliver/claim.ts). */
function asItWasSent(alert: Alert, status: Alert['status'], at: string | undefined): Alert {
  return status === 'resolved' && alert.status !== 'resolved' && at !== undefined
    ? { ...alert, status, changedAt: at }
    : alert
}

function channelOf(name: string, one: Omit<Recipient, 'log'> | undefined): string {
  return one?.channel ?? name.split(' for ', 1)[0] ?? name
}

/** Each fallback after the channel that it replaces. */
function inOrder(names: string[]): string[] {
  if (!names.some((name) => name.includes(' for '))) return names
  const fallbacksOf = (name: string) => names.filter((other) => other.endsWith(` for ${name}`))
  const all = names.filter((name) => !name.includes(' for ')).flatMap((name) => [name, ...fallbacksOf(name)])
  return [...new Set([...all, ...names])]
}
