import { type AlertState, logged, type Mark, newRecipient, type Owed, type Recipient } from './alert-state.ts'
import { isOutstanding } from './due-at.ts'
import { compareMarks, hasHeard, heardFiring } from './marks.ts'
import { isSameMark, LOOK_AFTER_MS, owing, type Waiting, waitingOf } from './waiting.ts'

/** Somebody looks again and again, later and later. */
const MAX_LOOK_MS = 60 * 60_000
/**
 * So long after a claim has lapsed nobody takes it over for being late: its message comes again by itself before that, and so
 * does the note that its channel has said yes, where the table could not take that for some minutes.
 */
const WORD_AFTER_MS = 5 * 60_000
/** So many more of one moment wait, one after the other; the rest has no room in the alert's item. */
const MAX_AT_ONCE = 200

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

  /** Owes a recipient a change, unless it knows or is owed a newer one; beside what that does not replace. */
  owe(name: string, owed: Owed): boolean {
    const one = this.state.recipients[name] ?? newRecipient(name)
    if (isBehind(one, owed)) return false
    const stays = waitingOf(one).filter((mark) => staysBeside(mark, owed))
    if (stays.length > MAX_AT_ONCE) return false
    this.#owe(name, one, stays, owed)
    return true
  }

  /**
   * Owes a recipient in another's place what that one was owed, once: not what it has been told, or is owed already. What is a
   * dead letter may be tried anew.
   */
  hand(name: string, owed: Owed): boolean {
    if (!this.isNewTo(name, owed)) return false
    return this.owe(name, owed)
  }

  /** Is it new to a recipient: neither received nor owed? A dead letter does not count as owed. */
  isNewTo(name: string, owed: Mark): boolean {
    const one = this.state.recipients[name]
    const isOwed = (mark: Waiting) => !mark.dead && isSameMark(mark, owed)
    return !one || !(hasHeard(one.notified, owed) || waitingOf(one).some(isOwed))
  }

  /** Owes it the whole of what is over, unless it has heard of something newer that fires or is over. */
  oweLate(name: string, mark: Mark, owed: Owed): boolean {
    const one = this.state.recipients[name] ?? newRecipient(name)
    if (!isNewsOfThePast(one, mark)) return false
    this.#owe(name, one, waitingOf(one), owed)
    return true
  }

  /** It is over: it is owed this in place of all that was before it. */
  end(name: string, owed: Owed): void {
    const one = this.state.recipients[name] ?? newRecipient(name)
    const later = waitingOf(one).filter((mark) => compareMarks(mark, owed) > 0)
    this.#owe(name, one, later, owed)
  }

  #owe(name: string, before: Recipient, stays: Waiting[], owed: Owed): void {
    const one = structuredClone(before)
    const wasOutstanding = isOutstanding(one)
    for (const mark of waitingOf(before))
      if (!stays.includes(mark) && !isAmong(mark, stays)) this.#overtaken(one, mark, owed)
    const next = owing(one, [...stays, owed], this.now)
    if (!wasOutstanding) delete next.failingSince
    this.state.recipients[name] = next
    if (owed.until === undefined) this.#wake.add(name)
  }

  /** What comes to it is no news any more. */
  overtake(name: string, marks: Waiting[]): void {
    const { [name]: one } = this.state.recipients
    if (one) for (const mark of marks) this.#overtaken(one, mark, {})
  }

  /** What it was owed is not told any more. */
  #overtaken(one: Recipient, { change, status, missed, since, at }: Owed, by: Pick<Owed, 'missed'>): void {
    one.log = logged(one.log, { at: this.now.toISOString(), change, status, outcome: 'overtaken' })
    if (missed && !by.missed) {
      one.missed = { count: (one.missed?.count ?? 0) + 1, since: one.missed?.since ?? since ?? at }
    }
  }

  /** It need not be told of anything up to this. */
  pass(name: string, mark: Mark): void {
    const one = this.state.recipients[name]
    const { change, at, status } = mark
    if (one) one.passed = { change, at, status }
  }

  /** It need not be told of these any more. */
  drop(name: string, marks: Waiting[], { at }: Pick<Mark, 'at'>): void {
    const one = this.state.recipients[name]
    if (!one || marks.length === 0) return
    const log = marks.reduce(
      (all, { change, status }) => logged(all, { at, change, status, outcome: 'overtaken' }),
      one.log,
    )
    const left = waitingOf(one).filter((mark) => !isAmong(mark, marks))
    this.state.recipients[name] = owing({ ...one, log }, left, this.now)
  }

  /** What it is owed has other times by now. What may be told replaces what is old by it, and who may be told is woken. */
  retime(name: string, all: Waiting[]): void {
    const before = this.state.recipients[name]
    if (!before) return
    const wasHeld = ({ change }: Mark) => waitingOf(before).some((mark) => mark.change === change && mark.until)
    const freed = all.filter((mark) => mark.until === undefined && wasHeld(mark))
    const isOld = (mark: Waiting) => freed.find((news) => compareMarks(mark, news) < 0 && !staysBeside(mark, news))
    const one = structuredClone(before)
    for (const mark of all) {
      const news = isOld(mark)
      if (news) this.#overtaken(one, mark, news)
    }
    const next = owing(
      one,
      all.filter((mark) => !isOld(mark)),
      this.now,
    )
    this.state.recipients[name] = next
    if (freed.length > 0 && isOutstanding(next)) this.#wake.add(name)
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
    const afterMs = Math.min(MAX_LOOK_MS, LOOK_AFTER_MS * 2 ** one.looks)
    one.lookAt = new Date(this.now.getTime() + afterMs).toISOString()
    this.#wake.add(name)
  }
}

/** Does it know, or is it owed, something newer? What is held is not known yet, and lost data makes no older firing old. */
function isBehind(one: Recipient, owed: Owed): boolean {
  const newer = [one.notified, one.passed, ...waitingOf(one)].filter(
    (mark): mark is Owed => mark !== undefined && compareMarks(mark, owed) > 0,
  )
  return newer.some((mark) => {
    if (mark.until !== undefined && owed.until === undefined) return false
    if (mark.status !== 'insufficient-data' || owed.status !== 'firing') return true
    return mark === one.notified && (heardFiring(one.notified) ?? '') > owed.at
  })
}

/** Is a change told beside another: one of the same moment; that it fires, and that data is lost since; now, and later? */
function staysBeside(waiting: Waiting, owed: Owed): boolean {
  const [older, newer] = [waiting, owed].sort(compareMarks) as [Waiting, Waiting]
  if (older.until === undefined && newer.until !== undefined) return true
  if (older.missed || newer.missed) return false
  return compareMarks(older, newer) === 0 || (older.status === 'firing' && newer.status === 'insufficient-data')
}

/** Has it heard of nothing newer, and is what it is owed since to be told later, or that data is lost? */
function isNewsOfThePast(one: Recipient, mark: Mark): boolean {
  const isOlder = (other: Mark | undefined) => other === undefined || compareMarks(other, mark) < 0
  const newer = waitingOf(one).filter((other) => !isOlder(other))
  const mayWait = newer.every(({ until, status }) => until !== undefined || status === 'insufficient-data')
  return isOlder(one.notified) && isOlder(one.passed) && mayWait
}

function isAmong(mark: Mark, marks: Mark[]): boolean {
  return marks.some((one) => isSameMark(one, mark))
}
