import {
  type AlertState,
  compareMarks,
  heardFiring,
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
/** So many more of one moment wait, one after the other; the rest has no room in the alert's item. */
const MOST_AT_ONCE = 200

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
    if (one && isBehind(one, owed)) return false
    const waiting = one ? waitingOf(one) : []
    const beside = waiting.filter((mark) => areBothTold(mark, owed))
    if (!one || beside.length === 0) {
      this.set(channel, owed)
      return true
    }
    for (const mark of waiting) if (!beside.includes(mark)) this.#overtaken(one, mark)
    return this.#among(channel, one, beside, owed)
  }

  /** Owes it the whole of what is over, unless it has heard of something newer. What it is owed later, it is owed after that. */
  oweLate(channel: string, mark: Mark, owed: Owed): boolean {
    const one = this.state.recipients[channel]
    if (!one || !isNewsBeside(one, mark)) return !this.isAccountedFor(channel, mark) && this.owe(channel, owed)
    const waiting = waitingOf(one)
    if (waiting.length > 0) return this.#among(channel, one, waiting, owed)
    this.set(channel, owed)
    return true
  }

  /** What may be told first comes first; of that, what is older. What is a dead letter holds nothing up. */
  #among(channel: string, one: Recipient, beside: Waiting[], owed: Owed): boolean {
    if (beside.length > MOST_AT_ONCE) return false
    const [first = owed, ...rest] = [...beside, owed].sort(inTurn)
    one.more = rest
    const isAsBefore = first === beside[0] && isSameMark(first, one.owed)
    if (!isAsBefore) begin(one, first)
    if (first === owed && first.until === undefined) this.#wakeUp(channel, one, LOOK_AFTER_MS)
    else if (owed.until === undefined) this.#wake.add(channel)
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
    if (one.owed) this.#overtaken(one, one.owed, owed.missed)
    const later = one.more?.filter((mark) => compareMarks(mark, owed) > 0)
    begin(one, owed)
    if (later?.length) one.more = later
    else delete one.more
    if (!wasOutstanding) delete one.failingSince
    this.state.recipients[name] = one
    if (owed.until === undefined) this.#wakeUp(name, one, LOOK_AFTER_MS)
  }

  /** What it was owed is not told any more. */
  #overtaken(one: Recipient, { change, status, missed, since, at }: Owed, byMissed?: true): void {
    one.log = logged(one.log, { at: this.now.toISOString(), change, status, outcome: 'overtaken' })
    if (missed && !byMissed) {
      one.missed = { count: (one.missed?.count ?? 0) + 1, since: one.missed?.since ?? since ?? at }
    }
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

/** From its first try on. */
function begin(one: Recipient, owed: Owed): void {
  one.owed = owed
  one.tries = 0
  one.waits = 0
  for (const field of ['nextTryAt', 'looks', 'dead', 'isAlone', 'fallbackTo', 'joinedAt'] as const) delete one[field]
}

/** Does it know, or is it owed, something newer? That data is lost makes no older firing old: of that it must have heard. */
function isBehind(one: Recipient, owed: Owed): boolean {
  const isOwed = waitingOf(one).some((mark) => mark.status === owed.status && compareMarks(mark, owed) > 0)
  const latest = latestOf(one)
  if (isOwed || !latest || compareMarks(latest, owed) <= 0) return isOwed
  if (latest.status !== 'insufficient-data' || owed.status !== 'firing') return true
  return (heardFiring(one.told) ?? '') >= owed.at
}

/** Has it heard of nothing newer, and is what it is owed since to be told later, or that data is lost? That stays the last word. */
function isNewsBeside(one: Recipient, mark: Mark): boolean {
  const isOlder = (other: Mark | undefined) => other === undefined || compareMarks(other, mark) < 0
  const newer = waitingOf(one).filter((other) => !isOlder(other))
  const mayWait = newer.every(({ until, status }) => until !== undefined || status === 'insufficient-data')
  return isOlder(one.told) && isOlder(one.passed) && mayWait
}

/** Others of the same moment; and that it fires, and has lost its data since. */
function areBothTold(owed: Owed, other: Owed): boolean {
  if (owed.missed || other.missed) return false
  const [older, newer] = [owed, other].sort(compareMarks) as [Owed, Owed]
  return compareMarks(owed, other) === 0 || (older.status === 'firing' && newer.status === 'insufficient-data')
}

type Waiting = NonNullable<Recipient['more']>[number]

/** All that it is owed, in turn. */
function waitingOf({ owed, dead, more = [] }: Recipient): Waiting[] {
  if (!owed) return more
  return [dead ? { ...owed, dead } : owed, ...more]
}

function isSameMark(a: Mark, b: Mark | undefined): boolean {
  return a.change === b?.change && a.at === b.at && a.status === b.status
}

function inTurn(a: Waiting, b: Waiting): number {
  if (Boolean(a.dead) !== Boolean(b.dead)) return a.dead ? 1 : -1
  if (a.until !== b.until) return (a.until ?? '') < (b.until ?? '') ? -1 : 1
  return compareMarks(a, b)
}
