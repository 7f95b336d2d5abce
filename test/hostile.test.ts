import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { type Alert, alertSchema } from '../schemas/alert.ts'
import { type Config, PLAIN_FIELDS, SEVERITIES } from '../schemas/config.ts'
import { type ChannelType, type Notification, notificationSchema } from '../schemas/notification.ts'
import { traceSchema } from '../schemas/trace.ts'
import type { Channel } from '../shared/channels/channel.ts'
import { email } from '../shared/channels/email/index.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { checkConfig } from '../shared/config/check.ts'
import { readConfig } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { keptTrace, MOST_BYTES } from '../shared/explain/kept-trace.ts'
import { parse } from '../shared/parse/parse.ts'
import { RefusedEvent } from '../shared/parse/refused.ts'
import { textsIn } from './any-notification.ts'
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS } from './fuzz-runs.ts'
import { BOMBS, hostileEvent } from './hostile-events.ts'

/** The whole pure way, from an event that means harm to what each channel is sent. */

const shipped = readConfig('config/alerts.yml')

/** Every bomb on every field, and all of them tried, so that no text can find one that it doesn't set off. */
const bombs = checkConfig({
  ...shipped,
  rules: [...PLAIN_FIELDS.filter((field) => !/status|kind/i.test(field)), ...labels()].map((field) => ({
    name: field,
    when: { [field]: BOMBS.map(({ pattern }) => `/${pattern}/`) },
    severity: '{tags.severity}',
    otherwise: 'info',
    continue: true,
  })),
})

function labels(): string[] {
  return [
    ...['details', 'dimensions', 'tags'].flatMap((group) => [`${group}.environment`, `${group}.FunctionName`]),
    ...['threshold.unit', 'threshold.statistic', 'links.console', 'links.runbook'],
  ]
}

const CHANNELS: Record<string, Channel<unknown>> = { pagerduty, slack, email }

afterEach(expectCleanPrototypes)

describe('a rule that would take a backtracking matcher years', () => {
  test.each(BOMBS)('$pattern', ({ pattern, text, seconds }) => {
    expectQuick(pattern, text(seconds))
    expectQuick(pattern, text(12_000))
  })

  test('the largest pattern that a config may have', () => {
    // No two stretches of the text are alike: nothing that was learnt of one helps with the next.
    const mixed = Array.from({ length: 11_000 }, (_, n) => ((n * n * 7_919) % 1_009 < 500 ? 'a' : 'b')).join('')
    expectQuick('[ab]*a[ab]{900}c', `c${mixed}`)
  })
})

/** The pattern is decided on within a generous time; it does not match. */
function expectQuick(pattern: string, description: string): void {
  const rules = [{ name: 'it', when: { description: `/${pattern}/` }, severity: 'info' }]
  const config = checkConfig({ ...shipped, rules })
  const [alert] = parse({ AlarmName: 'x', NewStateValue: 'ALARM', AlarmDescription: description })
  // The CPU's time: a busy machine takes longer, and that is no fault.
  const started = process.cpuUsage()
  expect(decide(alert as Alert, config).rule).toBe('default')
  expect(process.cpuUsage(started).user).toBeLessThan(2_000_000)
}

test(
  'whatever comes in: it is refused, or becomes messages that ping nobody, within every limit',
  () => {
    // Else what follows would never end.
    for (const { pattern, text, seconds } of BOMBS) expectQuick(pattern, text(seconds))
    fc.assert(
      fc.property(hostileEvent, fc.constantFrom(shipped, bombs), (event, config) => {
        const notifications = parsed(JSON.parse(event)).flatMap((alert) => notificationsOf(alert, config))
        for (const notification of notifications) {
          const channel = CHANNELS[notification.type]
          const payload = channel?.render(notification)
          expectHarmless(notification.type, payload)
          expectReadable(notification.type, channel?.firstLine(payload) ?? '')
        }
        expectHarmlessDigests(notifications)
        expectCleanPrototypes()
      }),
      { numRuns: FUZZ_RUNS },
    )
  },
  FUZZ_TIMEOUT_MS,
)

function parsed(event: unknown): Alert[] {
  try {
    return parse(event)
  } catch (error) {
    if (error instanceof RefusedEvent) return []
    throw error
  }
}

/** One for each type of channel, whatever was decided, as they come out of the queue. */
function notificationsOf(alert: Alert, config: Config): Notification[] {
  expect(alertSchema.safeParse(alert).success).toBe(true)
  const decided = decide(alert, config)
  const { severity, rule, channels } = decided
  expect(channels.length).toBeGreaterThan(0)
  const decision = { ...decided, held: [] }
  const trace = keptTrace({ alert, config, firing: undefined, decided, decision, at: new Date(alert.changedAt) })
  expect(traceSchema.safeParse(JSON.parse(trace)).success).toBe(true)
  expect(Buffer.byteLength(trace)).toBeLessThanOrEqual(MOST_BYTES)
  return Object.keys(CHANNELS).map((type) => {
    const sent = JSON.stringify({ id: 'n', channel: 'a-channel', type, alert, severity, rule })
    // SNS: 256 KiB a message.
    expect(Buffer.byteLength(sent)).toBeLessThan(256 * 1_024)
    return notificationSchema.parse(JSON.parse(sent))
  })
}

function expectHarmlessDigests(notifications: Notification[]): void {
  for (const [type, channel] of Object.entries(CHANNELS)) {
    for (const severity of SEVERITIES) {
      const together = notifications.filter((one) => one.type === type && one.severity === severity)
      if (together.length === 0) continue
      // A storm is many of them.
      const storm = Array.from({ length: 40 }, () => together)
        .flat()
        .slice(0, 40)
      for (const { payload } of channel.renderDigest?.(storm) ?? []) expectHarmless(type as ChannelType, payload)
    }
  }
}

const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

function expectReadable(type: ChannelType, text: string): void {
  if (!text.isWellFormed() || UNSEEN.test(text)) expect.fail(`${type} is sent ${JSON.stringify(text)}`)
}

function expectHarmless(type: ChannelType, payload: unknown): void {
  const texts = textsIn(payload)
  for (const text of texts) expectReadable(type, text)
  if (type === 'slack') {
    for (const text of texts) {
      // Slack's own syntax begins with these: mentions, channels, groups. Dates are ours.
      if (/<[!@#]/.test(text.replace(/<!date\^\d+\^[^<>|]+\|[^<>|]+>/g, ''))) expect.fail(`this pings: ${text}`)
    }
    expect(slackFaults(payload)).toEqual([])
  }
  if (type === 'pagerduty') expect(pagerdutyFaults(payload)).toEqual([])
  if (type === 'email') expect(emailFaults(payload)).toEqual([])
}

/** https://docs.slack.dev/reference/block-kit/blocks, and about 10 KB for the blocks of a message. */
function slackFaults(payload: unknown): string[] {
  const { attachments = [], link_names, parse: parseMode } = payload as Record<string, never> & { attachments?: [] }
  const faults: string[] = []
  if (link_names !== undefined || parseMode !== undefined) faults.push('makes mentions of names')
  const most = { header: 150, section: 3_000, context: 3_000, button: 75 } as Record<string, number>
  for (const { blocks } of attachments as { blocks: Record<string, unknown>[] }[]) {
    if (blocks.length > 50) faults.push(`${blocks.length} blocks`)
    if (Buffer.byteLength(JSON.stringify(blocks)) > 10_000) faults.push('blocks are too big')
    for (const { type, text, fields = [], elements = [] } of blocks as Record<string, never>[]) {
      check(text, most[String(type)] ?? 0)
      for (const field of fields as unknown[]) check(field, 2_000)
      for (const element of elements as Record<string, unknown>[]) {
        check(element.type === 'button' ? element.text : element, element.type === 'button' ? 75 : 3_000)
        if (typeof element.url === 'string' && (element.url.length > 3_000 || !/^https?:\/\//.test(element.url)))
          faults.push(`url ${element.url}`)
      }
      if ((fields as unknown[]).length > 10 || (elements as unknown[]).length > 25)
        faults.push(`a ${type} has too many`)
    }
  }
  return faults

  function check(given: unknown, limit: number): void {
    if (given === undefined) return
    const { text } = given as { text: string }
    if (text.length < 1 || text.length > limit) faults.push(`${text.length} characters, of ${limit}`)
  }
}

/** https://developer.pagerduty.com/docs/events-api-v2 */
function pagerdutyFaults(payload: unknown): string[] {
  const { data } = payload as ReturnType<typeof pagerduty.render>
  const faults: string[] = []
  const { summary, source } = data.payload
  if (summary.length < 1 || summary.length > 1_024) faults.push(`a summary of ${summary.length}`)
  if (source === '') faults.push('no source')
  if ('dedup_key' in data && (data.dedup_key.length < 1 || data.dedup_key.length > 255)) faults.push('a wrong key')
  if (Buffer.byteLength(JSON.stringify(data)) > 512 * 1_000) faults.push('too big')
  for (const { href } of data.links) if (!/^https?:\/\//.test(href)) faults.push(`link ${href}`)
  return faults
}

/** SNS: a subject of at most 100 characters on one line, a message of at most 256 KiB. */
function emailFaults(payload: unknown): string[] {
  const { subject, text } = payload as ReturnType<typeof email.render>
  const faults: string[] = []
  if (subject.length < 1 || subject.length > 100 || /[\r\n]/.test(subject)) faults.push(`subject ${subject}`)
  if (text === '' || Buffer.byteLength(text) > 256 * 1_024) faults.push(`a text of ${text.length}`)
  return faults
}

function expectCleanPrototypes(): void {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect('polluted' in {} || 'polluted' in []).toBe(false)
}
