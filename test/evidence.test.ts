import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import type { Context, SQSRecord } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { placeOf } from '../local/demo/place.ts'
import { ROUTER_METRICS, startDemo } from '../local/demo/start.ts'
import type { Handler } from '../local/event-source.ts'
import type { AwsStandIn } from '../local/stand-ins/aws.ts'
import type { Alert } from '../schemas/alert.ts'
import type { Wake } from '../schemas/wake.ts'
import { askAlerts } from '../shared/asking/alerts.ts'
import { checkConfig } from '../shared/config/check.ts'
import { firing } from './alert-samples.ts'
import { deliverersFor } from './deliverers.ts'
import { expectShown } from './doc-pages.ts'
import { written } from './emf.ts'
import { owe, oweAll } from './owed.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'

/*
 * What follows an alert: the function on the local engine, beside the deliverers, with the demo's data in place of AWS.
 */

const NOW = new Date('2026-11-27T10:00:00Z')
const config = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat', perMinute: 60_000 },
    pager: { type: 'pagerduty', secret: 'pager', perMinute: 60_000 },
    mail: { type: 'email', addresses: ['ops@example.com'], perMinute: 60_000 },
    app: { type: 'slack-app', secret: 'bot', channel: 'C0APP00000', perMinute: 60_000 },
    slow: { type: 'slack', secret: 'slow', perMinute: 20 },
    few: { type: 'slack', secret: 'few', perMinute: 19 },
  },
  severities: { critical: { channels: ['pager'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
const by = deliverersFor(config, { hasEvidence: true })
const place = placeOf('eu-west-1')

let aws: AwsStandIn
let evidence: Handler
/** What is asked; the table, the topics and the secrets are the engine's. */
const ASKED = ['CLOUDWATCH', 'CLOUDWATCH_LOGS', 'CLOUDTRAIL', 'CLOUDFORMATION', 'CODEPIPELINE', 'STS']
beforeAll(async () => {
  const platform = shippedPlatform()
  aws = await startDemo({ platform, rules: SHIPPED_RULES, now: NOW })
  const file = join(mkdtempSync(join(tmpdir(), 'platform-')), 'platform.json')
  writeFileSync(file, JSON.stringify(platform))
  Object.assign(process.env, {
    ...Object.fromEntries(Object.entries(aws.env).filter(([name]) => ASKED.some((one) => name.endsWith(`URL_${one}`)))),
    ...{ PLATFORM_FILE: file, ACCOUNT_ID: place.account, METRICS_NAMESPACE: ROUTER_METRICS, STAGE: 'prod' },
  })
  evidence = ((await import('../functions/evidence.ts')) as { handler: Handler }).handler
})
afterEach(() => {
  for (const operation of new Set(aws.requests.map(({ path }) => path))) aws.mode(operation)
  aws.requests.length = 0
})
afterAll(() => aws.close())

/** Of the demo's first function, whose errors have risen for three days. */
const ERRORS: Partial<Alert> = {
  ...{ account: place.account, region: place.region, namespace: 'AWS/Lambda', metric: 'Errors' },
  ...{ name: 'data-processor-errors', title: 'data-processor-errors', dimensions: { FunctionName: 'data-processor' } },
  ...{ resource: 'data-processor (FunctionName)', changedAt: '2026-11-27T09:58:00.000Z' },
  threshold: { operator: '>', value: 2, unit: 'Count', statistic: 'Sum', periodSeconds: 300, observed: 7 },
}

let fired = 0
/** Each alert fires a minute after the one before: a channel gets evidence only so often. */
function next(): { at: number; fingerprint: string } {
  const at = NOW.getTime() + 60_000 * fired++
  vi.setSystemTime(at)
  return { at, fingerprint: place.arn('cloudwatch', `alarm:data-processor-errors-${fired}`) }
}

/** An alert that its channel has received. */
async function out(channel = 'chat', change: Partial<Alert> = {}, rule: object = {}): Promise<Wake> {
  const { at, fingerprint } = next()
  const wake = await by.owed(channel, { ...ERRORS, fingerprint, ...change }, rule)
  await by.deliver(wake)
  vi.setSystemTime(at + 10_000)
  forget()
  return wake
}

/** It has ended: the wake-up for that. */
async function ended({ fingerprint }: Wake): Promise<Wake> {
  const changedAt = new Date().toISOString()
  return owe({ ...firing.alert, ...ERRORS, fingerprint, status: 'resolved', changedAt }, config)
}

function forget(): void {
  by.engine.slack.requests.length = 0
  by.engine.pagerduty.requests.length = 0
}

interface Run {
  again: number
  metrics: Record<string, number>
  reasons: unknown[]
}

/** The function gets a wake-up. */
async function wakeUp(wake: Wake, { ageS = 10, receives = 1 } = {}): Promise<Run> {
  const record = {
    ...{ messageId: 'm', receiptHandle: 'r', body: JSON.stringify(wake), eventSource: 'aws:sqs' },
    attributes: { SentTimestamp: String(Date.now() - ageS * 1_000), ApproximateReceiveCount: String(receives) },
  } as unknown as SQSRecord
  const context = { getRemainingTimeInMillis: () => 45_000, awsRequestId: 'test' } as Context
  let again = 0
  const { metrics, logged } = await written(async () => {
    const answer = await evidence({ Records: [record] }, context)
    again = answer?.batchItemFailures.length ?? 0
  })
  return {
    again,
    metrics: Object.fromEntries(metrics.map(({ metric, value }) => [metric, value])),
    reasons: logged.filter(({ event }) => String(event).startsWith('evidence.')).map(({ reason }) => reason),
  }
}

/** How many must be retried. Beside a `wakeUp` that runs: two can't listen to the log. */
async function evidenceOnly(wake: Wake): Promise<number> {
  const record = {
    messageId: 'n',
    receiptHandle: 'r',
    body: JSON.stringify(wake),
    attributes: {},
  } as unknown as SQSRecord
  const answer = await evidence({ Records: [record] }, { getRemainingTimeInMillis: () => 45_000 } as Context)
  return answer?.batchItemFailures.length ?? 0
}

/** One alert that several channels have received. */
async function outToAll(channels: string[]): Promise<Wake[]> {
  const { at, fingerprint } = next()
  const rule = { name: 'all', when: { name: '*' }, severity: 'warning' as const, channels }
  const wakes = await oweAll({ ...firing.alert, ...ERRORS, fingerprint }, { ...config, rules: [rule] })
  for (const wake of wakes) await by.deliver(wake)
  vi.setSystemTime(at + 10_000)
  forget()
  return wakes
}

/** Those in the inbox, the oldest first. */
async function emails(): Promise<{ subject: string; text: string }[]> {
  const { Messages = [] } = await by.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: process.env.INBOX_QUEUE_URL, MaxNumberOfMessages: 10 }),
  )
  return Messages.map(({ Body = '{}' }) => JSON.parse(Body)).map(({ Subject, Message }) => ({
    subject: Subject,
    text: Message,
  }))
}

interface SlackBody {
  text: string
  attachments: [{ blocks: { text?: { text: string } }[] }]
}
const slackTexts = () =>
  by.engine.slack.requests.map(({ body }) =>
    (body as SlackBody).attachments[0].blocks.map(({ text }) => text?.text ?? '').join('\n'),
  )

/** Without the charts, whose characters say little here. */
const inWords = (text: string) =>
  text
    .split('\n')
    .filter((line) => !/[│┼]|^```/.test(line))
    .join('\n')

describe('once an alert is out', () => {
  test('what one would ask first follows it', async () => {
    const { again, metrics } = await wakeUp(await out())
    expect([again, metrics.EvidenceMs]).toEqual([0, 10_000])
    expect(by.engine.slack.requests).toMatchObject([{ status: 200, path: 'chat' }])
    const [text = ''] = slackTexts()
    expect(inWords(text)).toBe(`*Evidence: data-processor-errors: data-processor (FunctionName)*
*Metric*: Sum Errors of 5 min, over 3 h: now 16, highest 16 at 09:25 UTC, threshold &gt; 2, crossed in 35 of 35 periods
*Errors in the log*: 61 lines of 3 patterns in /aws/lambda/data-processor since 09:43 UTC
30× TimeoutError: upstream timed out after … ms
e.g. {"@timestamp":"2026-11-27 09:58:00.000","level":"ERROR","message":"upstream timed out after 30000 ms","error_type":"TimeoutError","pipeline":"billing","service":"data-processor"}
17× SchemaError: field "amount" is not a number
e.g. {"@timestamp":"2026-11-27 09:58:00.000","level":"ERROR","message":"field \\"amount\\" is not a number","error_type":"SchemaError","pipeline":"customers","service":"data-processor"}
14× ThrottlingError: rate exceeded for warehouse
e.g. {"@timestamp":"2026-11-27 09:58:00.000","level":"ERROR","message":"rate exceeded for warehouse","error_type":"ThrottlingError","pipeline":"billing","service":"data-processor"}
*Changed in the hour before*: nothing that CloudFormation, CodePipeline, CloudTrail know of; CloudTrail shows a write up to 15 minutes late
*Other alarms that fire*: 4 in this account and region, 1 near it
alert-router-prod-nightly-export since 2026-11-18 10:00 UTC (also AWS/Lambda)
and 3 more
*Last time*: it has not fired in 30 days
*Next*
npx alert-router playbook high-error-rate data-processor-errors --stage prod
runbook: https://wiki.example.com/runbooks/orders-db
npx alert-router history data-processor-errors --stage prod`)
    expect(text.match(/│/g)).toHaveLength(4)
  })

  test('deployments and writes in the hour before it are named, those of its resource first', async () => {
    await wakeUp(await out('chat', { changedAt: '2026-11-24T10:10:00.000Z' }))
    expect(slackTexts()[0]).toContain(`stack data-platform: UPDATE_COMPLETE, 2026-11-24 09:40 UTC
pipeline data-platform: Succeeded, 2026-11-24 09:41 UTC (main)
github-actions: UpdateFunctionCode20150331v2 of data-processor, 2026-11-24 09:40 UTC
github-actions: ExecuteChangeSet of data-platform, 2026-11-24 09:39 UTC`)
  })

  test('PagerDuty gets a change event: it pages nobody and opens no incident', async () => {
    const wake = await out('pager', {}, { severity: 'critical' })
    const incidents = by.engine.pagerduty.incidents()
    await wakeUp(wake)
    expect(by.engine.pagerduty.requests).toMatchObject([
      {
        ...{ status: 202, path: '/v2/change/enqueue' },
        body: {
          payload: {
            summary: 'Evidence: data-processor-errors: data-processor (FunctionName)',
            source: 'data-processor (FunctionName)',
            custom_details: { Metric: [expect.stringMatching(/^Sum Errors/), expect.stringMatching(/^[▁▂▃▄▅▆▇█ ]+$/)] },
          },
          links: expect.arrayContaining([{ href: firing.alert.links.runbook, text: 'Runbook' }]),
        },
      },
    ])
    expect(by.engine.pagerduty.incidents()).toEqual(incidents)
  })

  test('an email has the subject of the alert’s, so that both are in one thread', async () => {
    await wakeUp(await out('mail', { changedAt: '2026-11-24T10:10:00.000Z' }))
    const [alert, evidenceMail] = await emails()
    expect(evidenceMail?.subject).toBe(`Re: ${alert?.subject}`)
    expect(evidenceMail?.text).toMatch(
      /^Evidence: data-processor-errors.*\n\nMetric: Sum Errors of 5 min.*\n[▁▂▃▄▅▆▇█ ]+\n\nErrors in the log: /,
    )
    expectShown('docs/evidence.md', 'test/evidence.test.ts', evidenceMail?.text ?? '')
  })

  test('it is asked once for all recipients of a change, and each gets it once', async () => {
    const [chat, mail] = await outToAll(['chat', 'mail'])
    await wakeUp(chat as Wake)
    await wakeUp(mail as Wake)
    expect((await wakeUp(chat as Wake)).reasons).toEqual(['it was sent before'])
    expect(by.engine.slack.requests).toHaveLength(1)
    expect(await emails()).toHaveLength(2)
    expect(aws.count('StartQuery')).toBe(1)
  })

  test('while somebody else asks, it waits; what a dead function has claimed is asked by another', async () => {
    const [chat, mail] = await outToAll(['chat', 'mail'])
    aws.mode('DescribeStacks', { after: 500 })
    const first = wakeUp(chat as Wake)
    await vi.waitFor(() => expect(aws.count('DescribeStacks')).toBe(1))
    const other = await evidenceOnly(mail as Wake)
    await first
    expect(other).toBe(1)
    expect(by.engine.slack.requests).toHaveLength(1)
    expect((await wakeUp(mail as Wake)).again).toBe(0)
  })
})

describe('nothing follows', () => {
  test.each<[string, object, object, string]>([
    ['an alert of severity info', {}, { severity: 'info' }, 'its severity is info'],
    ['a rule that says evidence: off', {}, { evidence: 'off' }, 'a rule has switched it off'],
    ['a message of which nothing is known', { once: true, kind: 'message', dimensions: {} }, {}, 'nothing to ask'],
  ])('%s', async (_, change, rule, reason) => {
    const { again, reasons, metrics } = await wakeUp(await out('chat', change, rule))
    expect([again, reasons, metrics, aws.requests, slackTexts()]).toEqual([0, [reason], {}, [], []])
  })

  test('an alert that has ended', async () => {
    const wake = await out()
    const over = await ended(wake)
    expect((await wakeUp(wake)).reasons).toEqual(['it fires no more'])
    await by.deliver(over)
    expect((await wakeUp(over)).reasons).toEqual(['it is not about a firing'])
  })

  test('an alert that ends while AWS is asked', async () => {
    const wake = await out()
    aws.mode('DescribeStacks', { after: 400 })
    const running = wakeUp(wake)
    await vi.waitFor(() => expect(aws.count('DescribeStacks')).toBe(1))
    await ended(wake)
    expect((await running).reasons).toEqual(['it fires no more'])
    expect(slackTexts()).toEqual([])
  })

  test('an alert that was one of many in a digest', async () => {
    const { fingerprint } = next()
    const wakes = await Promise.all(
      Array.from({ length: 5 }, (_, at) => by.owed('chat', { ...ERRORS, fingerprint: `${fingerprint}-${at}` })),
    )
    await by.deliver(wakes)
    forget()
    expect((await wakeUp(wakes[0] as Wake)).reasons).toEqual(['its alert was one of many in a digest'])
  })

  test('a message that is no wake-up, or of an alert that nobody knows', async () => {
    expect((await wakeUp({ nonsense: true } as unknown as Wake)).again).toBe(0)
    const wake = await out()
    expect((await wakeUp({ ...wake, fingerprint: 'unknown' })).reasons).toEqual(['unknown alert'])
  })
})

describe('before the alert', () => {
  test('nothing is asked: it waits until the channel has accepted the alert', async () => {
    const { at, fingerprint } = next()
    const wake = await by.owed('chat', { ...ERRORS, fingerprint })
    const { again, reasons, metrics } = await wakeUp(wake)
    expect([again, reasons, metrics, aws.requests]).toEqual([1, ['the alert is not out'], {}, []])
    await by.deliver(wake)
    vi.setSystemTime(at + 10_000)
    expect((await wakeUp(wake)).again).toBe(0)
  })

  test('nothing waits for long: after four minutes it is dropped, and counted', async () => {
    const wake = await by.owed('chat', { ...ERRORS, fingerprint: next().fingerprint })
    const { again, reasons, metrics } = await wakeUp(wake, { ageS: 241, receives: 20 })
    expect([again, reasons, metrics]).toEqual([0, ['too late: the alert is not out'], { EvidenceDropped: 1 }])
  })
})

describe('it takes nothing from an alert', () => {
  test('what it keeps is in no history, and no report takes it for a change', async () => {
    const wake = await out()
    await wakeUp(wake)
    const client = new DynamoDBClient({})
    const alerts = await askAlerts(
      client,
      process.env.TABLE_NAME ?? '',
      { since: '2026-11-01' },
      AbortSignal.timeout(5_000),
    )
    const kinds = new Set(alerts.flatMap(({ changes }) => changes.map(({ status }) => status)))
    expect(alerts.filter(({ fingerprint }) => fingerprint.startsWith('evidence'))).toEqual([])
    expect([...kinds].sort()).toEqual(['firing', 'resolved'])
    client.destroy()
  })

  test('a channel that is not at rest gets no evidence: the next alert may need the slot', async () => {
    const wake = await out('slow')
    vi.setSystemTime(Date.now() - 9_000)
    expect((await wakeUp(wake)).reasons).toEqual(['the channel is busy with alerts'])
    // What is asked is paid: nothing is, before it may be sent.
    expect([slackTexts(), aws.requests]).toEqual([[], []])
    vi.setSystemTime(Date.now() + 61_000)
    expect((await wakeUp(wake)).again).toBe(0)
    expect(slackTexts()).toHaveLength(1)
    // The slot that an alert would take is still there.
    const another = await by.owed('slow', { ...ERRORS, fingerprint: 'another' })
    expect(await by.deliver(another)).toBe(0)
  })

  test('a channel that takes few messages a minute gets none beside its alerts', async () => {
    const { reasons, again } = await wakeUp(await out('few'))
    expect([again, reasons, aws.requests]).toEqual([0, ['its channel takes few messages a minute'], []])
  })

  test('of many alerts in a row, a channel gets three at once, and then one in ten seconds', async () => {
    const wakes = [await out(), await out(), await out(), await out()]
    vi.setSystemTime(Date.now() + 60_000)
    const runs: number[] = []
    for (const wake of wakes) runs.push((await wakeUp(wake)).again)
    expect(runs).toEqual([0, 0, 0, 1])
  })

  test('what the channel refuses is dropped, and not tried again', async () => {
    const wake = await out()
    vi.setSystemTime(Date.now() + 60_000)
    by.engine.slack.answerNext({ status: 500 })
    expect((await wakeUp(wake)).metrics).toEqual({ EvidenceDropped: 1 })
    expect((await wakeUp(wake)).reasons).toEqual(['it was sent before'])
    const { tries, dead, notified } = await by.known(wake)
    expect([tries, dead, notified?.status]).toEqual([0, undefined, 'firing'])
  })
})

describe('what AWS refuses is named, and the rest stands', () => {
  const wanted = async (change: Partial<Alert> = {}) => {
    const wake = await out('chat', change)
    await wakeUp(wake)
    return inWords(slackTexts()[0] ?? '')
  }

  test('with the right that is missing', async () => {
    for (const operation of ['GetMetricData', 'StartQuery', 'ListPipelines', 'LookupEvents']) {
      aws.mode(operation, { isDenied: true })
    }
    const text = await wanted()
    expect(text).toContain('*Metric*: not known: needs cloudwatch:GetMetricData (this role may not)')
    expect(text).toContain(
      '*Errors in the log*: not known: needs logs:StartQuery, logs:GetQueryResults, logs:StopQuery (this role may not)',
    )
    expect(text).toContain(
      'CodePipeline: not known: needs codepipeline:ListPipelines, codepipeline:ListPipelineExecutions',
    )
    expect(text).toContain('CloudTrail: not known: needs cloudtrail:LookupEvents (this role may not)')
    expect(text).toContain('*Other alarms that fire*: 4 in this account and region')
  })

  test('an alarm of another account, whose role the file does not have', async () => {
    const text = await wanted({ account: '999999999999' })
    expect(text).toContain(
      '*Metric*: not known: needs a role in account 999999999999, under accounts of config/platform.yml',
    )
    expect(text).toContain('*Last time*: it has not fired in 30 days')
  })

  test('and what has no answer in time; nothing waits for it', async () => {
    for (const operation of ['StartQuery', 'DescribeStacks', 'DescribeAlarms', 'LookupEvents']) {
      aws.mode(operation, { after: new Promise(() => {}) })
    }
    const { gather } = await import('../shared/follow-up/gather.ts')
    const alert = { ...firing.alert, ...ERRORS, fingerprint: 'x' }
    const lastTime = { days: 30, episodes: [], hasEarlier: false }
    const known = {
      alert,
      severity: 'critical',
      now: NOW,
      stage: 'prod',
      platform: undefined,
      runbook: undefined,
      lastTime,
    }
    const { parts, tookMs } = await gather(known, place, 700)
    expect(tookMs).toBeLessThan(1_500)
    const says = Object.fromEntries(parts.map(({ title, says }) => [title, says]))
    expect(says).toMatchObject({
      Metric: expect.stringMatching(/^Sum Errors of 5 min/),
      'Errors in the log': 'no answer within 20 s: logs:StartQuery, logs:GetQueryResults, logs:StopQuery',
      'Other alarms that fire': 'no answer within 20 s: cloudwatch:DescribeAlarms',
    })
    expect(parts.find(({ title }) => title.startsWith('Changed'))?.lines).toEqual([
      'CloudFormation: no answer within 20 s: cloudformation:DescribeStacks',
      'CloudTrail: no answer within 20 s: cloudtrail:LookupEvents',
    ])
  })
})

test('a Slack app gets it in the thread of the alert’s message', async () => {
  const wake = await out('app')
  expect(await wakeUp(wake)).toMatchObject({ again: 0, reasons: [undefined] })
  const [alert, evidence, ...others] = by.engine['slack-app'].messages
  expect(others).toEqual([])
  expect(evidence).toMatchObject({
    threadTs: alert?.ts,
    isBroadcast: false,
    text: expect.stringMatching(/^Evidence: /),
  })
})
