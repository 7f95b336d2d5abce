import type { Random } from './random.ts'

/**
 * What goes wrong with a call.
 * Before it has an effect: `refused` (500), `throttled`, `reset`, `hangs`; a vendor's `bad` (400) and `revoked` (404).
 * After it has had its effect: `lost` (connection reset), `lost-500`, `hangs-after`, and `cut`, an answer without its body.
 * `slow` takes seconds. `partial`: a batch of which entries fail, a page that is short. `stale`: a read of some time ago.
 * `again`: a message is delivered twice. `never`: SNS takes it, and it comes nowhere. `shuffled`: in another order. `delayed`:
 * SNS hands it over minutes later. `dies`: the process that calls ends, before or after. `dead`, `twice`: of a clock's tick.
 */
export const KINDS = [
  'refused',
  'throttled',
  'reset',
  'hangs',
  'bad',
  'revoked',
  'lost',
  'lost-500',
  'hangs-after',
  'cut',
  'slow',
  'partial',
  'stale',
  'again',
  'shuffled',
  'delayed',
  'never',
  'dies',
  'dead',
  'twice',
] as const
export type Kind = (typeof KINDS)[number]

/** Something that goes wrong for a while, each time or at times. */
export interface Spell {
  /** Milliseconds from the world's start. */
  fromMs: number
  untilMs: number
  /**
   * What it is on: a service (`dynamodb`), one of its operations
   * (`dynamodb.GetItem`), a vendor's target (`slack:chat`), a function.
   */
  on: string
  kind: Kind
  /** How often, from 0 to 1. */
  rate: number
}

/** Which of them hold now. */
export class Spells {
  readonly #spells: Spell[]
  readonly #random: Random
  readonly #elapsed: () => number
  /** How often each was cast. */
  readonly cast = new Map<string, number>()

  constructor(spells: Spell[], random: Random, elapsed: () => number) {
    this.#spells = spells
    this.#random = random
    this.#elapsed = elapsed
  }

  /** The first of the kinds that befalls one of these names now, if any does. */
  on(names: string[], kinds: readonly Kind[]): Kind | undefined {
    const now = this.#elapsed()
    for (const { fromMs, untilMs, on, kind, rate } of this.#spells) {
      if (now < fromMs || now >= untilMs || !names.includes(on) || !kinds.includes(kind)) continue
      if (!this.#random.chance(rate)) continue
      this.cast.set(`${on} ${kind}`, (this.cast.get(`${on} ${kind}`) ?? 0) + 1)
      return kind
    }
    return undefined
  }
}
