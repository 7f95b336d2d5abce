import { describe, expect, test } from 'vitest'
import type { AlertStatus } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { play } from '../shared/player/player.ts'
import type { Sent, Step } from '../shared/player/step.ts'
import { changeOf, config, type Kind, timeOf } from './life.ts'

/** What each channel would be sent, and when: the router without a table. Minutes count from 10:00. */
const msOf = (minute: number) => Date.parse(timeOf(0)) + minute * 60_000
const ALERT = changeOf('firing', 0).fingerprint
const comes = (status: AlertStatus, minute: number, kind?: Kind, lateMin = 0): Step => ({
  ...{ kind: 'change', at: msOf(minute + lateMin) },
  alert: changeOf(status, minute, kind),
})
const [TEN_PM, SIX_AM] = [12 * 60, 20 * 60]
const WEEK = 7 * 24 * 60

const asText = ({ at, channel, kind, fallbackFor }: Sent) =>
  `${(at - msOf(0)) / 60_000}: ${channel} ${kind}${fallbackFor === undefined ? '' : ` for ${fallbackFor}`}`

function sent(steps: Step[], more: { config?: Config; tickEveryMs?: number } = {}): string[] {
  return play(steps, { config, startsAt: msOf(0), ...more }, msOf(WEEK)).sent.map(asText)
}

const down = (channel: string, from: number, to: number): Step[] =>
  [from, to].map((minute) => ({ kind: 'channel', at: msOf(minute), channel, isDown: minute === from }))
const withChannels = (channels: object): Config => ({ ...config, channels: { ...config.channels, ...channels } })
const FALLING_BACK = withChannels({ critical: { ...config.channels.critical, fallback: 'chat' } })

describe('is sent', () => {
  test.each<[string, Step[], string[]]>([
    [
      'what fires, and its resolve',
      [comes('firing', 0), comes('resolved', 5)],
      ['0: pager firing', '0: critical firing', '5: pager resolved', '5: critical resolved'],
    ],
    ['a loss of data', [comes('insufficient-data', 0), comes('resolved', 5)], ['0: chat no data', '5: chat resolved']],
    ['what a window holds, when it ends', [comes('firing', TEN_PM, 'quiet')], [`${SIX_AM}: quiet firing`]],
    ['nothing of what ended while it was held', [comes('firing', TEN_PM, 'quiet'), comes('resolved', 800)], []],
    [
      'the resolve of it at any time',
      [comes('firing', TEN_PM - 1, 'quiet'), comes('resolved', TEN_PM + 1)],
      [`${TEN_PM - 1}: quiet firing`, `${TEN_PM + 1}: quiet resolved`],
    ],
    [
      'one message about an episode that arrives after its end',
      [comes('resolved', 5), comes('firing', 0, 'warning', 9)],
      ['9: chat missed'],
    ],
    ['a duplicate, once', [comes('firing', 0, 'warning'), comes('firing', 0, 'warning', 3)], ['0: chat firing']],
    [
      'the resolve, if a person resolves it',
      [comes('firing', 0, 'warning'), { kind: 'resolve', at: msOf(4), alert: ALERT, by: 'ann' }],
      ['0: chat firing', '4: chat resolved'],
    ],
    ['nothing, if a person resolves what is not known', [{ kind: 'resolve', at: msOf(4), alert: 'x', by: 'ann' }], []],
  ])('%s', (_, steps, expected) => {
    expect(sent(steps)).toEqual(expected)
  })

  test('with its text, its rule and all that a channel renders', () => {
    const [first] = play([comes('firing', 0, 'warning')], { config, startsAt: msOf(0) }, msOf(1)).sent
    expect(first).toMatchObject({
      ...{ alert: ALERT, severity: 'warning', rule: 'warning', notification: { channel: 'chat', type: 'slack' } },
      text: expect.stringMatching(/^WARNING: orders-db-cpu-high/),
    })
  })
})

describe('a notification', () => {
  const notes = (steps: Step[], rules = config) =>
    play(steps, { config: rules, startsAt: msOf(0) }, msOf(WEEK)).sent.map(({ notification }) => notification)
  const chatNotes = (...steps: Step[]) => notes(steps).filter(({ channel }) => channel === 'chat')

  test('says since when it has been firing, once that is known', () => {
    const steps = [comes('firing', 0, 'warning'), comes('firing', 5, 'warning'), comes('resolved', 9)]
    expect(chatNotes(...steps).map(({ alert, firingSince }) => [alert.status, firingSince])).toEqual([
      ['firing', undefined],
      ['firing', timeOf(0)],
      ['resolved', timeOf(0)],
    ])
  })

  test('says nothing of what was missed, where nothing was', () => {
    for (const one of chatNotes(comes('firing', 0, 'warning'), comes('resolved', 9))) {
      expect(one).not.toHaveProperty('missed')
      expect(one).not.toHaveProperty('missedBefore')
    }
  })

  test('of what arrives after its end says that it ended', () => {
    const [only] = notes([comes('resolved', 5), comes('firing', 0, 'warning', 9)])
    expect(only).toMatchObject({ missed: true, firingSince: timeOf(0) })
    expect(only?.alert).toMatchObject({ status: 'resolved', previousStatus: 'firing', changedAt: timeOf(5) })
  })

  test('counts the episodes that were missed before', () => {
    const episodes = [0, 4, 8].flatMap((minute) => [comes('firing', minute, 'warning'), comes('resolved', minute + 2)])
    const [only, ...others] = chatNotes(...down('chat', 0, 20), ...episodes)
    expect(others).toEqual([])
    expect(only).toMatchObject({ missed: true, missedBefore: { count: 2, since: timeOf(0) }, firingSince: timeOf(8) })
  })

  test.each<[string, string | undefined, string]>([
    ["has the rule's runbook", undefined, 'https://wiki.example.com/ours'],
    ["has the alert's own", 'https://wiki.example.com/own', 'https://wiki.example.com/own'],
  ])('%s', (_, runbook, shown) => {
    const { runbook: _runbook, ...links } = changeOf('firing', 0, 'warning').links
    const alert = { ...changeOf('firing', 0, 'warning'), links: { ...links, ...(runbook && { runbook }) } }
    const rules = {
      ...config,
      rules: config.rules.map((rule) => ({ ...rule, runbook: 'https://wiki.example.com/ours' })),
    }
    const [first] = notes([{ kind: 'change', at: msOf(0), alert }], rules)
    expect(first?.alert.links).toEqual({ ...links, runbook: shown })
  })

  test('of the end is about the whole where the firing went to a channel of another type', () => {
    const asEmail = withChannels({ chat: { type: 'email', addresses: ['a@example.com'] } })
    const rules: Step = { kind: 'rules', at: msOf(3), config: asEmail }
    expect(sent([comes('firing', 0, 'warning'), rules, comes('resolved', 9)])).toEqual([
      '0: chat firing',
      '9: chat missed',
    ])
    const again = [comes('firing', 0, 'warning'), rules, comes('firing', 5, 'warning'), comes('resolved', 9)]
    expect(sent(again)).toEqual(['0: chat firing', '5: chat firing', '9: chat resolved'])
  })
})

describe('a channel that is down', () => {
  test.each<[string, Step[], Step[], Config, string[]]>([
    [
      'is sent what it is owed when it is back',
      [comes('firing', 0, 'warning')],
      down('chat', 0, 20),
      config,
      ['20: chat firing'],
    ],
    [
      'is sent one message about what has ended by then',
      [comes('firing', 0, 'warning'), comes('resolved', 5)],
      down('chat', 0, 20),
      config,
      ['20: chat missed'],
    ],
    [
      'pages nobody about what has ended by then',
      [comes('firing', 0), comes('resolved', 5)],
      down('pager', 0, 20),
      config,
      ['0: critical firing', '5: critical resolved'],
    ],
    [
      'has its fallback notified, which gets the resolve too',
      [comes('firing', 0), comes('resolved', 30)],
      down('critical', 0, 20),
      FALLING_BACK,
      [
        ...['0: pager firing', `${31 / 60}: chat firing for critical`, '20: critical firing'],
        ...['30: pager resolved', '30: critical resolved', '30: chat resolved for critical'],
      ],
    ],
    [
      'has its fallback notified at once, once it has failed for a while',
      [comes('firing', 0), comes('resolved', 2), comes('firing', 3), comes('resolved', 30)],
      down('critical', 0, 60),
      FALLING_BACK,
      [
        ...['0: pager firing', `${31 / 60}: chat firing for critical`, '2: pager resolved'],
        ...['2: chat resolved for critical', '3: pager firing', '3: chat firing for critical'],
        ...['30: pager resolved', '30: chat resolved for critical', '60: critical missed'],
      ],
    ],
    [
      'is down from then on, and not before',
      [comes('firing', 0, 'warning'), comes('resolved', 9)],
      down('chat', 5, 20),
      config,
      ['0: chat firing', '20: chat resolved'],
    ],
    [
      'is sent nothing if it never comes back, by whatever is said twice',
      [comes('firing', 1, 'warning')],
      [...down('chat', 0, 0), { kind: 'channel', at: msOf(0), channel: 'chat', isDown: true }],
      config,
      [],
    ],
    [
      'is one thing, another another',
      [comes('firing', 0)],
      [...down('critical', 0, 20), ...down('pager', 0, 30)],
      config,
      ['20: critical firing', '30: pager firing'],
    ],
    [
      'has its fallback notified in time, however late the clock is',
      [{ kind: 'clock', at: msOf(0), lateMs: 60 * 60_000 }, comes('firing', 0)],
      down('critical', 0, 20),
      FALLING_BACK,
      ['0: pager firing', `${31 / 60}: chat firing for critical`, '20: critical firing'],
    ],
    [
      'needs no fallback for a moment',
      [comes('firing', 0)],
      down('critical', 0, 1 / 3),
      FALLING_BACK,
      ['0: pager firing', `${20 / 60}: critical firing`],
    ],
  ])('%s', (_, steps, outage, rules, expected) => {
    expect(sent([...outage, ...steps], { config: rules })).toEqual(expected)
  })
})

describe('other rules', () => {
  const { chat: _chat, ...others } = config.channels
  const renamed: Config = {
    ...config,
    channels: { ...others, talk: { type: 'slack', secret: 'chat', formerly: ['chat'] } },
    severities: { ...config.severities, warning: { channels: ['talk'] } },
  }
  const rules = (minute: number, after: Config): Step => ({ kind: 'rules', at: msOf(minute), config: after })

  test('a renamed channel gets the resolve of what it was sent under its old name', () => {
    const steps = [comes('firing', 0, 'warning'), rules(5, renamed), comes('resolved', 9)]
    expect(sent(steps)).toEqual(['0: chat firing', '9: talk resolved'])
  })

  test('a channel that is only known by where it leads gets the resolve a while later', () => {
    const { talk, ...before } = renamed.channels
    const unsaid = { ...renamed, channels: { ...before, talk: { type: 'slack' as const, secret: 'chat' } } }
    const steps = [comes('firing', 0, 'warning'), rules(5, unsaid), comes('resolved', 9)]
    expect(talk?.formerly).toEqual(['chat'])
    expect(sent(steps)).toEqual(['0: chat firing', '24: talk resolved'])
  })

  test('what a removed channel could not be sent goes to those that the rules name then', () => {
    const without = {
      ...config,
      channels: others,
      severities: { ...config.severities, warning: { channels: ['quiet'] } },
    }
    const steps = [...down('chat', 0, 10), comes('firing', 0, 'warning'), rules(5, without)]
    expect(sent(steps)).toEqual(['20: quiet firing'])
  })

  test('what was held is sent by the rules of its time', () => {
    const named = { ...config, rules: config.rules.map((rule) => ({ ...rule, name: `${rule.name} now` })) }
    const steps = [comes('firing', TEN_PM, 'quiet'), rules(TEN_PM + 7, named)]
    const all = play(steps, { config, startsAt: msOf(0) }, msOf(WEEK))
    expect([all.sent.map(({ rule }) => rule), all.reached]).toEqual([['quiet now'], ['quiet', 'quiet now']])
  })

  test('a window that is removed releases what it held', () => {
    const open = withChannels({ quiet: { type: 'slack', secret: 'quiet' } })
    expect(sent([comes('firing', TEN_PM, 'quiet'), rules(TEN_PM + 7, open)])).toEqual([`${TEN_PM + 7}: quiet firing`])
  })
})

describe('the clock', () => {
  const held = comes('firing', TEN_PM + 1, 'quiet')

  test.each([
    ['is exact', undefined, 0, SIX_AM],
    ['runs each seven minutes', 7 * 60_000, 0, 1_204],
    ['is ten minutes late', undefined, 10, SIX_AM + 10],
    ['is both', 7 * 60_000, 10, 1_211],
  ])('%s', (_, tickEveryMs, lateMin, minute) => {
    const late: Step = { kind: 'clock', at: msOf(1), lateMs: lateMin * 60_000 }
    expect(sent([late, held], tickEveryMs === undefined ? {} : { tickEveryMs })).toEqual([`${minute}: quiet firing`])
  })

  test('is late until it is on time again', () => {
    const clock = (minute: number, lateMs: number): Step => ({ kind: 'clock', at: msOf(minute), lateMs })
    expect(sent([clock(1, 60 * 60_000), held, clock(SIX_AM + 3, 0)])).toEqual([`${SIX_AM + 3}: quiet firing`])
  })

  test('is not what a channel that was down waits for', () => {
    const late: Step = { kind: 'clock', at: msOf(0), lateMs: 60 * 60_000 }
    expect(sent([late, ...down('chat', 0, 9), comes('firing', 1, 'warning')])).toEqual(['9: chat firing'])
  })
})

describe('an acknowledgement', () => {
  const by = (minute: number, until?: string): Step => ({
    ...{ kind: 'acknowledge', at: msOf(minute), alert: ALERT, by: 'ann' },
    ...(until !== undefined && { until }),
  })
  const reminding: Config = { ...config, remind: '30m' }
  const taken = (...steps: Step[]) =>
    play(steps, { config: reminding, startsAt: msOf(0) }, msOf(100)).taken.map(({ refused }) => refused)

  test.each<[string, Step[], string[]]>([
    [
      'ends reminders',
      [comes('firing', 0, 'warning'), by(40)],
      ['0: chat firing', '30: chat reminder', '40: chat acknowledged'],
    ],
    [
      'ends them for a while',
      [comes('firing', 0, 'warning'), by(10, timeOf(30)), comes('resolved', 70)],
      ['0: chat firing', '10: chat acknowledged', '30: chat unacknowledged', '60: chat reminder', '70: chat resolved'],
    ],
  ])('%s', (_, steps, expected) => {
    expect(sent(steps, { config: reminding })).toEqual(expected)
  })

  test('is refused, with the reason, if there is nothing to acknowledge', () => {
    expect(taken(by(1))).toEqual(['it is not known'])
    expect(taken(comes('firing', 0, 'warning'), by(1), by(2))).toEqual([
      ...[undefined, undefined],
      expect.stringContaining('ann has acknowledged it'),
    ])
    expect(taken(comes('firing', 0, 'warning'), comes('resolved', 1), by(2)).at(-1)).toContain('not fire')
  })
})

describe('a resolve by hand', () => {
  const resolved = (minute: number, ...steps: Step[]) => {
    const byHand: Step = { kind: 'resolve', at: msOf(minute), alert: ALERT, by: 'ann' }
    return play([...steps, byHand], { config, startsAt: msOf(0) }, msOf(WEEK)).sent.at(-1)?.notification.alert
  }
  const worse: Step = { kind: 'change', at: msOf(5), alert: { ...changeOf('firing', 5, 'warning'), reason: 'worse' } }

  test('is of the alert as it changed last, whatever arrived last', () => {
    const alert = resolved(9, worse, comes('firing', 2, 'warning', 5))
    expect(alert).toMatchObject({ status: 'resolved', previousStatus: 'firing', reason: 'Resolved by hand: ann' })
    expect(resolved(9, comes('firing', 2, 'warning'), worse)).toMatchObject({ changedAt: timeOf(9) })
  })

  test('ends it no earlier than it began by its own clock', () => {
    expect(resolved(4, comes('firing', 5, 'warning', -2))).toMatchObject({ changedAt: timeOf(5) })
  })
})

test('time alone sends so many messages at most', () => {
  const steps = ['a', 'b', 'c'].map((fingerprint): Step => {
    const alert = { ...changeOf('firing', TEN_PM, 'quiet'), fingerprint }
    return { kind: 'change', at: msOf(TEN_PM), alert }
  })
  const { sent, isAtRest } = play(steps, { config, startsAt: msOf(0), most: 2 }, msOf(WEEK))
  expect([sent.map(({ alert }) => alert), isAtRest]).toEqual([['a', 'b'], false])
})

test('says what the rules decided at each step, which of them were reached, and what is due still', () => {
  const steps = [comes('firing', TEN_PM, 'quiet'), comes('firing', TEN_PM, 'quiet', 1)]
  const { taken, reached, isAtRest } = play(steps, { config, startsAt: msOf(0) }, msOf(TEN_PM + 5))
  expect(taken.map(({ step, sentBefore, decided }) => [step, sentBefore, decided?.outcome])).toEqual([
    [steps[0], 0, 'held'],
    [steps[1], 0, 'duplicate'],
  ])
  expect([reached, isAtRest]).toEqual([['quiet'], false])
  expect(play(steps, { config, startsAt: msOf(0) }, msOf(WEEK)).isAtRest).toBe(true)
})
