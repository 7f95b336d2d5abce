import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { type Alert, alertSchema } from '../schemas/alert.ts'
import type { ChannelType } from '../schemas/channel.ts'
import { type Config, PLAIN_FIELDS, SEVERITIES } from '../schemas/config.ts'
import { type Notification, notificationSchema } from '../schemas/notification.ts'
import { traceSchema } from '../schemas/trace.ts'
import { checkConfig } from '../shared/config/check.ts'
import { readConfig } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { keptTrace, MAX_BYTES } from '../shared/explain/kept-trace.ts'
import { parse } from '../shared/parse/parse.ts'
import { RefusedEvent } from '../shared/parse/refused.ts'
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS } from './fuzz-runs.ts'
import { CHANNELS, expectHarmless, expectNoStrangersLink, expectReadable } from './harmless.ts'
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
          expectNoStrangersLink(notification.type, payload, notification.alert)
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
  expect(Buffer.byteLength(trace)).toBeLessThanOrEqual(MAX_BYTES)
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

function expectCleanPrototypes(): void {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect('polluted' in {} || 'polluted' in []).toBe(false)
}
