import { expect, test } from 'vitest'
import { checkConfig } from '../shared/config/check.ts'
import { acknowledge, unacknowledge } from '../shared/decide/acknowledge.ts'
import type { AlertState } from '../shared/decide/alert-state.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { claimed, notified } from '../shared/decide/turn.ts'
import { changeOf, config, Life, timeOf } from './life.ts'

/** What people say of an alert reaches the router twice, late, or in the wrong order. */
const rules = checkConfig({
  ...config,
  severities: { ...config.severities, critical: { channels: ['critical'], remind: '30m' } },
})

type Said = [what: 'ann' | 'bob' | 'back', minute: number, arrives?: number, until?: number]

/** It fires, and its channel has it; then people say these. Who works on it in the end, and what was refused. */
function afterAll(all: Said[]): { by: string | undefined; refused: boolean[] } {
  const life = new Life(rules)
  life.now = new Date(timeOf(0))
  life.comes(changeOf('firing', 0))
  life.deliverAll()
  const refused = all.map(([what, minute, arrives = minute, until]) => {
    const now = new Date(timeOf(arrives))
    life.now = now
    life.looks()
    const before = life.state as AlertState
    const said = { by: what, at: timeOf(minute) }
    const more = until === undefined ? {} : { until: timeOf(until) }
    const next =
      what === 'back'
        ? unacknowledge(before, said, rules, now)
        : acknowledge(before, { ...said, via: 'cli', ...more }, rules, now)
    life.state = next.state
    return next.refused !== undefined
  })
  return { by: life.state?.firing?.acknowledged?.by, refused }
}

test.each<[string, Said[], string | undefined, boolean[]]>([
  ['one person', [['ann', 5]], 'ann', [false]],
  [
    'the same again',
    [
      ['ann', 5],
      ['ann', 5, 6],
    ],
    'ann',
    [false, true],
  ],
  [
    'the newest wins',
    [
      ['ann', 5],
      ['bob', 6],
    ],
    'bob',
    [false, false],
  ],
  [
    'whatever comes last',
    [
      ['bob', 6],
      ['ann', 5, 7],
    ],
    'bob',
    [false, true],
  ],
  [
    'taken back',
    [
      ['ann', 5],
      ['back', 6],
    ],
    undefined,
    [false, false],
  ],
  [
    'and again',
    [
      ['ann', 5],
      ['back', 6],
      ['ann', 7],
    ],
    'ann',
    [false, false, false],
  ],
  [
    'what arrives twice, after it was taken back',
    [
      ['ann', 5],
      ['back', 6],
      ['ann', 5, 7],
    ],
    undefined,
    [false, false, true],
  ],
  [
    'what comes after it was taken back',
    [
      ['back', 6],
      ['ann', 5, 7],
    ],
    undefined,
    [true, true],
  ],
  [
    'what arrives twice, after it has expired',
    [
      ['ann', 5, 5, 10],
      ['ann', 5, 12, 10],
    ],
    undefined,
    [false, true],
  ],
  ['what had expired before it comes', [['ann', 5, 12, 10]], undefined, [true]],
])('%s', (_, all, by, refused) => {
  expect(afterAll(all)).toEqual({ by, refused })
})

/** It fires, ends in minute 10, and fires again in minute 12; then an order of that minute arrives. */
test.each<[minute: number, by: string | undefined]>([
  [9, undefined],
  [10, undefined],
  // The clock of whoever said it may be a little behind.
  [11, 'ann'],
  [13, 'ann'],
])('what was said in minute %s, of the firing before or of this one', (minute, by) => {
  const life = new Life(rules)
  for (const [status, at] of [
    ['firing', 0],
    ['resolved', 10],
    ['firing', 12],
  ] as const) {
    life.now = new Date(timeOf(at))
    life.comes(changeOf(status, at))
    life.deliverAll()
  }
  const said = { by: 'ann', via: 'cli', at: timeOf(minute) } as const
  const { state } = acknowledge(life.state as AlertState, said, rules, new Date(timeOf(14)))
  expect(state.firing?.acknowledged?.by).toBe(by)
})

/** It is acknowledged before PagerDuty's or Slack's function has recorded its firing; then that is recorded. */
function saidMeanwhile({ place, isClaimedFirst, via = 'slack' }: Meanwhile) {
  const { state: fires } = nextByChange(undefined, { alert: changeOf('firing', 0), change: 'c' }, config, at(0))
  const claim = { token: 'mine', leaseMs: 60_000, incident: undefined, isRedriven: false }
  const claims = (state: AlertState) => claimed(state, 'pager', claim, at(0))
  const says = (state: AlertState) => acknowledge(state, { by: 'ann', via, at: timeOf(1) }, config, at(1)).state
  const state = isClaimedFirst ? says(claims(fires)) : claims(says(fires))
  const note = { fingerprint: 'x', recipient: 'pager', change: 'c', changedAt: timeOf(0), status: 'firing' as const }
  return notified(state, { ...note, notifiedAt: timeOf(2), token: 'mine', place }).recipients.pager?.owed
}
interface Meanwhile {
  place: string
  isClaimedFirst: boolean
  via?: 'slack' | 'pagerduty'
}
const at = (minute: number) => new Date(timeOf(minute))

test('who works on it goes to PagerDuty, though it was said before PagerDuty had the incident', () => {
  for (const isClaimedFirst of [true, false]) {
    const owed = saidMeanwhile({ place: 'pagerduty x7Yh', isClaimedFirst })
    expect(owed).toMatchObject({ status: 'firing', update: { is: 'acknowledged', by: 'ann' } })
  }
  expect(saidMeanwhile({ place: 'pagerduty x7Yh', isClaimedFirst: true, via: 'pagerduty' })).toBeUndefined()
})

test('and to Slack, if the message on its way did not say so', () => {
  expect(saidMeanwhile({ place: 'slack x7Yh', isClaimedFirst: true })?.update).toMatchObject({ by: 'ann' })
  expect(saidMeanwhile({ place: 'slack x7Yh', isClaimedFirst: false })).toBeUndefined()
})
