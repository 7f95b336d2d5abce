import type { Alert, AlertStatus } from '../../schemas/alert.ts'
import type { AlertState, Mark, Notified, Recipient } from './alert-state.ts'

const RANK: Record<AlertStatus, number> = { firing: 0, 'insufficient-data': 1, resolved: 2 }

/** The order of changes: by time; at the same time, an end comes last. */
export function compareMarks(a: Pick<Mark, 'at' | 'status'>, b: Pick<Mark, 'at' | 'status'>): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  return RANK[a.status] - RANK[b.status]
}

/** The newest change that a recipient is owed, was sent, or need not be sent. */
export function latestOf({ owed, notified, passed }: Recipient): Mark | undefined {
  return [owed, notified, passed]
    .filter((mark) => mark !== undefined)
    .sort(compareMarks)
    .at(-1)
}

/** The newest firing of this episode that a recipient received (ISO 8601). */
export function receivedFiring(notified: Notified | undefined): string | undefined {
  return notified?.status === 'firing' ? notified.at : notified?.firedAt
}

/** How many changes of one moment are remembered, and how many places. */
const MAX_TIED = 50

const MAX_PLACES = 10

/** All that a channel was sent: the newest wins, with the others that it includes. */
export function allNotified(a: Notified | undefined, b: Notified): Notified {
  if (!a) return b
  const [older, newer] = compareMarks(a, b) > 0 ? [b, a] : [a, b]
  const { firedAt: _firedAt, also: _also, places: _places, ...notified } = newer
  const firedAt =
    newer.status === 'insufficient-data' && [newer.firedAt ?? '', receivedFiring(older) ?? ''].sort().at(-1)
  const tied = compareMarks(older, newer) === 0 ? [...(older.also ?? []), older.change] : []
  const also = [...new Set([...tied, ...(newer.also ?? [])])].filter((change) => change !== newer.change)
  const before = [older, newer].some(({ status }) => status === 'resolved')
    ? []
    : [...(older.places ?? []), older.place]
  const places = [...new Set([...before, ...(newer.places ?? [])])].filter((place) => place !== undefined)
  const others = places.filter((place) => place !== newer.place)
  return {
    ...notified,
    ...(firedAt && { firedAt }),
    ...(also.length > 0 && { also: also.slice(-MAX_TIED) }),
    ...(others.length > 0 && { places: others.slice(-MAX_PLACES) }),
  }
}

/** Has it received a firing? A message whose outcome is unknown is still owed. */
export function knowsOfIt({ notified, maybe, owed }: Recipient): boolean {
  return (notified !== undefined && notified.status !== 'resolved') || (maybe === true && owed === undefined)
}

/** Has a recipient with this last notification received this change, whatever it received later? */
export function hasReceived(notified: Notified | undefined, { change, at, status }: Mark): boolean {
  if (!notified) return false
  if (status === 'firing' && notified.status === 'insufficient-data') return (notified.firedAt ?? '') >= at
  return (
    notified.at === at &&
    notified.status === status &&
    (notified.change === change || notified.also?.includes(change) === true)
  )
}

/** Has it received something newer than a change that has not ended? */
export function knowsNewer({ notified }: Recipient, mark: Mark): boolean {
  return notified !== undefined && notified.status !== 'resolved' && compareMarks(notified, mark) > 0
}

/** The newest change sets the alert's status. */
export function newest(state: AlertState, { title, status, changedAt }: Alert): void {
  const isNewest = compareMarks({ at: changedAt, status }, { at: state.changedAt, status: state.status }) >= 0
  if (isNewest) Object.assign(state, { title, status, changedAt })
}
