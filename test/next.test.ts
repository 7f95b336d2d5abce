import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Alert, type AlertStatus, STATUSES } from '../schemas/alert.ts'
import type { AlertState } from '../shared/decide/alert-state.ts'
import { decide } from '../shared/decide/decide.ts'
import { nextDueAt } from '../shared/decide/due-at.ts'
import { compareMarks } from '../shared/decide/marks.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { changesToRead, nextByTime } from '../shared/decide/next-by-time.ts'
import { claimed, look, notified } from '../shared/decide/turn.ts'
import { changeOf, config, type Kind, Life, timeOf } from './life.ts'

/** Who is owed what, by an alert's changes in the order of their arrival. */

type Step = Alert | 'all delivered' | { sendsTo: string; outcome?: 'yes' | 'no' | 'lost' | 'crash' }
const fires = (minute: number, kind?: Kind) => changeOf('firing', minute, kind)
const noData = (minute: number) => changeOf('insufficient-data', minute)
const over = (minute: number) => changeOf('resolved', minute)

function live(...steps: Step[]): Life {
  const life = new Life()
  for (const step of steps) {
    if (step === 'all delivered') life.deliverAll()
    else if ('sendsTo' in step) life.deliver(step.sendsTo, step.outcome)
    else life.comes(step)
  }
  return life
}

const CRITICAL = (word: string) => ({ pager: word, critical: word })
describe('who is owed what', () => {
  test.each<[string, Step[], Record<string, string>]>([
    ['what fires, all that the rules name', [fires(0)], CRITICAL('firing')],
    ['its resolve, its recipients', [fires(0), 'all delivered', over(5)], CRITICAL('resolved')],
    [
      'its end, those who may know',
      [fires(0), { sendsTo: 'pager', outcome: 'lost' }, over(5)],
      CRITICAL('resolved missed'),
    ],
    ['what nobody knew of, nobody', [over(5)], {}],
    ['a duplicate, nobody', [fires(0), 'all delivered', fires(0)], {}],
    ['an episode that ended before it was sent, the whole', [fires(0), over(5)], CRITICAL('resolved missed')],
    ['a change after its own end, the whole', [over(5), fires(0)], CRITICAL('resolved missed')],
    ['a change after an older end, the firing', [over(5), fires(6)], CRITICAL('firing')],
    [
      'an alarm older than a mere loss of data, that it fires',
      [noData(1), 'all delivered', fires(0)],
      CRITICAL('firing'),
    ],
    [
      'its end then, both',
      [noData(1), 'all delivered', fires(0), 'all delivered', over(9)],
      { chat: 'resolved', ...CRITICAL('resolved') },
    ],
    ['lost data before a newer firing, nobody', [fires(5), 'all delivered', noData(1)], {}],
    ['the end of lost data, its recipients', [noData(0), 'all delivered', over(5)], { chat: 'resolved' }],
    [
      'a resolve that waits is owed still, when it loses its data',
      [fires(0), 'all delivered', over(5), noData(6)],
      { ...CRITICAL('resolved'), chat: 'insufficient-data' },
    ],
    [
      'a resolve that waits, when it fires for others',
      [fires(0), 'all delivered', over(5), fires(6, 'warning')],
      { ...CRITICAL('resolved'), chat: 'firing' },
    ],
    [
      'and when that ends, too',
      [fires(0), 'all delivered', over(5), fires(6, 'warning'), over(7)],
      { ...CRITICAL('resolved'), chat: 'resolved missed' },
    ],
    [
      'a resolve is overtaken where it fires for the same',
      [fires(0), 'all delivered', over(5), fires(6)],
      CRITICAL('firing'),
    ],
    ['of two at one time, the end', [over(0), fires(0)], CRITICAL('resolved missed')],
    [
      'an older firing, those who know nothing newer',
      [fires(5, 'warning'), 'all delivered', fires(0)],
      CRITICAL('firing'),
    ],
    [
      'a firing of an episode before the last, nobody',
      [fires(10), 'all delivered', over(15), 'all delivered', fires(0)],
      {},
    ],
  ])('%s', (_, steps, owed) => {
    expect(live(...steps).owed()).toEqual(owed)
  })

  test('fired, resolved, and fired again at one moment: the third is not a duplicate of the first if it gives its previous status', () => {
    const again = { ...fires(0), title: 'again' }
    const { messages } = live(fires(0), 'all delivered', over(0), 'all delivered', again, 'all delivered')
    expect(messages.at(-1)).toBe('critical: resolved')
  })

  test('a firing that starts and ends while the resolve before it is being sent is one message about the whole', () => {
    const { state } = live(fires(0), 'all delivered', over(5))
    if (!state) throw new Error('there is no state')
    const now = new Date(timeOf(6))
    const claim = { token: 'first', leaseMs: 30_000, incident: undefined, isRedriven: false }
    let later: AlertState = claimed(state, 'critical', claim, now)
    for (const alert of [fires(6), over(7)]) {
      later = nextByChange(later, { alert, change: alert.changedAt }, config, now).state
    }
    const { change = '', at = '' } = state.recipients.critical?.owed ?? {}
    const note = { fingerprint: state.fingerprint, recipient: 'critical', change, changedAt: at, token: 'first' }
    later = notified(later, { ...note, status: 'resolved', notifiedAt: timeOf(8) })
    expect(look(later, 'critical', now)).toMatchObject({ kind: 'send', owed: { missed: true, since: timeOf(6) } })
  })

  test('a missed episode is sent, though what replaced it is superseded', () => {
    // For `chat`: a warning that ended, lost data; then it fires for others.
    const life = live(fires(0, 'warning'), over(5), noData(6), fires(7))
    expect(life.owed()).toEqual({ chat: 'insufficient-data', ...CRITICAL('firing') })
    expect(life.state?.recipients.chat?.missed).toEqual({ count: 1, since: timeOf(0) })
  })

  test('a second resolve, while the first is being sent, is owed to nobody', () => {
    const life = live(fires(0), 'all delivered', over(5))
    const { pager, critical } = life.owed()
    expect(life.comes(over(6))).toMatchObject({ outcome: 'nobody', wake: [] })
    expect(life.owed()).toEqual({ pager, critical })
    life.deliverAll()
    expect(life.messages.filter((message) => /resolved|missed/.test(message))).toEqual([
      'pager: resolved',
      'critical: resolved',
    ])
    // A late change, from before that second end, has ended as well.
    expect(life.comes({ ...fires(5), title: 'late' }).outcome).toBe('nobody')
    expect(life.comes(fires(7)).outcome).toBe('sent')
  })

  test('a late change, while another firing is open, is sent to those that have not received it', () => {
    expect(live(over(1), fires(2, 'warning'), fires(0)).owed()).toEqual({
      chat: 'firing',
      ...CRITICAL('resolved missed'),
    })
    expect(live(over(1), fires(2, 'warning'), over(3), fires(0)).owed()).toMatchObject(CRITICAL('resolved missed'))
  })

  test('a missed episode is counted with the next one', () => {
    const { state } = live(fires(0), over(5), fires(10))
    expect(state?.recipients.critical?.missed).toEqual({ count: 1, since: timeOf(0) })
  })

  test('a one-time event is sent on its own, is never stale, and has no end', () => {
    const once = (minute: number): Alert => ({ ...fires(minute), once: true })
    expect(live(once(5)).owed()).toEqual(CRITICAL('firing'))
    const resolved = { ...over(0), once: true as const }
    expect(live(resolved).owed()).toEqual(CRITICAL('resolved'))
    expect(live(once(0), once(0)).state?.seen).toHaveLength(1)
  })
})

test('what a removed channel missed goes to the channels that the rules name for the firing, not for its end', () => {
  const [fired, ended] = [fires(0, 'warning'), over(5)]
  const { state } = live(fired, ended)
  if (!state) throw new Error('there is no state')
  const { chat: _gone, ...channels } = config.channels
  const severities = { ...config.severities, warning: { channels: ['quiet'] } }
  const without = { ...config, channels, severities }
  expect(changesToRead(state, without, new Date(timeOf(60)))).toEqual(['c1', 'c0'])
  const alerts = new Map([
    ['c0', fired],
    ['c1', ended],
  ])
  const watched = nextByTime(state, alerts, without, new Date(timeOf(60))).state
  const { recipients } = nextByTime(watched, alerts, without, new Date(timeOf(80))).state
  expect(Object.keys(recipients)).toEqual(['quiet'])
  expect(recipients.quiet?.owed).toMatchObject({ change: 'c1', status: 'resolved', missed: true, since: timeOf(0) })
})

test('a channel that its deliverer’s rules do not name counts as removed since the attempt, even before the clock has looked', () => {
  const fired = fires(0, 'warning')
  const { state } = live(fired)
  if (!state) throw new Error('there is no state')
  const { chat: _gone, ...channels } = config.channels
  const without = { ...config, channels, severities: { ...config.severities, warning: { channels: ['quiet'] } } }
  const claim = { leaseMs: 1_000, incident: undefined, isUnknown: true, isRedriven: false }
  const once = claimed(state, 'chat', { token: 'a', ...claim }, new Date(timeOf(1)))
  const tried = claimed(once, 'chat', { token: 'b', ...claim }, new Date(timeOf(9)))
  expect(
    nextDueAt({ ...tried, recipients: { chat: { ...tried.recipients.chat, lookAt: timeOf(99) } } } as AlertState),
  ).toBe(timeOf(16))
  const { recipients } = nextByTime(tried, new Map([['c0', fired]]), without, new Date(timeOf(16))).state
  expect(recipients).toMatchObject({ quiet: { owed: { change: 'c0', status: 'firing' } } })
  expect(recipients).not.toHaveProperty('chat')
})

describe('a held alert', () => {
  const night = (status: Alert['status'], hour: number): Alert => ({
    ...changeOf(status, 0, 'quiet'),
    changedAt: new Date(Date.UTC(2026, 10, 3, hour)).toISOString(),
  })
  function held(): Life {
    const life = new Life()
    life.now = new Date(Date.UTC(2026, 10, 3, 23))
    life.comes(night('firing', 23), 'held')
    return life
  }

  test('waits for its time, and is sent then', () => {
    const life = held()
    expect(life.owed()).toEqual({ quiet: 'firing held' })
    const alerts = new Map([['held', night('firing', 23)]])
    const look = (hour: number) =>
      nextByTime(life.state as never, alerts, config, new Date(Date.UTC(2026, 10, 4, hour)))
    expect(look(5)).toMatchObject({ wake: [], released: [] })
    expect(look(6)).toMatchObject({ wake: ['quiet'], released: ['held'] })
  })

  test('is never sent if it has ended meanwhile', () => {
    const life = held()
    expect(life.comes(night('resolved', 24)).outcome).toBe('nobody')
    expect(life.owed()).toEqual({})
  })

  test('with lost data is never sent either if it has ended meanwhile', () => {
    const rules = [{ name: 'no data', when: { status: 'insufficient-data' }, severity: 'info' as const }]
    const at = (hour: number) => new Date(Date.UTC(2026, 10, 3, hour))
    const take = (state: AlertState | undefined, alert: Alert, hour: number) =>
      nextByChange(state, { alert, change: alert.status }, { ...config, rules }, at(hour))
    const { state, outcome } = take(undefined, night('insufficient-data', 23), 23)
    expect([outcome, state.recipients.quiet?.owed?.until]).toEqual(['held', at(30).toISOString()])
    const after = take(state, night('resolved', 24), 24)
    expect([after.outcome, after.wake, after.state.recipients.quiet?.owed]).toEqual(['nobody', [], undefined])
  })
})

describe('in any order, whatever is sent meanwhile', () => {
  const change = fc.record({
    status: fc.constantFrom(...STATUSES),
    minute: fc.integer({ min: 0, max: 6 }),
    kind: fc.constantFrom<Kind>('critical', 'warning', 'quiet'),
  })
  const attempt = fc.record({
    to: fc.constantFrom('pager', 'critical', 'chat', 'quiet'),
    outcome: fc.constantFrom('yes' as const, 'yes' as const, 'no' as const, 'lost' as const, 'crash' as const),
  })
  /** Changes, each once or more, in any order, and channels that are notified in between. */
  const lives = fc.array(change, { minLength: 1, maxLength: 6 }).chain((all) => {
    // An alarm has one state at a time.
    const changes = [...new Map(all.map((one) => [`${one.status} ${one.minute}`, one])).values()]
    const copies = fc.shuffledSubarray([...changes, ...changes], { minLength: changes.length })
    return fc.record({
      changes: fc.constant(changes),
      order: fc
        .tuple(fc.shuffledSubarray(changes, { minLength: changes.length }), copies)
        .map(([a, b]) => [...a, ...b]),
      attempts: fc.array(fc.array(attempt, { maxLength: 4 }), { minLength: 18, maxLength: 18 }),
      // At night the quiet channel is held.
      hours: fc.array(fc.constantFrom(12, 23), { minLength: 18, maxLength: 18 }),
    })
  })

  type Marked = Parameters<typeof compareMarks>[0] & { channels: string[] }
  function truthFor(channel: string, marks: Marked[]): AlertStatus | undefined {
    const begun = marks.filter((one) => one.status !== 'resolved' && (channel === '' || one.channels.includes(channel)))
    const newest = begun.sort(compareMarks).at(-1)
    const isOver = newest && marks.some((one) => one.status === 'resolved' && compareMarks(one, newest) > 0)
    return isOver ? 'resolved' : newest?.status
  }
  const isEnd = (status: AlertStatus | undefined) => status === 'resolved'

  test('every notified channel shows the final state', () => {
    fc.assert(
      fc.property(lives, ({ changes, order, attempts, hours }) => {
        const life = new Life()
        for (const [n, { status, minute, kind }] of order.entries()) {
          life.now = new Date(Date.UTC(2026, 10, 4 + n, hours[n]))
          life.comes(changeOf(status, minute, kind))
          for (const { to: name, outcome } of attempts[n] ?? []) life.deliver(name, outcome)
        }
        // Held changes are sent in their time, and the work of a crashed invocation is taken over.
        life.now = new Date(Date.UTC(2026, 11, 1, 12))
        for (let n = 0; n < 3; n++) {
          life.looks()
          life.deliverAll()
        }
        const marks = changes.map(({ status, minute, kind }) => {
          const alert = changeOf(status, minute, kind)
          return { at: alert.changedAt, status, channels: decide(alert, config).channels }
        })
        // A loss of data before the firing is suppressed if it arrives after it.
        const fired = marks
          .filter(({ status }) => status === 'firing')
          .sort(compareMarks)
          .at(-1)
        const old = marks.filter((one) => one.status === 'insufficient-data' && fired && compareMarks(one, fired) < 0)
        const dropped = [[], ...old.sort(compareMarks).map((_, n) => old.slice(n))]
        for (const channel of ['pager', 'critical', 'chat', 'quiet']) {
          const truths = dropped.map((some) =>
            truthFor(
              channel,
              marks.filter((one) => !some.includes(one)),
            ),
          )
          // A held recipient gets later changes too, whichever channels they are for.
          if (channel === 'quiet') truths.push(truthFor('', marks))
          const shown = life.shown[channel]
          if (shown !== undefined) expect(truths.map(isEnd)).toContain(isEnd(shown))
          // And a firing goes to all channels that its rules name.
          if (truths.every((truth) => truth === 'firing')) {
            const news = channel === 'quiet' ? expect.stringMatching(/firing|data/) : 'firing'
            expect([channel, shown]).toEqual([channel, news])
          }
        }
        expect(life.owed()).toEqual({})
      }),
      { numRuns: 2_000 },
    )
  })
})
