import type { Update } from '../../schemas/update.ts'
import type { Mark, Owed, Recipient } from './alert-state.ts'
import { compareMarks } from './marks.ts'

/*
 * What a recipient is owed, in order: what may be sent now before what is held, and the older first. A dead letter comes
 * last and waits for a person: it blocks nothing. `owed` is the first of these, `more` are the others.
 */

export type Waiting = Owed & Pick<Recipient, 'dead'>

/** All that a recipient is owed, in order. */
export function waitingOf({ owed, dead, more = [] }: Recipient): Waiting[] {
  if (!owed) return more
  return [dead ? { ...owed, dead } : owed, ...more]
}

/** How long after a wake-up to check whether it has arrived. */
export const LOOK_AFTER_MS = 2 * 60_000

/** A recipient that is owed these, given in any order. A new first one starts with no attempts. */
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

/** None of what it is owed has been attempted. */
function withoutTries(one: Recipient): Recipient {
  const { nextTryAt, lookAt, looks, isAlone, fallbackTo, joinedAt, ...rest } = one
  return { ...rest, tries: 0, waits: 0 }
}

/** The one that may be sent sooner comes first. */
export function inTurn(a: Waiting, b: Waiting): number {
  if (Boolean(a.dead) !== Boolean(b.dead)) return a.dead ? 1 : -1
  if (a.until !== b.until) return (a.until ?? '') < (b.until ?? '') ? -1 : 1
  return compareMarks(a, b)
}

export function isSameMark(a: About, b: About): boolean {
  return a.change === b.change && a.at === b.at && a.status === b.status && updateIn(a) === updateIn(b)
}

type About = Mark & Pick<Owed, 'update'>
const updateIn = ({ update }: About) => update && nameOfUpdate(update)

/** What distinguishes the updates about one change: `reminder-2`. */
export function nameOfUpdate(update: Update): string {
  return `${update.is}-${'times' in update ? update.times : 'after' in update ? update.after : update.at}`
}

/** As it was first owed. */
export function plain({ dead: _dead, given: _given, ...owed }: Waiting): Owed {
  return owed
}
