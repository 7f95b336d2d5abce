import * as fc from 'fast-check'
import { KINDS, LIMITS, STATUSES } from '../schemas/alert.ts'
import { CHANNEL_TYPES } from '../schemas/channel.ts'
import { SEVERITIES } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import { anyCharacter } from './any-character.ts'

/** Letters, marks that some channel reads as its own, wide and joined characters, control characters, halves of characters. */
const mixed = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(
      '&',
      '<',
      '>',
      '*',
      '_',
      '~',
      '`',
      '|',
      '"',
      '\\',
      '\n',
      '\u0000',
      'ä',
      '漢',
      '👩‍👩‍👧',
      '\ud83d',
      'a',
      ' ',
    ),
    maxLength: 40,
  }),
  fc.constantFrom('<!channel>', '<!here|x>', '&amp;', '<@U123>', '', 'orders_api_errors'),
)

/** Up to `max` long, and often as long as that. */
function text(max: number): fc.Arbitrary<string> {
  return fc.tuple(mixed, fc.constantFrom(1, 1, 3, 1000)).map(([part, times]) => part.repeat(times).slice(0, max))
}

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const facts = maybe(fc.tuple(text(200), text(LIMITS.fact), fc.constantFrom(1, 2, LIMITS.facts))).map(
  (one): Record<string, string> => {
    if (one === undefined) return {}
    const [label, value, count] = one
    return Object.fromEntries(Array.from({ length: count }, (_, n) => [`${label}${n}`, value]))
  },
)
/** As fast-check's `webUrl`, without the table of all characters that it makes. */
const inUrl = (plain: string) =>
  fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...plain) },
    { weight: 1, arbitrary: anyCharacter.map((one) => Buffer.from(one).toString('hex').replace(/../g, '%$&')) },
  )
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const SEGMENT = `${LETTERS}${LETTERS.toUpperCase()}0123456789-._~!$&'()*+,;=:@`
const segment = fc.string({ unit: inUrl(SEGMENT) }).map((one) => `/${one}`)
const query = fc.string({ unit: inUrl(`${SEGMENT}/?`) }).map((one) => `?${one}`)
const url = fc
  .tuple(fc.constantFrom('http://', 'https://'), fc.webAuthority(), fc.array(segment), fc.option(query, { nil: '' }))
  .map(([scheme, host, segments, query]) => [scheme, host, ...segments, query].join(''))
const link = maybe(
  fc.oneof(
    url,
    text(LIMITS.link),
    text(LIMITS.link - 30).map((end) => `https://example.com/?${end}`),
  ),
)
const time = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2100-01-01') })
    .map((date) => date.toISOString()),
  fc.constant('no time at all'),
)
const number = maybe(
  fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constantFrom(0.1 + 0.2, 1e21, -0)),
)

/** Any notification, within the bounds that `parse` keeps to. */
export const anyNotification: fc.Arbitrary<Notification> = fc.record({
  id: fc.uuid(),
  channel: fc.constant('a-channel'),
  type: fc.constantFrom(...CHANNEL_TYPES),
  severity: fc.constantFrom(...SEVERITIES),
  rule: text(100),
  firingSince: maybe(time),
  fallbackFor: maybe(fc.record({ channel: text(60), reason: text(1_000) })),
  missed: maybe(fc.constant(true)),
  missedBefore: maybe(fc.record({ count: fc.integer({ min: 1, max: 100_000 }), since: time })),
  alert: fc.record({
    fingerprint: fc
      .tuple(fc.constantFrom('arn:', 'a/b/'), text(LIMITS.fingerprintBytes / 4))
      .map((parts) => parts.join('')),
    kind: fc.constantFrom(...KINDS),
    status: fc.constantFrom(...STATUSES),
    previousStatus: maybe(fc.constantFrom(...STATUSES)),
    name: text(LIMITS.name),
    title: text(LIMITS.title),
    description: maybe(text(LIMITS.description)),
    reason: maybe(text(LIMITS.reason)),
    changedAt: time,
    source: text(100),
    account: maybe(fc.constant('123456789012')),
    region: maybe(fc.constantFrom('eu-west-1', 'us-gov-west-1')),
    namespace: maybe(text(255)),
    metric: maybe(text(LIMITS.fact)),
    expression: maybe(text(LIMITS.fact)),
    dimensions: facts,
    tags: facts,
    resource: text(LIMITS.fact),
    threshold: maybe(
      fc.record({
        operator: maybe(fc.constantFrom('>', '<=', 'outside', 'above', 'below', 'constructor')),
        value: number,
        unit: maybe(fc.constantFrom('Percent', 'None', 'Count/Second')),
        statistic: maybe(fc.constantFrom('Average', 'p99.9')),
        periodSeconds: number,
        evaluationPeriods: number,
        datapointsToAlarm: number,
        missingData: maybe(fc.constantFrom('missing', 'breaching', 'something new', 'constructor')),
        observed: number,
      }),
    ),
    children: fc.array(fc.record({ name: text(LIMITS.name) }), { maxLength: LIMITS.facts }),
    alarmRule: maybe(text(LIMITS.reason)),
    declaredSeverity: maybe(fc.constant('high')),
    details: facts,
    links: fc.record({ console: link, logs: link, runbook: link }),
  }),
})

/**
 * 1 to 300 alerts that are sent together: all for one channel and of one severity; a few kinds of them, repeated, each with
 * its own id, state and time.
 */
export const anyStorm: fc.Arbitrary<Notification[]> = fc
  .record({
    kinds: fc.array(anyNotification, { minLength: 1, maxLength: 4 }),
    count: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 300 })),
    states: fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 5 }),
    everyMs: fc.constantFrom(0, 700, 60_000, 86_400_000),
    severity: fc.constantFrom(...SEVERITIES),
  })
  .map(({ kinds, count, states, everyMs, severity }) =>
    Array.from({ length: count }, (_, n) => {
      const notification = kinds[n % kinds.length] as Notification
      const { alert } = notification
      const at = Date.parse(alert.changedAt)
      const changedAt = Number.isNaN(at) ? alert.changedAt : new Date(at + n * everyMs).toISOString()
      const status = states[n % states.length] as (typeof STATUSES)[number]
      return { ...notification, id: `n-${n}`, severity, alert: { ...alert, status, changedAt } }
    }),
  )

/** All texts within any payload. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)])
}

/** Leftovers of a careless template. Not for payloads with such text from senders. */
export const CARELESS = /\bundefined\b|\bnull\b|\[object |NaN|Invalid Date/
