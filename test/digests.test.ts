import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Notification } from '../schemas/notification.ts'
import * as alertText from '../shared/channels/alert-text.ts'
import type { Channel, Digest } from '../shared/channels/channel.ts'
import { inParts } from '../shared/channels/digest.ts'
import { email } from '../shared/channels/email/index.ts'
import type { Email } from '../shared/channels/email/message.ts'
import { shorten } from '../shared/channels/outside-text.ts'
import { renderDigestNow } from '../shared/channels/slack/digest.ts'
import { slack } from '../shared/channels/slack/index.ts'
import type { SlackPayload } from '../shared/channels/slack/message.ts'
import { inline } from '../shared/channels/slack/mrkdwn.ts'
import { firing, hostile, message, noData, notTaken, resolved, samples, storm } from './alert-samples.ts'
import { anyStorm, CARELESS, textsIn } from './any-notification.ts'
import { expectDisarmed, expectWithinLimits, textsOf } from './slack-limits.ts'

function digests<Payload>(channel: Channel<Payload>, notifications: Notification[]): Digest<Payload>[] {
  if (!channel.renderDigest) throw new Error('a channel without digests')
  return channel.renderDigest(notifications)
}

const inSlack = (notifications: Notification[]) => digests<SlackPayload>(slack, notifications)
const inEmail = (notifications: Notification[]) => digests<Email>(email, notifications)

function only<Payload>(all: Digest<Payload>[]): Payload {
  expect(all).toHaveLength(1)
  return (all[0] as Digest<Payload>).payload
}

function textOf({ attachments }: SlackPayload): string {
  return attachments[0].blocks.flatMap((block) => textsOf(block).map(({ text }) => text)).join('\n')
}

/** The lines that name an alert. */
function namesIn(payload: SlackPayload): string[] {
  return textOf(payload)
    .split('\n')
    .filter((line) => line.startsWith('• '))
}

const isLinked = (line: string) => line.startsWith('• <https:')

/** The paragraphs that name an alert: those after the first heading, without headings and signature. */
function entriesIn({ text }: Email): string[] {
  const HEADING = /^(FIRING|EVENTS|NO DATA|RESOLVED) \(\d+( of \d+)?\)$/
  const paragraphs = text.split('\n\n')
  return paragraphs
    .slice(
      paragraphs.findIndex((paragraph) => HEADING.test(paragraph)),
      -1,
    )
    .filter((paragraph) => !HEADING.test(paragraph))
}

describe('a Slack digest', () => {
  test('as its alerts are now is one message: those that fire come first, and what does not fit is counted', () => {
    const all = [...storm(30), ...storm(200, { resolved: 200 })]
    const { text, attachments } = renderDigestNow(all)
    expect(text).toMatch(/^WARNING: 230 alerts: 30 firing, 200 resolved/)
    expectWithinLimits(attachments[0].blocks)
    const headings = textOf(renderDigestNow(all)).match(/^\*.*\)\*$/gm)
    expect(headings).toEqual(['*Firing (30)*', expect.stringMatching(/^\*Resolved \(\d+ of 200\)\*$/)])
    // Where all fit, it is what a new digest would be.
    const some = storm(20, { resolved: 5 })
    expect(renderDigestNow(some)).toEqual(only(inSlack(some)))
  })

  test('that would need more than three messages is one: the rest is counted, and it says how to list it', () => {
    const all = storm(500, { resolved: 20 })
    const payload = only(inSlack(all))
    expectWithinLimits(payload.attachments[0].blocks)
    expect(payload.text).toMatch(/^WARNING: 500 alerts: 480 firing, 20 resolved/)
    const named = namesIn(payload).length
    expect(named).toBeGreaterThan(60)
    expect(textOf(payload)).toMatch(new RegExp(`and ${500 - named} more: npx alert-router alerts$`))
    // All that it is about, so that each is recorded as notified.
    expectEachOnce(inSlack(all), all)
    expect(inSlack(storm(150)).length).toBeLessThanOrEqual(3)
  })

  test('has the counts, what the alerts have in common, and a line for each', () => {
    const { text, attachments } = only(inSlack([resolved, ...storm(2)].map((one) => ({ ...one, severity: 'warning' }))))
    expect(text).toBe('WARNING: 3 alerts: 2 firing, 1 resolved, within 12 min (123456789012/eu-west-1)')
    expect(attachments[0].color).toBe('#F5A623')
    const [first, second] = storm(2)
    const time = (at: number, utc: string) => `<!date^${at}^{time}|${utc} UTC>`
    expect(textOf({ attachments } as SlackPayload).split('\n')).toEqual([
      'In common: env=prod',
      `From <!date^1789384732^{date_short_pretty} {time}|2026-09-14 11:18:52 UTC> to ${time(1789385470, '11:31')}`,
      '*Firing (2)*',
      `• <${second?.alert.links.console}|shop-payments-001-throttles> · shop-payments-001 · Throttles 240 &gt; 0 · ${time(1789384735, '11:18')}`,
      `• <${first?.alert.links.console}|shop-orders-000-errors> · shop-orders-000 · Errors 17 &gt; 5 · ${time(1789384732, '11:18')}`,
      '*Resolved (1)*',
      `• <${resolved.alert.links.console}|orders-db-cpu-high> · orders-db · fired for 12 min · ${time(1789385470, '11:31')}`,
      'warning · rules: high-error-rate, system-down',
    ])
  })

  test('shows once what all have in common', () => {
    expect(textOf(only(inSlack(storm(9))))).toContain(
      'In common: AWS/Lambda · names start with shop- · team=shop · env=prod\n',
    )
    const same = storm(9).map((one) => ({ ...one, alert: { ...one.alert, name: 'x', title: 'x', metric: 'Errors' } }))
    expect(textOf(only(inSlack(same)))).toContain('In common: AWS/Lambda Errors · names are all x · ')
  })

  test('shows where each alert is, when that differs', () => {
    const [first, second] = storm(2) as [Notification, Notification]
    const abroad = { ...second, alert: { ...second.alert, account: '999999999999' } }
    const payload = only(inSlack([first, abroad]))
    expect(payload.text).toMatch(/ \(eu-west-1\)$/)
    expect(namesIn(payload)[0]).toContain(' · shop-payments-001, 999999999999 · ')
    expect(namesIn(payload)[1]).toContain(' · shop-orders-000, 123456789012 · ')
  })

  test('names 40 alarms in one message, most with a link, the rest by name only', () => {
    const forty = namesIn(only(inSlack(storm(40, { resolved: 8 }))))
    expect(forty).toHaveLength(40)
    const links = forty.map(isLinked)
    expect(links.filter(Boolean).length).toBeGreaterThan(25)
    // The most important have theirs.
    expect(links.slice(0, 25)).not.toContain(false)
    expect(namesIn(only(inSlack(storm(60))))).toHaveLength(60)
  })

  test('of too many alerts says which part it is, and the parts are equally full', () => {
    const parts = inSlack(storm(150, { resolved: 30 }))
    expect(parts.map(({ payload }) => payload.text)).toEqual(
      ['1 of 3', '2 of 3', '3 of 3'].map(
        (part) => `WARNING: 150 alerts (${part}): 120 firing, 30 resolved, within 7 min (123456789012/eu-west-1)`,
      ),
    )
    for (const { notifications } of parts) expect(notifications.length).toBeGreaterThan(40)
    expect(textOf((parts[0] as Digest<SlackPayload>).payload)).toMatch(/\*Firing \(\d+ of 120\)\*/)
  })

  test('has no link that takes the room of many alerts', () => {
    const console = `https://console.example.com/?${'a&'.repeat(150)}`
    const notifications = storm(9).map((one) => ({ ...one, alert: { ...one.alert, links: { console } } }))
    const payload = only(inSlack(notifications))
    expect(namesIn(payload).map(isLinked)).not.toContain(true)
    expect(namesIn(payload)).toHaveLength(9)
  })

  test('leaves out a long link that does not fit, and shows shorter ones after it', () => {
    const all = storm(40).map((one, n) => {
      const console = `https://console.example.com/?${'a'.repeat(n % 2 === 0 ? 5 : 450)}`
      return { ...one, alert: { ...one.alert, links: { console } } }
    })
    const links = namesIn(only(inSlack(all))).map(isLinked)
    expect(links.lastIndexOf(true)).toBeGreaterThan(links.indexOf(false))
  })

  test('is green when all alerts are resolved', () => {
    const { text, attachments } = only(inSlack(storm(9, { resolved: 9 })))
    expect(text).toBe('RESOLVED: 9 alerts, within 24 s (123456789012/eu-west-1)')
    expect(attachments[0].color).toBe('#2EB67D')
  })
})

describe('an email digest', () => {
  test('of very many small alerts stays within what SNS accepts', () => {
    const short = { title: 'x', resource: 'x', metric: undefined, threshold: undefined, reason: undefined, links: {} }
    const all = inEmail(storm(12_500).map((one) => ({ ...one, alert: { ...one.alert, ...short } })))
    for (const { payload } of all) expect(Buffer.byteLength(payload.text)).toBeLessThanOrEqual(250_000)
  })

  test('has the counts in its subject and reads from the top', () => {
    const { subject, text } = only(inEmail(storm(3, { resolved: 1 })))
    expect(subject).toBe('[WARNING] 3 alerts: 2 firing, 1 resolved (123456789012/eu-west-1)')
    const [first, second, third] = storm(3)
    expect(text).toBe(`WARNING: 3 alerts: 2 firing, 1 resolved, within 6 s

Severity: warning
Account: 123456789012
Region: eu-west-1
Metric: AWS/Lambda
Names: start with shop-
Tags: team=shop, env=prod
First: 2026-09-14 11:18:52 UTC
Last: 2026-09-14 11:18:58 UTC

FIRING (2)

shop-checkout-002-duration-p99
shop-checkout-002 · Duration 8,210.5 > 3,000 Milliseconds · since 11:18:58 UTC
${third?.alert.links.console}

shop-payments-001-throttles
shop-payments-001 · Throttles 240 > 0 · since 11:18:55 UTC
${second?.alert.links.console}

RESOLVED (1)

shop-orders-000-errors
shop-orders-000 · fired for 7 min · at 11:18:52 UTC
${first?.alert.links.console}

Sent by alert-router to a-channel, by rule: high-error-rate`)
  })

  test('without a common account names the common metric, as far as the subject has room', () => {
    const notifications = storm(3).map((one, n) => ({
      ...one,
      alert: { ...one.alert, account: `${n}`.repeat(12), region: undefined, metric: 'Errors'.repeat(20) },
    }))
    const { subject } = only(inEmail(notifications))
    expect(subject).toMatch(/^\[WARNING\] 3 alerts: all firing \(AWS\/Lambda (Errors)+.*…$/)
    expect(subject).toHaveLength(99)
  })

  test('of a thousand alerts is one email; of more than fit, several', () => {
    expect(inEmail(storm(900))).toHaveLength(1)
    expect(inEmail(storm(2_500)).map(({ payload }) => payload.subject)).toEqual(
      ['1 of 3', '2 of 3', '3 of 3'].map(
        (part) => `[WARNING] 2500 alerts (${part}): all firing (123456789012/eu-west-1)`,
      ),
    )
  })
})

test.each([
  [[noData, noData], 'NO DATA: 2 alerts'],
  [[message, message], 'INFO: 2 events'],
  [[firing], 'CRITICAL: 1 alert: all firing'],
  [[noData, resolved], 'CRITICAL: 2 alerts: 1 no data, 1 resolved'],
  [[firing, noData, resolved], 'CRITICAL: 3 alerts: 1 firing, 1 no data, 1 resolved'],
  [[{ ...message, severity: 'critical' as const }, firing], 'CRITICAL: 2 alerts: 1 firing, 1 event'],
])('%#: how many of what', (notifications, words) => {
  expect(only(inSlack(notifications)).text.startsWith(words)).toBe(true)
  expect(only(inEmail(notifications)).text.startsWith(words)).toBe(true)
})

test('alerts of many days show their dates', () => {
  const later = { ...firing, alert: { ...firing.alert, changedAt: '2026-09-16T11:18:52.000Z' } }
  expect(textOf(only(inSlack([firing, later])))).toContain('<!date^1789557532^{date_short_pretty} {time}|')
  expect(only(inEmail([firing, later])).text).toContain('since 2026-09-16 11:18:52 UTC\n')
})

describe('a digest of fallbacks', () => {
  const NOTE =
    'Sent here as a fallback: delivery to pagerduty failed (PagerDuty did not answer within 10000 ms). pagerduty may not have received them.'

  test('says so first', () => {
    const notified = storm(5).map((one) => ({ ...one, fallbackFor: notTaken }))
    expect(textOf(only(inSlack(notified)))).toMatch(new RegExp(`^\\*${RegExp.escape(NOTE)}\\*\n`))
    expect(only(inEmail(notified)).text.split('\n\n')[1]).toBe(NOTE)
    expect(namesIn(only(inSlack(notified)))[0]).not.toContain('fallback')
  })

  test('mixed with others marks each line', () => {
    const mixed = storm(5).map((one, n) => (n < 2 ? { ...one, fallbackFor: notTaken } : one))
    const text = textOf(only(inSlack(mixed)))
    expect(text).toContain('2 of them sent here as a fallback: delivery to pagerduty failed (')
    const marks = [false, false, false, true, true]
    expect(namesIn(only(inSlack(mixed))).map((line) => line.endsWith(' · fallback: pagerduty failed'))).toEqual(marks)
    expect(entriesIn(only(inEmail(mixed))).map((entry) => entry.includes(' · fallback: pagerduty failed\n'))).toEqual(
      marks,
    )
  })

  test('with many reasons shows the most frequent ones', () => {
    const notified = storm(20).map((one, n) => ({
      ...one,
      fallbackFor: { channel: 'pagerduty', reason: `answered ${n < 12 ? 500 : 500 + n}` },
    }))
    const { text } = only(inEmail(notified))
    expect(text.match(/sent here as a fallback/g)).toHaveLength(3)
    expect(text).toContain('12 of them sent here as a fallback: delivery to pagerduty failed (answered 500).')
    expect(text).toContain('\n\n6 more alerts fell back for other reasons.\n\n')
  })
})

test('no careless text', () => {
  const notifications = Object.values(samples).map((one, n) => ({ ...one, id: `n-${n}` }))
  for (const { payload } of [...inSlack(notifications), ...inEmail(notifications)]) {
    for (const text of textsIn(payload)) expect(text).not.toMatch(CARELESS)
  }
})

describe('any storm', () => {
  test('in Slack: each alert is named in its place, within all limits, and nothing pings', () => {
    fc.assert(
      fc.property(anyStorm, (notifications) => {
        const all = inSlack(notifications)
        expectEachOnce(all, notifications)
        for (const { payload, notifications: carried } of all) {
          const { blocks } = payload.attachments[0]
          expectWithinLimits(blocks)
          expect(payload.text.length).toBeLessThanOrEqual(1_000)
          expectDisarmed([payload.text, ...blocks.flatMap(textsOf).map(({ text }) => text)])
          const lines = namesIn(payload)
          const named = isWide(all) ? carried.slice(0, lines.length) : carried
          expectNamed(
            lines,
            named.map(({ alert }) => inline(alertText.title(alert), 300)),
          )
          expectNamed(
            lines,
            named.map(({ alert }) => startOf(alertText.where(alert) ?? '', 100, inline)),
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  test('in Slack, as they are now: one message, within all limits, that counts what it has no room for', () => {
    fc.assert(
      fc.property(anyStorm, (notifications) => {
        const payload = renderDigestNow(notifications)
        const { blocks } = payload.attachments[0]
        expectWithinLimits(blocks)
        expectDisarmed([payload.text, ...blocks.flatMap(textsOf).map(({ text }) => text)])
        const counts = [...textOf(payload).matchAll(/^\*(?:Firing|Events|No data|Resolved) \((\d+)/gm)]
        const named = counts.reduce((sum, [, count]) => sum + Number(count), 0)
        expect(named).toBeLessThanOrEqual(notifications.length)
        expect(namesIn(payload).length).toBeGreaterThanOrEqual(named)
      }),
      { numRuns: 60 },
    )
  })

  test('by email: each alert is named in its place, and SNS accepts it', () => {
    fc.assert(
      fc.property(anyStorm, (notifications) => {
        const all = inEmail(notifications)
        expectEachOnce(all, notifications)
        for (const { payload, notifications: carried } of all) {
          const { subject, text } = payload
          expect(subject).toMatch(/^\[[A-Z ]+\] [^\p{Cc}\u2028\u2029]+$/u)
          expect(subject.length).toBeLessThanOrEqual(99)
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(250_000)
          expect(text).not.toMatch(/[^\P{Cc}\n\t]/u)
          expect(subject.isWellFormed() && text.isWellFormed()).toBe(true)
          expectNamed(
            entriesIn(payload),
            carried.map(({ alert }) => shorten(alertText.title(alert), 300)),
          )
          expectNamed(
            entriesIn(payload),
            carried.map(({ alert }) => startOf(alertText.where(alert) ?? '', 250, shorten)),
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  test('of the most hostile alerts is rendered too', () => {
    const worst = Array.from({ length: 100 }, (_, n) => ({ ...hostile, id: `n-${n}` }))
    expectEachOnce(inSlack(worst), worst)
    expectEachOnce(inEmail(worst), worst)
    for (const { payload } of inSlack(worst)) expectWithinLimits(payload.attachments[0].blocks)
  })

  test('takes time in proportion to its size', () => {
    for (const render of [inSlack, inEmail]) {
      const [few, many] = [readsOf(storm(250), render), readsOf(storm(2_000), render)]
      expect(few).toBeGreaterThan(250)
      // Eight times as many; were it quadratic, 64 times as much.
      expect(many).toBeLessThan(few * 16)
    }
  })

  test('of no alerts is empty', () => {
    expect(inSlack([])).toEqual([])
    expect(inEmail([])).toEqual([])
  })
})

function expectEachOnce(all: Digest<unknown>[], notifications: Notification[]): void {
  const carried = all.flatMap((digest) => digest.notifications.map(({ id }) => id))
  expect(carried.toSorted()).toEqual(notifications.map(({ id }) => id).toSorted())
}

/** One message for what would be too many. */
const isWide = ([only, ...others]: Digest<SlackPayload>[]) =>
  others.length === 0 && / · and \d+ more: npx alert-router alerts$/.test(only ? textOf(only.payload) : '')

/** One line for each name, in the same order. */
function expectNamed(lines: string[], names: string[]): void {
  expect(lines).toHaveLength(names.length)
  for (const [n, name] of names.entries()) if (!lines[n]?.includes(name)) expect(lines[n]).toContain(name)
}

/** What remains in any case of a text that has room for more than `max`. */
function startOf(text: string, max: number, cut: (text: string, max: number) => string): string {
  const start = cut(text, max)
  return start === cut(text, 100_000) ? start : start.slice(0, -1)
}

/** How often a field of any is read. */
function readsOf(all: Notification[], render: (all: Notification[]) => unknown): number {
  let reads = 0
  const counted = all.map(
    (one) =>
      new Proxy(one, {
        get(target, field) {
          reads++
          return Reflect.get(target, field)
        },
      }),
  )
  render(counted)
  return reads
}

test('parts are as few as possible, and never exceed the room', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 })), fc.integer({ min: 100, max: 300 }), (sizes, room) => {
      const parts = inParts(sizes, (size) => size, room)
      expect(parts.flat()).toEqual(sizes)
      const sums = parts.map((part) => part.reduce((sum, size) => sum + size, 0))
      for (const sum of sums) expect(sum).toBeLessThanOrEqual(room)
      // Any two neighbours that fitted into one part would make one too many.
      const total = sums.reduce((sum, size) => sum + size, 0)
      expect(parts.length).toBeLessThanOrEqual(Math.ceil(total / (room - 99)) + 1)
    }),
  )
})
