import { expect, test, vi } from 'vitest'
import type { Wake } from '../schemas/wake.ts'
import { checkConfig } from '../shared/config/check.ts'
import { deliverersFor } from './deliverers.ts'

/** Who is notified when a channel does not accept an alert, by the delivering handlers on the local engine. */
const fast = { perMinute: 60_000 }
const config = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat', ...fast },
    'chat-in-words': { type: 'slack', secret: 'in-words', title: 'chat: {{name}}', text: 'of chat', ...fast },
    // One for each, as circuits outlive a test.
    'pager-down': { type: 'pagerduty', secret: 'down', fallback: 'chat', ...fast },
    'pager-down-again': { type: 'pagerduty', secret: 'down-again', fallback: 'chat', patience: '1h', ...fast },
    'pager-refuses': { type: 'pagerduty', secret: 'refuses', fallback: 'chat', ...fast },
    'pager-in-words': {
      type: 'pagerduty',
      secret: 'pager-in-words',
      groupBy: ['region'],
      title: 'pager: {{name}}',
      text: 'of pager',
      fallback: 'chat-in-words',
      ...fast,
    },
  },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
const by = deliverersFor(config)

const later = (ms: number) => vi.setSystemTime(Date.now() + ms)
const notified = () => by.engine.slack.requests.map(({ body }) => JSON.stringify(body))
const refuses = () => by.engine.pagerduty.answerNext({ status: 400, body: { status: 'invalid event', message: 'no' } })

test('a channel that has failed several times in a row is not called for a while; its alerts go to the fallback, once, with the reason', async () => {
  const alerts: Wake[] = []
  by.engine.pagerduty.answerBy(() => ({ status: 503 }))
  for (let n = 0; n < 6; n++) {
    const one = await by.owed('pager-down')
    alerts.push(one)
    await by.deliver(one)
  }
  const last = alerts.at(-1) as Wake
  const calls = by.engine.pagerduty.requests.length
  await by.deliver(last)
  expect(by.engine.pagerduty.requests).toHaveLength(calls)
  by.engine.pagerduty.answerBy()
  const { fallbackTo, owed, waits } = await by.known(last)
  expect({ fallbackTo, isOwed: owed !== undefined, waits }).toEqual({
    fallbackTo: 'chat for pager-down',
    isOwed: true,
    waits: 1,
  })
  await by.deliverWaiting('slack')
  expect(notified()).toEqual([expect.stringContaining('pager-down')])
})

test('a channel that refuses an alert for good: the fallback is notified, and the alert is a dead letter', async () => {
  refuses()
  const one = await by.owed('pager-refuses')
  expect(await by.deliver(one)).toBe(0)
  const { fallbackTo, dead } = await by.known(one)
  expect([fallbackTo, dead?.reason]).toEqual(['chat for pager-refuses', expect.stringContaining('400')])
  expect(await by.deadLetters('pagerduty')).toHaveLength(1)
  await by.deliverWaiting('slack')
  expect(notified()).toEqual([expect.stringContaining('pager-refuses')])
})

test('within its patience nobody else is notified; after it the fallback is', async () => {
  const one = await by.owed('pager-down-again')
  by.engine.pagerduty.answerNext({ status: 500 })
  await by.deliver(one)
  expect((await by.known(one)).fallbackTo).toBeUndefined()
  later(61 * 60_000)
  by.engine.pagerduty.answerNext({ status: 500 })
  await by.deliver(one)
  expect((await by.known(one)).fallbackTo).toBe('chat for pager-down-again')
  await by.deliverWaiting('slack')
  expect(notified()).toEqual([expect.stringContaining('pager-down-again')])
})

test('recipients of the firing through the fallback get the resolve', async () => {
  refuses()
  const one = await by.owed('pager-refuses')
  await by.deliver(one)
  await by.deliverWaiting('slack')
  await by.deliver((await by.over(one)).filter(({ type }) => type === 'slack'))
  expect(notified()).toHaveLength(2)
  expect(notified()[1]).toContain('Resolved')
})

test('each has its own wording', async () => {
  refuses()
  await by.deliver(await by.owed('pager-in-words', { region: 'us-west-2' }))
  await by.deliverWaiting('slack')
  const messages = by.engine.slack.requests.map(({ body }) => body)
  expect(messages).toMatchObject([{ text: '(fallback: pager-in-words failed) chat: orders-db-cpu-high' }])
  expect(JSON.stringify(messages)).not.toContain('of pager')
})
