import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '../shared/parse/parse.ts'
import { withoutSecrets } from '../shared/parse/secrets.ts'
import { expectNoSecret } from './no-secret.ts'

/** A text from outside may hold a secret: an alert goes to many people, so its value is hidden. */

describe('the value of a secret is hidden', () => {
  test.each([
    ['DB_PASSWORD=hunter2secret', 'DB_PASSWORD=(hidden)'],
    ['db.password = hunter2secret, user = app', 'db.password = (hidden), user = app'],
    ['Login failed. Server=db;Pwd=hunter2;User=sa', 'Login failed. Server=db;Pwd=(hidden);User=sa'],
    ['password: hunter2secret', 'password: (hidden)'],
    ['The password is: hunter2', 'The password is: (hidden)'],
    ['{"password":"hun\\"ter 2","user":"app"}', '{"password":"(hidden)","user":"app"}'],
    ['{\\"apiKey\\":\\"hunter2\\",\\"user\\":1}', '{\\"apiKey\\":\\"(hidden)\\",\\"user\\":1}'],
    ["{'client_secret': 'hunter 2', 'user': 'app'}", "{'client_secret': '(hidden)', 'user': 'app'}"],
    ['x-api-key: hunter2', 'x-api-key: (hidden)'],
    ['api key=hunter2 access_token=hunter2', 'api key=(hidden) access_token=(hidden)'],
    ['grant=x&refresh_token=hunter2&user=app', 'grant=x&refresh_token=(hidden)&user=app'],
    ['GET /orders?token=hunter2 failed', 'GET /orders?token=(hidden) failed'],
    ['AWS_SECRET_ACCESS_KEY=wJalr/XUtn+FEMI', 'AWS_SECRET_ACCESS_KEY=(hidden)'],
    ['"SecretAccessKey": "wJalr/XUtn+FEMI"', '"SecretAccessKey": "(hidden)"'],
    ['Secret access key: wJalr/XUtn+FEMI', 'Secret access key: (hidden)'],
    ['curl -H "Authorization: Bearer eyJh.abc.def" -v', 'curl -H "Authorization: Bearer (hidden)" -v'],
    ['authorization: Basic dXNlcjpw', 'authorization: Basic (hidden)'],
    ['sent bearer eyJh.abc.def', 'sent bearer (hidden)'],
    ['postgres://app:hunter2@db/x is down', 'postgres://app:(hidden)@db/x is down'],
    ['amqps://app:hun@ter2@mq:5671, again', 'amqps://app:(hidden)@mq:5671, again'],
    ['redis://:hunter2@cache:6379', 'redis://:(hidden)@cache:6379'],
    ['https://ghp_0123456789abcdefghij@github.com/x', 'https://(hidden)@github.com/x'],
    ['mysql --password hunter2 -h db', 'mysql --password (hidden) -h db'],
    [
      'key:\n-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nis bad',
      'key:\n-----BEGIN RSA PRIVATE KEY-----(hidden)-----END RSA PRIVATE KEY-----\nis bad',
    ],
    ['-----BEGIN PRIVATE KEY-----\nabc, cut off', '-----BEGIN PRIVATE KEY-----(hidden)'],
  ])('%s', (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown)
    expect(withoutSecrets(shown)).toBe(shown)
  })

  test.each([
    'The token expired',
    'token: expired',
    'Password: reset required for dev-bob',
    'password: must not be empty',
    'Unexpected token: <',
    'max_tokens=4096, total_tokens: 12',
    'secretName: orders-db, token_type=opaque',
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/db-a1b2c3',
    'secret=arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/db-a1b2c3',
    'Exposed access key: AKIAIOSFODNN7EXAMPLE',
    'access_key_id=AKIAIOSFODNN7EXAMPLE',
    'PWD=/var/task',
    'password=$DB_PASSWORD token=null secret=<none>',
    'bearer authentication failed',
    'Encoded authorization failure message: see the log',
    'https://orders.example.com:8443/health, ask ops@example.com',
    'smoke-pass: 12, fail: 3',
    'if (password == other) …',
  ])('and what merely speaks of one stays: %s', (text) => {
    expect(withoutSecrets(text)).toBe(text)
  })
})

/** No word of a sentence, and nothing that ends a value. */
const SECRET = fc
  .tuple(fc.stringMatching(/^[A-Za-z][A-Za-z0-9+/_.!~-]{6,38}$/), fc.integer({ min: 10, max: 99 }))
  .map(([text, number]) => `${text}${number}q`)
/** Of which no other text has one by chance. */
const FORMS: ((secret: string) => string)[] = [
  (secret) => `DB_PASSWORD=${secret}`,
  (secret) => `password: ${secret}`,
  (secret) => `Passwd = "${secret}"`,
  (secret) => JSON.stringify({ user: 'app', nested: { api_key: secret } }),
  (secret) => JSON.stringify(JSON.stringify({ token: secret })),
  (secret) => `{'clientSecret': '${secret}'}`,
  (secret) => `AWS_SECRET_ACCESS_KEY=${secret}`,
  (secret) => `Authorization: Bearer ${secret}`,
  (secret) => `-H 'authorization: Basic ${secret}'`,
  (secret) => `a=1&access_token=${secret}&b=2`,
  (secret) => `postgres://app:${encodeURIComponent(secret)}@db/orders`,
  (secret) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  (secret) => `--token ${secret}`,
]

/** Wherever a text from outside may stand. */
const CARRIERS: ((text: string) => object | string)[] = [
  (text) => ({ Type: 'Notification', Message: `Deploy failed: ${text}` }),
  (text) => ({ Type: 'Notification', Subject: text, Message: 'Deploy failed' }),
  (text) => ({ Type: 'Notification', Message: JSON.stringify({ job: 'x', error: text, list: ['a', text] }) }),
  (text) => ({
    title: text,
    source: 's',
    id: text,
    description: text,
    details: { cause: text },
    tags: { cause: text },
  }),
  (text) => ({ title: 'x', severity: text, status: text, source: 's', extra: { deeper: text } }),
  (text) => ({
    ...{ AlarmName: 'orders', AlarmDescription: `severity: ${text}`, NewStateValue: 'ALARM', NewStateReason: text },
    Trigger: { MetricName: 'Errors', Namespace: 'AWS/Lambda', Dimensions: [{ name: 'Cause', value: text }] },
  }),
  (text) => ({ AlarmName: 'orders', AlarmDescription: text, NewStateValue: 'ALARM', NewStateReason: 'x' }),
  (text) => ({
    alerts: [
      { status: 'firing', labels: { alertname: 'Down', cause: text }, annotations: { summary: text, other: text } },
    ],
  }),
  (text) => ({
    ...{ messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: 'g' },
    logEvents: [{ id: '1', message: `ERROR ${text}` }],
  }),
  (text) => ({
    ...{ version: '0', id: 'a', 'detail-type': 'Orders', source: 'shop', account: '1', region: 'eu-west-1' },
    ...{ time: '2026-11-26T09:00:00Z', resources: [], detail: { status: 'FAILED', reason: text, errorMessage: text } },
  }),
]

test('no secret comes out, in whatever text of whatever message it stands', () => {
  fc.assert(
    fc.property(
      SECRET,
      fc.constantFrom(...FORMS),
      fc.constantFrom(...CARRIERS),
      fc.string(),
      (secret, form, carry, end) => {
        const input = carry(`${form(secret)} ${end}`)
        expectNoSecret(parse(input), [secret, encodeURIComponent(secret)])
      },
    ),
    { numRuns: 500 },
  )
})

test('two alerts whose ids differ by a secret alone are two', () => {
  const of = (id: string) => parse({ title: 'x', source: 's', id })[0]?.fingerprint ?? ''
  expect(of('token=hunter2a')).not.toBe(of('token=hunter2b'))
  expect(of('token=hunter2a')).toBe(of('token=hunter2a'))
  expect(of('token=hunter2a')).not.toContain('hunter2a')
})

test('a link with a password in it is left out', () => {
  const [alert] = parse({ title: 'x', source: 's', runbook: 'https://app:hunter2@wiki.example.com/x' })
  expect(alert?.links.runbook).toBeUndefined()
})

test('what a call has in its user data is not shown', () => {
  const detail = { eventName: 'RunInstances', requestParameters: { userData: 'c2VjcmV0' } }
  const event = { version: '0', id: 'a', 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.ec2', detail }
  const [alert] = parse({ ...event, account: '1', region: 'eu-west-1', time: '2026-11-26T09:00:00Z', resources: [] })
  expectNoSecret(alert, ['c2VjcmV0'])
})

test('a text without end takes no longer for that', () => {
  const parts = [
    'password="',
    'password=\\"',
    '://a:',
    'bearer ',
    'token: ',
    'password=,',
    'password=a&',
    'password"\\',
  ]
  for (const part of [...parts, '-----BEGIN PRIVATE KEY-----', '--', ' ', 'a']) {
    const text = `password ${part.repeat(250_000 / part.length)}token`
    const before = process.cpuUsage()
    withoutSecrets(text)
    const { user } = process.cpuUsage(before)
    // Quadratic time would be minutes.
    expect([part, user < 5_000_000]).toEqual([part, true])
  }
})
