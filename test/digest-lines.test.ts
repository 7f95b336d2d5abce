import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Notification } from '../schemas/notification.ts'
import { byState, digestGroupOf, inParts } from '../shared/channels/digest.ts'
import { email } from '../shared/channels/email/index.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { composite, firing, message, noData, resolved, storm } from './alert-samples.ts'
import { textsOf } from './slack-limits.ts'

/** Digests of a few alerts, line by line. */

const CLOCK = '2026-09-14T'
const bare = { links: {}, tags: {}, changedAt: `${CLOCK}11:00:00.000Z` }

function one({ alert, ...rest }: Notification, changed: Partial<Alert> = {}): Notification {
  return { ...rest, alert: { ...alert, ...bare, ...changed } }
}

function inEmail(notifications: Notification[]): string[] {
  return (email.renderDigest?.(notifications) ?? []).flatMap(({ payload: { subject, text } }) => [
    subject,
    ...text.split('\n'),
  ])
}

function inSlack(notifications: Notification[]): string[] {
  return (slack.renderDigest?.(notifications) ?? []).flatMap(({ payload }) => [
    payload.text,
    ...payload.attachments[0].blocks.flatMap((block) => textsOf(block).flatMap(({ text }) => text.split('\n'))),
  ])
}

const DATE = '{date_short_pretty} {time}'
const at = (seconds: number, format: string, utc: string) => `<!date^${seconds}^${format}|${utc}>`

const mixed = [
  one(noData, { changedAt: `${CLOCK}11:00:30.000Z` }),
  one(message, { changedAt: `${CLOCK}11:00:10.000Z`, account: '123456789012', region: undefined }),
  one(message, { title: 'Another report', changedAt: `${CLOCK}11:00:40.000Z` }),
  one(composite, { changedAt: `${CLOCK}11:00:20.000Z` }),
  one(firing, {
    title: 'no-threshold',
    threshold: undefined,
    reason: 'It\nbroke.',
    changedAt: `${CLOCK}11:00:50.000Z`,
  }),
  one(firing, { title: 'no-time', changedAt: 'some day' }),
  one({ ...resolved, firingSince: undefined }, { changedAt: `${CLOCK}11:01:00.000Z` }),
  one(firing, { title: 'other', metric: undefined, changedAt: `${CLOCK}11:00:35.000Z` }),
]

describe('alerts of all kinds', () => {
  test('by email: each has what is known of it, the newest first', () => {
    expect(inEmail(mixed)).toEqual([
      '[CRITICAL] 8 alerts: 4 firing, 2 events, 1 no data, 1 resolved',
      'CRITICAL: 8 alerts: 4 firing, 2 events, 1 no data, 1 resolved, within 50 s',
      ...['', 'Severity: critical', 'First: 2026-09-14 11:00:10 UTC', 'Last: 2026-09-14 11:01:00 UTC'],
      ...['', 'FIRING (4)'],
      ...['', 'no-threshold', 'orders-db, 123456789012/eu-west-1 · It broke. · since 11:00:50 UTC'],
      ...['', 'other', 'orders-db, 123456789012/eu-west-1 · 93.2 > 80 Percent · since 11:00:35 UTC'],
      ...['', 'orders-down', 'orders-api-5xx, orders-db-cpu-high, 123456789012/eu-west-1 · since 11:00:20 UTC'],
      ...['', 'no-time', 'orders-db, 123456789012/eu-west-1 · CPUUtilization 93.2 > 80 Percent · since some day'],
      ...['', 'EVENTS (2)', '', 'Another report', 'alarms · Message · at 11:00:40 UTC'],
      ...['', 'Nightly report: 12 of 12 jobs done', 'alarms, 123456789012 · Message · at 11:00:10 UTC'],
      ...['', 'NO DATA (1)', '', 'orders-db-cpu-high'],
      'orders-db, 123456789012/eu-west-1 · no CPUUtilization · since 11:00:30 UTC',
      ...['', 'RESOLVED (1)', '', 'orders-db-cpu-high', 'orders-db, 123456789012/eu-west-1 · at 11:01:00 UTC'],
      ...['', 'Sent by alert-router to a-channel, by rules: system-down, default'],
    ])
  })

  test('in Slack', () => {
    const time = (seconds: number) => at(1_789_383_600 + seconds, '{time}', seconds === 60 ? '11:01 UTC' : '11:00 UTC')
    const place = 'orders-db, 123456789012/eu-west-1'
    expect(inSlack(mixed)).toEqual([
      'CRITICAL: 8 alerts: 4 firing, 2 events, 1 no data, 1 resolved, within 50 s',
      `From ${at(1_789_383_610, DATE, '2026-09-14 11:00:10 UTC')} to ${time(60)}`,
      '*Firing (4)*',
      `• *no-threshold* · ${place} · It broke. · ${time(50)}`,
      `• *other* · ${place} · 93.2 &gt; 80 Percent · ${time(35)}`,
      `• *orders-down* · orders-api-5xx, orders-db-cpu-high, 123456789012/eu-west-1 · ${time(20)}`,
      `• *no-time* · ${place} · CPUUtilization 93.2 &gt; 80 Percent · some day`,
      '*Events (2)*',
      `• *Another report* · alarms · Message · ${time(40)}`,
      `• *Nightly report: 12 of 12 jobs done* · alarms, 123456789012 · Message · ${time(10)}`,
      '*No data (1)*',
      `• *orders-db-cpu-high* · ${place} · no CPUUtilization · ${time(30)}`,
      '*Resolved (1)*',
      `• *orders-db-cpu-high* · ${place} · ${time(60)}`,
      'critical · rules: system-down, default',
    ])
  })
})

test('one alert, of which little is common, by a rule without a name', () => {
  const alone = [{ ...one(firing), rule: ' ', channel: 'ops' }]
  expect(inEmail(alone)).toEqual([
    '[CRITICAL] 1 alert: all firing (123456789012/eu-west-1)',
    ...['CRITICAL: 1 alert: all firing', '', 'Severity: critical', 'Account: 123456789012', 'Region: eu-west-1'],
    ...['Metric: AWS/RDS CPUUtilization', 'First: 2026-09-14 11:00:00 UTC', '', 'FIRING (1)', ''],
    ...['orders-db-cpu-high', 'orders-db · 93.2 > 80 Percent · since 11:00:00 UTC', ''],
    'Sent by alert-router to ops',
  ])
  expect(inSlack(alone)).toEqual([
    'CRITICAL: 1 alert: all firing (123456789012/eu-west-1)',
    'In common: AWS/RDS CPUUtilization',
    `At ${at(1_789_383_600, DATE, '2026-09-14 11:00:00 UTC')}`,
    '*Firing (1)*',
    `• *orders-db-cpu-high* · orders-db · 93.2 &gt; 80 Percent · ${at(1_789_383_600, '{time}', '11:00 UTC')}`,
    'critical',
  ])
})

test('alerts without a readable time', () => {
  const [subject, headline, , severity, last] = inEmail([
    one(message, { changedAt: 'x' }),
    one(message, { changedAt: 'y' }),
  ])
  expect([subject, headline, severity, last]).toEqual([
    ...['[INFO] 2 events', 'INFO: 2 events', 'Severity: info', 'Names: are all Nightly report: 12 of 12 jobs done'],
  ])
  expect(inSlack([one(message, { changedAt: 'x' }), one(composite, { changedAt: 'y' })]).slice(0, 2)).toEqual([
    'INFO: 2 alerts: 1 firing, 1 event'.replace('INFO', 'CRITICAL'),
    '*Firing (1)*',
  ])
})

test.each([
  [0, '', 'At the first', '11:00 UTC'],
  [999, '', 'At the first', '11:00 UTC'],
  [1_000, ', within 1 s', 'From the first to 11:00 UTC', '11:00 UTC'],
  [12 * 3_600_000 - 1, ', within 11 h 59 min', 'From the first to 22:59 UTC', '22:59 UTC'],
  [12 * 3_600_000, ', within 12 h', 'From the first to 2026-09-14 23:00:00 UTC', '2026-09-14 23:00:00 UTC'],
])('alerts %d ms apart show as much of their times as is needed', (ms, within, times, last) => {
  const later = new Date(Date.parse(bare.changedAt) + ms).toISOString()
  const pair = [one(firing, { title: 'a' }), one(firing, { title: 'b', changedAt: later })]
  const lines = inSlack(pair).map((line) => line.replace(/<!date[^|]+\|([^>]+)>/g, '$1'))
  expect(lines[0]).toBe(`CRITICAL: 2 alerts: all firing${within} (123456789012/eu-west-1)`)
  expect(lines[2]?.replace('2026-09-14 11:00:00 UTC', 'the first')).toBe(times)
  expect(
    lines
      .find((line) => line.startsWith('• *b*'))
      ?.split(' · ')
      .at(-1),
  ).toBe(last)
})

test.each([
  [['orders-api', 'orders-db'], 'start with orders-'],
  [['x', 'x', 'x'], 'are all x'],
  [['y'.repeat(101), 'y'.repeat(101)], `are all ${'y'.repeat(99)}…`],
  [['a-1', 'a-2'], undefined],
  [['abc-1', 'abc-2'], 'start with abc-'],
  [['the api of x', 'the api of y'], 'start with the api of'],
  [['orders', 'orders-2'], undefined],
  [['orders-', 'orders-2'], 'start with orders-'],
  [[`${'y'.repeat(99)}-1`, `${'y'.repeat(99)}-2`], `start with ${'y'.repeat(99)}-`],
  [[`${'y'.repeat(100)}-1`, `${'y'.repeat(100)}-2`], undefined],
  [['orders-1'], undefined],
])('of the names %j it says what they have in common', (titles, names) => {
  expect(digestGroupOf(titles.map((title) => one(firing, { title }))).common.names).toBe(names)
})

test('what only some alerts have is not common', () => {
  const tags = { team: 'a', env: 'prod' }
  const alone = { account: undefined, region: undefined, metric: undefined, namespace: undefined }
  const nothing = { ...alone, names: 'are all orders-db-cpu-high', tags: [] }
  expect(digestGroupOf([one(firing, { tags }), one(firing, { ...alone, tags: { team: 'b' } })]).common).toEqual(nothing)
  expect(digestGroupOf([one(firing, alone), one(firing, { tags })]).common).toEqual(nothing)
  expect(
    digestGroupOf([one(firing, { tags }), one(firing, { tags: { env: 'prod' }, metric: 'Other' })]).common,
  ).toEqual({
    ...{ account: '123456789012', region: 'eu-west-1', metric: undefined, namespace: 'AWS/RDS' },
    ...{ names: 'are all orders-db-cpu-high', tags: ['env=prod'] },
  })
})

test.each([
  [10, 'rules: r1, r2, r3, r4, r5, r6, r7, r8, r9, r10'],
  [11, 'rules: r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, …'],
  [1, 'rule: r1'],
])('%d rules are named at the end', (count, rules) => {
  const all = Array.from({ length: count }, (_, n) => ({ ...one(firing), rule: `r${n + 1}` }))
  expect(inEmail([...all, ...all]).at(-1)).toBe(`Sent by alert-router to a-channel, by ${rules}`)
  expect(inSlack([...all, ...all]).at(-1)).toBe(`critical · ${rules}`)
})

describe('fallbacks for several reasons', () => {
  const because = (...reasons: string[]) =>
    reasons.map((reason) => ({ ...one(firing), fallbackFor: { channel: 'pager', reason } }))
  const note = (reason: string, some = '1 of them sent here', what = 'it') =>
    `${some} as a fallback: delivery to pager failed (${reason}). pager may not have received ${what}.`

  test('are sorted by how often, three at most', () => {
    const all = [one(firing), ...because('d', 'c', 'b', 'b', 'a', 'a', 'a', 'e')]
    const notes = [note('a', '3 of them sent here', 'them'), note('b', '2 of them sent here', 'them'), note('d')]
    expect(inEmail(all).slice(3, 9)).toEqual([...notes.flatMap((text) => [text, '']).slice(0, 5), ''])
    expect(inSlack(all).slice(1, 5)).toEqual([
      ...notes.map((text) => `*${text}*`),
      '*2 more alerts fell back for other reasons.*',
    ])
    expect(inSlack(because('a', 'b', 'c', 'd')).slice(4, 5)).toEqual(['*1 more alert fell back for other reasons.*'])
  })

  test('have less room each than a single one', () => {
    const lengths = (...reasons: string[]) =>
      inSlack(because(...reasons)).flatMap((line) => (line.includes('as a fallback') ? line.length : []))
    const [a, b] = ['a'.repeat(399), 'b'.repeat(399)]
    expect(lengths(a)).toEqual([note(a, 'Sent here').length + 2])
    expect(lengths(a, b)).toEqual([302, 302])
  })
})

test('each part of a long digest has its own headings, and uses its room for links', () => {
  const group = digestGroupOf(storm(5, { resolved: 2 }))
  expect(byState([{ state: 'resolved' }], group)).toEqual([
    { heading: 'Resolved', count: '1 of 2', items: [{ state: 'resolved' }] },
  ])
  const states = [{ status: 'insufficient-data' as const }, { kind: 'event' as const }, { status: 'firing' as const }]
  for (let count = 38; count < 60; count++) {
    const all = storm(count, { resolved: 12 }).map((one, n) =>
      n < 12 ? one : { ...one, alert: { ...one.alert, ...states[n % 3] } },
    )
    const [digest, ...others] = slack.renderDigest?.(all) ?? []
    const bytes = Buffer.byteLength(JSON.stringify(digest?.payload.attachments[0].blocks))
    expect(others).toEqual([])
    expect(bytes).toBeLessThanOrEqual(9_500)
    expect(bytes).toBeGreaterThan(8_800)
  }
})

test.each([
  [[5, 5], 10, [[5, 5]]],
  [[5, 5, 5], 10, [[5, 5], [5]]],
  [[3, 3, 3, 3], 10, [[3, 3, 3], [3]]],
  [[20, 1], 10, [[20], [1]]],
  [[], 10, []],
])('items of the sizes %j fill parts of %d', (sizes, room, parts) => {
  expect(inParts(sizes, (size) => size, room)).toEqual(parts)
})
