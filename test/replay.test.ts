import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { rules } from './command.ts'
import { type Line, type Run, replay } from './replaying.ts'

function channelsOf(line: Line | undefined): string[] {
  return line?.deliveries.map(({ channel }) => channel) ?? []
}

// Without its own thread, which takes longer to start than everything else; replay-watch.test.ts has one.
vi.mock('../local/engine-thread.ts', async () => (await import('./replaying.ts')).engineInThisThread())

// Nothing here calls other machines, and each replay would reload all certificates.
beforeAll(() => tls.setDefaultCACertificates([]))

describe('the samples', () => {
  let run: Run
  beforeAll(async () => {
    run = await replay(['--json'])
  })
  const line = (file: string) => run.lines.find((one) => one.file === `samples/${file}`)

  const CRITICAL = ['pagerduty', 'slack-critical', 'email']
  test.each<[string, string, string, string[]]>([
    ['system-availability-1-alarm.json', 'critical', 'system down', CRITICAL],
    ['data-loss-1-alarm.json', 'critical', 'data loss', [...CRITICAL, 'email-security']],
    ['security-breach-guardduty.json', 'critical', 'security breach', [...CRITICAL, 'email-security']],
    ['compliance-violation.json', 'critical', 'compliance violation', CRITICAL],
    ['high-error-rate-1-alarm.json', 'warning', 'high error rate', ['slack-warning', 'email']],
    ['processing-latency-1-alarm.json', 'warning', 'performance', ['slack-warning']],
    ['resource-limits-1-alarm.json', 'warning', 'resource limits', ['slack-warning']],
    ['cost-threshold-budget.json', 'warning', 'cost threshold', ['slack-warning']],
    ['deployment-complete.json', 'info', 'deployment', ['email']],
    ['maintenance-scheduled.json', 'info', 'maintenance', ['email']],
    ['usage-report.json', 'info', 'usage report', ['email']],
    ['health-check.json', 'info', 'health check', ['email']],
    ['kind-non-production.json', 'warning', 'system down', ['slack-warning']],
    ['deployment-failed.json', 'warning', 'deployment failed', ['slack-warning']],
    ['message-text.txt', 'warning', 'default', ['slack-warning']],
    ['message-unknown-json.json', 'warning', 'default', ['slack-warning']],
  ])('%s is %s, by "%s"', (file, severity, rule, channels) => {
    expect(line(file)).toMatchObject({ severity, rule })
    expect(channelsOf(line(file))).toEqual(channels)
  })

  test.each(['system-availability', 'data-loss', 'high-error-rate', 'processing-latency'])(
    '%s: the OK is sent to the channels that received the ALARM, and says so',
    (name) => {
      const alarm = line(`${name}-1-alarm.json`)
      const ok = line(`${name}-2-ok.json`)
      expect(ok?.alert.status).toBe('resolved')
      expect(channelsOf(ok)).toEqual(channelsOf(alarm))
      const slack = ok?.deliveries.find(({ type }) => type === 'slack')
      expect(JSON.stringify(slack?.request)).toMatch(/resolved/i)
    },
  )

  test('every delivery was accepted, and shows the body that its channel received', () => {
    expect(run.code).toBe(0)
    for (const { deliveries } of run.lines) {
      expect(deliveries.length).toBeGreaterThan(0)
      for (const delivery of deliveries)
        expect(delivery).toMatchObject({ status: 'delivered', request: expect.anything() })
    }
  })

  test('an incident is opened and closed by the same key', () => {
    const [opened, closed] = ['1-alarm', '2-ok'].map(
      (part) => line(`data-loss-${part}.json`)?.deliveries.find(({ type }) => type === 'pagerduty')?.request,
    )
    expect(opened).toMatchObject({ event_action: 'trigger' })
    expect(closed).toMatchObject({ event_action: 'resolve', dedup_key: opened?.dedup_key })
  })

  test('no text shows program internals or secrets', () => {
    expect(run.stdout).not.toMatch(/\[object Object\]|\bundefined\b|\bNaN\b/)
    expect(run.stdout).not.toMatch(/"routing_key":"(?!\(routing key\)")/)
    expect(run.stdout).not.toContain('/services/')
  })
})

describe('events on stdin', () => {
  test('a broken envelope is rejected, with the path in it', async () => {
    const run = await replay(['--json', '-'], '{"Records":[{"Sns":')
    expect(run.lines).toEqual([{ file: 'stdin', error: expect.stringContaining('is invalid JSON') }])
    expect(run.code).toBe(1)
  })

  test('each of several is rejected with its own path', async () => {
    const REFUSED = {
      '{"Records":[{"eventSource":"aws:sqs","body":"{\\"Type\\":"}]}': 'Records[0].body',
      '{"Records":[{"EventSource":"aws:sns","Sns":{"Subject":"x"}}]}': 'Records[0].Sns.Message',
      '{"Records":[]}': 'Records',
      '{"Type":"Notification","Subject":"x"}': 'Message',
    }
    const run = await replay(['--json', '-'], Object.keys(REFUSED).join('\n'))
    expect(run.lines.map(({ file, error }) => [file, error?.split(':')[0]])).toEqual(
      Object.values(REFUSED).map((path, index) => [`stdin:${index + 1}`, path]),
    )
    expect(run.code).toBe(1)
  })

  test('each record of an envelope is an alert, in their order', async () => {
    const sns = (Message: string) => ({
      EventSource: 'aws:sns',
      Sns: { Message, TopicArn: 'arn:aws:sns:eu-west-1:1:t' },
    })
    const run = await replay(
      ['--json', '-'],
      JSON.stringify({ Records: [sns('first'), sns('second'), sns('🔥 注文')] }),
    )
    expect(run.lines.map(({ alert }) => [alert.title, alert.region])).toEqual(
      ['first', 'second', '🔥 注文'].map((title) => [title, 'eu-west-1']),
    )
  })

  test.each(['scheduledChange', 'issue'])(
    'each page of an event of AWS Health (%s) shows its own message',
    async (category) => {
      const page = (n: number, host: string) => ({
        source: 'aws.health',
        'detail-type': 'AWS Health Event',
        account: '123456789012',
        region: 'eu-west-1',
        time: '2026-10-05T07:14:09Z',
        detail: {
          eventArn: 'arn:aws:health:eu-west-1::event/EC2/PAGED/1',
          service: 'EC2',
          eventTypeCategory: category,
          statusCode: 'open',
          startTime: 'Mon, 05 Oct 2026 07:00:00 GMT',
          lastUpdatedTime: 'Mon, 05 Oct 2026 07:00:00 GMT',
          affectedEntities: [{ entityValue: host }],
          page: String(n),
          totalPages: '2',
        },
      })
      const run = await replay(['--json', '-'], JSON.stringify([page(1, 'host-a'), page(2, 'host-b')]))
      const shown = run.lines.map(({ deliveries }) => JSON.stringify(deliveries).match(/host-\w/)?.[0])
      expect(shown).toEqual(['host-a', 'host-b'])
    },
  )

  test('an empty event is rejected', async () => {
    const run = await replay(['--json', '-'], '  \n')
    expect(run.lines).toEqual([{ file: 'stdin', error: expect.stringContaining('is empty') }])
    expect(run.code).toBe(1)
  })

  test('JSON lines are one event each, in order; a duplicate change is not sent again', async () => {
    const event = (title: string, time: string) =>
      JSON.stringify({ title, severity: 'info', source: 'me', id: 'job', time })
    const lines = [
      event('two', '2024-11-05T10:05:00Z'),
      event('two', '2024-11-05T10:05:00Z'),
      event('one', '2024-11-05T10:00:00Z'),
    ]
    const run = await replay(['--json', '-'], lines.join('\n'))
    expect(run.lines.map((one) => [one.file, one.alert.title, one.deliveries.map(({ status }) => status)])).toEqual([
      ['stdin:1', 'two', ['delivered']],
      ['stdin:2', 'two', ['duplicate']],
      ['stdin:3', 'one', ['delivered']],
    ])
  })
})

describe('one bad event', () => {
  const folder = mkdtempSync(join(tmpdir(), 'events-'))
  const good = (title: string) => JSON.stringify({ title, severity: 'info', source: 'me' })
  const sqs = (body?: string) => ({ eventSource: 'aws:sqs', messageId: 'm', ...(body !== undefined && { body }) })
  const TESTING = { messageType: 'CONTROL_MESSAGE', owner: '1', logGroup: '/x', logEvents: [] }
  const FILES = {
    'broken-line.jsonl': `${good('a')}\n{"title":"cut\n\n${good('b')}\n`,
    'control.jsonl': `${good('c')}\n\u0000\u0001\n{"title":"\u0001",\n"a text"\nnull\n${good('d')}`,
    'cut-last.json': `${good('e')}\n${good('f')}\n{"title":`,
    'envelope.json': JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:1:t', Message: '\uffff' }),
    'list.json': `[${good('g')},7,${good('h')}]`,
    'one-broken.json': '[\n{"a":1},\n{"b":2}\n',
    'plain.txt': 'A text\n{"with":"JSON"}\n{"in":"it"}\n',
    'records.json': JSON.stringify({ Records: [sqs(good('i')), sqs(), sqs('{"cut":'), null, sqs(good('j'))] }),
    'subscription.json': JSON.stringify({ Records: [sqs(JSON.stringify(TESTING)), sqs('k')] }),
    'too-large.txt': 'x'.repeat(262_145),
  }
  const EXPECTED = [
    ['broken-line.jsonl:1', 'a'],
    ['broken-line.jsonl:2', /^event: is invalid JSON at character/],
    ['broken-line.jsonl:4', 'b'],
    ['control.jsonl:1', 'c'],
    ['control.jsonl:2', /^is not JSON, but every line of this file must be/],
    ['control.jsonl:3', /^has U\+0001 as its character 11: SQS rejects it, .*sender/],
    ['control.jsonl:4', /^is a single JSON value/],
    ['control.jsonl:5', /^is a single JSON value/],
    ['control.jsonl:6', 'd'],
    ['cut-last.json:1', 'e'],
    ['cut-last.json:2', 'f'],
    ['cut-last.json:3', /^event: is invalid JSON/],
    ['envelope.json', /^has U\+FFFF as its character \d+: SQS/],
    ['list.json[0]', 'g'],
    ['list.json[1]', /^is a single JSON value/],
    ['list.json[2]', 'h'],
    ['one-broken.json', /^event: is invalid JSON/],
    ['plain.txt', 'A text'],
    ['records.json:Records[0]', 'i'],
    ['records.json:Records[1]', /^Records\[1\]\.body: is missing/],
    ['records.json:Records[2]', /^Records\[2\]\.body: is invalid JSON/],
    ['records.json:Records[3]', /^Records\[3\]: is null/],
    ['records.json:Records[4]', 'j'],
    ['subscription.json:Records[0]', /^CloudWatch Logs sends it to test its subscription/],
    ['subscription.json:Records[1]', 'k'],
    ['too-large.txt', /^has 262145 bytes: SNS accepts at most 262144/],
  ].map(([file, what]) => [join(folder, String(file)), what instanceof RegExp ? expect.stringMatching(what) : what])

  beforeAll(() => {
    for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content)
  })

  test('is one row with its position and the reason, and all others are delivered', async () => {
    const run = await replay(['--json', folder])
    const rows = run.lines.map(({ file, alert, error, ignored }) => [file, alert?.title ?? error ?? ignored])
    expect(rows).toEqual(EXPECTED)
    expect(run.lines.flatMap(({ deliveries = [] }) => deliveries).every((one) => one.status === 'delivered')).toBe(true)
    expect(run.code).toBe(1)
  })

  test('is also reported as text', async () => {
    const run = await replay([folder])
    expect(run.stdout.replace(/[ │\n]+/g, ' ')).toContain(
      'records.json:Records[1] rejected: Records[1].body: is missing; the text of the message',
    )
    expect(run.stdout).toContain('no alert: CloudWatch Logs sends it to test')
    expect(run.stdout).toMatch(/12 alerts in .* 1 no alert · 13 rejected/)
    expect(run.code).toBe(1)
  })

  test('is reported the same by explain', async () => {
    const { code, stdout, stderr } = await rules(['explain', '--json', folder])
    const notified = JSON.parse(stdout).map(({ alert }: Line) => alert.title)
    const said = stderr.trimEnd().split('\n')
    expect(notified).toEqual(EXPECTED.map(([, what]) => what).filter((what) => typeof what === 'string'))
    expect(said).toHaveLength(EXPECTED.length - notified.length)
    for (const [file, what] of EXPECTED) {
      if (typeof what !== 'string')
        expect(said.map((line) => line.split(/: (?:rejected|no alert): /))).toContainEqual([file, what])
    }
    expect(code).toBe(1)
  })
})

test.each([
  ['null', 'null'],
  ['7', '7'],
  ['"a text"', 'a text'],
])('%s alone is a message with that text', async (text, title) => {
  const run = await replay(['--json', '-'], text)
  expect([run.code, run.lines.map(({ alert }) => alert?.title)]).toEqual([0, [title]])
})

test('an event that SNS or SQS fails on is one row, and the rest of its batch is delivered', async () => {
  const { SNSClient } = await import('@aws-sdk/client-sns')
  const { SQSClient } = await import('@aws-sdk/client-sqs')
  for (const client of [SNSClient, SQSClient]) {
    const send = client.prototype.send as (...args: unknown[]) => Promise<unknown>
    const failing = vi.spyOn(client.prototype as { send: typeof send }, 'send')
    failing.mockImplementation(async function (this: unknown, command, ...rest) {
      const { input } = command as { input: object }
      if (/Publish|MessageBody/.test(Object.keys(input).join()) && JSON.stringify(input).includes('poison')) {
        throw new Error('the socket hung up')
      }
      return send.call(this, command, ...rest)
    })
    onTestFinished(() => failing.mockRestore())
  }
  const events = ['one', 'poison', 'two'].map((title) => ({ title, severity: 'info' }))
  const inSns = events.map((event) => ({ Type: 'Notification', Message: JSON.stringify(event) }))
  const run = await replay(['--json', '-'], JSON.stringify([...events, ...inSns]))
  expect(run.lines.map(({ alert, error }) => alert?.title ?? error)).toEqual([
    ...['one', 'SNS rejected it: the socket hung up', 'two'],
    ...['one', 'SQS rejected it: the socket hung up', 'two'],
  ])
  expect(run.code).toBe(1)
})

test('the test message of a log subscription is neither an alert nor a failure', async () => {
  const data = { messageType: 'CONTROL_MESSAGE', owner: '1', logGroup: '/x', logEvents: [] }
  const run = await replay(['-'], JSON.stringify(data))
  expect(run.stdout).toMatch(/no alert: CloudWatch Logs sends it to test/)
  expect(run.code).toBe(0)
})

describe('the output for a person', () => {
  test('a table of where each alert was sent and why, without colour if there is no terminal', async () => {
    const run = await replay(['samples/data-loss-1-alarm.json'], '', { CI: 'true' })
    for (const part of ['data-loss-1-alarm.json', 'DataLossAlarm', 'critical', 'data loss', '✓ email-security']) {
      expect(run.stdout).toContain(part)
    }
    expect(run.stdout).not.toContain('\u001b')
  })

  test('with --show, what each channel received', async () => {
    const run = await replay(['--show', 'samples/data-loss-1-alarm.json'])
    expect(run.stdout).toContain('"event_action": "trigger"')
    expect(run.stdout).toContain('Subject: [CRITICAL] DataLossAlarm')
  })

  test.each([
    [['--nope'], 'Unknown option "--nope".'],
    [['--channel-url', 'slack'], 'write NAME=URL'],
    [['--channel-url', 'slack=ftp://x'], 'is not an http or https URL'],
    [['--channel-url', 'slak=http://x'], 'unknown channel. Allowed: pagerduty, slack'],
    [['--live'], 'needs at least one secret in the environment: SECRET_PAGERDUTY, SECRET_SLACK_CRITICAL'],
  ])('wrong usage %j is explained, with exit code 2', async (args, message) => {
    const run = await replay(args)
    expect(run.code).toBe(2)
    expect(run.stderr).toContain(message)
    expect(run.stderr).not.toContain('    at ')
  })
})
