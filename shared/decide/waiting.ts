import type { Mark, Owed, Recipient } from './alert-state.ts'
import { compareMarks } from './marks.ts'

/*
 * What a recipient is owed, one after the other: what may be told now before what is held, and of that the older first. What is
 * a dead letter comes last, and waits for a person: it holds nothing up. `owed` is the first of these, `more` are the others.
 */

export type Waiting = Owed & Pick<Recipient, 'dead'>

/** All that a recipient is owed, in turn. */
export function waitingOf({ owed, dead, more = [] }: Recipient): Waiting[] {
  if (!owed) return more
  return [dead ? { ...owed, dead } : owed, ...more]
}

/** So long after a wake-up somebody looks whether it has come. */
export const LOOK_AFTER_MS = 2 * 60_000

/** A recipient that is owed these, in whatever order they are given. What comes first now is tried from the beginning. */
export function owing(one: Recipient, all: Waiting[], now: Date): Recipient {
  const { owed: before, dead: _dead, more: _more, ...rest } = one
  const [first, ...more] = [...all].sort(inTurn)
  if (!first) return withoutTries(rest)
  const { dead, ...owed } = first
  const isSame = before !== undefined && isSameMark(owed, before) && before.until === owed.until
  const base = isSame ? rest : withoutTries(rest)
  const mayBeNotified = owed.until === undefined && dead === undefined
  return {
    ...base,
    owed,
    ...(more.length > 0 && { more }),
    ...(dead && { dead }),
    ...(!isSame && mayBeNotified && { lookAt: new Date(now.getTime() + LOOK_AFTER_MS).toISOString() }),
  }
}

/** Nothing of what it was owed has been tried. */
function withoutTries(one: Recipient): Recipient {
  const { nextTryAt, lookAt, looks, isAlone, fallbackTo, joinedAt, ...rest } = one
  return { ...rest, tries: 0, waits: 0 }
}

/** Whichever may be told sooner comes first. */
export function inTurn(a: Waiting, b: Waiting): number {
  if (Boolean(a.dead) !== Boolean(b.dead)) return a.dead ? 1 : -1
  if (a.until !== b.until) return (a.until ?? '') < (b.until ?? '') ? -1 : 1
  return compareMarks(a, b)
}

export function isSameMark(a: Mark, b: Mark): boolean {
  return a.change === b.change && a.at === b.at && a.status === b.status
}

/** As it was when it was owed first. */
export function plain({ dead: _dead, given: _given, ...owed }: Waiting): Owed {
  return owed
}
