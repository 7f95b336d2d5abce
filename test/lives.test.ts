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

/** A time of this test's day; of the next one from `24:00` on. Each test has days of its own, for time does not go back. */
function iso(time: string): string {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number)
  return new Date(Date.UTC(2026, 10, 3 + 2 * run, hours, minutes, seconds)).toISOString()
}
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
  expect(slackTold()).toEqual(['chat-critical: CRITICAL', 'chat-critical: RESOLVED'])
  await router.passUntil(iso('10:20'))
  expect(slackTold()).toHaveLength(2)
  expect((await router.state(arnOf(alarm)))?.recipients.pager?.owed).toBeUndefined()
})

/** The states of the pager's incident, and what Slack's channels heard, when all has come to rest. */
async function end() {
  await router.passUntil(iso('11:30'))
  return { incidents: incidents().map(({ state }) => state), slack: slackTold() }
}

describe('in whatever order changes come', () => {
  test('an ALARM that is routed after a mere no-data is told', async () => {
    at('10:01')
    await router.come(change('INSUFFICIENT_DATA', '10:01'))
    await router.work()
    await router.come(change('ALARM', '10:00'))
    await router.work()
    expect(incidents()).toMatchObject([{ state: 'open' }])
    expect(slackTold()).toEqual(['chat: NO', 'chat-critical: CRITICAL'])
    at('10:10')
    await router.come(change('OK', '10:10'))
    await router.work()
    expect(await end()).toEqual({
      incidents: ['resolved'],
      slack: ['chat: NO', 'chat-critical: CRITICAL', 'chat: RESOLVED', 'chat-critical: RESOLVED'],
    })
  })

  test('an ALARM that is routed after its OK opens nothing, and is told once, of the whole', async () => {
    at('10:02')
    await router.come(change('OK', '10:01'))
    await router.work()
    expect(slackTold()).toEqual([])
    await router.come(change('ALARM', '10:00'))
    await router.work()
    expect(await end()).toEqual({ incidents: [], slack: ['chat-critical: RESOLVED'] })
    await router.come(change('ALARM', '10:00'))
    await router.work()
    expect((await end()).slack).toHaveLength(1)
  })

  test('an ALARM that comes late, when another one is open, is told to whoever has not heard of it', async () => {
    at('10:03')
    await router.come(change('OK', '10:01'))
    await router.come(change('ALARM', '10:02', { reason: 'a warning now' }))
    await router.work()
    expect(slackTold()).toEqual(['chat: WARNING'])
    at('10:30')
    await router.come(change('ALARM', '10:00'))
    await router.work()
    expect(slackTold()).toEqual(['chat: WARNING', 'chat-critical: RESOLVED'])
    at('10:40')
    await router.come(change('OK', '10:40'))
    await router.work()
    expect(await end()).toEqual({
      incidents: [],
      slack: ['chat: WARNING', 'chat-critical: RESOLVED', 'chat: RESOLVED'],
    })
  })

  test('an ALARM that comes late, when a newer one is over too, is told to whoever has not heard of it', async () => {
    at('10:06')
    await router.come(change('OK', '10:01'))
    await router.come(change('ALARM', '10:02', { reason: 'a warning now' }))
    await router.work()
    await router.come(change('OK', '10:05'))
    await router.work()
    at('10:30')
    await router.come(change('ALARM', '10:00'))
    await router.work()
    expect(await end()).toEqual({
      incidents: [],
      slack: ['chat: WARNING', 'chat: RESOLVED', 'chat-critical: RESOLVED'],
    })
  })

  test('an older ALARM is owed to whoever knows nothing newer', async () => {
    await router.come(change('ALARM', '10:05', { reason: 'a warning now' }))
    await router.work()
    await router.come(change('ALARM', '10:00'))
    await router.work()
    expect(incidents()).toMatchObject([{ state: 'open' }])
    at('10:10')
    await router.come(change('OK', '10:10'))
    await router.work()
    expect((await end()).incidents).toEqual(['resolved'])
  })

  test('of two changes at one time, the end is the last word', async () => {
    await router.come(change('OK', '10:00'), change('ALARM', '10:00'))
    await router.work('alarms')
    await router.work()
    expect((await end()).incidents.filter((state) => state === 'open')).toEqual([])
  })

  test('firing and warning, routed at once: whoever was told hears the end', async () => {
    await router.come(change('ALARM', '10:00'), change('ALARM', '10:00:05', { reason: 'a warning now' }))
    await router.work()
    at('10:10')
    await router.come(change('OK', '10:10'))
    await router.work()
    expect((await end()).incidents).toEqual(['resolved'])
  })
})

describe('a channel that can not be reached', () => {
  const down = () => router.engine.pagerduty.answerBy(() => ({ status: 503 }))
  const up = () => router.engine.pagerduty.answerBy()

  test('a resolve that waits is told, whatever came after it and went elsewhere', async () => {
    await router.come(change('ALARM', '10:00'))
    await router.work()
    down()
    at('10:05')
    await router.come(change('OK', '10:05'))
    await router.work()
    at('10:06')
    await router.come(change('INSUFFICIENT_DATA', '10:06'))
    await router.work()
    up()
    expect((await end()).incidents).toEqual(['resolved'])
  })

  test('what began and ended meanwhile opens nothing in PagerDuty, and is one message in Slack', async () => {
    router.engine.slack.answerBy(() => ({ status: 400, body: 'x' }))
    router.engine.slack.answerBy(() => ({ status: 500 }))
    router.engine.pagerduty.answerBy(() => ({ status: 429 }))
    await router.come(change('ALARM', '10:00'))
    await router.work()
    at('10:05')
    await router.come(change('OK', '10:05'))
    await router.work()
    router.engine.slack.answerBy()
    up()
    expect(await end()).toEqual({ incidents: [], slack: ['chat-critical: RESOLVED'] })
  })
})

test('what wakes a deliverer may get lost: what is owed is looked after', async () => {
  await router.come(change('ALARM', '10:00'))
  await router.work('alarms')
  expect(await router.lose('pagerduty')).toBe(1)
  expect(await router.lose('slack')).toBe(1)
  await router.passUntil(iso('10:04'))
  expect(incidents()).toMatchObject([{ state: 'open', triggers: 1 }])
  expect(slackTold()).toEqual(['chat-critical: CRITICAL'])
})

describe('what is held', () => {
  test('is told at its time, with no message on its way until then', async () => {
    alarm = `api-quiet-${run}`
    at('22:30')
    await router.come(change('ALARM', '22:30'))
    await router.work()
    expect(slackTold()).toEqual([])
    await router.passUntil(iso('29:58'))
    expect(router.waiting('alarms') + router.waiting('slack')).toBe(0)
    expect(slackTold()).toEqual([])
    await router.passUntil(iso('30:00'))
    expect(slackTold()).toEqual(['quiet: INFO'])
  })

  test('follows its channel to its new name', async () => {
    alarm = `api-quiet-${run}`
    at('22:30')
    await router.come(change('ALARM', '22:30'))
    await router.work()
    const { quiet, ...channels } = SOURCE.channels
    const renamed = { ...channels, 'quiet-team': { ...quiet, formerly: ['quiet'] } }
    await router.push(
      checkConfig({
        ...structuredClone(SOURCE),
        channels: renamed,
        severities: { ...SOURCE.severities, info: { channels: ['quiet-team'] } },
      }),
    )
    await router.passUntil(iso('30:01'))
    expect(slackTold()).toEqual(['quiet: INFO'])
    await router.push(checkConfig(structuredClone(SOURCE)))
  })

  test('goes to whom the rules name, when its channel is gone', async () => {
    alarm = `api-quiet-${run}`
    at('22:30')
    await router.come(change('ALARM', '22:30'))
    await router.work()
    const { quiet: _quiet, ...channels } = SOURCE.channels
    await router.push(
      checkConfig({
        ...structuredClone(SOURCE),
        channels,
        severities: { ...SOURCE.severities, info: { channels: ['chat'] } },
      }),
    )
    await router.passUntil(iso('23:00'))
    expect(slackTold()).toEqual(['chat: INFO'])
    await router.push(checkConfig(structuredClone(SOURCE)))
  })
})
