import { DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { checkConfig } from '../shared/config/check.ts'
import { keptSilences, readSilencesWith } from '../shared/store/silences.ts'
import { alarmChange, arnOf, type RouterByHand, startRouterByHand } from './router-by-hand.ts'

/** What people silence, through the whole router: by orders on the alarms' queue, as the commands and the inbox send them. */
const config = checkConfig({
  channels: { pager: { type: 'pagerduty', secret: 'pager' }, chat: { type: 'slack', secret: 'chat' } },
  severities: {
    critical: { channels: ['pager', 'chat'] },
    warning: { channels: ['chat'] },
    info: { channels: ['chat'] },
  },
  rules: [
    { name: 'warnings', when: { name: '*-warning*' }, severity: 'warning' },
    { name: 'after a while', when: { name: '*-slow*' }, severity: 'critical', channels: ['chat'], hold: '10m' },
  ],
  default: { severity: 'critical' },
})

let router: RouterByHand
let table: DynamoDBClient
let sqs: SQSClient
beforeAll(async () => {
  router = await startRouterByHand(config)
  table = new DynamoDBClient({})
  sqs = new SQSClient({})
})
afterAll(() => router.stop())
beforeEach(async () => {
  at('09:00')
  await router.startAnew()
  await router.work()
  await messages()
})

const iso = (time: string) => `2026-11-27T${time}:00.000Z`
const at = (time: string) => vi.setSystemTime(new Date(iso(time)))
const passUntil = (time: string) => router.passUntil(iso(time))
const TableName = () => process.env.TABLE_NAME ?? ''

async function itemsOf(fingerprint: string) {
  const found = await table.send(
    new QueryCommand({
      TableName: TableName(),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: fingerprint } },
    }),
  )
  return found.Items ?? []
}

async function come(name: string, value: 'ALARM' | 'OK', time: string): Promise<void> {
  await router.come(alarmChange(name, value, iso(time)))
  await router.work()
}

async function order(what: object): Promise<void> {
  const MessageBody = JSON.stringify({ ...what, Records: [] })
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL, MessageBody }))
  await router.work()
}

const said = (time: string, by = 'ann') => ({ by, via: 'cli', at: iso(time) })
const silence = (until: string, time: string, more = {}) =>
  order({
    silence: {
      id: 'load-test',
      when: { name: 'orders-*' },
      about: 'name: orders-*',
      until: iso(until),
      why: 'load test',
      ...said(time),
      ...more,
    },
  })

/** What came since: `chat orders-db firing`, in the order of the channels. */
async function messages(): Promise<string[]> {
  const { slack, pagerduty } = router.engine
  const chat = slack.requests.map(({ body }) => `chat ${(body as { text: string }).text.split('\n')[0]}`)
  const pager = pagerduty.requests.map(({ body }) => {
    const { event_action: action, payload } = body as { event_action: string; payload?: { summary: string } }
    return `pager ${action} ${payload?.summary ?? ''}`.trim()
  })
  slack.requests.length = 0
  pagerduty.requests.length = 0
  return [...pager, ...chat]
}

describe('a silence', () => {
  test('holds what it covers until its end; the resolve of what was sent before goes through', async () => {
    await come('orders-warning-old', 'ALARM', '09:00')
    expect(await messages()).toHaveLength(1)
    at('09:01')
    await silence('11:00', '09:01')
    at('09:02')
    await come('orders-warning', 'ALARM', '09:02')
    await come('stock-warning', 'ALARM', '09:02')
    await come('orders-warning-old', 'OK', '09:02')
    expect((await messages()).join('\n')).toMatch(/stock-warning(.|\n)*orders-warning-old/)
    const [change] = await router.changes(arnOf('orders-warning'))
    expect(change?.held).toEqual(['chat 2026-11-27T11:00:00.000Z'])
    expect(change?.because.at(-1)).toBe(
      'silenced by ann until 2026-11-27 11:00 UTC: load test: chat is notified at 2026-11-27T11:00Z',
    )
    await passUntil('10:47')
    expect(await messages()).toEqual([])
    await passUntil('11:03')
    const after = await messages()
    expect(after.filter((text) => text.includes('orders-warning'))).toHaveLength(1)
  })

  test('that has ended early lets go of what a slow function writes only after that, too', async () => {
    await silence('20:00', '09:00')
    await come('orders-warning', 'ALARM', '09:01')
    const items = await itemsOf(arnOf('orders-warning'))
    // Another function has decided on it, and not written it yet.
    for (const { pk, sk } of items) {
      if (pk && sk) await table.send(new DeleteItemCommand({ TableName: TableName(), Key: { pk, sk } }))
    }
    await order({ expireSilence: 'load-test', ...said('09:30', 'bob') })
    at('09:31')
    await router.tick()
    await router.work()
    for (const Item of items) await table.send(new PutItemCommand({ TableName: TableName(), Item }))
    expect(await messages()).toEqual([])
    await passUntil('09:35')
    expect(await messages()).toEqual([expect.stringContaining('orders-warning')])
  })

  test('that is extended holds longer; that is ended early, no more', async () => {
    await silence('10:00', '09:00')
    await come('orders-warning', 'ALARM', '09:01')
    await order({ extendSilence: 'load-test', ...said('09:30', 'bob'), until: iso('12:00') })
    await passUntil('09:33')
    const state = await router.state(arnOf('orders-warning'))
    expect(state?.recipients.chat?.owed?.until).toBe(iso('12:00'))
    await passUntil('10:30')
    expect((await messages()).filter((text) => text.includes('orders-warning'))).toEqual([])
    at('10:30')
    await order({ expireSilence: 'load-test', ...said('10:30', 'eve') })
    await passUntil('10:33')
    expect((await messages()).filter((text) => text.includes('orders-warning'))).toHaveLength(1)
    const [kept] = await keptSilences(table, TableName())
    expect(kept).toMatchObject({ by: 'ann', until: iso('10:30') })
    expect(kept?.changes?.map(({ by, until }) => `${by} ${until}`)).toEqual([
      `bob ${iso('12:00')}`,
      `eve ${iso('10:30')}`,
    ])
  })

  test('is made once, though its order arrives twice', async () => {
    await silence('11:00', '09:00')
    await silence('12:00', '09:00')
    const { silences, version } = await readSilencesWith(table, TableName())
    expect(silences.map(({ until }) => until)).toEqual([iso('11:00')])
    expect(version).toBe(1)
  })
})

describe('a silence that covers critical alerts', () => {
  test('is announced, and so is its end', async () => {
    await silence('11:00', '09:00', { critical: true })
    await passUntil('09:02')
    expect(await messages()).toEqual(['chat INFO: Silence: name: orders-∗'])
    at('10:48')
    await router.tick()
    await router.work()
    await passUntil('11:03')
    const later = await messages()
    expect(later[0]).toContain('Silence ends soon')
    expect(later[1]).toContain('Silence ended')
    expect(later).toHaveLength(2)
  })

  test('though nobody had known that it would, is announced when it does', async () => {
    await silence('11:00', '09:00')
    await passUntil('09:10')
    expect(await messages()).toEqual([])
    at('09:10')
    await come('orders-db', 'ALARM', '09:10')
    await passUntil('09:12')
    expect(await messages()).toEqual(['chat INFO: Silence: name: orders-∗'])
  })

  test('after its hold, too', async () => {
    await come('orders-slow', 'ALARM', '09:00')
    await silence('11:00', '09:01')
    await passUntil('09:13')
    expect(await messages()).toEqual(['chat INFO: Silence: name: orders-∗'])
  })

  test('made by one alert', async () => {
    await come('orders-db', 'ALARM', '09:00')
    await messages()
    const alert = { id: 'slack-1', until: iso('10:00'), why: 'I know', ...said('09:05') }
    await order({ silenceAlert: arnOf('orders-db'), ...alert })
    await order({ silenceAlert: arnOf('unknown'), ...alert, id: 'slack-2' })
    const { silences } = await readSilencesWith(table, TableName())
    expect(silences).toEqual([
      {
        ...alert,
        ...{ when: { fingerprint: arnOf('orders-db') }, about: 'orders-db', critical: iso('09:00') },
        at: iso('09:00'),
      },
    ])
  })
})
