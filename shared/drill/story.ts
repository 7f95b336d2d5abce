import type { DrillClass } from '../../schemas/drill.ts'
import type { Order } from '../../schemas/wake.ts'
import { identityOf } from '../alert/identity.ts'
import type { AlertState } from '../decide/alert-state.ts'
import { alertIn, endOf, eventOf, type Published } from './classes.ts'
import { type Arrival, arrivalsIn, awaitingEnd, isSettled, openIn } from './outcome.ts'
import type { OpenDrill, Proof } from './records.ts'

/*
 * What happens in a drill: it is fired, followed until each channel has accepted it, resolved, and recorded. The
 * command and the function do the same.
 */

/** The router that is drilled, and the clock. */
export interface Drilled {
  topicArn: string
  /** Publishes to the alarms topic, with the mark of a drill. */
  publish(published: Published, drill: string): Promise<void>
  /** An order to `route`. */
  order(order: Order): Promise<void>
  state(key: string): Promise<AlertState | undefined>
  keepOpen(open: OpenDrill): Promise<void>
  forgetOpen(open: OpenDrill): Promise<void>
  keepProofs(proofs: Proof[], at: Date): Promise<void>
  now(): Date
  /** @throws when the drill is interrupted. */
  wait(ms: number): Promise<void>
}

/** One drill. */
export interface Drill {
  /** What is drilled: a class, an alarm's name, or `send`. */
  subject: string
  id: string
  /** Its key in the table. */
  key: string
  publishedAt: Date
}

export interface DrillOutcome extends Drill {
  /** The router's decision; absent when it never recorded one. */
  arrivals?: Arrival[]
  /** Those that got the firing, and whose end did not arrive within the time, or is a dead letter. */
  unresolved: string[]
}

const POLL_MS = 500

/** Whether a drill did what it should: every channel that the rules name accepted it, or will when its window opens. */
export function hasArrived({ arrivals = [] }: Pick<DrillOutcome, 'arrivals'>): boolean {
  return arrivals.length > 0 && arrivals.every(({ outcome }) => outcome === 'arrived' || outcome === 'held')
}

/** Whether it did, and nothing that it has opened is still open. */
export function hasEnded(outcome: Pick<DrillOutcome, 'arrivals' | 'unresolved'>): boolean {
  return hasArrived(outcome) && outcome.unresolved.length === 0
}

/** Fires the event of a class, follows it and resolves it. */
export async function drillClass(
  drillClass: DrillClass,
  { id, timeoutMs }: { id: string; timeoutMs: number },
  router: Drilled,
): Promise<DrillOutcome> {
  const publishedAt = router.now()
  const event = eventOf(drillClass, router.topicArn, publishedAt)
  const alert = alertIn(event, router.topicArn, publishedAt, id)
  const drill: Drill = { subject: drillClass, id, key: identityOf(alert), publishedAt }
  const end = async () => {
    const over = endOf(drillClass, router.topicArn, router.now())
    if (over) await router.publish(over, id)
    // Of a one-time event, the rules decide whether it has an end: where a channel opens an incident.
    else if (!(await isOnce(drill, router))) await router.order({ resolve: drill.key, by: 'the drill' })
  }
  return follow(drill, { fire: () => router.publish(event, id), end, timeoutMs, isOnce: false }, router)
}

/** What is not known to be, is resolved: that does no harm. */
async function isOnce({ key }: Pick<Drill, 'key'>, router: Drilled): Promise<boolean> {
  const state = await router.state(key).catch(() => undefined)
  return state?.once === true
}

/** How a drill starts and ends. */
export interface Course {
  fire(): Promise<void>
  end(): Promise<void>
  timeoutMs: number
  /** It has no end for certain: a text to a channel that opens no incident. */
  isOnce: boolean
}

/** After its time, a drill ends what it has fired. */
const ENDS_WITHIN_MS = 2 * 60_000

/** Whatever stops it, what was fired is ended. */
export async function follow(drill: Drill, course: Course, router: Drilled): Promise<DrillOutcome> {
  const until = new Date(drill.publishedAt.getTime() + course.timeoutMs + ENDS_WITHIN_MS).toISOString()
  const open: OpenDrill = { id: drill.id, subject: drill.subject, key: drill.key, until }
  if (!course.isOnce) await router.keepOpen(open)
  let arrivals: Arrival[] | undefined
  try {
    await course.fire()
    arrivals = await arrivalsOf(drill, course, router)
  } finally {
    await course.end()
    if (!course.isOnce) await router.forgetOpen(open)
  }
  // What a fallback got, says nothing of its own turn.
  const own = (arrivals ?? []).filter(({ fallbackFor }) => fallbackFor === undefined)
  const proofs = own.map((arrival): Proof => ({ ...arrival, subject: drill.subject, id: drill.id }))
  await router.keepProofs(proofs, router.now())
  const unresolved = course.isOnce ? [] : await unresolvedOf(drill, course, router)
  return { ...drill, ...(arrivals && { arrivals }), unresolved }
}

async function arrivalsOf({ key, publishedAt }: Drill, { timeoutMs }: Course, router: Drilled) {
  const endMs = router.now().getTime() + timeoutMs
  for (;;) {
    const state = await router.state(key)
    const arrivals = state && arrivalsIn(state, publishedAt)
    if (arrivals && isSettled(arrivals)) return arrivals
    if (router.now().getTime() >= endMs) return arrivals
    await router.wait(POLL_MS)
  }
}

/** How long the end is followed: a channel that took the firing takes this at once. */
const END_MS = 60_000

async function unresolvedOf({ key }: Drill, { timeoutMs }: Course, router: Drilled): Promise<string[]> {
  const endMs = router.now().getTime() + Math.min(END_MS, timeoutMs)
  for (;;) {
    const state = await router.state(key)
    if (!state || state.once) return []
    if (awaitingEnd(state).length === 0 || router.now().getTime() >= endMs) return openIn(state)
    await router.wait(POLL_MS)
  }
}

/** Ends what an earlier run was killed in: not what another runs just now. Returns what that was. */
export async function endOpen(open: OpenDrill[], router: Drilled): Promise<OpenDrill[]> {
  const left = open.filter(({ until }) => until < router.now().toISOString())
  const ended: OpenDrill[] = []
  for (const one of left) {
    if (!(await isOnce(one, router))) {
      await router.order({ resolve: one.key, by: 'the next drill' })
      ended.push(one)
    }
    await router.forgetOpen(one)
  }
  return ended
}
