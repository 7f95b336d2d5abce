import type { Silence } from '../../schemas/silence.ts'

/** The silences of a moment; the same array as long as none is made, extended or ended. */
export type Silences = readonly Silence[]

/** Does it hold alerts at that time? */
export function isInForce({ at, until }: Pick<Silence, 'at' | 'until'>, now: Date): boolean {
  return Date.parse(at) <= now.getTime() && now.getTime() < Date.parse(until)
}
