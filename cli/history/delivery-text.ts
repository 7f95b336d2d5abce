import { time } from '../../shared/channels/alert-text.ts'
import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import type { Delivery, SentUpdate, Try } from '../../shared/history/alert-history.ts'
import { count } from '../count.ts'
import { describeTimes, exactTime, type Line, type Step, table } from './lines.ts'

/**
 * A change that was received this much later is timed from when it was received: a replay, or a message that was
 * lost for days.
 */
export const LATE_MS = 3_600_000

/** One notification's attempts and outcome, `width` columns wide. */
export function describeDelivery(delivery: Delivery, changedAt: string, width: number): string[] {
  const first = delivery.tries[0]?.at ?? changedAt
  const isLate = Date.parse(first) - Date.parse(changedAt) > LATE_MS
  const from = isLate ? first : changedAt
  return [`tries   times are relative to ${exactTime(from)}`, ...table(deliveryLines(delivery), from, width)]
}

/** A recipient's attempts and outcome, in order of time. */
export function deliveryLines(delivery: Delivery, why?: string): Line[] {
  const { channel, status, fallbackFor, fallbackTo, fallbackAt } = delivery
  const steps: Step[] = runs(delivery)
  const now = statusNow(delivery)
  if (now && !isSaidByUpdates(delivery)) steps.push(now)
  for (const step of steps) if (step.word === 'delivered') step.text = carriedBy(delivery)
  if (fallbackTo !== undefined) {
    const notified = { at: fallbackAt, word: '', text: `also sent to fallback ${fallbackTo}` }
    const after = steps.findIndex(({ at }) => at !== undefined && fallbackAt !== undefined && at > fallbackAt)
    steps.splice(after === -1 ? steps.length : after, 0, notified)
  }
  const wasHeld = status === 'held' ? undefined : heldText(delivery)
  if (wasHeld !== undefined) steps.unshift({ word: 'held', text: wasHeld })
  const role = fallbackFor === undefined ? why : `as the fallback of ${fallbackFor}`
  if (role !== undefined) steps.unshift({ word: '', text: role })
  const updates = (delivery.updates ?? []).map(updateStep)
  if (steps.length === 0 && updates.length === 0) steps.push({ word: status })
  return [...steps, ...updates].map((step, index) => ({ ...step, who: index === 0 ? channel : '' }))
}

/** Until when it was to be held; or why, where nobody knew that. */
function heldText({ heldUntil, heldBy }: Delivery): string | undefined {
  if (heldUntil !== undefined) return ` until ${time(heldUntil)}`
  return heldBy === undefined ? undefined : reason(heldBy)
}

/** It was sent no change, and what it was sent instead has an outcome. */
function isSaidByUpdates({ status, tries, updates = [] }: Delivery): boolean {
  const isOpen = status === 'untried' || status === 'held' || status === 'waiting' || status === 'failed'
  return updates.length > 0 && tries.length === 0 && !isOpen
}

const UPDATES: Record<SentUpdate['is'], string> = {
  reminder: 'reminded',
  escalation: 'escalated to',
  acknowledged: 'sent the acknowledgement',
  note: 'sent a note',
  unacknowledged: 'sent the end of the acknowledgement',
  calmed: 'notified that it has calmed',
}

function updateStep({ is, at, outcome, said, reason }: SentUpdate): Step {
  const text = said ?? reason
  const rest = text === undefined ? '' : `: ${shorten(oneLine(text), 120)}`
  return outcome === 'delivered'
    ? { at, word: UPDATES[is], text: rest }
    : { at, word: outcome === 'superseded' ? 'not sent' : outcome, text: ` (${is})${rest}` }
}

/** What the attempts do not show. */
function statusNow(delivery: Delivery): Step | undefined {
  const { status, tries, error, deliveredAt, supersededAt } = delivery
  const last = tries.at(-1)?.outcome
  const why = oneLine(error ?? '')
  if (status === 'unknown')
    return {
      word: 'unknown',
      text: ': no outcome was recorded, or its channel was renamed',
    }
  if (status === 'untried') return untried(delivery)
  if (status === 'held')
    return {
      word: 'held',
      text: `${delivery.until === undefined ? '' : ` until ${exactTime(delivery.until)}`}${reason(delivery.why)}`,
    }
  if (status === 'superseded' && last !== status) return { at: supersededAt, ...superseded(delivery) }
  if (status === 'waiting' || (status === 'failed' && (delivery.nextTryAt !== undefined || last === status)))
    return waits(delivery)
  if (status === 'delivered' && last !== status && deliveredAt !== undefined) return { at: deliveredAt, word: status }
  if (status === 'dead-lettered' && last !== status) return { word: 'dead letter', text: `: ${why}` }
  return undefined
}

function untried({ lookAt, sendingUntil, isInDoubt }: Delivery): Step {
  if (sendingUntil !== undefined)
    return { word: 'being sent', text: ` by a function that has until ${exactTime(sendingUntil)}` }
  if (isInDoubt) return { word: 'waits', text: ' for the next attempt: it was sent, and the outcome is unknown' }
  const look = lookAt === undefined ? '' : `; checked at ${exactTime(lookAt)}`
  return { word: 'not attempted', text: ` yet, or too long ago: its message may be in the queue${look}` }
}

function waits({ status, waits, error, failingSince, nextTryAt, sendingUntil, tries }: Delivery): Step {
  const next = nextTryAt === undefined ? '' : `, at ${exactTime(nextTryAt)}`
  const times = waits > 0 ? `; delayed ${describeTimes(waits)}` : ''
  const since = failingSince === undefined ? '' : `${waits > 0 ? '' : '; failing'} since ${exactTime(failingSince)}`
  const why = status === 'waiting' || tries.length === 0 ? reason(error) : ''
  const sending = sendingUntil === undefined ? '' : '; it is being sent'
  return { word: 'waits', text: ` for the next attempt${next}${times}${since}${sending}${why}` }
}

function reason(text: string | undefined): string {
  return text ? `: ${oneLine(text)}` : ''
}

function superseded({ supersededBy: by, heldUntil, heldBy }: Delivery): Step {
  if (!by) return { word: 'not sent', text: ': superseded by a newer state change' }
  const what = by.status === 'resolved' ? 'it was resolved' : 'superseded by a newer change'
  return {
    word: 'not sent',
    text: `: ${what} at ${time(by.at)}, before it was ${(heldUntil ?? heldBy) ? 'released' : 'sent'}`,
  }
}

function carriedBy({ tries, waits, digest, incident, missed, said }: Delivery): string {
  const failed = tries.reduce((sum, { outcome, times = 1 }) => sum + (outcome === 'failed' ? times : 0), 0)
  const how = [
    ...(missed ? [' as one message for the firing and the resolve'] : []),
    ...(failed > 0 ? [` on attempt ${failed + 1}`] : []),
    ...(waits > 0 ? [` after ${count(waits, 'delay')}`] : []),
    ...(digest ? [` in a digest with ${count(digest.of - 1, 'other alert')} (${digest.id})`] : []),
    ...(incident !== undefined ? [` in the shared incident "${oneLine(incident)}"`] : []),
  ].join(',')
  return said === undefined ? how : `${how}: ${shorten(oneLine(said), 120)}`
}

/** A line for each attempt; identical consecutive attempts share one. */
function runs(delivery: Delivery): Step[] {
  const all: Step[] = []
  for (const { at, outcome, reason, until, times = 1, last = at } of delivery.tries) {
    const step = stepOf(delivery, { outcome, reason, until })
    const before = all.at(-1)
    const isSame = before?.word === step.word && before.text === step.text
    if (before && isSame) before.repeated = { times: (before.repeated?.times ?? 1) + times, last }
    else all.push({ at, ...step, ...(times > 1 && { repeated: { times, last } }) })
  }
  return all
}

function stepOf(delivery: Delivery, { outcome, reason, until }: Omit<Try, 'at'>): Step {
  if (outcome === 'superseded') {
    return delivery.status === 'missed'
      ? { word: 'not sent', text: ': it was resolved before it could be sent, and its firing was never sent' }
      : superseded(delivery)
  }
  const due = until === undefined ? '' : `until ${exactTime(until)}`
  const why = [oneLine(reason ?? ''), due].filter(Boolean).map((part) => `: ${part}`)
  if (outcome === 'gone') return { word: 'gone', text: why.join('') }
  return { word: outcome === 'dead-lettered' ? 'dead letter' : oneLine(outcome), text: why.join('') }
}
