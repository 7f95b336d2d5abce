import { createHash } from 'node:crypto'
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { Alert, AlertStatus } from '../schemas/alert.ts'
import { order } from '../shared/aws/queue.ts'
import { table } from '../shared/aws/table.ts'
import { notificationId } from '../shared/decide/notifications.ts'
import { parse } from '../shared/parse/parse.ts'
import { orderIn } from '../shared/route/orders.ts'
import { Living, SOURCE } from './living.ts'
import { arnOf } from './router-by-hand.ts'

/** Items and messages of an earlier version, in its form, are carried over: no alert's life is cut in two. */
const SOURCE_HERE = {
  ...SOURCE,
  channels: {
    ...SOURCE.channels,
    group: { type: 'pagerduty', secret: 'group', groupBy: ['namespace'], perMinute: 60_000 },
  },
  rules: [{ name: 'group', when: { name: '*-group-*' }, severity: 'critical', channels: ['group'] }, ...SOURCE.rules],
}
const life = new Living(SOURCE_HERE)
const sqs = new SQSClient({ region: 'us-east-1' })
afterAll(() => sqs.destroy())

type Item = Record<string, AttributeValue>
const list = (texts: string[]) => ({ L: texts.map((S) => ({ S })) })
const EXPIRES = { N: '4102444800' }

async function put(pk: string, sk: string, item: Item): Promise<void> {
  const Item = { pk: { S: pk }, sk: { S: sk }, expiresAt: EXPIRES, ...item }
  await table.send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item }))
}

function alertOf(status: 'ALARM' | 'OK', time: string): Alert {
  const [alert] = parse(life.change(status, time))
  if (!alert) throw new Error('no alert')
  return alert
}

/** As `recordChange` wrote it. */
async function recorded(
  alert: Alert,
  given: { channels: string[]; held?: string[]; severity?: string },
): Promise<void> {
  const { channels, held = [], severity = 'critical' } = given
  const now = channels.filter((channel) => !held.includes(channel))
  await put(alert.fingerprint, `change#${alert.changedAt}#old-message#0`, {
    alert: { S: JSON.stringify(alert) },
    severity: { S: severity },
    rule: { S: 'default' },
    channels: list(now),
    ...(held.length > 0 && {
      held: { L: held.map((channel) => ({ M: { channel: { S: channel }, until: { S: life.iso('30:00') } } })) },
    }),
    because: list(['no rule matches']),
    configVersion: { S: 'old' },
    outcome: { S: now.length > 0 ? 'sent' : 'held' },
    messageId: { S: 'old-message' },
    position: { N: '0' },
    recordedAt: { S: alert.changedAt },
  })
  await put(alert.fingerprint, 'state', {
    status: { S: alert.status },
    title: { S: alert.title },
    changedAt: { S: alert.changedAt },
    ...(held.length > 0 && { held: list(held) }),
    ...(alert.status === 'firing' && {
      firingSince: { S: alert.changedAt },
      severity: { S: severity },
      rule: { S: 'default' },
      channels: list(now),
      extras: { S: '{}' },
    }),
  })
}

/** As a deliverer wrote it when the channel had accepted. */
const knows = (alert: Alert, channel: string, more: Item = {}) =>
  put(alert.fingerprint, `channel#${channel}`, {
    leaseUntil: { N: '0' },
    leaseToken: { S: 'old' },
    toldChangedAt: { S: alert.changedAt },
    toldStatus: { S: alert.status },
    ...more,
  })

async function pagerDutyHas(dedupKey: string): Promise<void> {
  const { pagerduty, secrets } = life.router.engine
  secrets.set('alert-router-local/group', KEY)
  secrets.set('alert-router-local/pager', KEY)
  const payload = { summary: 'old', source: 'old', severity: 'critical' }
  const event = { routing_key: KEY, event_action: 'trigger', dedup_key: dedupKey, payload }
  await fetch(`https://${pagerduty.host}/v2/enqueue`, { method: 'POST', body: JSON.stringify(event) })
}
const KEY = '0123456789abcdef0123456789abcdef'

/** As `route` sent it, whole. */
function notification(alert: Alert, channel: string, more: object = {}) {
  const type = SOURCE.channels[channel as keyof typeof SOURCE.channels]?.type
  return { id: notificationId(alert, channel), channel, type, alert, severity: 'critical', rule: 'default', ...more }
}
async function waits(...notifications: { type: string | undefined }[]): Promise<void> {
  for (const one of notifications) {
    const QueueUrl = process.env[`${one.type?.toUpperCase()}_QUEUE_URL`]
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(one) }))
  }
}

describe('an alert that fired before', () => {
  test('and was sent: its OK resolves it, in all its channels, once', async () => {
    const alert = alertOf('ALARM', '10:00')
    await recorded(alert, { channels: ['pager', 'chat-critical'] })
    await knows(alert, 'pager')
    await knows(alert, 'chat-critical')
    await pagerDutyHas(alert.fingerprint)
    await life.come('OK 10:10')
    expect(await life.end()).toEqual({ incidents: ['resolved'], slack: ['chat-critical: RESOLVED'] })
  })

  test('and whose message is still on its way: its OK is sent, too', async () => {
    const alert = alertOf('ALARM', '10:00')
    await recorded(alert, { channels: ['pager', 'chat-critical'] })
    await waits(notification(alert, 'pager'), notification(alert, 'chat-critical'))
    await life.router.work()
    expect(life.incidents()).toMatchObject([{ state: 'open' }])
    expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL'])
    await life.come('OK 10:10')
    expect(await life.end()).toEqual({
      incidents: ['resolved'],
      slack: ['chat-critical: CRITICAL', 'chat-critical: RESOLVED'],
    })
  })

  test('the same change in a copy that arrives now is a duplicate', async () => {
    const alert = alertOf('ALARM', '10:00')
    await recorded(alert, { channels: ['pager', 'chat-critical'] })
    await knows(alert, 'pager')
    await knows(alert, 'chat-critical')
    await life.come('ALARM 10:00')
    expect(await life.end()).toEqual({ incidents: [], slack: [] })
  })

  test('and whose fallback was notified: that gets the resolve', async () => {
    const alert = alertOf('ALARM', '10:00')
    await recorded(alert, { channels: ['pager'] })
    await put(alert.fingerprint, 'channel#pager', {
      leaseUntil: { N: '0' },
      leaseToken: { S: 'old' },
      fallbackTo: { S: 'chat' },
    })
    await life.come('OK 10:10')
    expect((await life.end()).slack).toEqual(['chat: RESOLVED'])
  })

  test('and is held: it is sent at its time', async () => {
    life.called('api-quiet')
    life.at('22:30')
    const alert = alertOf('ALARM', '22:30')
    await recorded(alert, { channels: ['quiet'], held: ['quiet'], severity: 'info' })
    // Its copy arrives again through the alarms' queue, as it was sent then.
    await life.come('ALARM 22:30')
    expect(life.sentToSlack()).toEqual([])
    await life.passUntil('30:01')
    expect(life.sentToSlack()).toEqual(['quiet: INFO'])
    await life.come('OK 31:00')
    expect(life.sentToSlack()).toEqual(['quiet: INFO', 'quiet: RESOLVED'])
  })
})

describe('a notification that waits in a channel’s queue', () => {
  test.each<[string, AlertStatus, object, string[]]>([
    ['that it fires', 'firing', {}, ['chat: CRITICAL']],
    ['in place of another channel', 'firing', { fallbackFor: { channel: 'pager', reason: 'x' } }, ['chat: CRITICAL']],
    ['the resolve', 'resolved', { firingSince: '2026-11-03T09:00:00.000Z' }, ['chat: RESOLVED']],
    [
      'that was delivered, and is to be noted',
      'firing',
      { delivered: { at: '2026-11-03T10:00:01.000Z', said: 'x' } },
      [],
    ],
  ])('%s', async (_, status, more, notified) => {
    const alert = { ...alertOf(status === 'firing' ? 'ALARM' : 'OK', '10:00') }
    await recorded(alert, { channels: ['fallbackFor' in more ? 'pager' : 'chat'] })
    if (status === 'resolved') await knows({ ...alertOf('ALARM', '09:00') }, 'chat')
    const one = notification(alert, 'chat', more)
    await waits(one, one)
    await life.router.work()
    await life.passUntil('10:30')
    expect(life.sentToSlack()).toEqual(notified)
    if (status === 'resolved') return
    await life.come('OK 10:40')
    await life.passUntil('10:50')
    expect(life.sentToSlack()).toEqual([...notified, 'chat: RESOLVED'])
  })

  test('to a channel that asks to wait for long is let go, and is sent at its time, once', async () => {
    const fired = alertOf('ALARM', '10:00')
    await recorded(fired, { channels: ['chat'] })
    life.router.engine.slack.answerBy(() => ({ status: 429, headers: { 'retry-after': '600' } }))
    await waits(notification(fired, 'chat'))
    await life.router.work()
    expect(life.router.waiting('slack')).toBe(0)
    life.slackAnswers()
    await life.passUntil('10:09')
    expect(life.sentToSlack()).toEqual([])
    expect((await life.end()).slack).toEqual(['chat: CRITICAL'])
  })

  test('with the firing of an alert that has since ended leaves nothing open', async () => {
    const fired = alertOf('ALARM', '10:00')
    const over = alertOf('OK', '10:05')
    await recorded(fired, { channels: ['pager'] })
    await recorded(over, { channels: ['pager'] })
    await waits(notification(over, 'pager'), notification(fired, 'pager'))
    await life.router.work()
    await life.passUntil('10:30')
    expect(life.incidents().filter(({ state }) => state !== 'resolved')).toEqual([])
  })
})

describe('while the functions of both versions run', () => {
  const text = () => JSON.stringify(life.router.engine.slack.requests.at(-1)?.body)

  test('a resolve that the earlier one sends goes to the fallback that received the firing, too', async () => {
    const [fired, over] = [alertOf('ALARM', '10:00'), alertOf('OK', '10:10')]
    await recorded(fired, { channels: ['pager'] })
    const lease = { leaseUntil: { N: '0' }, leaseToken: { S: 'old' } }
    await put(fired.fingerprint, 'channel#pager', { ...lease, fallbackTo: { S: 'chat' } })
    life.at('10:10')
    await recorded(over, { channels: ['pager'] })
    await waits(notification(over, 'pager'))
    await life.router.work()
    expect((await life.end()).slack).toEqual(['chat: RESOLVED'])
  })

  test('a redelivered change that a deliverer received before the earlier version had recorded it is a duplicate', async () => {
    const fired = alertOf('ALARM', '10:00')
    await waits(notification(fired, 'pager'), notification(fired, 'chat-critical'))
    await life.router.work()
    await recorded(fired, { channels: ['pager', 'chat-critical'] })
    await life.come('ALARM 10:00')
    expect(await life.end()).toEqual({ incidents: ['open'], slack: ['chat-critical: CRITICAL'] })
    expect(life.router.engine.pagerduty.requests).toHaveLength(1)
  })

  test('a deliverer’s order is not an event of which the earlier one would notify people', async () => {
    await order({ due: arnOf(life.alarm), at: life.iso('10:00') })
    const [record] = await life.router.take('alarms')
    // It reads events as this one does.
    expect(() => parse({ Records: [record] })).toThrow(/empty list/)
    expect(orderIn(record?.body ?? '')).toMatchObject({ due: arnOf(life.alarm) })
  })

  test('recipients of then are not notified again by a copy for those that it is held for', async () => {
    life.called('api-quiet')
    life.at('22:30')
    const fired = alertOf('ALARM', '22:30')
    await waits(notification(fired, 'chat'))
    await life.router.work()
    await life.push({
      ...SOURCE,
      severities: { ...SOURCE.severities, info: { channels: ['chat', 'quiet'] } },
    })
    await life.come('ALARM 22:30')
    await life.passUntil('30:01')
    expect(life.sentToSlack()).toEqual(['chat: CRITICAL', 'quiet: INFO'])
    await life.push(SOURCE_HERE)
  })

  test('a recipient that gets it after its end gets one message about the whole', async () => {
    const fired = alertOf('ALARM', '10:00')
    await waits(notification(fired, 'pager'))
    await life.router.work()
    await life.come('OK 10:10')
    await waits(notification(fired, 'chat-critical'))
    const { incidents, slack } = await life.end()
    expect(incidents).toEqual(['resolved'])
    expect(slack).toHaveLength(1)
    expect(text()).toMatch(/delayed/)
  })

  test('an alert that has since ended opens nothing under the new name of a channel', async () => {
    const fired = alertOf('ALARM', '10:00')
    await recorded(fired, { channels: ['chat-critical'] })
    const { 'chat-critical': renamed, ...channels } = SOURCE_HERE.channels
    await life.push({
      ...SOURCE_HERE,
      channels: { ...channels, 'critical-now': { ...renamed, formerly: ['chat-critical'] } },
      severities: { ...SOURCE.severities, critical: { channels: ['pager', 'critical-now'] } },
    })
    await life.come('OK 10:10')
    await waits(notification(fired, 'chat-critical'))
    await life.end()
    expect(life.sentToSlack()).toEqual(['chat-critical: RESOLVED'])
    await life.push(SOURCE_HERE)
  })

  test('two notifications that the earlier one sent for one moment are both sent', async () => {
    const fired = alertOf('ALARM', '10:00')
    const other = notification({ ...fired, title: 'another' }, 'chat')
    await waits(notification(fired, 'chat'), other)
    await life.router.work()
    expect((await life.end()).slack).toHaveLength(2)
  })
})

describe('an event of your own, which the earlier version kept without its account', () => {
  const ACCOUNT = '123456789012'
  const event = (status: string, time: string, more = {}) => ({
    ...{ source: 'reports', id: life.alarm, title: `report ${life.alarm}`, severity: 'critical' },
    ...{ status, time: life.iso(time), account: ACCOUNT, ...more },
  })
  function asBefore(given: object): Alert {
    const [alert] = parse(given)
    if (!alert?.fingerprint.endsWith(`#${ACCOUNT}`)) throw new Error('it is known as before')
    return { ...alert, fingerprint: alert.fingerprint.slice(0, -`#${ACCOUNT}`.length) }
  }
  async function fired(time = '10:00'): Promise<Alert> {
    const alert = asBefore(event('firing', time))
    await recorded(alert, { channels: ['pager', 'chat-critical'] })
    await knows(alert, 'pager')
    await knows(alert, 'chat-critical')
    await pagerDutyHas(alert.fingerprint)
    return alert
  }
  async function comes(given: ReturnType<typeof event>): Promise<void> {
    vi.setSystemTime(new Date(given.time))
    await life.router.come(given)
    await life.router.work()
  }

  /** A held alert, as the earlier version sent it to itself. */
  async function copyComes(given: object): Promise<void> {
    const copy = new SendMessageCommand({
      QueueUrl: process.env.ALARMS_QUEUE_URL,
      MessageBody: JSON.stringify(given),
      MessageAttributes: { messageId: { DataType: 'String', StringValue: 'old-message' } },
    })
    await sqs.send(copy)
    await life.router.work()
  }

  test('is resolved for its recipients, and closes its incident', async () => {
    await fired()
    await comes(event('resolved', '10:10'))
    expect(await life.end()).toEqual({ incidents: ['resolved'], slack: ['chat-critical: RESOLVED'] })
  })

  test('while it fires on, keeps its incident; a firing after its end gets its own', async () => {
    const { fingerprint } = await fired()
    await comes(event('firing', '10:05', { title: 'worse' }))
    expect(life.incidents().map(({ dedupKey }) => dedupKey)).toEqual([fingerprint])
    await comes(event('resolved', '10:10'))
    await comes(event('firing', '10:20'))
    expect(life.incidents().map(({ dedupKey, state }) => [dedupKey, state])).toEqual([
      [fingerprint, 'resolved'],
      [`${fingerprint}#${ACCOUNT}`, 'open'],
    ])
  })

  test('is not ended by the resolve of another account’s', async () => {
    await fired()
    await comes(event('resolved', '10:10', { account: '210987654321' }))
    expect(await life.end()).toEqual({ incidents: ['open'], slack: [] })
  })

  test('that happens once, and is held for some channels, is sent to these alone when its copy arrives', async () => {
    await life.push({ ...SOURCE, severities: { ...SOURCE.severities, critical: { channels: ['chat', 'quiet'] } } })
    life.at('22:30')
    const { id: _id, status: _status, ...once } = event('', '22:30')
    await recorded(asBefore(once), { channels: ['chat', 'quiet'], held: ['quiet'] })
    await copyComes(once)
    expect(life.sentToSlack()).toEqual([])
    await life.passUntil('30:01')
    expect(life.sentToSlack()).toEqual(['quiet: CRITICAL'])
    await life.push(SOURCE_HERE)
  })

  test('that happens once is also sent by a message that is still on its way', async () => {
    await life.push({ ...SOURCE, severities: { ...SOURCE.severities, critical: { channels: ['chat', 'quiet'] } } })
    life.at('22:30')
    const { id: _id, status: _status, ...once } = event('', '22:30')
    const alert = asBefore(once)
    await recorded(alert, { channels: ['chat', 'quiet'], held: ['quiet'] })
    await copyComes(once)
    await waits(notification(alert, 'chat', { id: notificationId(alert, 'chat', alert.fingerprint) }))
    await life.router.work()
    await life.passUntil('30:01')
    expect(life.sentToSlack()).toEqual(['chat: CRITICAL', 'quiet: CRITICAL'])
    await life.push(SOURCE_HERE)
  })
})

describe('a shared incident of the earlier version', () => {
  const OLD = 'critical, namespace Shop/Orders'
  const shortId = (fingerprint: string) => createHash('sha256').update(fingerprint).digest('base64url').slice(0, 16)
  const old = () => life.router.engine.pagerduty.incidents().filter(({ dedupKey }) => dedupKey === OLD)
  const joined = () => life.incidents('group: critical')
  const stateOf = (incidents: { state: string }[]) => incidents.at(-1)?.state

  /** Alarms that keep it open. */
  async function opened(...alarms: string[]): Promise<void> {
    for (const alarm of alarms) {
      life.alarm = alarm
      const alert = alertOf('ALARM', '10:00')
      await recorded(alert, { channels: ['group'] })
      await knows(alert, 'group', { incident: { S: OLD }, joinedAt: { N: '1' } })
    }
    await put(`incident#group#${OLD}`, 'members', {
      members: { SS: alarms.map((alarm) => shortId(arnOf(alarm))) },
      leaseUntil: { N: '0' },
      leaseToken: { S: 'old' },
      notifiedAt: { N: '1' },
    })
    await pagerDutyHas(OLD)
  }
  const come = (alarm: string, what: 'ALARM' | 'OK', time: string) => {
    life.alarm = alarm
    return life.come(`${what} ${time}`)
  }

  test('is closed when the last of its alerts ends, under its old key', async () => {
    const [one, other] = [`api-group-${life.alarm}-1`, `api-group-${life.alarm}-2`]
    await opened(one, other)
    await come(one, 'OK', '10:10')
    expect(stateOf(old())).toBe('open')
    await come(other, 'OK', '10:20')
    expect(stateOf(old())).toBe('resolved')
  })

  test('is left by alerts that keep firing, for the new one; the last that leaves closes it', async () => {
    const [one, other] = [`api-group-${life.alarm}-1`, `api-group-${life.alarm}-2`]
    await opened(one, other)
    await come(one, 'ALARM', '10:10')
    expect([stateOf(old()), stateOf(joined())]).toEqual(['open', 'open'])
    await come(other, 'ALARM', '10:20')
    await life.passUntil('10:25')
    expect([stateOf(old()), stateOf(joined())]).toEqual(['resolved', 'open'])
    await come(one, 'OK', '10:30')
    await come(other, 'OK', '10:40')
    await life.passUntil('10:50')
    expect([stateOf(old()), stateOf(joined())]).toEqual(['resolved', 'resolved'])
  })

  test('is closed under a new name of its channel, too', async () => {
    const one = `api-group-${life.alarm}-1`
    await opened(one)
    const { group, ...channels } = SOURCE_HERE.channels
    const rules = SOURCE_HERE.rules.map((rule) => (rule.name === 'group' ? { ...rule, channels: ['shop'] } : rule))
    await life.push({ ...SOURCE_HERE, rules, channels: { ...channels, shop: { ...group, formerly: ['group'] } } })
    await come(one, 'OK', '10:10')
    expect(stateOf(old())).toBe('resolved')
    await life.push(SOURCE_HERE)
  })

  test('that an alert had joined before it was notified of it, is left, too', async () => {
    const one = `api-group-${life.alarm}-1`
    life.alarm = one
    const alert = alertOf('ALARM', '10:00')
    await recorded(alert, { channels: ['group'] })
    const lease = { leaseUntil: { N: '0' }, leaseToken: { S: 'old' } }
    await put(alert.fingerprint, 'channel#group', { ...lease, incident: { S: OLD }, joinedAt: { N: '1' } })
    await put(`incident#group#${OLD}`, 'members', { members: { SS: [shortId(alert.fingerprint)] }, ...lease })
    await pagerDutyHas(OLD)
    await come(one, 'OK', '10:10')
    await life.passUntil('10:20')
    expect(stateOf(old())).toBe('resolved')
  })
})
