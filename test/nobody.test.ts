import { describe, expect, test } from 'vitest'
import { describeChange } from '../cli/history/print.ts'
import type { Config } from '../schemas/config.ts'
import { findingsOf } from '../shared/check/findings.ts'
import { checkConfig } from '../shared/config/check.ts'
import { decide } from '../shared/decide/decide.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { notified } from '../shared/decide/turn.ts'
import { explanationOf } from '../shared/explain/explanation.ts'
import { planOf } from '../shared/plan/plan.ts'
import { firing } from './alert-samples.ts'
import { problemsOf } from './config-problems.ts'
import { estate, findingsIn, metricAlarm, SHIPPED } from './estate-parts.ts'
import { someConfig } from './some-config.ts'

/** A rule may say that nobody is notified, and why: nothing is lost, and nobody is disturbed. */
const REASON = 'it flaps each night, and is harmless'
const quiet = { name: 'quiet', when: { name: 'orders-*' }, severity: 'info', notify: { nobody: REASON } }
const alert = { ...firing.alert, name: 'orders-db', title: 'orders-db', tags: {}, links: {} }
const at = new Date(alert.changedAt)
const decided = (rules: object[], more: object = {}) => decide(alert, someConfig(rules, more))
const BY_RULE = `rule "quiet" notifies nobody: ${REASON}`

describe('an alert that a rule sends to nobody', () => {
  const config = someConfig([quiet])

  test('has its severity, and no channel', () => {
    expect(decided([quiet])).toMatchObject({
      ...{ severity: 'info', rule: 'quiet', channels: [], nobody: { rule: 'quiet', reason: REASON } },
      because: ['rule "quiet" matches first: info', BY_RULE],
    })
  })

  test('is neither held, nor reminded of, nor escalated, whatever its severity says', () => {
    const to = { channels: ['slack'], hold: '3m', remind: '1h', escalate: [{ after: '15m', to: ['pager'] }] }
    const severities = { critical: to, warning: to, info: { ...to, response: { acknowledge: '15m' } } }
    const decision = decided([quiet], { severities })
    for (const key of ['hold', 'remind', 'escalate', 'response']) expect(decision).not.toHaveProperty(key)
    expect(decision.because.at(-1)).toBe(BY_RULE)
    expect(decided([{ ...quiet, notify: undefined }], { severities })).toHaveProperty('escalate')
  })

  test('is recorded as firing, and nobody is woken', () => {
    const next = nextByChange(undefined, { alert, change: 'c1' }, config, at)
    expect(next).toMatchObject({ outcome: 'nobody', wake: [], state: { status: 'firing', recipients: {} } })
    expect(next.state.firing).toMatchObject({ severity: 'info', rule: 'quiet' })
    expect(next.decision.because.at(-1)).toBe(BY_RULE)
  })

  test('sends no resolve either, also by rules that would', () => {
    const { state } = nextByChange(undefined, { alert, change: 'c1' }, config, at)
    const over = { ...alert, status: 'resolved' as const, changedAt: new Date(at.getTime() + 60_000).toISOString() }
    for (const now of [config, someConfig([])]) {
      const next = nextByChange(state, { alert: over, change: 'c2' }, now, new Date(over.changedAt))
      expect(next).toMatchObject({ outcome: 'nobody', wake: [] })
    }
  })

  test('is sent once the rule is gone', () => {
    const { state } = nextByChange(undefined, { alert, change: 'c1' }, config, at)
    const again = { ...alert, changedAt: new Date(at.getTime() + 60_000).toISOString() }
    const next = nextByChange(state, { alert: again, change: 'c2' }, someConfig([]), new Date(again.changedAt))
    expect(next).toMatchObject({ outcome: 'sent', wake: ['slack'] })
  })

  test('sends the resolve to whoever had the firing, though a rule says nobody since', () => {
    const { state } = nextByChange(undefined, { alert, change: 'c1' }, someConfig([]), at)
    const over = { ...alert, status: 'resolved' as const, changedAt: new Date(at.getTime() + 60_000).toISOString() }
    const { change, status, at: changedAt } = state.recipients.slack?.owed ?? { change: '', status: 'firing', at: '' }
    const note = { recipient: 'slack', change, status, changedAt, notifiedAt: changedAt, fingerprint: '', token: '' }
    const before = notified(state, note)
    const next = nextByChange(before, { alert: over, change: 'c2' }, config, new Date(over.changedAt))
    expect(next).toMatchObject({ outcome: 'sent', wake: ['slack'] })
  })

  test('is shown with the reason in its history', () => {
    const { decision, outcome } = nextByChange(undefined, { alert, change: 'c1' }, config, at)
    const { severity, rule, because, channels } = decision
    const messages = [{ messageId: 'm1', outcome, recordedAt: alert.changedAt }]
    const text = describeChange({ alert, severity, rule, because, channels, messages, deliveries: [], keys: [] }, 100)
    expect(text).toContain('info, by rule "quiet": to nobody')
    expect(text).toContain(`not sent: ${BY_RULE}`)
  })

  test('is explained with the reason', () => {
    const { parts, notifications } = explanationOf(alert, config, at)
    expect(parts).toContainEqual({ part: 'nobody', value: REASON, by: 'rule "quiet"' })
    expect(notifications).toEqual([])
  })
})

describe('with rules that continue, the last that says who is notified wins', () => {
  const after = (...rest: object[]) => decided([{ ...quiet, continue: true }, ...rest])
  const all = { when: { name: '*' } }
  test.each<[string, object[], string[], string?]>([
    ['nobody, and a later severity', [all], [], REASON],
    ['nobody, and a later list', [{ ...all, channels: ['pager'] }], ['pager']],
    ['nobody, and a channel that is added later: it alone', [{ ...all, channels: { add: ['pager'] } }], ['pager']],
    [
      'nobody, a channel, and nobody again',
      [
        { ...all, channels: ['pager'], continue: true },
        { ...all, notify: { nobody: 'again' } },
      ],
      [],
      'again',
    ],
  ])('%s', (_, rest, channels, reason) => {
    const decision = after(...rest)
    expect([decision.channels, decision.nobody?.reason]).toEqual([channels, reason])
  })

  test('so nobody, after channels that were named or added', () => {
    const add = { name: 'add', when: { name: '*' }, channels: { add: ['pager'] }, continue: true }
    const list = { name: 'list', when: { name: '*' }, channels: ['pager'], continue: true }
    for (const before of [add, list]) expect(decided([before, quiet]).channels).toEqual([])
  })

  test('and who overrides whom is said', () => {
    const { because } = after({ when: { name: '*' }, channels: ['pager'] })
    expect(because).toContain(`rule "r1" sends to pager instead of the severity's channels, overriding rule "quiet"`)
  })

  test('non-production stays with nobody, too', () => {
    const staging = { ...alert, tags: { env: 'staging' } }
    expect(decide(staging, someConfig([{ ...quiet, severity: 'critical' }])).channels).toEqual([])
  })
})

describe('what is wrong with such a rule', () => {
  const text = (notify: string, more = '') => `
channels: { chat: { type: slack, secret: chat } }
severities: { critical: { channels: [chat] }, warning: { channels: [chat] }, info: { channels: [chat] } }
default: { severity: info }
rules:
  - name: quiet
    when: { name: x }
    severity: info
    notify: ${notify}
${more}`
  test.each([
    ['no reason', 'nobody', '', 'found "nobody": that nobody is notified needs a reason, as in notify: { nobody: "'],
    ['an empty reason', '{ nobody: " " }', '', 'found " ": say why'],
    ['nothing', '{}', '', 'found nothing: that nobody is notified needs a reason'],
    ['somebody', '{ somebody: x }', '', 'unknown key "somebody". Allowed: nobody.'],
    ['channels as well', '{ nobody: x }', '    channels: [chat]', `can't name channels. Remove one of the two`],
  ])('%s', (_, notify, more, message) => {
    expect(problemsOf(text(notify, more))).toContain(message)
  })

  test('nothing, where it says why', () => {
    expect(problemsOf(text('{ nobody: harmless }'))).toBe('no problem')
  })
})

describe('the check', () => {
  const now = new Date('2026-11-27T12:00:00Z')
  const found = (config: Config) =>
    findingsOf(config, { now }).findings.filter(({ code }) => /nobody-instead|overlapping|wakes-nobody/.test(code))

  test('notes a rule whose critical alerts reach nobody, with its reason', () => {
    expect(found(someConfig([{ ...quiet, severity: 'critical' }]))).toMatchObject([
      {
        code: 'nobody-instead-of-page',
        path: ['rules', 0, 'notify'],
        message: `nobody is notified of critical alerts: "${REASON}"`,
      },
    ])
  })

  test('notes an exception to a rule that pages, with an alert that it takes', () => {
    const pages = { name: 'down', when: { name: '*' }, severity: 'critical' }
    expect(found(someConfig([quiet, pages]))).toMatchObject([
      {
        code: 'nobody-instead-of-page',
        message: expect.stringContaining('alerts that would page by rule "down" below'),
        also: [['rules', 1, 'name']],
        example: { name: expect.stringMatching(/^orders-/) },
      },
    ])
  })

  test('notes it where the rule continues, and a later one gives the severity alone', () => {
    const goesOn = { ...quiet, severity: undefined, continue: true }
    const pages = { name: 'down', when: { metric: 'Up' }, severity: 'critical' }
    expect(found(someConfig([goesOn, pages]))).toMatchObject([{ code: 'nobody-instead-of-page' }])
    expect(found(someConfig([goesOn, { ...pages, channels: ['pager'] }]))).toEqual([])
  })

  test('warns of one that takes what another rule is for, as of any overlap', () => {
    const down = { name: 'down', when: { metric: 'Up' }, severity: 'critical' }
    expect(found(someConfig([quiet, down]))).toMatchObject([
      {
        code: 'overlapping-rules',
        message: 'some alerts reach nobody here that would be critical by rule "down" below',
      },
      { code: 'nobody-instead-of-page' },
    ])
  })

  test('says nothing of one that takes no page', () => {
    expect(found(someConfig([quiet, { when: { name: '*' }, severity: 'warning' }]))).toEqual([])
  })
})

describe('a plan', () => {
  const loud = { ...quiet, notify: undefined, severity: 'critical' }
  test.each<[string, object, object, string]>([
    ['that silences a page', loud, { ...quiet, severity: 'critical' }, 'stops notifying'],
    ['that notifies again', { ...quiet, severity: 'info' }, { ...loud, severity: 'info' }, 'starts being sent'],
    ['that pages again', quiet, loud, 'starts paging'],
  ])('%s', (_, before, after, effect) => {
    const plan = planOf([alert], someConfig([before]), someConfig([after]))
    expect(plan.differences.map((one) => one.effect)).toEqual([effect])
  })
})

describe('an alarm that has not fired', () => {
  const name = 'orders-errors'
  const of = (notify: object) => ({
    ...SHIPPED,
    rules: [{ name: 'orders', when: { name }, severity: 'warning' as const, ...notify }, ...SHIPPED.rules],
  })

  test('and that a rule sends to nobody, is no lost page', () => {
    const config = of({ notify: { nobody: REASON } }) as Config
    expect(findingsIn(estate([metricAlarm()]), { config }).map(({ id }) => id)).not.toContain('rules-notify-nobody')
  })

  test('is one, where no rule says so', () => {
    const config = of({ channels: [] }) as Config
    expect(findingsIn(estate([metricAlarm()]), { config }).map(({ id }) => id)).toContain('rules-notify-nobody')
  })
})

test('the config that comes with the router sends nothing to nobody', () => {
  expect(checkConfig(structuredClone(SHIPPED)).rules.filter(({ notify }) => notify)).toEqual([])
})
