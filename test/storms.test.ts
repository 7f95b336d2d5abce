import { expect, test, vi } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Severity } from '../schemas/config.ts'
import type { Wake } from '../schemas/wake.ts'
import { checkConfig } from '../shared/config/check.ts'
import { deliverersFor } from './deliverers.ts'

/** Many alerts at once for one channel, by the delivering handler on the local engine. */
const fast = { perMinute: 60_000 }
const config = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat', ...fast },
    'chat-by-account': { type: 'slack', secret: 'by-account', groupBy: ['account'], ...fast },
    'chat-at-its-own-pace': { type: 'slack', secret: 'own-pace' },
  },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
const by = deliverersFor(config)

interface DigestGroup {
  size: number
  severity?: Severity
  change?: (n: number) => Partial<Alert>
}

async function storm(
  channel: string,
  { size, severity = 'warning', change = () => ({}) }: DigestGroup,
): Promise<Wake[]> {
  const wakes = []
  for (let n = 0; n < size; n++) {
    wakes.push(await by.owed(channel, { title: `storm-${n}`, ...change(n) }, { severity }))
  }
  return wakes
}
const requests = () => by.engine.slack.requests
const known = (wakes: Wake[]) => Promise.all(wakes.map(by.known))
/** How many were sent with each, itself included. */
const digests = async (wakes: Wake[]) => (await known(wakes)).map(({ log }) => log.at(-1)?.digest?.of ?? 1)

test('a few alerts are sent one by one', async () => {
  expect(await by.deliver(await storm('chat', { size: 3 }))).toBe(0)
  expect(requests()).toHaveLength(3)
})

test('many become one digest that names each, and each alert is recorded as sent', async () => {
  const alerts = await storm('chat', { size: 30 })
  expect(await by.deliver(alerts)).toBe(0)
  expect(requests().length).toBeLessThan(4)
  for (const n of alerts.keys()) {
    expect(requests().some(({ body }) => JSON.stringify(body).includes(`storm-${n}`))).toBe(true)
  }
  expect((await digests(alerts)).every((of) => of > 1)).toBe(true)
  const sent = requests().map(({ body }) => (body as { text: string }).text)
  for (const { notified, owed, log } of await known(alerts)) {
    expect([notified?.status, owed]).toEqual(['firing', undefined])
    expect(sent).toContain(log.at(-1)?.said)
  }
  requests().length = 0
  expect(await by.deliver(alerts)).toBe(0)
  expect(requests()).toEqual([])
})

test('each groupBy group gets its own digest', async () => {
  const accounts = ['111111111111', '222222222222']
  const change = (n: number) => ({ account: accounts[n % 2] as string })
  await by.deliver(await storm('chat-by-account', { size: 10, severity: 'info', change }))
  expect(requests()).toHaveLength(2)
})

test('the first critical alerts are sent separately, until the pace is used up', async () => {
  const critical = await storm('chat-at-its-own-pace', { size: 20, severity: 'critical' })
  await by.deliver(critical)
  expect((await digests(critical)).filter((of) => of === 1)).toHaveLength(4)
  expect(requests()).toHaveLength(5)
})

test('a digest that Slack rejects is split, so that one broken alert does not block the rest', async () => {
  const alerts = await storm('chat', { size: 5 })
  by.engine.slack.answerNext({ status: 400, body: 'invalid_blocks' })
  expect(await by.deliver(alerts)).toBe(5)
  vi.setSystemTime(Date.now() + 5_000)
  expect(await by.deliver(alerts)).toBe(0)
  expect(requests().map(({ status }) => status)).toEqual([400, 200, 200, 200, 200, 200])
})
