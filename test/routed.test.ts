import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { byRules, matchedBy } from '../shared/decide/by-rules.ts'
import type { RoutedAlert } from '../shared/questions/ask.ts'
import { routed } from '../shared/questions/routed.ts'
import { answer, CONTEXT, found } from './some-answers.ts'

/*
 * What the router knows of a week, in Berlin, until Thursday 2026-11-26, 07:30.
 */

const SOME_ALERT = { fingerprint: 'some', links: {} } as Alert

type Change = RoutedAlert['changes'][number]
type Deliveries = Change['deliveries']

const pager: Deliveries = [{ channel: 'pagerduty', outcome: 'delivered' }]
const slack: Deliveries = [{ channel: 'slack-warning', outcome: 'delivered' }]

const change = (at: string, status: Change['status'] = 'firing', over: Partial<Change> = {}): Change => ({
  ...{ at: new Date(at).toISOString(), status, severity: 'critical', rule: 'system down', matched: [] },
  ...{ isRepeated: false, deliveries: pager, ...over },
})

const alert = (title: string, ...changes: Change[]): RoutedAlert => ({ fingerprint: title, title, changes })

const of = (id: string, ...alerts: RoutedAlert[]) => answer(routed(CONTEXT), id, () => found<'alerts'>(alerts))

const minutesLater = (at: string, minutes: number) => new Date(Date.parse(at) + minutes * 60_000).toISOString()

/** So many alerts that fire, each a minute after the one before. */
const several = (count: number, at: string) =>
  Array.from({ length: count }, (_, index) => alert(`a${index}`, change(minutesLater(at, index))))

describe('alerts that fired', () => {
  test('by rule, with their severities and how many notifications they made', () => {
    const answered = of(
      'alerts by rule',
      alert('cpu', change('2026-11-24T10:00Z'), change('2026-11-24T11:00Z', 'resolved'), change('2026-11-24T12:00Z')),
      alert('disk', change('2026-11-25T10:00Z', 'firing', { rule: 'default', severity: 'warning', deliveries: [] })),
    )
    expect(answered).toMatchObject({
      verdict: 'shown',
      says: '3, of 2 alarms',
      table: {
        rows: [
          ['system down', '2', 'critical', '2'],
          ['default', '1', 'warning', '0'],
        ],
      },
    })
    expect(answered.line?.points.map(([, count]) => count)).toEqual([0, 0, 0, 0, 0, 2, 1])
  })

  test('a repetition, an end and missing data are no firing', () => {
    const answered = of(
      'alerts by rule',
      alert(
        'cpu',
        change('2026-11-24T10:00Z', 'firing', { isRepeated: true }),
        change('2026-11-24T11:00Z', 'resolved'),
      ),
      alert('disk', change('2026-11-24T10:00Z', 'insufficient-data')),
    )
    expect(answered.says).toBe('none')
  })
})

describe('notifications', () => {
  test.each<[Deliveries[number]['outcome'], string, string]>([
    ['delivered', 'good', '1 delivered, 0 not'],
    ['dead-lettered', 'bad', '0 delivered, 1 not'],
    ['failed', 'bad', '0 delivered, 1 not'],
    // Nobody has missed anything by these.
    ['superseded', 'good', '0 delivered, 0 not'],
    ['missed', 'good', '0 delivered, 0 not'],
    ['held', 'good', '0 delivered, 0 not'],
  ])('%s: %s', (outcome, verdict, says) => {
    const deliveries: Deliveries = [{ channel: 'slack-warning', outcome }]
    const answered = of('notifications by channel', alert('cpu', change('2026-11-24T10:00Z', 'firing', { deliveries })))
    expect(answered).toMatchObject({ verdict, says })
  })
})

describe('pages at night', () => {
  test.each<[string, string, string]>([
    ['at 22:00', '2026-11-24T21:00Z', '1 in one night'],
    ['at 21:59', '2026-11-24T20:59Z', 'none'],
    ['at 06:59', '2026-11-25T05:59Z', '1 in one night'],
    ['at 07:00', '2026-11-25T06:00Z', 'none'],
    ['in summer time at 22:00', '2026-10-24T20:00Z', '1 in one night'],
  ])('%s: %s', (_when, at, says) => {
    expect(of('pages by night', alert('cpu', change(at))).says).toBe(says)
  })

  test('a night belongs to the evening on which it began', () => {
    const answered = of('pages by night', ...several(1, '2026-11-24T22:30Z'), alert('b', change('2026-11-25T02:00Z')))
    expect(answered.table?.rows).toEqual([['Tue 2026-11-24', '2', 'a0, b']])
  })

  test('the night in which the clocks go back is one night', () => {
    const answered = of(
      'pages by night',
      alert('a', change('2026-10-24T21:00Z')),
      alert('b', change('2026-10-25T05:30Z')),
    )
    expect(answered.table?.rows).toEqual([['Sat 2026-10-24', '2', 'a, b']])
  })

  test.each([
    [2, 'good'],
    [3, 'bad'],
  ])('%i in a night are %s', (count, verdict) => {
    expect(of('pages by night', ...several(count, '2026-11-24T23:00Z')).verdict).toBe(verdict)
  })

  test('only a channel that pages counts, and only what fired', () => {
    const answered = of(
      'pages by night',
      alert('a', change('2026-11-24T23:00Z', 'firing', { deliveries: slack })),
      alert('b', change('2026-11-24T23:00Z', 'resolved')),
    )
    expect(answered.says).toBe('none')
  })
})

describe('the noisiest alarms', () => {
  const flips = (count: number, everyMin: number) =>
    Array.from({ length: count }, (_, at) => minutesLater('2026-11-23T10:00Z', at * everyMin)).flatMap((at) => [
      change(at),
      change(minutesLater(at, 10), 'resolved'),
    ])

  test.each([
    ['five times in a day', 5, 360, 'bad', '5, flaps'],
    ['four times in a day', 4, 60, 'good', '4'],
    ['five times in a little more than a day', 5, 361, 'good', '5'],
  ])('%s', (_what, count, everyMin, verdict, fired) => {
    const answered = of('noisiest alarms', alert('cpu', ...flips(count, everyMin)))
    expect(answered).toMatchObject({ verdict, table: { rows: [['cpu', fired, '100 %', '10 min']] } })
  })

  test('what still fires has not ended', () => {
    const answered = of('noisiest alarms', alert('cpu', change('2026-11-24T10:00Z')))
    expect(answered.table?.rows).toEqual([['cpu', '1', '100 %', 'it still fires']])
  })
})

test('the time to resolve is of firings that have ended, from their first change', () => {
  const answered = of(
    'time to resolve',
    alert('cpu', change('2026-11-24T10:00Z'), change('2026-11-24T10:05Z'), change('2026-11-24T10:10Z', 'resolved')),
    alert('disk', change('2026-11-24T10:00Z'), change('2026-11-24T11:00Z', 'resolved'), change('2026-11-24T12:00Z')),
  )
  expect(answered.says).toBe('35 min on average, 35 min for half of them, of 2 that have ended')
  expect(of('time to resolve', alert('cpu', change('2026-11-24T10:00Z'))).verdict).toBe('no data')
})

test.each<[string, Change[], string]>([
  [
    'fired before the span: its end says since when',
    [change('2026-11-24T10:00Z', 'resolved', { firingSince: '2026-11-18T10:00:00.000Z' })],
    '6 days',
  ],
  [
    'fired before the span, and repeated in it',
    [
      change('2026-11-24T09:00Z', 'firing', { isRepeated: true }),
      change('2026-11-24T10:00Z', 'resolved', { firingSince: '2026-11-24T06:00:00.000Z' }),
    ],
    '4 h',
  ],
  [
    'the end came twice',
    [
      change('2026-11-24T10:00Z'),
      change('2026-11-24T11:00Z', 'resolved', { firingSince: '2026-11-24T10:00:00.000Z' }),
      change('2026-11-24T12:00Z', 'resolved', { firingSince: '2026-11-24T10:00:00.000Z', isRepeated: true }),
    ],
    '60 min',
  ],
  ['an end of nothing that fired', [change('2026-11-24T11:00Z', 'resolved')], 'no alert has ended'],
])('the time to resolve of an alert: %s', (_what, changes, says) => {
  expect(of('time to resolve', alert('cpu', ...changes)).says.split(' on average')[0]).toBe(says)
})

test('what was delivered adds up: when alerts fired, and what came after', () => {
  const alerts = [alert('cpu', change('2026-11-24T10:00Z'), change('2026-11-24T11:00Z', 'resolved'))]
  const byRule = of('alerts by rule', ...alerts).table
  expect([byRule?.head[3], byRule?.rows[0]?.[3]]).toEqual(['notified of it', '1'])
  expect(of('notifications by channel', ...alerts)).toMatchObject({
    says: '2 delivered, 0 not',
    compared: ['1 when alerts fired, 1 of what came after'],
  })
})

test('a rule that matches and sets no severity has matched, too', () => {
  const matched = ['system down', 'say who owns it']
  const rules = [{ name: 'say who owns it' }, { name: 'system down' }, { name: 'never' }] as Config['rules']
  const context = { ...CONTEXT, rules: { ...CONTEXT.rules, rules } }
  const alerts = [alert('cpu', change('2026-11-24T10:00Z', 'firing', { matched }))]
  const answered = answer(routed(context), 'rules that matched nothing', () => found<'alerts'>(alerts))
  expect(answered).toMatchObject({ says: '1 of 3', compared: ['never'] })
})

test('what a decision records names every rule that matched', () => {
  const rules = [
    { name: 'add "the owner"', continue: true, labels: { team: 'a' } },
    { name: 'also matches: b', severity: 'warning' },
  ] as Config['rules']
  const { because } = byRules(SOME_ALERT, rules, CONTEXT.rules)
  expect(matchedBy(because)).toEqual(rules.map(({ name }) => name))
  expect(matchedBy(byRules(SOME_ALERT, [], CONTEXT.rules).because)).toEqual([])
})

test('rules that matched nothing are named', () => {
  const { says, compared } = of('rules that matched nothing', alert('cpu', change('2026-11-24T10:00Z')))
  expect(says).toBe('21 of 22')
  expect(compared?.join()).toContain('data loss')
  expect(compared?.join()).not.toContain('system down')
})

describe('how people react', () => {
  const at = (is: 'reminder' | 'escalation' | 'acknowledged', time: string) => ({
    ...{ channel: 'slack-warning', is, at: new Date(time).toISOString() },
  })
  const alerts = [
    alert(
      'cpu',
      change('2026-11-24T10:00Z', 'firing', {
        updates: [at('reminder', '2026-11-24T10:15Z'), at('acknowledged', '2026-11-24T10:20Z')],
      }),
      // It is the same firing, and somebody else says so.
      change('2026-11-24T10:30Z', 'firing', { updates: [at('acknowledged', '2026-11-24T10:31Z')] }),
      change('2026-11-24T11:00Z', 'resolved'),
      change('2026-11-24T12:00Z', 'firing', { updates: [at('acknowledged', '2026-11-24T12:10Z')] }),
    ),
    alert('disk', change('2026-11-24T10:00Z', 'firing', { updates: [at('escalation', '2026-11-24T10:15Z')] })),
  ]

  test('how soon somebody acknowledges, and how often nobody does', () => {
    expect(of('time to acknowledge', ...alerts)).toMatchObject({
      verdict: 'shown',
      says: '15 min on average, 15 min for half of them; 1 of 3 that fired were never acknowledged',
    })
  })

  test('what nobody has acknowledged is no figure', () => {
    expect(of('time to acknowledge', alert('cpu', change('2026-11-24T10:00Z')))).toMatchObject({ verdict: 'no data' })
  })

  test('reminders and escalations, by alarm', () => {
    expect(of('reminders and escalations', ...alerts)).toMatchObject({
      says: 'reminders: 1; escalations: 1; messages that somebody works on it: 3',
      table: {
        rows: [
          ['cpu', '1', '0', '3'],
          ['disk', '0', '1', '0'],
        ],
      },
    })
    expect(of('reminders and escalations', alert('cpu', change('2026-11-24T10:00Z'))).says).toBe('none')
  })
})
