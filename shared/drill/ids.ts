import { randomBytes } from 'node:crypto'

/** The id of a new drill: `2026-11-27-3f9c2a`. One run has one for each of its classes. */
export function newDrillId(now: Date): string {
  return `${now.toISOString().slice(0, 10)}-${randomBytes(3).toString('hex')}`
}
