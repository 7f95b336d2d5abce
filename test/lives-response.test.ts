import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { orderText } from '../schemas/wake.ts'
import { Living, SOURCE } from './living.ts'
import { arnOf } from './router-by-hand.ts'

/** People react to an alert, or do not: by the real functions. */
const RULES = {
  ...SOURCE,
  severities: {
    ...SOURCE.severities,
    critical: {
      channels: ['pager', 'chat-critical'],
      remind: '20m',
      escalate: [{ after: '30m', to: ['chat'] }],
      response: { acknowledge: '10m', resolve: '4h' },
    },
  },
  rules: [{ name: 'held', when: { name: 'held-*' }, severity: 'critical', hold: '3m' }, ...SOURCE.rules],
}
const life = new Living(RULES)

async function order(what: Parameters<typeof orderText>[0]): Promise<void> {
  const sqs = new SQSClient({})
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL, MessageBody: orderText(what) }))
  sqs.destroy()
  await life.router.work()
}
const acknowledged = (by: string, more: object = {}) =>
  order({ acknowledge: arnOf(life.alarm), by, via: 'cli', at: new Date().toISOString(), ...more })
const pagerActions = () =>
  life.router.engine.pagerduty.requests.map(({ body }) => (body as { event_action: string }).event_action)

test('nobody reacts: it is reminded of, and escalated, and whoever it reached gets its end', async () => {
  await life.come('ALARM 10:00')
  await life.passUntil('10:45')
  expect(life.sentToSlack()).toEqual([
    ...['chat-critical: CRITICAL', 'chat-critical: STILL', 'chat: ESCALATED', 'chat-critical: STILL'],
  ])
  await life.come('OK 10:50')
  expect(await life.end('12:00')).toEqual({
    incidents: ['resolved'],
    slack: [
      ...['chat-critical: CRITICAL', 'chat-critical: STILL', 'chat: ESCALATED', 'chat-critical: STILL'],
      ...['chat-critical: RESOLVED', 'chat: RESOLVED'],
    ],
  })
})

test('somebody acknowledges it: all who know are sent that, and nothing follows', async () => {
  await life.come('ALARM 10:00')
  life.at('10:05')
  await acknowledged('ann')
  await acknowledged('ann')
  await life.passUntil('11:00')
  expect(pagerActions()).toEqual(['trigger', 'acknowledge'])
  expect(life.incidents()).toMatchObject([{ state: 'acknowledged' }])
  expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL', 'chat-critical: ACKNOWLEDGED'])
  await life.come('OK 11:10')
  expect(await life.end('12:00')).toMatchObject({ incidents: ['resolved'] })
})

test('what PagerDuty says itself is not sent back there', async () => {
  await life.come('ALARM 10:00')
  life.at('10:05')
  await acknowledged('ann', { via: 'pagerduty' })
  expect(pagerActions()).toEqual(['trigger'])
  expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL', 'chat-critical: ACKNOWLEDGED'])
})

describe('an acknowledgement changes nothing', () => {
  test.each<[string, () => Promise<void>]>([
    ['of what has ended', () => life.come('ALARM 10:00', 'OK 10:05')],
    ['that was given before it fired again', () => life.come('ALARM 10:00', 'OK 10:05', 'ALARM 10:30')],
    ['of what nobody knows', async () => {}],
  ])('%s', async (_, before) => {
    await before()
    const sent = life.sentToSlack().length
    const at = life.iso('10:02')
    await acknowledged('ann', { at })
    expect(life.sentToSlack()).toHaveLength(sent)
    expect((await life.state())?.firing?.acknowledged).toBeUndefined()
  })
})

test('a quick recovery notifies nobody, and says why in its history', async () => {
  life.called('held')
  await life.come('ALARM 10:00', 'OK 10:02')
  expect(await life.end()).toEqual({ incidents: [], slack: [] })
  const changes = await life.router.changes(arnOf(life.alarm))
  expect(JSON.stringify(changes)).toContain('it fired for less than 3m: nobody is notified')
})

describe('somebody acknowledges it after new rules have', () => {
  const withPager = (more: object) => ({
    ...RULES,
    channels: { ...SOURCE.channels, pager: { ...SOURCE.channels.pager, ...more } },
  })

  // An incident that others may share is nobody's to acknowledge.
  test.each([
    ['put it into a shared incident', {}, { groupBy: ['source'] }, ['trigger', 'acknowledge'], 'acknowledged'],
    ['given it its own', { groupBy: ['source'] }, {}, ['trigger'], 'open'],
    ['put it into another one', { groupBy: ['source'] }, { groupBy: ['region'] }, ['trigger'], 'open'],
  ])('%s: no incident is closed or opened by that', async (_, before, after, actions, state) => {
    const { pagerduty } = life.router.engine
    const allOpen = () => pagerduty.incidents().filter((one) => one.state !== 'resolved')
    // Other tests leave theirs.
    const others = allOpen().map(({ dedupKey }) => dedupKey)
    const open = () => allOpen().filter(({ dedupKey }) => !others.includes(dedupKey))
    try {
      await life.push(withPager(before))
      await life.come('ALARM 10:00')
      await life.push(withPager(after))
      life.at('10:03')
      await acknowledged('ann')
      expect(pagerActions()).toEqual(actions)
      expect(open()).toMatchObject([{ state }])
      await life.come('OK 10:12')
      await life.end('10:20')
      expect(open()).toEqual([])
    } finally {
      await life.push(RULES)
    }
  })
})
