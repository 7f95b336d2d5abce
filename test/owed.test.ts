import { describe, expect, test } from 'vitest'
import { type Mark, newRecipient, newState, type Owed, type Recipient } from '../shared/decide/alert-state.ts'
import { Turn } from '../shared/decide/owe.ts'
import { type Waiting, waitingOf } from '../shared/decide/waiting.ts'
import { firing } from './alert-samples.ts'
import { timeOf } from './life.ts'
import { dead, held, mark, overtaken, owing, received, recipient, whole } from './recipients.ts'

/** What a recipient is owed, as changes come: what it knows is not news, and what is newer replaces what is older. */
const NOW = new Date(timeOf(30))
const [FIRES, LOST, ENDS] = [mark('firing', 5), mark('insufficient-data', 6), mark('resolved', 7)]

function turnOf(chat?: Partial<Recipient>): Turn {
  const recipients: Record<string, Recipient> = chat ? { chat: recipient('chat', chat) } : {}
  return new Turn({ ...newState(firing.alert), recipients }, NOW)
}
const waits = (turn: Turn) => waitingOf(turn.state.recipients.chat ?? newRecipient('chat'))

describe('a change is owed', () => {
  test.each<[string, Partial<Recipient> | undefined, Owed, Owed[]]>([
    ['to an unknown recipient', undefined, FIRES, [FIRES]],
    ['to a recipient of an older change', { notified: received('firing', 4) }, FIRES, [FIRES]],
    ['to a recipient of this one, which may have another text', { notified: received('firing', 5) }, FIRES, [FIRES]],
    ['in place of what is older', owing(FIRES), ENDS, [ENDS]],
    ['beside another of its moment', owing(mark('firing', 5, 'x')), FIRES, [mark('firing', 5, 'x'), FIRES]],
    ['as lost data, beside the firing before it', owing(FIRES), LOST, [FIRES, LOST]],
    ['as a firing, beside the lost data after it', owing(LOST), FIRES, [FIRES, LOST]],
    ['as a firing, in place of lost data before it', owing(mark('insufficient-data', 4)), FIRES, [FIRES]],
    ['as lost data, in place of a whole before it', owing(whole(mark('firing', 4))), LOST, [LOST]],
    ['as lost data, in place of an end before it', owing(mark('resolved', 4)), LOST, [LOST]],
    [
      'as a firing of the moment of the one it received',
      { notified: received('insufficient-data', 6, { firedAt: timeOf(5) }) },
      FIRES,
      [FIRES],
    ],
    ['as a whole, in place of a firing', owing(FIRES), whole(LOST), [whole(LOST)]],
    ['later, besides what may be sent now', owing(FIRES), held(ENDS), [FIRES, held(ENDS)]],
    ['now, besides what is held', owing(held(ENDS)), FIRES, [FIRES, held(ENDS)]],
    ['later, instead of what was held', owing(held(FIRES)), held(ENDS), [held(ENDS)]],
    [
      'as a firing, though it received the loss of data',
      { notified: received('insufficient-data', 6) },
      FIRES,
      [FIRES],
    ],
    [
      'as a firing newer than the one it received',
      { notified: received('insufficient-data', 6, { firedAt: timeOf(4) }) },
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
    ['it received something newer', { notified: received('resolved', 7) }, FIRES],
    ['it need not be sent something newer', { passed: ENDS }, FIRES],
    ['it is owed something newer', owing(ENDS), FIRES],
    ['it is owed something newer, later, as this is', owing(held(ENDS)), held(FIRES)],
    [
      'it received a newer firing, and the loss of data',
      { notified: received('insufficient-data', 8, { firedAt: timeOf(6) }) },
      FIRES,
    ],
    ['it received a newer loss of data, and this is a resolve', { notified: received('insufficient-data', 8) }, ENDS],
  ])('but not when %s', (_, before, owed) => {
    const turn = turnOf(before)
    const was = structuredClone(turn.state)
    expect(turn.owe('chat', owed)).toBe(false)
    expect([turn.state, turn.wake]).toEqual([was, []])
  })

  test('what it replaces leaves a line, and counts as missed when it was a whole episode', () => {
    const turn = turnOf({ ...owing(whole({ ...ENDS, since: timeOf(2) } as Owed)), tries: 3, failingSince: timeOf(8) })
    turn.owe('chat', mark('firing', 9))
    expect(turn.state.recipients.chat).toMatchObject({
      ...{ log: [overtaken(ENDS)], missed: { count: 1, since: timeOf(2) }, tries: 0, failingSince: timeOf(8) },
    })
    turn.owe('chat', whole(mark('resolved', 10)))
    turn.owe('chat', mark('firing', 11))
    expect(turn.state.recipients.chat?.missed).toEqual({ count: 2, since: timeOf(2) })
  })

  test('a whole that replaces a whole covers both; one without a start started at its own time', () => {
    const turn = turnOf(owing(whole(ENDS)))
    turn.owe('chat', whole(mark('resolved', 9)))
    expect(turn.state.recipients.chat).not.toHaveProperty('missed')
    turn.owe('chat', mark('firing', 10))
    expect(turn.state.recipients.chat?.missed).toEqual({ count: 1, since: timeOf(9) })
  })

  test('a recipient that was owed nothing has not been failing', () => {
    const turn = turnOf({ ...owing(held(FIRES)), failingSince: timeOf(1) })
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
    ['it received it', { notified: received('firing', 5) }, false],
    ['it received another', { notified: received('firing', 4) }, true],
    ['it is owed it', owing(FIRES), false],
    ['it is owed another', owing(mark('firing', 4)), true],
    ['it is a dead letter, which may be attempted again', owing(dead(FIRES)), true],
  ])('it is news if %s: %o', (_, before, isNew) => {
    const turn = turnOf(before)
    expect(turn.isNewTo('chat', FIRES)).toBe(isNew)
    expect(turn.hand('chat', FIRES)).toBe(isNew)
    if (isNew) expect(waits(turn).at(0)).toEqual(FIRES)
  })

  test('what is older than it knows is not owed', () => {
    expect(turnOf({ notified: received('resolved', 7) }).hand('chat', FIRES)).toBe(false)
  })
})

describe('an ended episode as a whole', () => {
  const episode = whole(ENDS)
  test.each<[string, Partial<Recipient> | undefined, boolean]>([
    ['to who is not known', undefined, true],
    ['to a recipient of something older', { notified: received('firing', 4), passed: mark('firing', 3) }, true],
    ['not to a recipient of something newer', { notified: received('firing', 8) }, false],
    ['not to a recipient of it', { notified: received('resolved', 7) }, false],
    ['not to one that need not be sent something newer', { passed: mark('firing', 8) }, false],
    ['not to who is owed something newer now', owing(mark('firing', 8)), false],
    ['to who is owed something newer later', owing(held(mark('firing', 8))), true],
    ['to who is owed that data is lost since', owing(mark('insufficient-data', 8)), true],
    ['to who is owed something older', owing(mark('firing', 4)), true],
  ])('is owed %s', (_, before, isOwed) => {
    const turn = turnOf(before)
    const was = waits(turn)
    expect(turn.oweLate('chat', ENDS, episode)).toBe(isOwed)
    expect(waits(turn)).toHaveLength(was.length + (isOwed ? 1 : 0))
    expect(waits(turn).some((one) => one.missed)).toBe(isOwed)
  })
})

test('a resolve is owed in place of all changes before it, and in addition to later ones', () => {
  const turn = turnOf(owing(FIRES, LOST, held(mark('firing', 9))))
  turn.end('chat', ENDS)
  expect(waits(turn)).toEqual([ENDS, held(mark('firing', 9))])
  expect(turn.state.recipients.chat?.log).toEqual([overtaken(FIRES), overtaken(LOST)])
  turn.end('chat', ENDS)
  expect(waits(turn)).toEqual([ENDS, held(mark('firing', 9))])
  const unknown = turnOf()
  unknown.end('chat', ENDS)
  expect(waits(unknown)).toEqual([ENDS])
})

describe('a change that is not sent any more', () => {
  test('leaves a log entry, and is no longer owed', () => {
    const turn = turnOf(owing(FIRES, LOST))
    turn.drop('chat', [FIRES], { at: timeOf(9) })
    expect(waits(turn)).toEqual([LOST])
    expect(turn.state.recipients.chat?.log).toEqual([overtaken(FIRES, 9)])
    const was = turn.state.recipients.chat
    turn.drop('chat', [], { at: timeOf(9) })
    turn.drop('nobody', [LOST], { at: timeOf(9) })
    expect(turn.state.recipients).toEqual({ chat: was })
  })

  test('is obsolete when it arrives', () => {
    const turn = turnOf(owing(FIRES))
    turn.overtake('chat', [whole(ENDS)])
    turn.overtake('nobody', [ENDS])
    expect(turn.state.recipients).toMatchObject({
      chat: { log: [overtaken(ENDS)], missed: { count: 1, since: timeOf(7) } },
    })
    expect(waits(turn)).toEqual([FIRES])
  })

  test('is accounted for', () => {
    const turn = turnOf({})
    turn.pass('chat', { ...ENDS, missed: true } as Mark)
    turn.pass('nobody', ENDS)
    expect(turn.state.recipients).toEqual({ chat: recipient('chat', { passed: ENDS }) })
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
    expect(turn.state.recipients.chat?.log).toEqual(gone.map((one) => overtaken(one)))
    const isFree = before.some(({ until, change }) => until && all.some((one) => one.change === change && !one.until))
    expect(turn.wake).toEqual(isFree ? ['chat'] : [])
  })

  test('no recipient is woken for a dead letter, or created', () => {
    const turn = turnOf(owing(dead(held(FIRES))))
    turn.retime('chat', [dead(FIRES)])
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
    const turn = turnOf({ ...owing(FIRES), lease: { token: 't', until: Date.parse(timeOf(until)) } })
    turn.lookAgain('chat')
    const { chat } = turn.state.recipients
    expect([chat?.lookAt, chat?.looks, turn.wake]).toEqual([timeOf(lookAt), looks, looks ? ['chat'] : []])
  })
})
