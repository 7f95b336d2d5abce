import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Alert, alertSchema, LIMITS } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'
import { RefusedEvent } from '../shared/parse/refused.ts'
import { anyCharacter } from './any-character.ts'
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS } from './fuzz-runs.ts'

const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

/** Every alert is in normal form, whatever it was made of. */
function expectNormal(alerts: Alert[]) {
  expect(alerts.length).toBeGreaterThan(0)
  for (const alert of alerts) {
    expect(alertSchema.parse(alert)).toEqual(alert)
    expect(alert.changedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(alert.fingerprint).not.toBe('')
    expect(alert.resource).not.toBe('')
    expect(Buffer.byteLength(alert.fingerprint)).toBeLessThanOrEqual(LIMITS.fingerprintBytes)
    expect(alert.name.length).toBeLessThanOrEqual(LIMITS.name)
    expect(alert.title.length).toBeLessThanOrEqual(LIMITS.title)
    expect(alert.description?.length ?? 0).toBeLessThanOrEqual(LIMITS.description)
    for (const facts of [alert.dimensions, alert.tags, alert.details]) {
      expect(Object.keys(facts).length).toBeLessThanOrEqual(LIMITS.facts)
    }
    for (const line of [alert.name, alert.title, alert.resource, ...Object.entries(alert.details).flat()]) {
      expect(line).not.toMatch(/[\n\r\t]/)
    }
    for (const link of Object.values(alert.links)) if (link !== undefined) expect(link).toMatch(/^https?:\/\//)
    for (const text of textsOf(alert)) {
      expect(text.isWellFormed()).toBe(true)
      expect(text).not.toMatch(UNSEEN)
    }
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().flatMap(textsOf) : []
}

function parseOrRefuse(input: unknown): Alert[] | undefined {
  try {
    return parse(input)
  } catch (error) {
    if (error instanceof RefusedEvent) return undefined
    throw error
  }
}

/** Nothing that only a program would write. */
function expectReadable(alerts: Alert[], input: unknown) {
  const given = JSON.stringify(input) ?? ''
  const shown = JSON.stringify(alerts)
  for (const word of ['undefined', '[object Object]', 'NaN']) {
    if (!given.includes(word)) expect(shown).not.toContain(word)
  }
}

test.each(['漢', '😀', 'a'])(
  'a key of 3,000 characters is cut to what the table takes, and stays its own: %s',
  (character) => {
    const keyed = (end: string) => parse({ title: 'disk', severity: 'critical', id: character.repeat(3_000) + end })
    const [one, other] = [keyed('1'), keyed('2')].map(([alert]) => alert?.fingerprint ?? '')
    expect(Buffer.byteLength(one ?? '')).toBeLessThanOrEqual(LIMITS.fingerprintBytes)
    expect(one).not.toBe(other)
  },
)

const KEYS = [
  ...[
    'Records',
    'Sns',
    'body',
    'Message',
    'Type',
    'TopicArn',
    'Subject',
    'Timestamp',
    'detail-type',
    'source',
    'detail',
  ],
  ...['AlarmName', 'NewStateValue', 'Trigger', 'Metrics', 'Dimensions', 'alarmData', 'state', 'configuration', 'title'],
  ...[
    'severity',
    'findings',
    'eventSource',
    'pipeline',
    'approval',
    'tags',
    'links',
    'details',
    'resources',
    'AlarmRule',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'token'],
]
const WORDS = [
  ...[
    'Notification',
    'SubscriptionConfirmation',
    'ALARM',
    'aws:sqs',
    'aws:sns',
    'aws:s3',
    'aws.securityhub',
    'aws.health',
  ],
  ...[
    'CloudWatch Alarm State Change',
    'GuardDuty Finding',
    'AWS Health Event',
    'arn:aws:cloudwatch:eu-west-1:1:alarm:x',
  ],
  ...['An AWS Backup job failed.', "StackName='x'", 'AWS Budget Notification', '2026-09-14T11:18:52Z', '{}', '{"a":'],
]

const text = fc.oneof(fc.string({ unit: anyCharacter }), fc.constantFrom(...WORDS))
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), tie('tree'), { maxKeys: 6 }),
    tie('tree').map((value) => JSON.stringify(value)),
  ),
}))

describe('whatever comes in', () => {
  test(
    'any JSON gives alerts in normal form, or is refused',
    () => {
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), tree), (input) => {
          const alerts = parseOrRefuse(input)
          if (alerts) {
            expectNormal(alerts)
            expectReadable(alerts, input)
          }
          const published = parse({
            Type: 'Notification',
            TopicArn: 'arn:aws:sns:eu-west-1:111122223333:t',
            Message: JSON.stringify(input),
          })
          expectNormal(published)
        }),
        { numRuns: FUZZ_RUNS },
      )
    },
    FUZZ_TIMEOUT_MS,
  )

  test(
    'any value in any field of an alarm',
    () => {
      const fields = [
        'AlarmName',
        'AlarmDescription',
        'AWSAccountId',
        'NewStateValue',
        'NewStateReason',
        'StateChangeTime',
      ]
      const more = [
        'Region',
        'AlarmArn',
        'OldStateValue',
        'AlarmRule',
        'TriggeringChildren',
        'AlarmTags',
        'NewStateReasonData',
      ]
      const trigger = [
        'MetricName',
        'Namespace',
        'Statistic',
        'Unit',
        'Dimensions',
        'Period',
        'Threshold',
        'Metrics',
        'TreatMissingData',
      ]
      const some = (keys: string[]) => fc.dictionary(fc.constantFrom(...keys), tree, { maxKeys: 4 })
      fc.assert(
        fc.property(some([...fields, ...more]), some(trigger), (odd, oddTrigger) => {
          const message = {
            AlarmName: 'orders',
            NewStateValue: 'ALARM',
            Trigger: { MetricName: 'Errors', Dimensions: [{ name: 'FunctionName', value: 'orders' }], ...oddTrigger },
            ...odd,
          }
          expectNormal(parse(message))
          expectReadable(parse(message), message)
        }),
        { numRuns: FUZZ_RUNS },
      )
    },
    FUZZ_TIMEOUT_MS,
  )

  describe('a fingerprint fits in a key of the table, at most 2,048 bytes', () => {
    /** Long, of characters of one to four bytes, of halves of one, and of what is not seen. */
    const long = fc
      .tuple(
        fc.constantFrom('a', 'é', '世', '😀', '\ud800', '\u200b', ' ', '\n'),
        fc.nat(2_500),
        fc.string({ unit: anyCharacter }),
      )
      .map(([unit, times, end]) => unit.repeat(times) + end)
    test.each<[string, (name: string, other: string) => object]>([
      ['an alarm by its name', (name) => ({ AlarmName: name, NewStateValue: 'ALARM' })],
      [
        'an alarm by its ARN',
        (name) => ({ AlarmName: 'x', NewStateValue: 'ALARM', AlarmArn: `arn:aws:cloudwatch:::alarm:${name}` }),
      ],
      ['a contributor', (name, other) => ({ AlarmName: name, NewStateValue: 'ALARM', AlarmContributorId: other })],
      ['our own event', (name, other) => ({ title: name, source: other, id: name, account: other })],
      ['any AWS event', (name, other) => ({ 'detail-type': name, source: 'aws.x', resources: [other], detail: {} })],
      ['a budget', (name, other) => ({ budgetName: name, accountId: other })],
    ])('%s', (_, message) => {
      fc.assert(
        fc.property(long, long, (name, other) => {
          const given = message(name, other)
          expectNormal(parse(given))
          expect(parse(given)[0]?.fingerprint).toBe(parse(given)[0]?.fingerprint)
        }),
        { numRuns: 100 },
      )
    })

    test.each([
      ['ASCII', 'a', 1_900],
      ['CJK', '世', 633],
      ['emoji', '😀', 475],
    ])('%s: a name that fits is unchanged, and longer names are distinguished by a hash', (_, unit, most) => {
      const fingerprint = (name: string) =>
        parse({ AlarmName: 'x', NewStateValue: 'ALARM', AlarmArn: `arn:aws:cloudwatch:::alarm:${name}` })[0]
          ?.fingerprint
      const room = most - Math.ceil(Buffer.byteLength('arn:aws:cloudwatch:::alarm:') / Buffer.byteLength(unit))
      expect(fingerprint(unit.repeat(room))).toBe(`arn:aws:cloudwatch:::alarm:${unit.repeat(room)}`)
      const tooLong = unit.repeat(room + 1)
      expect(fingerprint(tooLong)).toMatch(/^arn:aws:cloudwatch:::alarm:.+#[0-9a-f]{32}$/)
      expect(fingerprint(`${tooLong}a`)).not.toBe(fingerprint(`${tooLong}b`))
    })
  })

  test('any text is a message, whatever its characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: anyCharacter, minLength: 1 }),
        fc.string({ unit: anyCharacter }),
        (Message, Subject) => {
          expectNormal(
            parse({ Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:111122223333:t', Subject, Message }),
          )
        },
      ),
    )
  })
})

describe('input that is far too large', () => {
  const publish = (Message: string) =>
    parse({ Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:111122223333:t', Message })

  test.each([
    ['lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['messages', `${'{"Message":'.repeat(10_000)}"x"${'}'.repeat(10_000)}`],
    ['broken lists', '['.repeat(100_000)],
  ])('deeply nested %s are read', (_, message) => {
    expectNormal(publish(message))
    const direct = parseOrRefuse(message)
    if (direct) expectNormal(direct)
  })

  test.each([
    ['blanks', ' '],
    ['dots in links', 'https://.'],
    ['open brackets', '('],
    ['lines', 'Budget Name : \n'],
    ['ARNs', 'arn:aws:cloudwatch:'],
    ['parameters', 'https://x?token'],
    ['quotes', "StackName='"],
  ])('250,000 characters of %s take no time', (_, unit) => {
    const long = unit.repeat(250_000 / unit.length)
    // The CPU's time: a busy machine takes longer, and that is no fault.
    const started = process.cpuUsage()
    for (const field of ['AlarmDescription', 'NewStateReason', 'AlarmRule', 'AlarmArn', 'Region', 'StateChangeTime']) {
      for (const value of [long, `ALARM(${long}`, `x${long}`]) {
        expectNormal(parse({ AlarmName: 'x', NewStateValue: 'ALARM', [field]: value }))
      }
    }
    const query = `SELECT AVG(${long}`
    expectNormal(parse({ AlarmName: 'x', NewStateValue: 'ALARM', Trigger: { Metrics: [{ Expression: query }] } }))
    for (const start of [
      '',
      'AWS Budget Notification\n',
      "StackName='x'\n",
      'An AWS Backup job failed. Resource ARN',
    ]) {
      expectNormal(publish(start + long))
    }
    expectNormal(publish(JSON.stringify({ 'Event Message': 'x', 'Event ID': long })))
    expect(process.cpuUsage(started).user).toBeLessThan(3_000_000)
  })

  test('huge lists in place of an alarm’s short ones', () => {
    const many = Array.from({ length: 200_000 }, () => 'x')
    const trigger = { QueryString: 'q', LogGroupNames: many, Metrics: many, Dimensions: many }
    expectNormal(
      parse({ AlarmName: 'x', NewStateValue: 'ALARM', Trigger: trigger, TriggeringChildren: many, AlarmTags: many }),
    )
    const detail = { affectedEntities: many, findings: [], resources: many }
    expectNormal(parse({ 'detail-type': 'AWS Health Event', source: 'aws.health', resources: many, detail }))
  })

  test('long texts are cut between characters, and say how much was removed', () => {
    const alert = publish('😀'.repeat(20_000))[0]
    expect(alert?.description).toMatch(/^(?:😀)+… \(\d+ more characters\)$/u)
    expect(alert?.title).toMatch(/… \(\d+ more characters\)$/)
  })

  test('huge objects and lists keep their first facts', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, index]))
    expectNormal(publish(JSON.stringify(many)))
    expect(
      publish(JSON.stringify({ list: Array.from({ length: 5_000 }, (_, index) => index) }))[0]?.description,
    ).toMatch(/… \(4980 more\)$/)
  })

  test('the largest alert fits in an SNS message', () => {
    const long = '\u4e16'.repeat(20_000)
    const many = (value: unknown) => Array.from({ length: 100 }, (_, index) => [`${index}${long}`, value] as const)
    const facts = Object.fromEntries(many(long))
    const child = { Arn: `arn:aws:cloudwatch:eu-west-1:1:alarm:${long}`, State: { Value: 'ALARM' } }
    const [alert] = parse({
      AlarmName: long,
      AlarmDescription: long,
      AlarmRule: long,
      NewStateValue: long,
      NewStateReason: long,
      AWSAccountId: long,
      AlarmTags: facts,
      TriggeringChildren: Array.from({ length: 100 }, () => child),
      Trigger: { MetricName: long, Namespace: long, Unit: long, Statistic: long, Dimensions: facts, Metrics: [] },
    })
    const [event] = parse({ title: long, source: long, description: long, message: long, tags: facts, details: facts })
    for (const largest of [alert, event]) {
      expect(Buffer.byteLength(JSON.stringify(largest))).toBeLessThan(250 * 1024)
    }
  })

  test('special names such as "constructor" are ordinary names', () => {
    const alert = publish('{"__proto__": {"polluted": "yes"}, "constructor": "c", "toString": "t"}')[0]
    expect(alert?.details).toMatchObject({ constructor: 'c', toString: 't' })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})
