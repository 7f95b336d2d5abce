import {
  type AlertState,
  compareMarks,
  isOutstanding,
  latestOf,
  logged,
  type Mark,
  newRecipient,
  type Owed,
  type Recipient,
} from './alert-state.ts'

/** So long after a wake-up somebody looks whether it has come; and again, later and later. */
const LOOK_AFTER_MS = 2 * 60_000
const LONGEST_LOOK_MS = 60 * 60_000
/**
 * So long after a claim has lapsed nobody takes it over for being late: its message comes again by itself before that, and so
 * does the note that its channel has said yes, where the table could not take that for some minutes.
 */
const WORD_AFTER_MS = 5 * 60_000
/** So many of one moment are told one after the other. */
const MOST_AT_ONCE = 20

/** Changes to recipients at one moment, and who is to be looked at for it. */
export class Turn {
  readonly state: AlertState
  readonly now: Date
  readonly #wake = new Set<string>()

  constructor(state: AlertState, now: Date) {
    this.state = state
    this.now = now
  }

  get wake(): string[] {
    return [...this.#wake]
  }

  /** Owes a channel a change, unless it knows or is owed a newer one. */
  owe(channel: string, owed: Owed): boolean {
    const one = this.state.recipients[channel]
    const latest = one && latestOf(one)
    if (latest && compareMarks(latest, owed) > 0) return false
    if (one?.owed && compareMarks(one.owed, owed) === 0 && !one.owed.missed) {
      one.more = [...(one.more ?? []), owed].slice(-MOST_AT_ONCE)
      this.#wake.add(channel)
    } else this.set(channel, owed)
    return true
  }

  /** Whether a channel has heard of a change or of a newer one, or needs not. */
  isAccountedFor(channel: string, mark: Mark): boolean {
    const one = this.state.recipients[channel]
    const latest = one && latestOf(one)
    return latest !== undefined && compareMarks(latest, mark) >= 0
  }

  pass(channel: string, mark: Mark): void {
    const one = this.state.recipients[channel] ?? newRecipient(channel)
    if (!this.isAccountedFor(channel, mark)) this.state.recipients[channel] = { ...one, passed: mark }
  }

  set(name: string, owed: Owed): void {
    const one = this.state.recipients[name] ?? newRecipient(name)
    const wasOutstanding = isOutstanding(one)
    if (one.owed) {
      const { change, status } = one.owed
      one.log = logged(one.log, { at: this.now.toISOString(), change, status, outcome: 'overtaken' })
      if (one.owed.missed && !owed.missed) {
        one.missed = { count: (one.missed?.count ?? 0) + 1, since: one.missed?.since ?? one.owed.since ?? one.owed.at }
      }
    }
    one.owed = owed
    one.tries = 0
    one.waits = 0
    for (const field of ['nextTryAt', 'looks', 'dead', 'isAlone', 'fallbackTo', 'joinedAt'] as const) delete one[field]
    delete one.more
    if (!wasOutstanding) delete one.failingSince
    this.state.recipients[name] = one
    if (owed.until === undefined) this.#wakeUp(name, one, LOOK_AFTER_MS)
  }

  /** What was held is to be told now. */
  tellNow(name: string): void {
    const one = this.state.recipients[name]
    if (!one?.owed) return
    const { until: _until, why: _why, ...owed } = one.owed
    one.owed = owed
    this.#wakeUp(name, one, LOOK_AFTER_MS)
  }

  /** Its message should have come by now. */
  lookAgain(name: string): void {
    const one = this.state.recipients[name]
    if (!one) return
    const wordAt = one.lease ? one.lease.until + WORD_AFTER_MS : 0
    if (wordAt > this.now.getTime()) {
      one.lookAt = new Date(wordAt).toISOString()
      return
    }
    one.looks = (one.looks ?? 0) + 1
    this.#wakeUp(name, one, Math.min(LONGEST_LOOK_MS, LOOK_AFTER_MS * 2 ** one.looks))
  }

  #wakeUp(name: string, one: Recipient, lookAfterMs: number): void {
    one.lookAt = new Date(this.now.getTime() + lookAfterMs).toISOString()
    this.#wake.add(name)
  }
}
