import type { AlertState, Recipient } from '../decide/alert-state.ts'

/* What became of a drill's firing, read from the state that the router keeps of it. Pure. */

/** What became of it in one channel. */
export interface Arrival {
  channel: string
  /**
   * `arrived`: the channel accepted it. `held`: a window sends it later. `dead-lettered`: it can't be delivered.
   * `waiting`: not accepted yet. `dropped`: nothing will be sent.
   */
  outcome: 'arrived' | 'held' | 'dead-lettered' | 'waiting' | 'dropped'
  /** From the publish to the acceptance. */
  tookMs?: number
  /** Why not. */
  why?: string
  until?: string
  /** The channel in place of which it got it. */
  fallbackFor?: string
}

/** Of each channel, a fallback after the one that it stands in for. */
export function arrivalsIn({ recipients }: AlertState, publishedAt: Date): Arrival[] {
  return Object.values(recipients)
    .toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)))
    .map((one) => arrivalOf(one, publishedAt))
}

const nameOf = ({ channel, fallbackFor }: Recipient) => (fallbackFor ? `${fallbackFor.channel} ${channel}` : channel)

function arrivalOf(one: Recipient, publishedAt: Date): Arrival {
  const { channel, notified, owed, dead, fallbackFor } = one
  const base = { channel, ...(fallbackFor && { fallbackFor: fallbackFor.channel }) }
  if (notified) {
    return { ...base, outcome: 'arrived', tookMs: Math.max(0, Date.parse(notified.notifiedAt) - publishedAt.getTime()) }
  }
  if (!owed) return { ...base, outcome: 'dropped', why: 'nothing was sent: it was superseded' }
  if (dead) return { ...base, outcome: 'dead-lettered', why: dead.reason }
  if (owed.until !== undefined)
    return { ...base, outcome: 'held', until: owed.until, ...(owed.why && { why: owed.why }) }
  return { ...base, outcome: 'waiting', why: whyNotYet(one) }
}

function whyNotYet({ log, nextTryAt, lease }: Recipient): string {
  const last = log.findLast(({ reason, outcome }) => reason !== undefined && outcome !== 'fallback')?.reason
  if (last !== undefined) return last
  if (lease) return 'a function is sending it'
  return nextTryAt === undefined ? 'its deliverer has not attempted it' : 'put off: rate limit, or an open circuit'
}

/** Is nothing of it on its way any more? What is held comes later; a dead letter's fallback may still be on its way. */
export function isSettled(arrivals: Arrival[]): boolean {
  return arrivals.every(({ outcome }) => outcome !== 'waiting')
}

/** Who got the firing, and not yet its end. */
export function awaitingEnd(state: AlertState): string[] {
  return openIn(state).filter((name) => {
    const { owed, dead } = state.recipients[name] ?? {}
    return !owed || !dead
  })
}

/** Who got the firing, and not its end: it may be a dead letter. */
export function openIn({ recipients }: AlertState): string[] {
  return Object.entries(recipients).flatMap(([name, { notified }]) =>
    notified && notified.status !== 'resolved' ? [name] : [],
  )
}
