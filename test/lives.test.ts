import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { checkConfig } from '../shared/config/check.ts'
import { alarmChange, arnOf, type RouterByHand, startRouterByHand } from './router-by-hand.ts'

/** An alert's life, by the real functions: who is told what of it, in whatever order its changes come and whatever fails meanwhile. */
const fast = { perMinute: 60_000 }
const SOURCE = {
  channels: {
    pager: { type: 'pagerduty', secret: 'pager', ...fast },
    chat: { type: 'slack', secret: 'chat', ...fast },
    'chat-critical': { type: 'slack', secret: 'chat-critical', ...fast },
    quiet: { type: 'slack', secret: 'quiet', mute: 'nights', ...fast },
  },
  windows: { nights: { from: '22:00', to: '06:00' } },
  severities: {
    critical: { channels: ['pager', 'chat-critical'] },
    warning: { channels: ['chat'] },
    info: { channels: ['quiet'] },
  },
  rules: [
    { name: 'no data', when: { status: 'insufficient-data' }, severity: 'warning' },
    { name: 'warnings', when: { any: [{ name: '*-warning-*' }, { reason: '*warning*' }] }, severity: 'warning' },
    { name: 'quiet', when: { name: '*-quiet-*' }, severity: 'info' },
  ],
  default: { severity: 'critical' },
}

let router: RouterByHand
let run = 0
let alarm = ''
beforeAll(async () => {
  router = await startRouterByHand(checkConfig(structuredClone(SOURCE)))
})
afterAll(() => router.stop())
beforeEach(() => {
  alarm = `api-${++run}`
  router.engine.slack.requests.length = 0
  router.engine.pagerduty.requests.length = 0
  at('10:00')
})

const iso = (time: string) => `2026-11-03T${time.length === 5 ? `${time}:00` : time}Z`
const at = (time: string) => vi.setSystemTime(new Date(iso(time)))
const change = (value: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA', time: string, more?: object) =>
  alarmChange(alarm, value, iso(time), more)

/** What channels of Slack said yes to: the channel and its headline's first word. */
function slackTold(): string[] {
  return router.engine.slack.requests
    .filter(({ status }) => status === 200)
    .map(({ path, body }) => `${path}: ${(body as { text: string }).text.split(/[:\s]/)[0]}`)
}
const incidents = () => router.engine.pagerduty.incidents().filter(({ dedupKey }) => dedupKey.includes(alarm))

test('fires, and is resolved: each channel is told both, once', async () => {
  await router.come(change('ALARM', '10:00'))
  await router.work()
  expect(incidents()).toMatchObject([{ state: 'open' }])
  at('10:05')
  await router.come(change('OK', '10:05'))
  await router.work()
  expect(incidents()).toMatchObject([{ state: 'resolved', triggers: 1 }])
  expect(slackTold()).toEqual(['chat-critical: [CRITICAL]', 'chat-critical: [RESOLVED]'])
  await router.passUntil(iso('10:20'))
  expect(slackTold()).toHaveLength(2)
  expect((await router.state(arnOf(alarm)))?.recipients.pager?.owed).toBeUndefined()
})
