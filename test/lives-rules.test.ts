import { describe, expect, test } from 'vitest'
import { contextOf } from './hand.ts'
import { Living, SOURCE } from './living.ts'

/** An alert's life while the rules change, and where a channel has a fallback. */
const fast = { perMinute: 60_000 }
const RULES = {
  ...SOURCE,
  channels: {
    ...SOURCE.channels,
    team: { type: 'slack', secret: 'team', fallback: 'chat', ...fast },
    staging: { type: 'slack', secret: 'staging', fallback: 'pager', ...fast },
    group: { type: 'pagerduty', secret: 'group', groupBy: ['source'], ...fast },
    x: { type: 'pagerduty', secret: 'one-key', groupBy: ['source'], ...fast },
    y: { type: 'pagerduty', secret: 'one-key', groupBy: ['source'], ...fast },
  },
  nonProduction: { when: { name: '*-staging-*' }, highest: 'warning' },
  rules: [
    { name: 'staging', when: { name: '*-staging-*' }, severity: 'warning', channels: ['staging'] },
    { name: 'team', when: { name: '*-team-*' }, severity: 'warning', channels: ['team'] },
    { name: 'group', when: { name: '*-group-*' }, severity: 'critical', channels: ['group'] },
    ...SOURCE.rules,
  ],
}
const life = new Living(RULES)
const withChannels = (change: (channels: Record<string, unknown>) => unknown, more: object = {}) => {
  const channels: Record<string, unknown> = { ...RULES.channels }
  change(channels)
  return { ...RULES, channels, ...more }
}

/** The rules change for a while. */
async function rulesAre(source: object, work: () => Promise<void>): Promise<void> {
  await life.push(source)
  try {
    await work()
  } finally {
    await life.push(RULES)
  }
}

describe('a held alert', () => {
  test('is sent at its time, with no message on its way until then', async () => {
    life.called('api-quiet')
    await life.come('ALARM 22:30')
    expect(life.sentToSlack()).toEqual([])
    await life.passUntil('29:58')
    expect(life.router.waiting('alarms') + life.router.waiting('slack')).toBe(0)
    expect(life.sentToSlack()).toEqual([])
    await life.passUntil('30:00')
    expect(life.sentToSlack()).toEqual(['quiet: INFO'])
  })

  test('may fire for days: its resolve is not sent if it comes before', async () => {
    life.called('api-quiet')
    await life.come('ALARM 22:30', 'OK 23:30')
    await life.passUntil('30:10')
    expect(life.sentToSlack()).toEqual([])
  })

  test('follows its channel to its new name', async () => {
    life.called('api-quiet')
    await life.come('ALARM 22:30')
    const renamed = withChannels(
      (channels) => {
        channels['quiet-team'] = { ...SOURCE.channels.quiet, formerly: ['quiet'] }
        delete channels.quiet
      },
      { severities: { ...SOURCE.severities, info: { channels: ['quiet-team'] } } },
    )
    await rulesAre(renamed, async () => {
      await life.passUntil('30:01')
      expect(life.sentToSlack()).toEqual(['quiet: INFO'])
    })
  })

  test('goes to the channels that the rules name, when its own was removed', async () => {
    life.called('api-quiet')
    await life.come('ALARM 22:30')
    const gone = withChannels((channels) => delete channels.quiet, {
      severities: { ...SOURCE.severities, info: { channels: ['chat'] } },
    })
    await rulesAre(gone, async () => {
      await life.passUntil('23:00')
      expect(life.sentToSlack()).toEqual(['chat: INFO'])
      await life.come('OK 23:10')
      expect(life.sentToSlack()).toEqual(['chat: INFO', 'chat: RESOLVED'])
    })
  })
})

describe('a channel that is renamed while an alert that it received fires', () => {
  const renamed = withChannels(
    (channels) => {
      channels['pager-main'] = { ...SOURCE.channels.pager, formerly: ['pager'] }
      channels.staging = { ...RULES.channels.staging, fallback: 'pager-main' }
      delete channels.pager
    },
    { severities: { ...SOURCE.severities, critical: { channels: ['pager-main', 'chat-critical'] } } },
  )

  test('gets the resolve, as the others do', async () => {
    await life.come('ALARM 10:00')
    await rulesAre(renamed, async () => {
      await life.come('OK 10:10')
      expect(await life.end()).toEqual({
        incidents: ['resolved'],
        slack: ['chat-critical: CRITICAL', 'chat-critical: RESOLVED'],
      })
    })
  })

  test('gets what it was still owed', async () => {
    life.pagerAnswers(503)
    await life.come('ALARM 10:00')
    await rulesAre(renamed, async () => {
      life.pagerAnswers()
      await life.passUntil('10:10')
      expect(life.incidents()).toMatchObject([{ state: 'open' }])
      await life.come('OK 10:20')
      expect(life.incidents()).toMatchObject([{ state: 'resolved' }])
    })
  })
})

describe('a channel whose new name is rolled back while an alert that it received under it fires', () => {
  const renamed = withChannels(
    (channels) => {
      channels['pager-main'] = { ...SOURCE.channels.pager, formerly: ['pager'] }
      channels['chat-main'] = { ...SOURCE.channels['chat-critical'], formerly: ['chat-critical'] }
      channels.staging = { ...RULES.channels.staging, fallback: 'pager-main' }
      delete channels.pager
      delete channels['chat-critical']
    },
    { severities: { ...SOURCE.severities, critical: { channels: ['pager-main', 'chat-main'] } } },
  )
  const bothNotified = {
    incidents: ['resolved'],
    slack: ['chat-critical: CRITICAL', 'chat-critical: RESOLVED'],
  }

  test.each(['10:05', '10:40'])('is sent the resolve of %s under the old one, once', async (over) => {
    await rulesAre(renamed, () => life.come('ALARM 10:00'))
    await life.passUntil('10:02')
    await life.come(`OK ${over}`)
    expect(await life.end()).toEqual(bothNotified)
  })
})

test('two channels with one target become one: what either is owed at one moment is sent there once', async () => {
  const place = { type: 'slack', secret: 'quiet', ...fast }
  const one = (channels: Record<string, unknown>) =>
    withChannels((all) => Object.assign(all, channels), {
      severities: { ...SOURCE.severities, warning: { channels: Object.keys(channels) } },
    })
  life.called('api-warning')
  await rulesAre(one({ day: place, night: place }), async () => {
    await life.come('ALARM 10:00')
    life.at('10:10')
    await life.router.come(life.change('OK', '10:10'))
    await life.router.work('alarms')
  })
  await rulesAre(one({ both: { ...place, formerly: ['day', 'night'] } }), async () => {
    const Records = (await life.router.take('slack')).filter(({ body }) => body.includes(life.iso('10:10')))
    expect(Records).toHaveLength(2)
    await life.router.handler('slack')({ Records }, contextOf(30_000))
    await life.passUntil('11:00')
  })
  expect(life.sentToSlack()).toEqual(['quiet: WARNING', 'quiet: WARNING', 'quiet: RESOLVED'])
})

describe('a channel that changes its type, and keeps its name', () => {
  const asChat = withChannels((channels) => {
    channels.pager = { ...SOURCE.channels.chat }
  })

  test('gets what it was still owed, from the new type', async () => {
    life.pagerAnswers(503)
    await life.come('ALARM 10:00')
    await rulesAre(asChat, async () => {
      await life.passUntil('10:10')
      expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL', 'chat: CRITICAL'])
      await life.passUntil('12:00')
      expect(await life.router.deadLetters('pagerduty')).toEqual([])
    })
  })

  test('gets a dead letter of the old type that is redriven', async () => {
    life.pagerAnswers(400)
    await life.come('ALARM 10:00')
    await rulesAre(asChat, async () => {
      await life.router.redrive('pagerduty')
      await life.passUntil('10:10')
      expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL', 'chat: CRITICAL'])
    })
  })

  test('refuses the resolve: its fallback, which never received the firing, gets one message about the whole', async () => {
    await life.come('ALARM 10:00')
    const withFallback = withChannels((channels) => {
      channels.pager = { type: 'slack', secret: 'team', fallback: 'chat', ...fast }
    })
    await rulesAre(withFallback, async () => {
      life.router.engine.slack.answerBy(({ path }) => (path === 'team' ? { status: 404 } : undefined))
      await life.come('OK 10:10')
      await life.passUntil('10:20')
      const toChat = life.router.engine.slack.requests.filter(({ path }) => path === 'chat')
      expect(toChat.map(({ body }) => JSON.stringify(body))).toEqual([
        expect.stringMatching(/RESOLVED \(fallback: pager failed, delivered late\)/),
      ])
    })
  })

  test('gets one message about the whole, if the old type received the firing', async () => {
    await life.come('ALARM 10:00')
    await rulesAre(asChat, async () => {
      await life.come('OK 10:10')
      const [notified, ...others] = life.router.engine.slack.requests.filter(({ path }) => path === 'chat')
      expect(others).toEqual([])
      expect(JSON.stringify(notified?.body)).toMatch(/Fired 10:00:00 to 10:10:00 UTC; delivery was delayed/)
    })
  })

  test('is not called, as a pager, about an alert that a chat received', async () => {
    const asPager = withChannels((channels) => {
      channels['chat-critical'] = { type: 'pagerduty', secret: 'other', ...fast }
    })
    await life.come('ALARM 10:00')
    await rulesAre(asPager, async () => {
      await life.come('OK 10:10')
      expect(life.incidents()).toMatchObject([{ state: 'resolved' }])
      expect(life.router.engine.pagerduty.requests).toHaveLength(2)
    })
  })
})

test.each([
  ['pager', 'api'],
  ['group', 'api-group'],
])('a %s that is a chat for a while, and receives a firing there, gets the resolve', async (name, alarm) => {
  const asChat = withChannels((channels) => {
    channels[name] = { ...SOURCE.channels.chat }
  })
  if (alarm !== 'api') life.called(alarm)
  await life.come('ALARM 10:00')
  const open = () =>
    life.incidents(name === 'pager' ? life.alarm : 'group: critical').filter(({ state }) => state === 'open')
  expect(open()).toHaveLength(1)
  await rulesAre(asChat, async () => {
    life.at('10:10')
    await life.router.come(life.change('ALARM', '10:10', { reason: 'worse' }))
    await life.router.work()
    expect(life.sentToSlack()).toContain('chat: CRITICAL')
  })
  await life.come('OK 10:20')
  expect(open()).toEqual([])
})

test('a channel that has another type for a while keeps no incident open', async () => {
  const [one, other] = [`api-group-${life.alarm}-1`, `api-group-${life.alarm}-2`]
  const come = (alarm: string, what: 'ALARM' | 'OK', time: string) => {
    life.alarm = alarm
    return life.come(`${what} ${time}`)
  }
  await come(one, 'ALARM', '10:00')
  const asChat = withChannels((channels) => {
    channels.group = { ...SOURCE.channels.chat }
  })
  await rulesAre(asChat, () => come(one, 'OK', '10:10'))
  await come(other, 'ALARM', '10:20')
  await come(other, 'OK', '10:30')
  expect(life.incidents('group: critical').filter(({ state }) => state !== 'resolved')).toEqual([])
})

describe('a fallback', () => {
  const teamAnswers = (status?: number) =>
    life.router.engine.slack.answerBy(({ path }) =>
      status !== undefined && path === 'team' ? { status, body: 'x' } : undefined,
    )
  const ofChat = () => life.sentToSlack().filter((one) => one.startsWith('chat:'))

  test('that received the firing gets the resolve exactly once, though its channel recovers', async () => {
    life.called('api-team')
    teamAnswers(503)
    await life.come('ALARM 10:00')
    await life.passUntil('10:30')
    expect(ofChat()).toEqual(['chat: WARNING'])
    await life.come('OK 10:31')
    await life.passUntil('11:00')
    teamAnswers()
    await life.passUntil('13:00')
    expect(ofChat()).toEqual(['chat: WARNING', 'chat: RESOLVED'])
    expect(life.sentToSlack().filter((one) => one.startsWith('team:'))).toEqual(['team: RESOLVED'])
  })

  test('gets no resolve of a firing that it never received, when its channel fails at the resolve alone', async () => {
    life.called('api-team')
    await life.come('ALARM 10:00')
    teamAnswers(503)
    await life.come('OK 10:10')
    await life.passUntil('11:00')
    teamAnswers()
    await life.passUntil('13:00')
    expect(life.sentToSlack()).toEqual(['team: WARNING', 'team: RESOLVED'])
  })

  test('that was not notified before the alert ended gets nothing, or one message about the whole', async () => {
    life.called('api-team')
    life.slackAnswers(503)
    await life.come('ALARM 10:00')
    await life.passUntil('10:30')
    await life.come('OK 10:31')
    life.slackAnswers()
    await life.passUntil('13:00')
    expect(life.sentToSlack().filter((one) => one.includes('RESOLVED')).length).toBe(life.sentToSlack().length)
    expect(ofChat().length).toBeLessThanOrEqual(1)
  })

  test('that was notified for a channel which is then removed, and is named by the rules itself, gets everything once', async () => {
    life.called('api-team')
    teamAnswers(503)
    await life.come('ALARM 10:00')
    await life.passUntil('10:30')
    const toChat = withChannels((channels) => delete channels.team, {
      rules: RULES.rules.map((rule) => (rule.name === 'team' ? { ...rule, channels: ['chat'] } : rule)),
    })
    await rulesAre(toChat, async () => {
      await life.passUntil('11:00')
      await life.come('OK 11:01')
      await life.passUntil('12:00')
    })
    expect(ofChat()).toEqual(['chat: WARNING', 'chat: RESOLVED'])
  })

  test('pages nobody for non-production, and the alert of its main channel is still a dead letter', async () => {
    life.called('api-staging')
    life.router.engine.slack.answerBy(({ path }) => (path === 'staging' ? { status: 400, body: 'x' } : undefined))
    await life.come('ALARM 10:00')
    await life.passUntil('10:30')
    expect(life.incidents()).toEqual([])
    expect(await life.router.deadLetters('slack')).toHaveLength(1)
  })
})

describe('a shared incident', () => {
  const event = (name: string, status: string, time: string, more: object = {}) => ({
    title: name,
    source: 'shop',
    id: name,
    severity: 'critical',
    status,
    time: life.iso(time),
    ...more,
  })
  async function happens(...args: Parameters<typeof event>): Promise<void> {
    life.at(args[2])
    await life.router.come(event(...args))
    await life.router.work()
  }
  const open = (part: string) => life.incidents(part).filter(({ state }) => state !== 'resolved')
  const id = () => `${life.alarm}-group-x`

  test('is left when groupBy is removed while it fires, and its own is closed at the end', async () => {
    await happens(id(), 'firing', '10:00')
    expect(open('group: critical')).toHaveLength(1)
    const alone = withChannels((channels) => {
      channels.group = { ...RULES.channels.group, groupBy: undefined }
    })
    await rulesAre(alone, async () => {
      await happens(id(), 'firing', '10:10')
      expect(open('group: critical')).toEqual([])
      expect(open(id())).toHaveLength(1)
      await happens(id(), 'resolved', '10:20')
      expect(open(id())).toEqual([])
    })
  })

  test('is closed when groupBy is removed and the next change is the resolve', async () => {
    await happens(id(), 'firing', '10:00')
    const alone = withChannels((channels) => {
      channels.group = { ...RULES.channels.group, groupBy: undefined }
    })
    await rulesAre(alone, async () => {
      await happens(id(), 'resolved', '10:20')
      await life.passUntil('10:40')
      expect(open('group: critical')).toEqual([])
    })
  })

  test('is joined when groupBy is added while it fires: its own is closed', async () => {
    const alone = withChannels((channels) => {
      channels.group = { ...RULES.channels.group, groupBy: undefined }
    })
    await rulesAre(alone, () => happens(id(), 'firing', '10:00'))
    expect(open(id())).toHaveLength(1)
    await happens(id(), 'firing', '10:10')
    expect(open(id())).toEqual([])
    expect(open('group: critical')).toHaveLength(1)
    await happens(id(), 'resolved', '10:20')
    expect(open('group: critical')).toEqual([])
  })

  test('is not kept open by an alert that ended while its channel was removed, when the channel comes back', async () => {
    await happens(id(), 'firing', '10:00')
    const without = withChannels((channels) => delete channels.group, {
      rules: RULES.rules.filter(({ name }) => name !== 'group'),
    })
    await rulesAre(without, async () => {
      await happens(id(), 'resolved', '10:20')
      await life.passUntil('11:00')
    })
    await happens(`${life.alarm}-group-y`, 'firing', '11:10')
    await happens(`${life.alarm}-group-y`, 'resolved', '11:20')
    await life.passUntil('11:30')
    expect(open('group: critical')).toEqual([])
  })

  test('is not closed by an older resolve that Slack’s fallback must still be sent', async () => {
    const standsIn = withChannels(
      (channels) => {
        channels.team = { ...RULES.channels.team, fallback: 'group', patience: '1m' }
      },
      { rules: [{ name: 'both', when: { source: 'shop' }, channels: ['group', 'team'], severity: 'critical' }] },
    )
    await rulesAre(standsIn, async () => {
      life.slackAnswers(404)
      await happens(id(), 'firing', '10:00')
      await life.passUntil('10:05')
      life.slackAnswers()
      await life.router.come(event(id(), 'resolved', '10:10'))
      await life.router.work('alarms')
      await life.router.lose('pagerduty')
      await happens(id(), 'firing', '10:11')
      await life.passUntil('10:30')
      expect(open('group: critical')).toHaveLength(1)
      await happens(id(), 'resolved', '10:40')
      await life.passUntil('10:50')
      expect(open('group: critical')).toEqual([])
    })
  })

  test('is left by an alert whose severity changes: an "other" that fires and ends there later closes it', async () => {
    await happens(id(), 'firing', '10:00', { severity: 'warning' })
    const both = withChannels((channels) => channels, {
      rules: [{ name: 'all', when: { source: 'shop' }, channels: ['group'], severity: 'warning' }, ...RULES.rules],
    })
    await rulesAre(both, async () => {
      await happens('other', 'firing', '10:05')
      await happens(id(), 'firing', '10:10')
    })
    await happens(id(), 'firing', '10:15')
    await life.passUntil('10:20')
    await happens('other', 'resolved', '10:25')
    await life.passUntil('10:30')
    expect(open('group: warning')).toEqual([])
    await happens(id(), 'resolved', '10:40')
    await life.passUntil('10:50')
    expect(open('group: critical')).toEqual([])
  })
})
