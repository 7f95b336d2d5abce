import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { ChannelConfig } from '../schemas/channel.ts'
import { render as emailOf } from '../shared/channels/email/render.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { render as slackOf } from '../shared/channels/slack/render.ts'
import { possibleIn } from '../shared/decide/channels-by-field.ts'
import { decide } from '../shared/decide/decide.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { notificationsOf } from '../shared/decide/notifications.ts'
import { explanationOf } from '../shared/explain/explanation.ts'
import { HEARTBEAT, withHeartbeat } from '../shared/observe/heartbeat.ts'
import { firing } from './alert-samples.ts'
import { someConfig } from './some-config.ts'

/** A rule may name channels by what an alert says; whatever it says, the alert goes to channels of the config. */
const slack = (more: object = {}) => ({ type: 'slack', secret: 'x', ...more })
const channels = {
  pager: { type: 'pagerduty', secret: 'pager', fallback: 'slack' },
  slack: slack(),
  'slack-orders': slack({ formerly: ['slack-shop'] }),
  'slack-web': slack(),
  news: slack(),
}
const severities = {
  critical: { channels: ['pager', 'slack'] },
  warning: { channels: ['slack'] },
  info: { channels: ['slack'] },
}
const configOf = (...some: object[]) =>
  someConfig(
    some.map((rule) => ({ when: { name: '*' }, ...rule })),
    { channels, severities },
  )
const alertOf = (team: string | undefined): Alert => ({
  ...firing.alert,
  tags: team === undefined ? {} : { team },
  links: {},
})
const BY_TEAM = { channels: ['slack-{tags.team}'] }

describe('a list of channels with a value', () => {
  test.each<[string, object, string | undefined, string[], string?]>([
    ['is a channel', BY_TEAM, 'orders', ['slack-orders']],
    ['is a channel by its old name', BY_TEAM, 'shop', ['slack-orders']],
    ['is no channel: the severity’s', BY_TEAM, 'payments', ['slack'], 'no channel slack-payments: sent to slack'],
    [
      'has no value: the severity’s',
      BY_TEAM,
      undefined,
      ['slack'],
      'no channel slack-{tags.team}: tags.team is missing: sent to slack',
    ],
    ['is one of two channels', { channels: ['slack-{tags.team}', 'news'] }, 'web', ['slack-web', 'news']],
    [
      'is no channel beside another: the severity’s, too',
      { channels: ['slack-{tags.team}', 'news'] },
      'x',
      ['news', 'slack'],
      'no channel slack-x: sent to news, slack',
    ],
    [
      'is no channel, and the alert is critical',
      { ...BY_TEAM, severity: 'critical' },
      'x',
      ['pager', 'slack'],
      'no channel slack-x: sent to pager, slack',
    ],
    ['is added', { channels: { add: ['slack-{tags.team}'] } }, 'web', ['slack', 'slack-web']],
    [
      'is added, and no channel',
      { channels: { add: ['slack-{tags.team}'] } },
      'x',
      ['slack'],
      'no channel slack-x: sent to slack',
    ],
  ])('%s', (_, rule, team, expected, note) => {
    const decision = decide(alertOf(team), configOf(rule))
    expect(decision.channels).toEqual(expected)
    expect(decision.notes).toEqual(note === undefined ? undefined : [note])
    if (note !== undefined) expect(decision.because.at(-1)).toBe(note)
  })

  test('says in its reasons what is missing, and where', () => {
    const { because } = decide(alertOf('x'), configOf({ channels: { add: ['slack-{tags.team}', 'news'] } }))
    expect(because).toContain('rule "r0" adds news, (no channel slack-x)')
  })

  test('leaves the router’s own channel to the router', () => {
    const { source, id } = HEARTBEAT
    const heartbeat: Alert = { ...firing.alert, fingerprint: `event:${source}:${id}` }
    expect(decide(heartbeat, withHeartbeat(configOf(BY_TEAM))).channels).toEqual(['heartbeat'])
  })

  test('that a later rule replaces is forgotten', () => {
    const config = configOf({ ...BY_TEAM, continue: true }, { channels: ['news'] })
    expect(decide(alertOf('x'), config)).toMatchObject({ channels: ['news'] })
    expect(decide(alertOf('x'), config).notes).toBeUndefined()
  })

  test('that is added to nobody, and is no channel, goes to the severity’s', () => {
    const nobody = { notify: { nobody: 'harmless' }, severity: undefined, continue: true }
    const config = configOf(nobody, { channels: { add: ['slack-{tags.team}'] } })
    expect(decide(alertOf('web'), config).channels).toEqual(['slack-web'])
    expect(decide(alertOf('x'), config)).toMatchObject({
      channels: ['slack'],
      notes: ['no channel slack-x: sent to slack'],
    })
  })

  test('never pages for non-production', () => {
    const config = configOf({ channels: ['{tags.team}'], severity: 'critical' })
    const staging = (team: string): Alert => ({ ...firing.alert, tags: { team, env: 'staging' }, links: {} })
    expect(decide(staging('pager'), config).channels).toEqual(['slack'])
    expect(decide(staging('x'), config)).toMatchObject({ channels: ['slack'], notes: ['no channel x: sent to slack'] })
  })
})

describe('the channels that a rule may name', () => {
  const ofRule = (channels: string[] | { add: string[] }) =>
    possibleIn({ channels }, withHeartbeat(configOf({})).channels)
  test.each<[string, string[] | { add: string[] }, string[]]>([
    ['are those that it names', ['news', 'slack'], ['news', 'slack']],
    ['are all that fit', ['slack-{tags.team}'], ['slack-orders', 'slack-web']],
    [
      'are all that fit, where it adds them',
      { add: ['{tags.team}-{tags.x}', 'news'] },
      ['slack-orders', 'slack-web', 'news'],
    ],
    ['are never the router’s own', ['{tags.team}'], ['pager', 'slack', 'slack-orders', 'slack-web', 'news']],
  ])('%s', (_, named, expected) => expect(ofRule(named)).toEqual(expected))

  test('are none where it names none', () => {
    expect(possibleIn({}, configOf({}).channels)).toEqual([])
    expect(decide(alertOf('web'), configOf({ channels: ['news', 'slack'] })).channels).toEqual(['news', 'slack'])
  })
})

describe('what is to go to a channel that there is not', () => {
  const config = configOf(BY_TEAM)
  const alert = { ...alertOf('x'), notes: ['severity "kritisch" is unknown'] }
  const at = new Date(alert.changedAt)
  const NOTE = 'no channel slack-x: sent to slack'

  test('says so in each message, beside its other notes', () => {
    const decision = decide(alert, config)
    const [notification] = notificationsOf(alert, decision, config, undefined)
    expect(notification?.alert.notes).toEqual(['severity "kritisch" is unknown', NOTE])
    if (!notification) return
    for (const payload of [slackOf(notification), emailOf(notification), pagerduty.render(notification)]) {
      expect(JSON.stringify(payload)).toContain(NOTE)
    }
  })

  test('says so in the explanation', () => {
    const { parts, decision } = explanationOf(alert, config, at)
    expect(decision.because).toContain(NOTE)
    expect(parts).toContainEqual({ part: 'channel', value: 'slack', by: 'severity warning: no channel slack-x' })
  })

  test('and what goes to one is explained by the text that names it', () => {
    const { parts } = explanationOf(alertOf('web'), config, at)
    const by = 'rule "r0", as slack-{tags.team}, replacing the severity\'s'
    expect(parts).toContainEqual({ part: 'channel', value: 'slack-web', by })
  })

  test('is resolved where it fired, whatever the resolve says', () => {
    const { state } = nextByChange(undefined, { alert: alertOf('web'), change: 'c1' }, config, at)
    const over: Alert = { ...alertOf('orders'), status: 'resolved', changedAt: '2026-09-14T12:00:00.000Z' }
    expect(nextByChange(state, { alert: over, change: 'c2' }, config, at)).toMatchObject({
      decision: { channels: ['slack-web'] },
    })
  })
})

describe('hostile values', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.constantFrom('../../x', '{name}', '{tags.team}', '*', '?', 'slack-*', 'heartbeat', '__proto__', 'constructor'),
    fc.constantFrom('toString', 'hasOwnProperty', 'orders\n', ' orders', 'ORDERS', '\u202eorders', '$teams', '`x`'),
    fc.constantFrom('x'.repeat(10_000), '{'.repeat(10_000), '\\'.repeat(5_000)),
  )
  const config = withHeartbeat(
    configOf({
      channels: ['slack-{tags.team}', '{tags.team}', '{name:/(.*)/}'],
      labels: { owner: '{tags.team}' },
      set: { team: '{tags.team}' },
      severity: '{tags.team}',
      otherwise: 'warning',
    }),
  )
  const isReal = (name: string) => (config.channels[name] as ChannelConfig | { type: string }).type !== 'sink'

  test('never become a channel that is not in the file, nor leave an alert without one', () => {
    fc.assert(
      fc.property(hostile, hostile, (team, name) => {
        const decision = decide({ ...alertOf(team), name: name || 'x' }, config)
        expect(decision.channels.length).toBeGreaterThan(0)
        for (const channel of decision.channels) {
          expect(Object.hasOwn(config.channels, channel) && isReal(channel)).toBe(true)
        }
        const said = [...(decision.notes ?? []), ...decision.because, ...Object.values(decision.labels ?? {})]
        for (const text of said) expect(text.length).toBeLessThan(1_000)
        for (const note of decision.notes ?? []) expect(note).toMatch(/^[^\p{Cc}\u202e]*$/u)
      }),
    )
  })

  test.each(['heartbeat', 'constructor', '__proto__', '../../x', '{name}'])('%s is none', (team) => {
    const decision = decide(alertOf(team), withHeartbeat(configOf({ channels: ['{tags.team}'] })))
    expect(decision).toMatchObject({ channels: ['slack'], notes: [`no channel ${team}: sent to slack`] })
  })
})
