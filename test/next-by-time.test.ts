import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { type AlertState, type LogEntry, newState, type Owed, type Recipient } from '../shared/decide/alert-state.ts'
import { changesToRead, nextByTime } from '../shared/decide/next-by-time.ts'
import { changeOf, config, timeOf } from './life.ts'
import { dead, held, mark, overtaken, owing, received, recipient, whole } from './recipients.ts'

/** What time alone changes: what is held may be sent, what is owed is checked on, and removed channels have heirs. */
const NOON = new Date(timeOf(120))
const NIGHT = new Date(Date.UTC(2026, 10, 3, 23))
const MORNING = new Date(Date.UTC(2026, 10, 4, 6)).toISOString()
const WITHIN = 'within from 22:00 to 06:00'
const [FIRES, LOST, ENDS] = [mark('firing', 5), mark('insufficient-data', 6), mark('resolved', 7)]
/** As the changes of these marks say it. */
const alertsOf = (kind: 'warning' | 'quiet') =>
  new Map<string, Alert>([FIRES, LOST, ENDS].map(({ change, status }) => [change, changeOf(status, 5, kind)]))
const FIRING = { since: timeOf(5), at: timeOf(5), severity: 'warning' as const, rule: 'warning' }
const stateOf = (recipients: AlertState['recipients']): AlertState => ({
  ...newState(changeOf('firing', 5)),
  ...{ version: 3, firing: FIRING, recipients },
})
const soon = (now = NOON) => ({ lookAt: new Date(now.getTime() + 120_000).toISOString() })

describe('what is held', () => {
  const nextOf = (quiet: Partial<Recipient>, now: Date, alerts = alertsOf('quiet')) => {
    const before = stateOf({ quiet: recipient('quiet', quiet) })
    const { state, ...next } = nextByTime(before, alerts, config, now)
    return { ...next, quiet: state.recipients.quiet, isSame: state === before }
  }

  test.each<[string, Owed[], Owed[], string[]]>([
    ['is released', [{ ...held(FIRES), why: 'x' }], [FIRES], ['firing 5']],
    ['is released together', [held(FIRES), held(LOST)], [FIRES, LOST], ['firing 5', 'insufficient-data 6']],
    ['is released behind what is owed', [FIRES, held(LOST)], [FIRES, LOST], ['insufficient-data 6']],
    [
      'is released if its alert is known',
      [held(FIRES), held(mark('firing', 5, 'x'))],
      [FIRES, held(mark('firing', 5, 'x'))],
      ['firing 5'],
    ],
    [
      'is evaluated by the firing of an episode',
      [held({ ...whole(mark('resolved', 8)), fired: 'firing 5' })],
      [{ ...whole(mark('resolved', 8)), fired: 'firing 5' }],
      ['resolved 8'],
    ],
  ])('%s', (_, before, after, released) => {
    const { quiet, ...next } = nextOf(owing(...before), NOON)
    const isFirst = before[0]?.until !== undefined
    expect(quiet).toEqual(
      recipient('quiet', {
        ...owing(...after),
        ...(isFirst ? soon() : { lookAt: new Date(NOON.getTime() + 240_000).toISOString(), looks: 1 }),
      }),
    )
    expect(next).toEqual({ released, wake: ['quiet'], isSame: false })
  })

  test('is held as long as its rules say now', () => {
    const { quiet, ...next } = nextOf(owing(held(FIRES)), NIGHT)
    expect(quiet).toEqual(recipient('quiet', owing({ ...FIRES, until: MORNING, why: WITHIN })))
    expect(next).toEqual({ released: [], wake: [], isSame: false })
  })

  test.each<[string, Partial<Recipient>, Date, Map<string, Alert>]>([
    ['its time is the same', owing({ ...FIRES, until: MORNING, why: WITHIN }), NIGHT, alertsOf('quiet')],
    ['its alert is not known', owing(held(FIRES)), NOON, new Map()],
    ['nothing is held', owing(dead(FIRES)), NOON, alertsOf('quiet')],
    ['nothing is owed', { notified: received('firing', 5) }, NOON, alertsOf('quiet')],
  ])('and nothing is written when %s', (_, quiet, now, alerts) => {
    expect(nextOf(quiet, now, alerts)).toMatchObject({ isSame: true, released: [], wake: [] })
  })

  test('by a channel that is missing is not released', () => {
    const recipients = { gone: recipient('gone', { ...owing(held(FIRES)), goneSince: timeOf(119) }) }
    expect(nextByTime(stateOf(recipients), alertsOf('warning'), config, NOON)).toMatchObject({
      ...{ released: [], wake: [], state: { recipients } },
    })
  })
})

describe('what is owed', () => {
  test.each<[string, Partial<Recipient>, number | undefined]>([
    ['is checked on when it is time', { ...owing(FIRES), lookAt: timeOf(120) }, 124],
    ['is checked on if nobody said when', owing(FIRES), 124],
    ['is not checked on before', { ...owing(FIRES), lookAt: timeOf(121) }, undefined],
    ['is not checked on as a dead letter', { ...owing(dead(FIRES)), lookAt: timeOf(1) }, undefined],
  ])('%s', (_, chat, lookAt) => {
    const before = stateOf({ chat: recipient('chat', chat) })
    const next = nextByTime(before, new Map(), config, NOON)
    if (lookAt === undefined) expect(next).toEqual({ state: before, wake: [], released: [] })
    else expect(next.state.recipients.chat).toEqual({ ...before.recipients.chat, lookAt: timeOf(lookAt), looks: 1 })
    expect([next.state === before, next.wake]).toEqual(lookAt === undefined ? [true, []] : [false, ['chat']])
  })
})

describe('what a removed channel was owed', () => {
  const goneSince = timeOf(105)
  const gone = (more: Partial<Recipient>) => recipient('gone', { goneSince, ...more })
  const noted = ({ change, status }: Owed): LogEntry => ({
    ...{ at: NOON.toISOString(), change, status, outcome: 'gone' },
    reason: 'the rules name no channel "gone" any more',
  })
  const logOf = (...owed: Owed[]) => owed.map((one) => ({ of: 'gone', ...noted(one) }))
  const nextOf = (recipients: AlertState['recipients'], alerts = alertsOf('warning'), now = NOON) =>
    nextByTime(stateOf(recipients), alerts, config, now)

  test.each<[string, Partial<Recipient>, Owed]>([
    ['goes to who is named now', owing(FIRES), FIRES],
    ['goes there without its old times', owing(dead({ ...held(FIRES), why: 'x', given: true })), FIRES],
    ['goes there, if it is the loss of its data', owing(LOST), LOST],
    ['goes there, if it is a whole', owing(whole(ENDS)), whole(ENDS)],
    [
      'goes there by the firing of an episode',
      owing({ ...whole(mark('resolved', 8)), fired: 'firing 5' }),
      { ...whole(mark('resolved', 8)), fired: 'firing 5' },
    ],
  ])('%s', (_, one, owed) => {
    const { state, wake, released } = nextOf({ gone: gone(one) })
    expect(state.recipients).toEqual({ chat: recipient('chat', { ...owing(owed), ...soon(), log: logOf(owed) }) })
    expect([wake, released]).toEqual([['chat'], []])
  })

  test('goes to who is named, later', () => {
    const { state, wake } = nextOf({ gone: gone(owing(FIRES)) }, alertsOf('quiet'), NIGHT)
    const owed = { ...FIRES, until: MORNING, why: WITHIN }
    expect(state.recipients).toEqual({
      quiet: recipient('quiet', { ...owing(owed), log: [{ ...logOf(FIRES)[0], at: NIGHT.toISOString() } as LogEntry] }),
    })
    expect(wake).toEqual([])
  })

  test.each<[string, Partial<Recipient>, Map<string, Alert>]>([
    ['that is an end', owing(ENDS), alertsOf('warning')],
    ['whose alert is not known', owing(ENDS), new Map()],
    ['in place of another', { ...owing(FIRES), fallbackFor: { channel: 'pager', reason: 'x' } }, alertsOf('warning')],
  ])('goes to nobody, %s; its log stays', (_, one, alerts) => {
    const { owed } = one
    const log = owed ? [overtaken(mark('firing', 1)), noted(owed)] : []
    const before = gone({ ...one, log: [overtaken(mark('firing', 1))] })
    expect(nextOf({ gone: before }, alerts).state.recipients).toEqual({ gone: gone({ log }) })
    const chat = recipient('chat', { notified: received('firing', 5), log: [overtaken(mark('firing', 2))] })
    expect(nextOf({ gone: before, chat }, alerts).state.recipients).toEqual({
      chat: { ...chat, log: [...log.map((entry) => ({ of: 'gone', ...entry })), ...chat.log] },
    })
  })

  test.each([
    ['now', 'warning', NOON, 'chat', 'quiet'],
    ['later', 'quiet', NIGHT, 'quiet', 'chat'],
  ] as const)('its log goes to who is owed it %s, of all recipients', (_, kind, now, heir, other) => {
    const { recipients } = nextOf({ [other]: recipient(other), gone: gone(owing(FIRES)) }, alertsOf(kind), now).state
    expect(recipients[other]).toEqual(recipient(other))
    expect(recipients[heir]?.log).toEqual([{ ...logOf(FIRES)[0], at: now.toISOString() }])
  })

  test('a removed channel that was owed nothing, and has no log, is forgotten', () => {
    expect(nextOf({ gone: gone({ notified: received('firing', 5) }) }).state.recipients).toEqual({})
  })

  test('its main channel may get another fallback', () => {
    const fallbackFor = { channel: 'pager', reason: 'x' }
    const pager = { ...owing({ ...dead(FIRES), given: true }), fallbackTo: 'gone for pager' }
    const recipients = { pager: recipient('pager', pager), 'gone for pager': gone({ ...owing(FIRES), fallbackFor }) }
    const { pager: after } = nextOf(recipients).state.recipients
    expect(after).toEqual(
      recipient('pager', { ...owing(dead(FIRES)), log: [{ ...logOf(FIRES)[0], of: 'gone for pager' } as LogEntry] }),
    )
  })

  test('is not owed to who received it as its fallback', () => {
    const fallback = {
      ...recipient('chat', { notified: received('firing', 5) }),
      fallbackFor: { channel: 'gone', reason: 'x' },
    }
    const { state, wake } = nextOf({ gone: gone(owing(FIRES)), 'chat for gone': fallback })
    expect([state.recipients.chat, wake]).toEqual([undefined, []])
    const quiet = { ...fallback, channel: 'quiet' }
    const night = nextOf({ gone: gone(owing(FIRES)), 'quiet for gone': quiet }, alertsOf('quiet'), NIGHT)
    expect(night.state.recipients.quiet).toBeUndefined()
  })
})

test('the changes to read: of what is held, and of all that a missing channel is owed', () => {
  const ofPast = { ...whole(mark('resolved', 8)), fired: 'started' }
  const recipients = {
    chat: recipient('chat', owing(FIRES, held(LOST))),
    quiet: recipient('quiet', owing(held(ofPast))),
    gone: recipient('gone', owing(FIRES, { ...whole(ENDS), fired: 'lost' }, held(LOST))),
  }
  const changes = ['insufficient-data 6', 'resolved 8', 'started', 'firing 5', 'resolved 7', 'lost']
  expect(changesToRead(stateOf(recipients), config, new Date(timeOf(60)))).toEqual(changes)
})
