import type { Platform } from '../../schemas/platform.ts'
import { type Order, orderText } from '../../schemas/wake.ts'
import { sendAll } from '../deliver/send-all.ts'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { readLastReconcile, writeLastReconcile } from '../store/last-reconcile.ts'
import { openAlarms } from '../store/open-index.ts'
import type { Difference } from './differ.ts'
import { type Looked, look, tagsOf } from './look.ts'
import { orderOf } from './order.ts'
import { ownPlace, type Place, placeOf } from './places.ts'
import type { Around } from './seen.ts'

export interface Reconcile {
  /** The accounts beside the stack's own. */
  accounts: Platform['accounts']
  isUs: Around['isUs']
  /** What differs is read again after this time: messages are on their way, and CloudWatch's answers are a little old. */
  graceMs: number
  /** In one run: the next is in five minutes. */
  most: number
  wait(ms: number): Promise<unknown>
  signal: AbortSignal
}

/** CloudWatch shows a change in an alarm's history some time after it; a run may have failed. */
const OVERLAP_MS = 10 * 60_000
/** The first run looks as far back; what is older, nobody needs to be notified of any more. */
const OLDEST_MS = 24 * 3_600_000
/** Of those left alone, the record keeps so many. */
const MOST_LEFT = 100

/**
 * Compares CloudWatch's alarms with the table, twice, and has `route` handle what differs both times as if its message
 * had arrived. A place that can't be read does not stop the others.
 * @throws {Error} the first failure, once all else is done.
 */
export async function reconcile(how: Reconcile): Promise<void> {
  const begunAt = new Date()
  const last = await readLastReconcile()
  const course: Course = { begunAt, readTo: last?.readTo ?? {}, failures: [], refused: new Set(), whole: new Set() }
  const places = await placesOf(how.accounts, course)
  const first = await lookAt(places, how, course)
  const left = first.flatMap(({ difference }) => (difference.kind === 'left' ? [difference] : []))
  const suspects = first.filter(({ difference }) => difference.kind !== 'left')
  const found = suspects.length === 0 ? [] : await lookAgain(places, suspects, how, course)
  const handed = await handOver(found.slice(0, how.most), how.signal)
  // The next run finds them again, if it reads as far back.
  for (const { place } of found.slice(how.most)) course.whole.delete(placeKey(place))
  report(handed, left, course)
  await writeLastReconcile(
    {
      at: begunAt.toISOString(),
      readTo: readToNow(places, course),
      found: handed.length,
      left: left.slice(0, MOST_LEFT).map(({ name, why }) => ({ name, why })),
      refused: [...course.refused],
    },
    begunAt,
  )
  // Others are named by the function's error: this one says that the stack's own account was compared.
  const [failure] = course.failures
  if (!course.failures.some(({ isOwn }) => isOwn)) measure({ ReconcileMs: Date.now() - begunAt.getTime() })
  if (failure) throw failure.reason
}

/** What could not be read whole, is read again by the next run. */
function readToNow(places: Place[], { readTo, whole, begunAt }: Course): Record<string, string> {
  return Object.fromEntries(
    places.flatMap((place) => {
      const to = whole.has(placeKey(place)) ? begunAt.toISOString() : readTo[placeKey(place)]
      return to === undefined ? [] : [[placeKey(place), to]]
    }),
  )
}

type Found = Looked['differences'][number] & { place: Place }

interface Course {
  begunAt: Date
  /** By place: up to when an earlier run has read its history. */
  readTo: Record<string, string>
  failures: { reason: unknown; isOwn: boolean }[]
  refused: Set<string>
  /** Places whose history was read whole the last time, and of which everything that was found is handed over. */
  whole: Set<string>
}

const placeKey = ({ account, region }: Place): string => `${account} ${region}`

/** Each once, whatever it is called. */
async function placesOf(accounts: Platform['accounts'], course: Course): Promise<Place[]> {
  const others = await Promise.allSettled(Object.entries(accounts).map(([name, account]) => placeOf(name, account)))
  for (const one of others) if (one.status === 'rejected') failed(one.reason, false, course)
  const all = [ownPlace(), ...others.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))]
  return all.filter((place, index) => all.findIndex((one) => placeKey(one) === placeKey(place)) === index)
}

function failed(reason: unknown, isOwn: boolean, { failures }: Course): void {
  log.error('reconcile.failed', 'an account could not be compared; left to the next run', { reason: String(reason) })
  failures.push({ reason, isOwn })
}

async function lookAt(places: Place[], { isUs, signal }: Reconcile, course: Course): Promise<Found[]> {
  const oldestMs = Date.now() - OLDEST_MS
  const open = await openAlarms()
  const looked = await Promise.all(
    places.map(async (place): Promise<Found[]> => {
      const readToMs = Date.parse(course.readTo[placeKey(place)] ?? '')
      const since = new Date(Math.max(oldestMs, readToMs - OVERLAP_MS || 0))
      try {
        const { differences, refused, isWhole } = await look(place, open, { since, asOf: course.begunAt, isUs, signal })
        for (const one of refused) course.refused.add(one)
        if (isWhole) course.whole.add(placeKey(place))
        else course.whole.delete(placeKey(place))
        return differences.map((difference) => ({ place, ...difference }))
      } catch (error) {
        course.whole.delete(placeKey(place))
        failed(error, place.isOwn, course)
        return []
      }
    }),
  )
  return looked.flat()
}

/** Those that differ still, by a message that was missing before: what has changed since, may be on its way. */
async function lookAgain(places: Place[], before: Found[], how: Reconcile, course: Course): Promise<Found[]> {
  await how.wait(how.graceMs)
  const suspected = new Set(before.map(({ difference }) => difference.fingerprint))
  const concerned = places.filter((place) => before.some((one) => one.place === place))
  const again = await lookAt(concerned, how, course)
  const until = course.begunAt.toISOString()
  return again.filter(
    ({ difference }) =>
      difference.kind !== 'left' && suspected.has(difference.fingerprint) && difference.lostAt <= until,
  )
}

/** @returns those that were. */
async function handOver(found: Found[], signal: AbortSignal): Promise<Found[]> {
  const orders: [Found, Order][] = []
  for (const one of found) {
    const { place, difference, seen } = one
    if (difference.kind === 'left') continue
    const order = orderOf(difference, seen, await tagsOf(place, seen, signal))
    if (order) orders.push([one, order])
  }
  await sendAll(orders.map(([, order]) => ({ body: orderText(order), delayS: 0 })))
  return orders.map(([one]) => one)
}

function report(found: Found[], left: Extract<Difference, { kind: 'left' }>[], { refused }: Course): void {
  for (const { difference, place } of found) {
    if (difference.kind === 'left') continue
    const { fingerprint, kind, at } = difference
    const reason = difference.kind === 'ended' ? difference.why : 'lost'
    log.warn('reconcile.found', 'its message did not arrive; found in CloudWatch', {
      ...{ fingerprint, kind, at, reason, place: place.name },
    })
    measure({ Reconciled: 1 }, { Reason: reason })
  }
  for (const { fingerprint, why } of left)
    log.info('reconcile.left', 'differs, and is left alone', { fingerprint, why })
  for (const reason of refused) log.warn('reconcile.refused', 'could not be asked', { reason })
}
