import type { Platform } from '../../schemas/platform.ts'
import { orderText } from '../../schemas/wake.ts'
import { sendAll } from '../deliver/send-all.ts'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { type LastReconcile, readLastReconcile, writeLastReconcile } from '../store/last-reconcile.ts'
import { openAlarms } from '../store/open-index.ts'
import type { Around, Difference } from './differ.ts'
import { type Looked, look, tagsOf } from './look.ts'
import { orderOf } from './order.ts'
import { ownPlace, type Place, placeOf } from './places.ts'

export interface Reconcile {
  /** The accounts beside the stack's own. */
  accounts: Platform['accounts']
  isUs: Around['isUs']
  /** What differs is read again after this time: messages are on their way, and CloudWatch's answers are a little old. */
  graceMs: number
  wait(ms: number): Promise<unknown>
  signal: AbortSignal
}

/** CloudWatch shows a change in an alarm's history some time after it; a run may have failed. */
const OVERLAP_MS = 10 * 60_000
/** The first run looks as far back; what is older, nobody needs to be notified of any more. */
const OLDEST_MS = 24 * 3_600_000
/** In one run: the next is in five minutes. */
const MOST = 500
/** Of those left alone, the record keeps so many. */
const MOST_LEFT = 100

/**
 * Compares CloudWatch's alarms with the table, twice, and has `route` handle what differs both times as if its message
 * had arrived. A place that can't be read does not stop the others.
 * @throws {Error} the first failure, once all else is done.
 */
export async function reconcile(how: Reconcile): Promise<void> {
  const last = await readLastReconcile()
  const begunAt = new Date()
  const { places, failures } = await placesOf(how.accounts)
  const refused: string[] = []
  const first = await lookAt(places, how, { last, failures, refused })
  const left = first.flatMap(({ difference }) => (difference.kind === 'left' ? [difference] : []))
  const suspects = first.filter(({ difference }) => difference.kind !== 'left')
  const found = suspects.length === 0 ? [] : await lookAgain(places, suspects, how, { last, failures, refused })
  await heal(found.slice(0, MOST), how.signal)
  report(found, left)
  await writeLastReconcile(
    {
      at: failures.length > 0 ? (last?.at ?? begunAt.toISOString()) : begunAt.toISOString(),
      found: found.length,
      left: left.slice(0, MOST_LEFT).map(({ name, why }) => ({ name, why })),
      refused: [...new Set(refused)],
    },
    begunAt,
  )
  measure({ ReconcileMs: Date.now() - begunAt.getTime() })
  if (failures.length > 0) throw failures[0]
}

type Found = Looked['differences'][number] & { place: Place }

interface Course {
  last: LastReconcile | undefined
  failures: unknown[]
  refused: string[]
}

async function placesOf(accounts: Platform['accounts']): Promise<{ places: Place[]; failures: unknown[] }> {
  const others = await Promise.allSettled(Object.entries(accounts).map(([name, account]) => placeOf(name, account)))
  const failures = others.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  for (const failure of failures) failed(failure)
  return { places: [ownPlace(), ...others.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))], failures }
}

function failed(failure: unknown): void {
  log.error('reconcile.failed', 'an account could not be compared; left to the next run', { reason: String(failure) })
}

async function lookAt(places: Place[], { isUs, signal }: Reconcile, { last, ...course }: Course): Promise<Found[]> {
  const now = new Date()
  const open = await openAlarms()
  const since = new Date(Math.max(now.getTime() - OLDEST_MS, Date.parse(last?.at ?? '') - OVERLAP_MS || 0))
  const looked = await Promise.allSettled(
    places.map(async (place) => ({ place, ...(await look(place, open, { since, now, isUs, signal })) })),
  )
  return looked.flatMap((one) => {
    if (one.status === 'rejected') {
      failed(one.reason)
      course.failures.push(one.reason)
      return []
    }
    const { place, differences, refused } = one.value
    course.refused.push(...refused)
    return differences.map((difference) => ({ place, ...difference }))
  })
}

/** Those that differ in the same way still. */
async function lookAgain(places: Place[], before: Found[], how: Reconcile, course: Course): Promise<Found[]> {
  await how.wait(how.graceMs)
  const suspected = new Set(before.map(({ difference }) => keyOf(difference)))
  const concerned = places.filter((place) => before.some((one) => one.place === place))
  const again = await lookAt(concerned, how, course)
  return again.filter(({ difference }) => suspected.has(keyOf(difference)))
}

/** The time of a deletion that has no record is the time of the look. */
function keyOf(difference: Difference): string {
  const { kind, fingerprint } = difference
  if (difference.kind === 'left') return `left ${fingerprint}`
  return `${kind} ${difference.kind === 'ended' ? difference.newest : difference.at} ${fingerprint}`
}

async function heal(found: Found[], signal: AbortSignal): Promise<void> {
  const bodies: string[] = []
  for (const { place, difference, seen } of found) {
    if (difference.kind !== 'left') bodies.push(orderText(orderOf(difference, seen, await tagsOf(place, seen, signal))))
  }
  await sendAll(bodies.map((body) => ({ body, delayS: 0 })))
}

function report(found: Found[], left: Extract<Difference, { kind: 'left' }>[]): void {
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
}
