import type { Random } from './random.ts'

/**
 * What can fail in a call. Before it takes effect: `refused` (500), `throttled`, `reset`, `hangs`; a vendor's `bad`
 * (400) and `revoked` (404). After it took effect: `lost` (connection reset), `lost-500`, `hangs-after`, and `cut`,
 * a response without its body. `slow` takes seconds. `partial`: a batch with failed entries, a short page. `stale`:
 * an outdated read. `again`: a message is delivered twice. `never`: SNS accepts it but does not deliver it.
 * `shuffled`: in another order. `delayed`: SNS delivers it minutes later. `dies`: the calling process ends, before
 * or after. `dead`, `twice`: for a tick.
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

/** A failure that lasts for a while, always or sometimes. */
export interface Spell {
  /** Milliseconds from the world's start. */
  fromMs: number
  untilMs: number
  /**
   * Its target: a service (`dynamodb`), one of its operations (`dynamodb.GetItem`), a vendor's target
   * (`slack:chat`), a function.
   */
  on: string
  kind: Kind
  /** How often, from 0 to 1. */
  rate: number
}

/** The spells that are active now. */
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

  /** The first of the kinds that applies to one of these names now, if any. */
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
