import { describe, expect, test } from 'vitest'
import type { AlertStatus } from '../schemas/alert.ts'
import { type Mark, newRecipient, newState, type Owed, type Recipient } from '../shared/decide/alert-state.ts'
import { Turn } from '../shared/decide/owe.ts'
import { type Waiting, waitingOf } from '../shared/decide/waiting.ts'
import { firing } from './alert-samples.ts'

/** What a recipient is owed, as changes come: what it knows is not news, and what is newer replaces what is older. */
const iso = (minute: number) => new Date(Date.UTC(2026, 10, 3, 10, minute)).toISOString()
const NOW = new Date(iso(30))
const mark = (status: AlertStatus, minute: number, change = `${status} ${minute}`): Mark => ({
  change,
  at: iso(minute),
  status,
})
const sent = (status: AlertStatus, minute: number, more: object = {}) => ({
  ...mark(status, minute),
  notifiedAt: iso(20),
  ...more,
})
const held = (of: Mark, minute = 40): Owed => ({ ...of, until: iso(minute) })
const missed = (of: Mark): Owed => ({ ...of, missed: true })
const [FIRES, LOST, ENDS] = [mark('firing', 5), mark('insufficient-data', 6), mark('resolved', 7)]
const dead = { at: iso(1), reason: 'no' }
const owing = (...waiting: Waiting[]): Partial<Recipient> => {
  const [first, ...more] = waiting
  if (!first) return {}
  const { dead, ...owed } = first
  return { owed, ...(dead && { dead }), ...(more.length > 0 && { more }) }
}

function turnOf(chat?: Partial<Recipient>): Turn {
  const recipients: Record<string, Recipient> = chat ? { chat: { ...newRecipient('chat'), ...chat } } : {}
  return new Turn({ ...newState(firing.alert), recipients }, NOW)
}
const waits = (turn: Turn) => waitingOf(turn.state.recipients.chat ?? newRecipient('chat'))
const overtaken = ({ change, status }: Mark) => ({ at: iso(30), change, status, outcome: 'overtaken' })

describe('a change is owed', () => {
  test.each<[string, Partial<Recipient> | undefined, Owed, Owed[]]>([
    ['to an unknown recipient', undefined, FIRES, [FIRES]],
    ['to a recipient of an older change', { notified: sent('firing', 4) }, FIRES, [FIRES]],
    ['to a recipient of this one, which may have another text', { notified: sent('firing', 5) }, FIRES, [FIRES]],
    ['in place of what is older', owing(FIRES), ENDS, [ENDS]],
    ['beside another of its moment', owing(mark('firing', 5, 'x')), FIRES, [mark('firing', 5, 'x'), FIRES]],
    ['as lost data, beside the firing before it', owing(FIRES), LOST, [FIRES, LOST]],
    ['as a firing, beside the lost data after it', owing(LOST), FIRES, [FIRES, LOST]],
    ['as a firing, in place of lost data before it', owing(mark('insufficient-data', 4)), FIRES, [FIRES]],
    ['as lost data, in place of a whole before it', owing(missed(mark('firing', 4))), LOST, [LOST]],
    ['as a whole, in place of a firing', owing(FIRES), missed(LOST), [missed(LOST)]],
    ['later, besides what may be sent now', owing(FIRES), held(ENDS), [FIRES, held(ENDS)]],
    ['now, besides what is held', owing(held(ENDS)), FIRES, [FIRES, held(ENDS)]],
    ['later, instead of what was held', owing(held(FIRES)), held(ENDS), [held(ENDS)]],
    ['as a firing, though it received the loss of data', { notified: sent('insufficient-data', 6) }, FIRES, [FIRES]],
    [
      'as a firing newer than the one it received',
      { notified: sent('insufficient-data', 6, { firedAt: iso(4) }) },
      FIRES,
      [FIRES],
    ],
  ])('%s', (_, before, owed, expected) => {
    const turn = turnOf(before)
    expect(turn.owe('chat', owed)).toBe(true)
    expect(waits(turn)).toEqual(expected)
    expect(turn.wake).toEqual(owed.until === undefined ? ['chat'] : [])
  })

  test.each<[string, Partial<Recipient>, Owed]>([
    ['it received something newer', { notified: sent('resolved', 7) }, FIRES],
    ['it need not be sent something newer', { passed: ENDS }, FIRES],
    ['it is owed something newer', owing(ENDS), FIRES],
    ['it is owed something newer, later, as this is', owing(held(ENDS)), held(FIRES)],
    [
      'it received a newer firing, and the loss of data',
      { notified: sent('insufficient-data', 8, { firedAt: iso(6) }) },
      FIRES,
    ],
    ['it received a newer loss of data, and this is a resolve', { notified: sent('insufficient-data', 8) }, ENDS],
  ])('but not when %s', (_, before, owed) => {
    const turn = turnOf(before)
    const was = structuredClone(turn.state)
    expect(turn.owe('chat', owed)).toBe(false)
    expect([turn.state, turn.wake]).toEqual([was, []])
  })

  test('what it replaces leaves a log entry, and counts as missed if it was a whole episode', () => {
    const turn = turnOf({ ...owing(missed({ ...ENDS, since: iso(2) } as Owed)), tries: 3, failingSince: iso(8) })
    turn.owe('chat', mark('firing', 9))
    expect(turn.state.recipients.chat).toMatchObject({
      ...{ log: [overtaken(ENDS)], missed: { count: 1, since: iso(2) }, tries: 0, failingSince: iso(8) },
    })
    turn.owe('chat', missed(mark('resolved', 10)))
    turn.owe('chat', mark('firing', 11))
    expect(turn.state.recipients.chat?.missed).toEqual({ count: 2, since: iso(2) })
  })

  test('a whole that replaces a whole covers both; one without a start started at its own time', () => {
    const turn = turnOf(owing(missed(ENDS)))
    turn.owe('chat', missed(mark('resolved', 9)))
    expect(turn.state.recipients.chat).not.toHaveProperty('missed')
    turn.owe('chat', mark('firing', 10))
    expect(turn.state.recipients.chat?.missed).toEqual({ count: 1, since: iso(9) })
  })

  test('a recipient that was owed nothing has not been failing', () => {
    const turn = turnOf({ ...owing(held(FIRES)), failingSince: iso(1) })
    turn.owe('chat', ENDS)
    expect(turn.state.recipients.chat).not.toHaveProperty('failingSince')
  })

  test('up to two hundred and one of one moment', () => {
    const pages = Array.from({ length: 203 }, (_, n) => mark('firing', 5, `page ${n}`))
    const turn = turnOf()
    expect(pages.map((page) => turn.owe('chat', page)).filter(Boolean)).toHaveLength(201)
  })
})

describe('in place of another', () => {
  test.each<[string, Partial<Recipient> | undefined, boolean]>([
    ['it was never notified', undefined, true],
    ['it received it', { notified: sent('firing', 5) }, false],
    ['it received another', { notified: sent('firing', 4) }, true],
    ['it is owed it', owing(FIRES), false],
    ['it is owed another', owing(mark('firing', 4)), true],
    ['it is a dead letter, which may be attempted again', owing({ ...FIRES, dead }), true],
  ])('it is news if %s: %o', (_, before, isNew) => {
    const turn = turnOf(before)
    expect(turn.isNewTo('chat', FIRES)).toBe(isNew)
    expect(turn.hand('chat', FIRES)).toBe(isNew)
    if (isNew) expect(waits(turn).at(0)).toEqual(FIRES)
  })

  test('a change older than the last one received is not owed', () => {
    expect(turnOf({ notified: sent('resolved', 7) }).hand('chat', FIRES)).toBe(false)
  })
})

describe('an ended episode as a whole', () => {
  const whole = missed(ENDS)
  test.each<[string, Partial<Recipient> | undefined, boolean]>([
    ['to an unknown recipient', undefined, true],
    ['to a recipient of something older', { notified: sent('firing', 4), passed: mark('firing', 3) }, true],
    ['not to a recipient of something newer', { notified: sent('firing', 8) }, false],
    ['not to a recipient of it', { notified: sent('resolved', 7) }, false],
    ['not to one that need not be sent something newer', { passed: mark('firing', 8) }, false],
    ['not to who is owed something newer now', owing(mark('firing', 8)), false],
    ['to who is owed something newer later', owing(held(mark('firing', 8))), true],
    ['to who is owed that data is lost since', owing(mark('insufficient-data', 8)), true],
    ['to who is owed something older', owing(mark('firing', 4)), true],
  ])('is owed %s', (_, before, isOwed) => {
    const turn = turnOf(before)
    const was = waits(turn)
    expect(turn.oweLate('chat', ENDS, whole)).toBe(isOwed)
    expect(waits(turn)).toHaveLength(was.length + (isOwed ? 1 : 0))
    expect(waits(turn).some((one) => one.missed)).toBe(isOwed)
  })
})

test('a resolve is owed in place of all changes before it, and in addition to later ones', () => {
  const turn = turnOf(owing(FIRES, LOST, held(mark('firing', 9))))
  turn.end('chat', ENDS)
  expect(waits(turn)).toEqual([ENDS, held(mark('firing', 9))])
  expect(turn.state.recipients.chat?.log).toEqual([overtaken(FIRES), overtaken(LOST)])
  const unknown = turnOf()
  unknown.end('chat', ENDS)
  expect(waits(unknown)).toEqual([ENDS])
})

describe('a change that is not sent any more', () => {
  test('leaves a log entry, and is no longer owed', () => {
    const turn = turnOf(owing(FIRES, LOST))
    turn.drop('chat', [FIRES], { at: iso(9) })
    expect(waits(turn)).toEqual([LOST])
    expect(turn.state.recipients.chat?.log).toEqual([{ ...overtaken(FIRES), at: iso(9) }])
    const was = turn.state.recipients.chat
    turn.drop('chat', [], { at: iso(9) })
    turn.drop('nobody', [LOST], { at: iso(9) })
    expect(turn.state.recipients).toEqual({ chat: was })
  })

  test('is obsolete when it arrives', () => {
    const turn = turnOf(owing(FIRES))
    turn.overtake('chat', [missed(ENDS)])
    turn.overtake('nobody', [ENDS])
    expect(turn.state.recipients).toMatchObject({
      chat: { log: [overtaken(ENDS)], missed: { count: 1, since: iso(7) } },
    })
    expect(waits(turn)).toEqual([FIRES])
  })

  test('is accounted for', () => {
    const turn = turnOf({})
    turn.pass('chat', { ...ENDS, missed: true } as Mark)
    turn.pass('nobody', ENDS)
    expect(turn.state.recipients).toEqual({ chat: { ...newRecipient('chat'), passed: ENDS } })
  })
})

describe('by other times', () => {
  test.each<[string, Waiting[], Waiting[], Waiting[], Mark[]]>([
    ['a released change is sent', [held(FIRES)], [FIRES], [FIRES], []],
    ['what is free replaces what is older', [held(ENDS), FIRES], [ENDS, FIRES], [ENDS], [FIRES]],
    ['a released change is sent besides the firing before it', [held(LOST), FIRES], [LOST, FIRES], [FIRES, LOST], []],
    [
      'what is held for longer replaces nothing',
      [FIRES, held(ENDS)],
      [FIRES, held(ENDS, 50)],
      [FIRES, held(ENDS, 50)],
      [],
    ],
    ['what was free replaces nothing', [FIRES, LOST], [FIRES, LOST], [FIRES, LOST], []],
  ])('%s', (_, before, all, expected, gone) => {
    const turn = turnOf(owing(...before))
    turn.retime('chat', all)
    expect(waits(turn)).toEqual(expected)
    expect(turn.state.recipients.chat?.log).toEqual(gone.map(overtaken))
    const isFree = before.some(({ until, change }) => until && all.some((one) => one.change === change && !one.until))
    expect(turn.wake).toEqual(isFree ? ['chat'] : [])
  })

  test('no recipient is woken for a dead letter, or created', () => {
    const turn = turnOf(owing({ ...held(FIRES), dead }))
    turn.retime('chat', [{ ...FIRES, dead }])
    turn.retime('nobody', [FIRES])
    expect([turn.wake, Object.keys(turn.state.recipients)]).toEqual([[], ['chat']])
  })
})

describe('when no message has arrived', () => {
  test('somebody looks later and later, an hour apart at most', () => {
    const turn = turnOf(owing(FIRES))
    const lookAts = Array.from({ length: 6 }, () => {
      turn.lookAgain('chat')
      return (Date.parse(turn.state.recipients.chat?.lookAt ?? '') - NOW.getTime()) / 60_000
    })
    expect(lookAts).toEqual([4, 8, 16, 32, 60, 60])
    expect([turn.state.recipients.chat?.looks, turn.wake]).toEqual([6, ['chat']])
    turn.lookAgain('nobody')
    expect(Object.keys(turn.state.recipients)).toEqual(['chat'])
  })

  test.each([
    [26, 31, undefined],
    [25, 34, 1],
    [60, 65, undefined],
  ])('five minutes are left to a claim after its end: in minute %i', (until, lookAt, looks) => {
    const turn = turnOf({ ...owing(FIRES), lease: { token: 't', until: Date.parse(iso(until)) } })
    turn.lookAgain('chat')
    const { chat } = turn.state.recipients
    expect([chat?.lookAt, chat?.looks, turn.wake]).toEqual([iso(lookAt), looks, looks ? ['chat'] : []])
  })
})
