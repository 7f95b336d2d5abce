import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { When } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import { hold } from '../shared/decide/hold.ts'
import { rulesOf } from '../shared/decide/rules.ts'
import { onlyThis, silencesOn, withSilences } from '../shared/decide/silence.ts'
import { changeOf } from './life.ts'
import { silenceOf, timeAt } from './silences.ts'

/** Which alerts a silence holds, until when, and what is said of it. What follows: test/stories/tests/silences.yml. */
const CONFIG = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat' },
    quiet: { type: 'slack', secret: 'quiet', mute: { from: '11:30', to: '13:00' } },
  },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  maintenance: [{ name: 'move', window: { from: '2026-11-27T09:00', for: '2h' }, covers: { name: 'moved-*' } }],
  rules: [],
  default: { severity: 'critical' },
})

const decision = { severity: 'critical' as const, rule: 'x', channels: ['chat', 'quiet'], because: ['x'] }

function heldOf(silences: Parameters<typeof silenceOf>[0][], time: string, alert: Partial<Alert> = {}) {
  const one = { ...changeOf('firing', 5), ...alert }
  return hold(one, decision, withSilences(CONFIG, silences.map(silenceOf)), timeAt(time)).held.map(
    ({ channel, until, why }) => `${channel} ${until.slice(11, 16)} ${why}`,
  )
}

const SAID = 'silenced by ann until 2026-11-27 12:00 UTC: load test'

describe('a channel is not notified', () => {
  test.each<[string, Parameters<typeof heldOf>, string[]]>([
    ['before it begins, it is', [[{}], '09:59'], []],
    ['from its beginning on', [[{}], '10:00'], [`chat 12:00 ${SAID}`, `quiet 13:00 ${SAID}`]],
    ['until its end', [[{}], '11:59'], [`chat 12:00 ${SAID}`, `quiet 13:00 ${SAID}`]],
    ['and at its end it is, by other rules', [[{}], '12:00'], ['quiet 13:00 within from 11:30 to 13:00']],
    ['of what it does not cover, it is', [[{ when: { name: 'other' } }], '10:00'], []],
    [
      'as long as the longest of several',
      [[{}, { id: 'two', until: '2026-11-27T13:30:00.000Z', by: 'bob', why: 'move' }], '10:00'],
      [`chat 13:30 ${SAID}`, `quiet 13:30 ${SAID}`],
    ],
    [
      'as long as a maintenance and it together',
      [[{ until: '2026-11-27T10:30:00.000Z' }], '10:00', { name: 'moved-db' }],
      [
        'chat 11:00 silenced by ann until 2026-11-27 10:30 UTC: load test',
        'quiet 11:00 silenced by ann until 2026-11-27 10:30 UTC: load test',
      ],
    ],
    ['of a resolve, it is', [[{}], '10:00', { status: 'resolved' }], []],
    ['of a drill, it is', [[{}], '10:00', { drill: '2026-11-27-abcdef' }], []],
    ['of a notice, it is', [[{}], '10:00', { fingerprint: 'event:alert-router.silence:x' }], []],
    ['of the heartbeat, it is', [[{}], '10:00', { fingerprint: 'event:alert-router.heartbeat:heartbeat' }], []],
  ])('%s', (_, [silences, time, alert], expected) => {
    expect(heldOf(silences, time, alert)).toEqual(expected)
  })

  test('and the reasons of the decision say who wants that, and why', () => {
    const { because } = hold(changeOf('firing', 5), decision, withSilences(CONFIG, [silenceOf()]), timeAt('10:00'))
    expect(because).toContain(`${SAID}: chat is notified at 2026-11-27T12:00Z`)
  })
})

describe('a silence covers', () => {
  const covers = (when: When, alert: Partial<Alert>) => heldOf([{ when }], '10:00', alert).length > 0
  test.each<[string, When, Partial<Alert>, boolean]>([
    ['an exact value', { 'tags.team': 'orders' }, { tags: { team: 'orders' } }, true],
    ['nothing of another team', { 'tags.team': 'orders' }, { tags: { team: 'stock' } }, false],
    ['nothing by the name of a set', { 'tags.team': '$shops' }, { tags: { team: 'stock' } }, false],
    ['nothing by an expression that cannot be read', { name: '/(/' }, { name: '(' }, false],
    ['any of several conditions', [{ name: 'a' }, { name: 'b' }], { name: 'b' }, true],
    ['by a negation', { name: { not: 'a' } }, { name: 'b' }, true],
  ])('%s', (_, when, alert, expected) => {
    expect(covers(when, alert)).toBe(expected)
  })

  test('an alert by its fingerprint, whatever characters that has, and no other', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab*?/$<>=^.()[]{}|+\\ 1'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(text, text, (fingerprint, other) => {
        expect(covers(onlyThis(fingerprint), { fingerprint })).toBe(true)
        expect(covers(onlyThis(fingerprint), { fingerprint: other })).toBe(fingerprint === other)
      }),
    )
  })

  test('what it covers is asked with those of the present alone', () => {
    const config = withSilences(CONFIG, [silenceOf(), silenceOf({ id: 'over', until: '2026-11-27T10:10:00.000Z' })])
    const ids = (time: string) => silencesOn(changeOf('firing', 5), config, timeAt(time)).map(({ id }) => id)
    expect(['09:59', '10:05', '10:10', '12:00'].map(ids)).toEqual([[], ['quiet-otter', 'over'], ['quiet-otter'], []])
  })
})

test('what is compiled for the rules is kept when silences come and go', () => {
  const silences = [silenceOf()]
  expect(withSilences(CONFIG, silences)).toBe(withSilences(CONFIG, silences))
  expect(rulesOf(withSilences(CONFIG, silences))).toBe(rulesOf(CONFIG))
  expect(rulesOf(withSilences(withSilences(CONFIG, silences), []))).toBe(rulesOf(CONFIG))
})
