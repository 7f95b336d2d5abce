import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Config } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import { decide } from '../shared/decide/decide.ts'
import { parse } from '../shared/parse/parse.ts'
import { contextOf } from './hand.ts'
import { alarmChange, arnOf, type RouterByHand, startRouterByHand } from './router-by-hand.ts'

/** The monthly maintenance is on Sunday 6 December 2026, from 01:00 to 05:00 UTC: 02:00 to 06:00 in Berlin. */
const SOURCE = {
  timezone: 'Europe/Berlin',
  windows: {
    'office-hours': { on: 'weekdays', from: '09:00', to: '17:30' },
    nights: { from: '22:00', to: '06:00' },
    'patch-day': { on: 'first sunday', from: '02:00', for: '4h' },
    freeze: { from: '2026-12-24', for: '4d' },
  },
  channels: {
    pager: { type: 'pagerduty', secret: 'pager' },
    chat: { type: 'slack', secret: 'chat' },
    quiet: { type: 'slack', secret: 'quiet', mute: 'nights' },
    mail: { type: 'email', addresses: ['a@example.com'] },
  },
  severities: {
    critical: { channels: ['pager', 'chat'] },
    warning: { channels: ['chat', 'quiet'] },
    info: { channels: ['mail'], active: 'office-hours' },
  },
  maintenance: [
    { name: 'monthly maintenance', window: 'patch-day', covers: { name: 'prod-*' } },
    { name: 'freeze', window: 'freeze' },
  ],
  rules: [
    { name: 'no data', when: { status: 'insufficient-data' }, severity: 'warning', channels: ['chat'] },
    { name: 'in the day', when: { name: '*-batch*' }, severity: 'critical', active: 'office-hours' },
    { name: 'warnings', when: { name: ['*-warning*', '*-batch*'] }, severity: 'warning' },
    { name: 'news', when: { name: '*-news*' }, severity: 'info' },
  ],
  default: { severity: 'critical' },
}
const config: Config = checkConfig(structuredClone(SOURCE))

let router: RouterByHand
let run = 0
/** Makes the names of a test its own. */
let name: (prefix: string) => string

beforeAll(async () => {
  router = await startRouterByHand(config)
})
afterAll(() => router.stop())
beforeEach(async () => {
  const mine = ++run
  name = (prefix) => `${prefix}-${mine}`
  await router.startAnew()
  await notified()
})

const iso = (time: string) => `2026-12-${time}:00.000Z`
const at = (time: string) => vi.setSystemTime(new Date(iso(time)))
const change = (alarm: string, value: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA', time: string) =>
  alarmChange(alarm, value, iso(time))
const come = async (...events: object[]) => {
  await router.come(...events)
  await router.work()
}
const passUntil = (time: string) => router.passUntil(iso(time))
const history = (alarm: string) => router.changes(arnOf(alarm))

/** The channels notified since, and with which status. */
async function notified(): Promise<string[]> {
  const { slack, pagerduty } = router.engine
  const ofSlack = slack.requests.map(({ path, body }) => `${path} ${statusIn((body as { text: string }).text)}`)
  const ofPager = pagerduty.requests.map(({ body }) => {
    const { event_action: action } = body as { event_action: string }
    return `pager ${action === 'resolve' ? 'resolved' : 'firing'}`
  })
  // That a maintenance begins is a test of its own.
  const subjects = (await router.emails()).filter((subject) => !subject.includes('Maintenance'))
  const mails = subjects.map((subject) => `mail ${statusIn(subject)}`)
  slack.requests.length = 0
  pagerduty.requests.length = 0
  return [...ofSlack, ...ofPager, ...mails].sort()
}

function statusIn(headline: string): string {
  if (headline.includes('RESOLVED')) return 'resolved'
  return headline.includes('NO DATA') ? 'insufficient-data' : 'firing'
}

describe('an alert that a maintenance covers', () => {
  test('is sent at its end, and not before', async () => {
    const alarm = name('prod-db')
    at('06T02:00')
    await come(change(alarm, 'ALARM', '06T01:59'))
    expect(await notified()).toEqual([])
    expect(await history(alarm)).toMatchObject([
      {
        outcome: 'held',
        channels: [],
        held: ['pager 2026-12-06T05:00:00.000Z', 'chat 2026-12-06T05:00:00.000Z'],
        because: [
          'no rule matches: the default severity is critical',
          'within monthly maintenance: pager is notified at 2026-12-06T05:00Z',
          'within monthly maintenance: chat is notified at 2026-12-06T05:00Z',
        ],
      },
    ])

    await passUntil('06T04:59')
    expect(await notified()).toEqual([])
    await passUntil('06T05:00')
    expect(await notified()).toEqual(['chat firing', 'pager firing'])
    const [sent, ...others] = await history(alarm)
    expect(others).toEqual([])
    expect(sent).toMatchObject({ outcome: 'sent', channels: ['pager', 'chat'] })
    expect(sent?.because?.at(-1)).toBe('it arrived earlier and was held for pager, chat')

    at('06T20:00')
    await come(change(alarm, 'OK', '06T06:00'))
    expect(await notified()).toEqual(['chat resolved', 'pager resolved'])
  })

  test('and that resolves meanwhile is never sent, neither the firing nor the resolve', async () => {
    const alarm = name('prod-db')
    at('06T02:00')
    await come(change(alarm, 'ALARM', '06T01:59'), change(alarm, 'OK', '06T02:30'))
    await passUntil('06T05:00')
    expect(await notified()).toEqual([])
    const changes = await history(alarm)
    expect(changes.map(({ outcome }) => outcome)).toEqual(['held', 'nobody'])
    expect(changes[1]?.because?.at(-1)).toContain('the firing was never sent')

    await come(change(alarm, 'ALARM', '06T07:00'))
    expect(await notified()).toEqual(['chat firing', 'pager firing'])
  })

  test('and that fired again before its resolve was sent, within it', async () => {
    const alarm = name('prod-db')
    at('06T00:30')
    await come(change(alarm, 'ALARM', '06T00:30'))
    expect(await notified()).toEqual(['chat firing', 'pager firing'])
    at('06T02:00')
    await come(change(alarm, 'OK', '06T02:00'))
    expect(await notified()).toEqual(['chat resolved', 'pager resolved'])
  })

  test('is sent once, though two messages reported it', async () => {
    const alarm = name('prod-db')
    at('06T02:00')
    await come(change(alarm, 'ALARM', '06T01:59'), change(alarm, 'ALARM', '06T01:59'))
    await passUntil('06T05:00')
    expect(await notified()).toEqual(['chat firing', 'pager firing'])
  })

  test('goes to all channels that are held when a newer change arrives first', async () => {
    const alarm = name('prod-warning')
    at('06T02:00')
    await come(change(alarm, 'ALARM', '06T02:00'))
    // At night, one of the two is muted still.
    await passUntil('06T04:50')
    await come(change(alarm, 'INSUFFICIENT_DATA', '06T04:50'))
    expect(await notified()).toEqual([])
    await passUntil('06T05:01')
    expect(await notified()).toEqual(['chat insufficient-data', 'chat firing', 'quiet firing'].sort())
  })

  test('may be held for days, and its message is never stale', async () => {
    at('24T12:00')
    await come(change(name('any-db'), 'ALARM', '24T12:00'))
    await passUntil('27T22:59')
    expect(await notified()).toEqual([])
    await passUntil('27T23:00')
    expect(await notified()).toEqual(['chat firing', 'pager firing'])
  })

  test('and without its own time has the time of its first arrival', async () => {
    at('06T02:00')
    await come({ title: name('prod-thing'), message: 'has happened' })
    await passUntil('06T05:00')
    const [message, ...others] = router.engine.slack.requests
    expect(others).toEqual([])
    expect(JSON.stringify(message?.body)).toContain(`at <!date^${Date.UTC(2026, 11, 6, 2) / 1_000}^`)
  })

  test('is held too when CloudWatch invokes the function directly', async () => {
    at('06T02:00')
    const { detail, resources, time, region, account } = change(name('prod-db'), 'ALARM', '06T02:00')
    const action = {
      source: 'aws.cloudwatch',
      alarmArn: resources[0],
      accountId: account,
      time,
      region,
      alarmData: detail,
    }
    await router.handler('alarms')(action as never, contextOf(15_000))
    await router.work()
    expect(await notified()).toEqual([])
    await passUntil('06T05:00')
    expect(await notified()).toEqual(['chat firing', 'pager firing'])
  })

  test('is the only one held: another alert is sent at once', async () => {
    at('06T02:00')
    await come(change(name('dev-db'), 'ALARM', '06T02:00'))
    expect(await notified()).toEqual(['chat firing', 'pager firing'])
  })
})

describe('outside its windows', () => {
  test('a channel is notified later, the others now, and each once', async () => {
    const alarm = name('db-warning')
    at('08T23:00')
    await come(change(alarm, 'ALARM', '08T23:00'))
    expect(await notified()).toEqual(['chat firing'])
    expect(await history(alarm)).toMatchObject([
      { outcome: 'sent', channels: ['chat'], held: ['quiet 2026-12-09T05:00:00.000Z'] },
    ])
    await passUntil('09T05:00')
    expect(await notified()).toEqual(['quiet firing'])
    await come(change(alarm, 'OK', '09T06:00'))
    expect(await notified()).toEqual(['chat resolved', 'quiet resolved'])
  })

  test('a channel that never got the firing gets no resolve', async () => {
    const alarm = name('db-warning')
    at('08T23:00')
    await come(change(alarm, 'ALARM', '08T23:00'))
    at('08T23:30')
    await come(change(alarm, 'OK', '08T23:30'))
    await passUntil('09T05:00')
    expect(await notified()).toEqual(['chat firing', 'chat resolved'])
  })

  test('a severity is sent later', async () => {
    at('05T12:00')
    await come(change(name('db-news'), 'ALARM', '05T12:00'))
    expect(await notified()).toEqual([])
    await passUntil('07T08:00')
    expect(await notified()).toEqual(['mail firing'])
  })

  test.each([
    ['08T12:00', 'in the day', 'critical'],
    ['08T20:00', 'warnings', 'warning'],
  ])('a rule does not match, and a later one does: %s', (time, rule, severity) => {
    const [alert] = parse(change('db-batch', 'ALARM', '08T12:00'))
    if (!alert) throw new Error('no alert')
    const decision = decide(alert, config, undefined, new Date(`2026-12-${time}Z`))
    expect(decision).toMatchObject({ rule, severity })
    const skipped = 'rule "in the day" would match, but not at this time: outside office-hours'
    expect(decision.because.includes(skipped)).toBe(rule === 'warnings')
  })
})

describe('a notice', () => {
  /** As people read it; in office hours, in which info is sent. */
  const subjects = async () => (await router.emails()).map((subject) => subject.replace(/^\[\w+\] /, ''))

  test('announces as info when a maintenance starts and ends, once, and is not held by it', async () => {
    at('23T22:50')
    await passUntil('24T07:00')
    expect(await subjects()).toEqual([])
    await passUntil('24T08:30')
    expect(await subjects()).toEqual(['Maintenance started: freeze'])
    await passUntil('27T22:59')
    expect(await subjects()).toEqual([])
    await passUntil('28T09:00')
    expect(await subjects()).toEqual([expect.stringContaining('Maintenance ended: freeze')])
    await passUntil('28T12:00')
    expect(await subjects()).toEqual([])
  })
})

describe('a config', () => {
  const problems = (change: (config: typeof SOURCE) => unknown): string => {
    const changed = structuredClone(SOURCE)
    change(changed)
    try {
      checkConfig(changed)
      return 'none'
    } catch (error) {
      return String(error)
    }
  }

  test.each<[string, (config: typeof SOURCE) => unknown, string[]]>([
    [
      'names a window that there is not',
      (c) => Object.assign(c.severities.info, { active: 'ofice-hours' }),
      ['severities.info.active: unknown window "ofice-hours". Did you mean "office-hours"?'],
    ],
    [
      'has a key in a window that is misspelt',
      (c) => Object.assign(c.windows.nights, { untl: '06:00' }),
      ['windows.nights.untl: unknown key "untl".', 'Allowed: on, from, to, for, timezone.'],
    ],
    [
      'has an invalid time in an unnamed window',
      (c) => Object.assign(c.channels.quiet, { mute: { from: '22:00', to: '6:00' } }),
      ['channels.quiet.mute.to: found "6:00": a time of day is HH:MM'],
    ],
    [
      'has a key in an unnamed window that is misspelt',
      (c) => Object.assign(c.rules[1] ?? {}, { mute: { form: '22:00', for: '6h' } }),
      ['rules[1].mute.form: unknown key "form". Did you mean "for"? Allowed: on, from, to, for, timezone.'],
    ],
    [
      'has a number where a window is needed',
      (c) => Object.assign(c.rules[1] ?? {}, { active: 9 }),
      ['rules[1].active: expected the name of a window, a list of names, or a window, got 9'],
    ],
    [
      'covers by a field that alerts have not',
      (c) => Object.assign(c.maintenance[0] ?? {}, { covers: { nmae: 'x' } }),
      ['maintenance[0].covers.nmae: unknown field "nmae". Did you mean "name"?'],
    ],
    [
      'has two maintenances of one name',
      (c) => Object.assign(c.maintenance[1] ?? {}, { name: 'monthly maintenance' }),
      ['maintenance[1].name: "monthly maintenance" is also the name of another maintenance'],
    ],
    ['is good', () => undefined, ['none']],
  ])('%s', (_, change, messages) => {
    for (const message of messages) expect(problems(change)).toContain(message)
  })
})
