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
  /** Sets an alarm back to OK that a drill was killed over. @returns what is really in ALARM. */
  setAlarmBack(arn: string, id: string): Promise<string[]>
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
  /** The ARN of the alarm that was set. */
  alarm?: string
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
  /** How long it is followed once the router has recorded it, if that is less. */
  recordedMs?: number
}

/** After its time, a drill ends what it has fired. */
const ENDS_WITHIN_MS = 2 * 60_000

/** Whatever stops it, what was fired is ended. */
export async function follow(drill: Drill, course: Course, router: Drilled): Promise<DrillOutcome> {
  const until = new Date(drill.publishedAt.getTime() + course.timeoutMs + ENDS_WITHIN_MS).toISOString()
  const { id, subject, key, alarm } = drill
  const open: OpenDrill = { id, subject, key, until, ...(alarm !== undefined && { alarm }) }
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

async function arrivalsOf({ key, publishedAt }: Drill, { timeoutMs, recordedMs = timeoutMs }: Course, router: Drilled) {
  let endMs = router.now().getTime() + timeoutMs
  let isRecorded = false
  for (;;) {
    const state = await router.state(key)
    if (state && !isRecorded) endMs = Math.min(endMs, router.now().getTime() + recordedMs)
    isRecorded ||= state !== undefined
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

/** What became of the drills that earlier runs were killed in. */
export interface Ended {
  ended: OpenDrill[]
  /** Of those, alarms and what is really in ALARM, which CloudWatch sends nothing about. */
  firing: { alarm: string; names: string[] }[]
  /** Still open: the next run tries it again. */
  failed: { open: OpenDrill; why: string }[]
}

/** Ends what an earlier run was killed in: not what another runs just now. */
export async function endOpen(open: OpenDrill[], router: Drilled): Promise<Ended> {
  const all: Ended = { ended: [], firing: [], failed: [] }
  for (const one of open.filter(({ until }) => until < router.now().toISOString())) {
    try {
      const { alarm } = one
      const names = alarm === undefined ? [] : await router.setAlarmBack(alarm, one.id)
      if (alarm !== undefined && names.length > 0) all.firing.push({ alarm, names })
      if (!(await isOnce(one, router))) {
        await router.order({ resolve: one.key, by: 'the next drill' })
        all.ended.push(one)
      }
      await router.forgetOpen(one)
    } catch (error) {
      all.failed.push({ open: one, why: String(error) })
    }
  }
  return all
}
