import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { checkConfig } from '../shared/config/check.ts'
import { newState } from '../shared/decide/alert-state.ts'
import { recipientNow } from '../shared/decide/channel-now.ts'
import { readComparison } from '../shared/decide/comparison.ts'
import { decide, follows } from '../shared/decide/decide.ts'
import { recipientsOf } from '../shared/decide/decision.ts'
import { setName } from '../shared/decide/pattern.ts'
import { compileRules } from '../shared/decide/rules.ts'
import { changeOf, timeOf } from './life.ts'
import { recipient } from './recipients.ts'

/** What is decided of an alert, and why, as a person reads it. */
const FIRES = changeOf('firing', 10)
const configOf = (rules: object[], more: object = {}) =>
  checkConfig({
    channels: { pager: { type: 'pagerduty', secret: 'p' }, chat: { type: 'slack', secret: 'c' } },
    severities: { critical: { channels: ['pager'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
    default: { severity: 'critical' },
    rules,
    ...more,
  })
const becauseOf = (alert: Alert, ...rules: object[]) => decide(alert, configOf(rules)).because

describe('an explanation says', () => {
  const all = { when: { name: '*' } }
  test.each<[string, Partial<Alert>, object[], string[]]>([
    [
      'that a rule does not apply at this time',
      {},
      [{ name: 'a', ...all, severity: 'info', mute: { from: '10:00', to: '11:00' } }],
      [
        'rule "a" would match, but not at this time: within from 10:00 to 11:00',
        'no rule matches: the default severity is critical',
      ],
    ],
    [
      'that a rule sets a runbook, if the alert has none',
      { links: {} },
      [{ name: 'a', ...all, severity: 'info', runbook: 'https://a.example.com' }],
      ['rule "a" matches first: info', 'rule "a" sets the runbook https://a.example.com'],
    ],
    [
      'nothing of a runbook, if the alert has its own; but of a title',
      { links: { runbook: 'https://b.example.com' } },
      [{ name: 'a', ...all, severity: 'info', runbook: 'https://a.example.com', title: 'A' }],
      ['rule "a" matches first: info', 'rule "a" sets its own title'],
    ],
    [
      'which rule has switched evidence off, or on again',
      {},
      [
        { name: 'a', ...all, severity: 'info', evidence: 'off', continue: true },
        { name: 'b', ...all, severity: 'info', evidence: 'on' },
      ],
      [
        'rule "a" matches first: info; later rules are evaluated too',
        'rule "a" sets evidence off',
        'rule "b" also matches: info, overriding rule "a"',
        'rule "b" sets evidence on, overriding rule "a"',
      ],
    ],
    [
      'forty characters of a word that is no severity',
      { tags: { severity: 'x'.repeat(41) } },
      [{ name: 'a', ...all, severity: '{tags.severity}', otherwise: 'info' }],
      [`rule "a" matches first: info, because tags.severity "${'x'.repeat(40)}" is not a severity`],
    ],
  ])('%s', (_, alert, rules, because) => {
    expect(becauseOf({ ...FIRES, ...alert }, ...rules)).toEqual(because)
  })
})

test.each([
  ['firing', undefined, '0s'],
  ['resolved', undefined, undefined],
  ['insufficient-data', undefined, undefined],
  ['firing', 7, '180s'],
  ['resolved', 7, '180s'],
] as const)('how long it has been firing: %s, known since minute %s: %s', (status, since, lasting) => {
  const rule = (name: string, firingFor: string) => ({ name, when: { firingFor }, continue: true, severity: 'info' })
  const rules = [rule('0s', '<= 0s'), rule('180s', '>= 180s')]
  const firingSince = since && timeOf(since)
  const matching = compileRules(configOf([...rules])).matching({ alert: changeOf(status, 10), firingSince })
  expect(matching.map(({ name }) => name)).toEqual(lasting ? [lasting] : [])
})

describe('a comparison', () => {
  test.each([
    ['> 1', '>', 1, false, [false, false, true]],
    ['>= 1', '>=', 1, false, [false, true, true]],
    ['<1', '<', 1, false, [true, false, false]],
    ['<=  1.0', '<=', 1, false, [true, true, false]],
    ['>= 1s', '>=', 1, true, [false, true, true]],
    ['< 2m', '<', 120, true, [true, true, true]],
  ])('%s', (text, operator, limit, isDuration, found) => {
    const { matches, ...read } = readComparison(text) ?? { matches: () => undefined }
    expect(read).toEqual({ operator, limit, isDuration })
    expect(['0', '1', '1.5'].map(matches)).toEqual(found)
    expect(['', 'x', '1x', '-'].map(matches)).toEqual([false, false, false, false])
  })

  test.each(['', '1', '>', '= 1', '> x', '=> 1', '> 1x', 'x > 1'])('not: %o', (text) => {
    expect(readComparison(text)).toBeUndefined()
  })
})

test('non-production is lowered to its highest severity', () => {
  const nonProduction = { when: { name: '*' }, highest: 'info' }
  expect(decide(FIRES, configOf([], { nonProduction })).severity).toBe('info')
})

test('a resolve of which no firing is known follows none', () => {
  expect(follows(changeOf('resolved', 10), configOf([]), undefined)).toBe(false)
})

test('a rule that does not apply at this time does not match', () => {
  const muted = { name: 'a', when: { name: '*' }, severity: 'info', mute: { from: '10:00', to: '11:00' } }
  expect(compileRules(configOf([muted])).matching({ alert: FIRES })).toEqual([])
})

test.each([
  ['$prod', 'prod'],
  ['US$prod', undefined],
  ['$prod!', undefined],
])('%s names the set %s', (text, name) => {
  expect(setName(text)).toBe(name)
})

test('its recipients are those of now, and those of later', () => {
  const held = [{ channel: 'quiet', until: timeOf(40), why: 'x' }]
  const decision = { severity: 'info' as const, rule: 'x', channels: ['chat', 'mail'], held, because: [] }
  expect(recipientsOf(decision)).toEqual(['chat', 'mail', 'quiet'])
})

describe('a wake-up finds its recipient', () => {
  const channels = {
    ...{
      talk: { type: 'slack', secret: 'c', formerly: ['chat'] },
      pd: { type: 'slack', secret: 'p', formerly: ['pager'] },
    },
    ...{ mail: { type: 'slack', secret: 'm' } },
  } as const
  const fallbackFor = { channel: 'pager', reason: 'x' }
  const state = {
    ...newState(FIRES),
    recipients: {
      other: recipient('mail'),
      chat: recipient('chat'),
      talk: recipient('talk'),
      pd: recipient('pd'),
      'mail for pager': recipient('mail', { fallbackFor }),
    },
  }
  test.each([
    ['by its name, before another of its channel', 'talk', 'talk'],
    ['by its former name, if it still has that', 'chat', 'chat'],
    ['by the new name of its channel', 'pager', 'pd'],
    ['as a fallback, by the new name of its channel', 'mail for pd', 'mail for pager'],
    ['by the channel that it was merged with', 'pd for pager', 'pd'],
    ['not, if its channel is unknown', 'x', 'x'],
    ['not, if it is the fallback of an unknown channel', 'mail for x', 'mail for x'],
    ['not, if it has none here', 'talk for pd', 'talk for pd'],
  ])('%s', (_, name, found) => {
    expect(recipientNow(state, { recipient: name }, structuredClone(channels) as never)).toBe(found)
  })

  test('not, if nothing is known of its alert', () => {
    expect(recipientNow(undefined, { recipient: 'talk' }, structuredClone(channels) as never)).toBe('talk')
  })
})
