/** A vendor's rate limit per caller: calls per minute, and the burst after a pause. */
export interface Limit {
  perMinute: number
  burst: number
}

/**
 * Counts calls. Returns how long the caller must wait, in ms; 0 for a call within the limit, which is counted.
 * `caller` has its own limit: a webhook, a routing key.
 */
export function limiter({ perMinute, burst }: Limit): (caller: string, now: number) => number {
  const intervalMs = 60_000 / perMinute
  /** When a caller's previous calls no longer count. */
  const paidAt = new Map<string, number>()
  return (caller, now) => {
    const paid = Math.max(now, paidAt.get(caller) ?? 0)
    const waitMs = paid - now - (burst - 1) * intervalMs
    if (waitMs > 0) return waitMs
    paidAt.set(caller, paid + intervalMs)
    return 0
  }
}
