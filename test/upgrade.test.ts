import { readFileSync } from 'node:fs'
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { table } from '../shared/aws/table.ts'
import { checkConfig } from '../shared/config/check.ts'
import { alarmChange, arnOf, type RouterByHand, startRouterByHand } from './router-by-hand.ts'

/*
 * A stack is upgraded while alerts are under way: no message of the version before has survived, only its table
 * (upgrade/items.json, as the version without reminders and escalations wrote it, at 22:59).
 */
const fast = { perMinute: 60_000 }
const CONFIG = {
  channels: {
    pager: { type: 'pagerduty', secret: 'pager', ...fast },
    chat: { type: 'slack', secret: 'chat', fallback: 'mail', patience: '5m', ...fast },
    ops: { type: 'slack', secret: 'ops', ...fast },
    quiet: { type: 'slack', secret: 'quiet', mute: 'nights', ...fast },
    mail: { type: 'email', addresses: ['ops@example.com'] },
  },
  windows: { nights: { from: '22:00', to: '06:00' } },
  severities: {
    critical: { channels: ['pager', 'ops'], remind: '1h', response: { acknowledge: '15m' } },
    warning: { channels: ['chat'], hold: '2m', flapping: { changes: 4, within: '1h', calmAfter: '15m' } },
    info: { channels: ['quiet'] },
  },
  rules: [
    { name: 'warnings', when: { name: '*-warning-*' }, severity: 'warning' },
    { name: 'quiet', when: { name: '*-quiet-*' }, severity: 'info' },
  ],
  default: { severity: 'critical' },
}

type Item = Record<string, AttributeValue>
const ITEMS: Item[] = JSON.parse(readFileSync(new URL('upgrade/items.json', import.meta.url), 'utf8'), (_, value) =>
  value && typeof value.base64 === 'string' ? Buffer.from(value.base64, 'base64') : value,
)

let router: RouterByHand
const at = (time: string) => vi.setSystemTime(new Date(iso(time)))
const iso = (time: string) =>
  new Date(`2026-11-${time.length > 5 ? time.replace(' ', 'T') : `26T${time}`}:00.000Z`).toISOString()

beforeAll(async () => {
  router = await startRouterByHand(checkConfig(structuredClone(CONFIG)))
  at('23:00')
  for (const Item of ITEMS) await table.send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item }))
})
afterAll(() => router.stop())

async function come(name: string, value: 'ALARM' | 'OK', time: string): Promise<void> {
  at(time)
  await router.come(alarmChange(name, value, iso(time)))
  await router.work()
}

/** What came since: Slack's headlines with their channels, the pager's actions, the emails' subjects. */
async function sent(): Promise<string[]> {
  const { slack, pagerduty } = router.engine
  const all = [
    ...slack.requests.map(({ path, body }) => `${path} ${(body as { text: string }).text.slice(0, 40)}`),
    ...pagerduty.requests.map(({ body }) => {
      const { event_action, dedup_key } = body as { event_action: string; dedup_key: string }
      return `pager ${event_action} ${dedup_key.split(':').at(-1)}`
    }),
    ...(await router.emails()).map((subject) => `mail ${subject}`),
  ]
  slack.requests.length = 0
  pagerduty.requests.length = 0
  return all.sort()
}

test('what was owed is sent, by the clock alone', async () => {
  await router.passUntil(iso('23:05'))
  expect(await sent()).toEqual(['ops CRITICAL: api-underway-1', 'pager trigger api-underway-1'])
})

test('whoever received a firing receives its end', async () => {
  await come('api-delivered-1', 'OK', '23:10')
  await come('api-nodata-1', 'OK', '23:11')
  await come('api-warning-fallback', 'OK', '23:12')
  await come('api-warning-dead', 'OK', '23:13')
  expect(await sent()).toEqual([
    ...['chat RESOLVED (delivered late): api-warning-d', 'chat RESOLVED (delivered late): api-warning-f'],
    ...['mail [RESOLVED] api-warning-dead', 'mail [RESOLVED] api-warning-fallback'],
    ...['ops RESOLVED: api-delivered-1 (fired for 2 h', 'ops RESOLVED: api-nodata-1 (fired for 1 h 59'],
    ...['pager resolve api-delivered-1', 'pager resolve api-nodata-1'],
  ])
})

test('what a window held is sent at its end', async () => {
  await router.passUntil(iso('27 06:01'))
  expect(await sent()).toEqual(['quiet INFO: api-quiet-held'])
})

test('the new rules apply from the next change on', async () => {
  await come('api-ended-1', 'ALARM', '27 07:00')
  await router.passUntil(iso('27 08:05'))
  expect(await sent()).toEqual([
    'ops CRITICAL: api-ended-1',
    'ops STILL FIRING: api-ended-1',
    'pager trigger api-ended-1',
  ])
  expect((await router.state(arnOf('api-ended-1')))?.firing?.overdue).toEqual(['acknowledge'])
})
