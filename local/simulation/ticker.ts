import type { Table } from './aws/dynamodb.ts'
import type { Clock } from './clock.ts'
import type { Lambda } from './lambda.ts'
import type { Spells } from './spells.ts'

const MINUTE_MS = 60_000
const TIMEOUT_MS = 30_000
/** The interval of ticks about long overdue work, and of ticks without work. */
const MAX_GAP_MS = 60 * MINUTE_MS
const IDLE_GAP_MS = 24 * MAX_GAP_MS

interface Parts {
  clock: Clock
  spells: Spells
  lambda: Lambda
  table: Table
}

/** One of two regions: each minute counts until it `mayRest`, since a tick says which region sends. */
interface OfPair {
  mayRest?: () => boolean
  beginsAfterMs?: number
  region?: string
}

/**
 * EventBridge's schedule, which invokes `tick` every minute: sometimes twice, and not at all during a spell. To save
 * time, a minute is skipped if the table's index has nothing due by then, except for one a day.
 */
export class Ticker {
  readonly #parts: Parts
  readonly #isLeftOut: boolean
  readonly #mayRest: (() => boolean) | undefined
  /** In spells. */
  readonly #names: string[]
  #lastAt = 0
  #busyUntil = 0

  /** `isLeftOut`: there is no such function. */
  constructor(parts: Parts, isLeftOut: boolean, { mayRest, beginsAfterMs = 17_000, region }: OfPair = {}) {
    this.#parts = parts
    this.#isLeftOut = isLeftOut
    this.#mayRest = mayRest
    this.#names = region === undefined ? ['tick'] : ['tick', `tick@${region}`]
    // Not at the full minute, when windows open and close.
    if (!isLeftOut) parts.clock.after(beginsAfterMs, () => this.#minute(), true)
  }

  /** Whether it has nothing to wait for. */
  get isAtRest(): boolean {
    return this.#isLeftOut || this.#nextDue() === Number.POSITIVE_INFINITY
  }

  #minute(): void {
    const { clock } = this.#parts
    clock.after(MINUTE_MS, () => this.#minute(), true)
    if (!this.#isWanted()) return
    this.#lastAt = clock.now
    this.#tick()
  }

  /** Due work is checked every minute; long overdue work at growing intervals, as `tick` does. */
  #isWanted(): boolean {
    const { clock } = this.#parts
    const idleMs = clock.now - this.#lastAt
    if (this.#mayRest) return !this.#mayRest()
    if (idleMs >= IDLE_GAP_MS || clock.now < this.#busyUntil) return true
    return this.#dueTimes().some((due) => {
      if (due > clock.now + 2 * MINUTE_MS) return false
      return idleMs >= Math.min(MAX_GAP_MS, Math.max(MINUTE_MS, (clock.now - due) / 4))
    })
  }

  /** Every minute for a while, whatever is due, because the rules have changed. */
  keepGoing(forMs: number): void {
    this.#busyUntil = this.#parts.clock.now + forMs
  }

  #nextDue(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#dueTimes())
  }

  #dueTimes(): number[] {
    return this.#parts.table.dueTimes()
  }

  #tick(): void {
    const { spells } = this.#parts
    if (spells.on(this.#names, ['dead'])) return
    this.#invoke(3)
    if (spells.on(['tick'], ['twice'])) this.#invoke(3)
  }

  /** An asynchronous invocation: retried after one and after two minutes. */
  #invoke(tries: number): void {
    const { clock, lambda } = this.#parts
    const time = new Date(clock.now).toISOString()
    lambda.invoke('tick', { time }, TIMEOUT_MS, {}, (outcome) => {
      if (typeof outcome === 'object' && 'answer' in outcome) return
      if (tries > 1) clock.after((4 - tries) * MINUTE_MS, () => this.#invoke(tries - 1))
    })
  }
}
