import type { Update } from '../../schemas/update.ts'
import { type AlertState, entryOf, logged, type Mark, newRecipient, type Owed, type Recipient } from './alert-state.ts'
import { isOutstanding } from './due-at.ts'
import { compareMarks, hasReceived, receivedFiring } from './marks.ts'
import { isSameMark, LOOK_AFTER_MS, owing, type Waiting, waitingOf } from './waiting.ts'

/** Checks are repeated, less and less often. */
const MAX_LOOK_MS = 60 * 60_000
/**
 * Nobody takes over a claim for this long after it expires: its message is redelivered before that, and so is the note
 * that its channel accepted it, if the table could not be written for some minutes.
 */
const WORD_AFTER_MS = 5 * 60_000
/** How many changes of one moment may wait, one after the other; the alert's item has no room for more. */
const MAX_AT_ONCE = 200

/** Changes recipients at one moment, and collects whom to wake for it. */
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

  /**
   * Owes a recipient a change, unless it received or is owed a newer one; in addition to what that does not replace.
   */
  owe(name: string, owed: Owed): boolean {
    const one = this.state.recipients[name] ?? newRecipient(name)
    if (isBehind(one, owed)) return false
    const stays = waitingOf(one).filter((mark) => staysBeside(mark, owed))
    if (stays.length > MAX_AT_ONCE) return false
    this.#owe(name, one, stays, owed)
    return true
  }

  /**
   * Owes a fallback what its main channel was owed, once: not what it received or is owed already. A dead letter may be
   * attempted again.
   */
  hand(name: string, owed: Owed): boolean {
    if (!this.isNewTo(name, owed)) return false
    return this.owe(name, owed)
  }

  /** Is it new to a recipient: neither received nor owed? A dead letter does not count as owed. */
  isNewTo(name: string, owed: Mark): boolean {
    const one = this.state.recipients[name]
    const isOwed = (mark: Waiting) => !mark.dead && isSameMark(mark, owed)
    return !one || !(hasReceived(one.notified, owed) || waitingOf(one).some(isOwed))
  }

  /** Owes it one message about an ended episode, unless it received something newer that fires or ended. */
  oweLate(name: string, mark: Mark, owed: Owed): boolean {
    const one = this.state.recipients[name] ?? newRecipient(name)
    if (!isNewsOfPast(one, mark)) return false
    this.#owe(name, one, waitingOf(one), owed)
    return true
  }

  /** It ended: it is owed this instead of everything before it. */
  end(name: string, owed: Owed): void {
    const one = this.state.recipients[name] ?? newRecipient(name)
    const later = waitingOf(one).filter((mark) => compareMarks(mark, owed) > 0)
    this.#owe(name, one, later, owed)
  }

  #owe(name: string, before: Recipient, stays: Waiting[], owed: Owed): void {
    const one = structuredClone(before)
    const wasOutstanding = isOutstanding(one)
    for (const mark of waitingOf(before)) if (!isAmong(mark, stays)) this.#overtaken(one, mark, owed)
    const next = owing(one, [...stays, owed], this.now)
    if (!wasOutstanding) delete next.failingSince
    this.state.recipients[name] = next
    if (owed.until === undefined) this.#wakes(name)
  }

  /** What is sent to somebody from now on: escalations count from there. */
  #wakes(name: string): void {
    const { firing } = this.state
    if (firing?.change !== undefined && firing.begunAt === undefined) firing.begunAt = this.now.toISOString()
    this.#wake.add(name)
  }

  /**
   * Owes a recipient something about the firing beside the change itself, in place of other such. Whoever is still owed a
   * change is sent that alone.
   */
  update(name: string, owed: Owed & { update: Update }): boolean {
    this.dropUpdates(name)
    const one = this.state.recipients[name] ?? newRecipient(name)
    if (waitingOf(one).some(({ dead }) => !dead) || isBehind(one, owed)) return false
    this.#owe(name, one, waitingOf(one), owed)
    return true
  }

  /** What it is owed beside changes is not sent any more. */
  dropUpdates(name: string): void {
    const one = this.state.recipients[name]
    const updates = one ? waitingOf(one).filter(({ update, dead }) => update && !dead) : []
    if (updates.length > 0) this.drop(name, updates, { at: this.now.toISOString() })
  }

  /** Marks owed changes as superseded. */
  overtake(name: string, marks: Waiting[]): void {
    const { [name]: one } = this.state.recipients
    if (one) for (const mark of marks) this.#overtaken(one, mark, {})
  }

  /** A change it was owed will not be sent any more. */
  #overtaken(one: Recipient, owed: Owed, by: Pick<Owed, 'missed'>): void {
    one.log = logged(one.log, entryOf(owed, 'overtaken', this.now.toISOString()))
    const { missed, since, at } = owed
    if (missed && !by.missed) {
      one.missed = { count: (one.missed?.count ?? 0) + 1, since: one.missed?.since ?? since ?? at }
    }
  }

  /** It need not be sent anything up to this change. */
  pass(name: string, mark: Mark): void {
    const one = this.state.recipients[name]
    const { change, at, status } = mark
    if (one) one.passed = { change, at, status }
  }

  /** It need not be sent these any more. */
  drop(name: string, marks: Waiting[], { at }: Pick<Mark, 'at'>, reason?: string): void {
    const one = this.state.recipients[name]
    if (!one) return
    const because = reason === undefined ? {} : { reason }
    const log = marks.reduce((all, mark) => logged(all, { ...entryOf(mark, 'overtaken', at), ...because }), one.log)
    const left = waitingOf(one).filter((mark) => !isAmong(mark, marks))
    this.state.recipients[name] = owing({ ...one, log }, left, this.now)
  }

  /** What it is owed has new times. Released changes replace older ones, and their recipients are woken. */
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
    if (freed.length > 0 && isOutstanding(next)) this.#wakes(name)
  }

  /** Its message should have arrived by now. */
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

/**
 * Did it receive, or is it owed, something newer? A held change is not received yet, and lost data makes no older
 * firing stale.
 */
function isBehind(one: Recipient, owed: Owed): boolean {
  const newer = [one.notified, one.passed, ...waitingOf(one)].filter(
    (mark): mark is Owed => mark !== undefined && compareMarks(mark, owed) > 0,
  )
  return newer.some((mark) => {
    if (mark.until !== undefined && owed.until === undefined) return false
    if (mark.status !== 'insufficient-data' || owed.status !== 'firing') return true
    return (receivedFiring(one.notified) ?? '') > owed.at
  })
}

/**
 * Is a change sent in addition to another: of the same moment; a firing and a later loss of data; one now and one
 * later?
 */
function staysBeside(waiting: Waiting, owed: Owed): boolean {
  const [older, newer] = [waiting, owed].sort(compareMarks) as [Waiting, Waiting]
  if (older.until === undefined && newer.until !== undefined) return true
  if (older.missed || newer.missed) return false
  return compareMarks(older, newer) === 0 || (older.status === 'firing' && newer.status === 'insufficient-data')
}

/** Has it received nothing newer, and is anything newer that it is owed held, or a loss of data? */
function isNewsOfPast(one: Recipient, mark: Mark): boolean {
  const isOlder = (other: Mark | undefined) => other === undefined || compareMarks(other, mark) < 0
  const newer = waitingOf(one).filter((other) => !isOlder(other))
  const mayWait = newer.every(({ until, status }) => until !== undefined || status === 'insufficient-data')
  return isOlder(one.notified) && isOlder(one.passed) && mayWait
}

function isAmong(mark: Mark, marks: Mark[]): boolean {
  return marks.some((one) => isSameMark(one, mark))
}
