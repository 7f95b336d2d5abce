/** How often a vendor takes a call of one caller: so many a minute, and so many at once after a rest. */
export interface Limit {
  perMinute: number
  burst: number
}

/**
 * Counts calls. Gives how long the caller must wait, in ms; 0 for a call that comes in time and is counted.
 * `caller` is whose limit it is: a webhook, a routing key.
 */
export function limiter({ perMinute, burst }: Limit): (caller: string, now: number) => number {
  const intervalMs = 60_000 / perMinute
  /** When all that a caller has called would be paid for. */
  const paidAt = new Map<string, number>()
  return (caller, now) => {
    const paid = Math.max(now, paidAt.get(caller) ?? 0)
    const waitMs = paid - now - (burst - 1) * intervalMs
    if (waitMs > 0) return waitMs
    paidAt.set(caller, paid + intervalMs)
    return 0
  }
}
