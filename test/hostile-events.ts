import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { anyCharacter } from './any-character.ts'

/** Events as somebody would send them who means harm: any JSON, and real ones with harm in any of their fields. */

/**
 * Each makes a backtracking matcher go through all ways to cut up the text, so many that JavaScript's takes some seconds
 * on `seconds` characters, and for ever on some more.
 */
export const BOMBS: { pattern: string; seconds: number; text(length: number): string }[] = [
  { pattern: '(a+)+$', seconds: 28, text: (n) => `${'a'.repeat(n)}!` },
  { pattern: '^(a|a)*$', seconds: 29, text: (n) => `${'a'.repeat(n)}!` },
  { pattern: '^(\\w+\\s?)*$', seconds: 29, text: (n) => `${'a'.repeat(n)}!` },
  { pattern: '^(([a-z])+.)+[A-Z]([a-z])+$', seconds: 48, text: (n) => `${'a'.repeat(n)}!` },
  { pattern: '(.*a){12}!$', seconds: 30, text: (n) => `!${'a'.repeat(n)}` },
  {
    pattern: '^([a-zA-Z0-9_.-])+@(([a-zA-Z0-9-])+.)+([a-zA-Z0-9]{2,4})+$',
    seconds: 45,
    text: (n) => `a@${'a'.repeat(n)}!`,
  },
]

const MEAN = [
  ...[
    '<!channel>',
    '<!here|x>',
    '<!everyone>',
    '<@U1>',
    '<#C1>',
    '<!subteam^S1>',
    '<!date^0^{date}|x>',
    '&lt;!channel&gt;',
  ],
  ...[
    '<https://evil.example.com|Runbook>',
    'https://evil.example.com/runbook',
    '[click](javascript:alert(1))',
    'javascript:alert(1)',
  ],
  ...[
    '*bold* _it_ ~no~ `code` ```block``` > quote',
    '@here @channel',
    '<mailto:a@example.com|b>',
    '<>',
    '<<!channel>>',
    '<\u200b!channel>',
  ],
  ...[
    '\u0000\u0007\u001b[31m',
    '\u202eevil\u202c',
    '\u2066x\u2069',
    'a\u200bb\ufeff',
    '\ud800',
    '\udc00x',
    'e\u0301\u0301\u0301',
    '\r\nBcc: a@example.com\r\n',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    '',
    ' ',
    '\n',
    '{}',
    '[]',
    'null',
    '-1',
    '1e999',
    'NaN',
  ],
  ...[
    '{"AlarmName":"x","NewStateValue":"ALARM"}',
    '{"Message":"{}"}',
    'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x',
    '$(id)',
    '{{a}}',
  ],
  ...BOMBS.map(({ text }) => text(20)),
]
const HUGE = ['<!channel> ', '&', '漢', '\u202e', 'a', '*', 'https://x.example.com/?a=', '{"a":', '\n> '].map((unit) =>
  unit.repeat(Math.ceil((256 * 1_024) / unit.length)),
)
const POLLUTING = JSON.parse(
  '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"prototype":{"polluted":"yes"}}',
)
/** Too deep to be written by JSON.stringify: each stands for what is put in its place once all is text. */
const DEEP = ['\u241elists', '\u241eMessage', '\u241edetail']
const DEPTH = 5_000

function withDepths(json: string): string {
  // Inside a text that is JSON itself, quotes have backslashes before them.
  return json.replace(/(\\*)"\u241e(\w+)\1"/g, (_, slashes: string, key: string) =>
    key === 'lists'
      ? '['.repeat(DEPTH) + ']'.repeat(DEPTH)
      : `{${slashes}"${key}${slashes}":`.repeat(DEPTH) + 1 + '}'.repeat(DEPTH),
  )
}

const text = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...MEAN) },
  { weight: 6, arbitrary: fc.string({ unit: anyCharacter, maxLength: 40 }) },
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...MEAN), { minLength: 2, maxLength: 6 }).map((parts) => parts.join(' ')),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...MEAN), fc.constantFrom(50, 1_000))
      .map(([part, times]) => part.repeat(times)),
  },
)
/** What takes long to make and to read comes seldom. */
const huge = fc.constantFrom(...HUGE, ...DEEP)

const keys = fc.oneof(
  fc.constantFrom(...['__proto__', 'constructor', 'prototype', 'toString']),
  fc.constantFrom(...['Records', 'Sns', 'body', 'Message', 'detail', 'detail-type', 'source', 'AlarmName', 'Trigger']),
  fc.constantFrom(
    ...['title', 'severity', 'tags', 'details', 'links', 'runbook', 'AlarmTags', 'findings', 'resources'],
  ),
  text,
)

/** Any JSON, with keys that mean something to somebody. */
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    text,
    fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
    fc.constant(POLLUTING),
    fc.array(tie('json'), { maxLength: 3 }),
    // Through a text, as it comes: a key `__proto__` is then a key like any other.
    fc.array(fc.tuple(keys, tie('json')), { maxLength: 5 }).map(objectOf),
    tie('json').map((value) => JSON.stringify(value)),
  ),
}))

function objectOf(entries: [string, unknown][]): unknown {
  return JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`)
}

/** Ours, and one of nearly every sender's. */
const samples: unknown[] = ['samples', 'test/public-samples'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))),
)

/** A real event with harm in one to three of its fields: the value, or beside it. Texts that are JSON are looked into. */
const realLooking = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(
      fc.record({
        at: fc.nat(),
        how: fc.constantFrom('replace', 'replace', 'append', 'add key'),
        key: keys,
        value: fc.oneof(
          { weight: 20, arbitrary: text },
          { weight: 6, arbitrary: json },
          { weight: 1, arbitrary: huge },
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([sample, harms]) => harms.reduce(harmed, sample))

interface Harm {
  at: number
  how: string
  key: string
  value: unknown
}

/** The event with harm at its `at`th place, counted in the order of reading, round and round. */
function harmed(event: unknown, harm: Harm): unknown {
  let left = harm.at % Math.max(1, placesIn(event))
  return visit(event)

  function visit(value: unknown): unknown {
    const inner = jsonIn(value)
    if (inner !== undefined) return JSON.stringify(visit(inner))
    if (typeof value !== 'object' || value === null) {
      if (left-- !== 0) return value
      return harm.how === 'append' ? `${value}${JSON.stringify(harm.value)}` : harm.value
    }
    if (Array.isArray(value)) return value.map(visit)
    const entries = Object.entries(value).map(([key, one]): [string, unknown] => {
      const isHere = left === 0
      const changed = visit(one)
      return isHere && harm.how === 'add key' && left < 0 ? [harm.key, harm.value] : [key, changed]
    })
    return objectOf(entries)
  }
}

function placesIn(value: unknown): number {
  const inner = jsonIn(value) ?? value
  if (typeof inner !== 'object' || inner === null) return 1
  return Object.values(inner).reduce((sum: number, one) => sum + placesIn(one), 0)
}

function jsonIn(value: unknown): unknown {
  if (typeof value !== 'string' || value[0] !== '{' || value.length > 20_000) return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms'

/** Every way in which a message can come. */
const ENVELOPES: ((message: unknown) => unknown)[] = [
  (message) => message,
  (message) => ({ Type: 'Notification', TopicArn: TOPIC, Message: JSON.stringify(message) }),
  (message) => ({ Records: [{ EventSource: 'aws:sns', Sns: { TopicArn: TOPIC, Message: JSON.stringify(message) } }] }),
  (message) => ({ Records: [{ eventSource: 'aws:sqs', messageId: 'm', body: JSON.stringify(message) }] }),
  (message) => {
    const body = JSON.stringify({ Type: 'Notification', TopicArn: TOPIC, Message: JSON.stringify(message) })
    return { Records: [{ eventSource: 'aws:sqs', messageId: 'm', body }] }
  },
  (detail) => ({
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-west-1',
    time: '2026-09-14T11:18:52Z',
    resources: [`${TOPIC}`],
    detail,
  }),
  (alarmData) => ({ source: 'aws.cloudwatch', alarmArn: TOPIC, time: '2026-09-14T11:18:52Z', alarmData }),
]

/** What a function may be handed, as the text that it comes as: JSON. */
export const hostileEvent: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      { weight: 12, arbitrary: realLooking },
      { weight: 6, arbitrary: json },
      { weight: 4, arbitrary: text },
      { weight: 1, arbitrary: huge },
    ),
    fc.constantFrom(...ENVELOPES),
  )
  .map(([message, envelope]) => withDepths(JSON.stringify(envelope(message))))
