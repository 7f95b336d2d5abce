import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { reports } from '../deploy/platform/reports.ts'
import { ROUTER_METRICS, ROUTER_TABLE, startDemo } from '../local/demo/start.ts'
import type { AwsStandIn } from '../local/stand-ins/aws.ts'
import type { Rule } from '../schemas/config.ts'
import { identityOf } from '../shared/alert/identity.ts'
import { decide } from '../shared/decide/decide.ts'
import { documentOf } from '../shared/live-config/version.ts'
import { parse } from '../shared/parse/parse.ts'
import { REPORTS } from '../shared/questions/reports.ts'
import { type ArchiveAndTopic, startArchiveAndTopic } from './archive-and-topic.ts'
import { written } from './emf.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'
import type { Json } from './stack.ts'

/*
 * The function that the schedules start: real clients, against the demo's data, a bucket and a topic.
 */

const SCHEDULED = '2026-11-27T06:30:00Z'
const platform = shippedPlatform()

/** When the router reads it. */
const readNow = { now: new Date('2026-11-27T06:31:00Z') }

let folder: string
let aws: AwsStandIn
let stage: ArchiveAndTopic
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'report-'))
  writeFileSync(join(folder, 'platform.json'), JSON.stringify(platform))
  writeFileSync(join(folder, 'alerts.json'), documentOf(SHIPPED_RULES))
  stage = await startArchiveAndTopic()
  aws = await startDemo({ platform, rules: SHIPPED_RULES, now: new Date(SCHEDULED) })
})
afterEach(() => {
  for (const operation of new Set(aws.requests.map(({ path }) => path))) aws.mode(operation)
  aws.requests.length = 0
  stage.forget()
  vi.unstubAllEnvs()
})
afterAll(async () => {
  await Promise.all([aws.close(), stage.stop()])
  rmSync(folder, { recursive: true })
})

/** As the stack sets it. */
const environment = (): Record<string, string> => ({
  ...aws.env,
  ...stage.env,
  ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' },
  ...{ STAGE: 'prod', METRICS_NAMESPACE: ROUTER_METRICS, TABLE_NAME: ROUTER_TABLE },
  ...{ PLATFORM_FILE: join(folder, 'platform.json'), CONFIG_FILE: join(folder, 'alerts.json') },
  ...{ ARCHIVE_BUCKET: stage.bucket, ALARMS_TOPIC_ARN: stage.topicArn },
})

async function run(event: object, { env = {}, remainingMs = 120_000 }: { env?: object; remainingMs?: number } = {}) {
  for (const [name, value] of Object.entries({ ...environment(), ...env })) vi.stubEnv(name, value)
  vi.resetModules()
  const { handler } = await import('../functions/report.ts')
  const context = { getRemainingTimeInMillis: () => remainingMs }
  return written(() => (handler as (event: object, context: object) => unknown)(event, context))
}

const daily = { report: 'daily', scheduledTime: SCHEDULED }

describe('the daily report, by its schedule', () => {
  test('is kept as a page and as data, and published for the rules to decide', async () => {
    const { logged } = await run(daily)
    expect(await stage.object('reports/daily/2026-11-27.html')).toMatchObject({
      type: 'text/html; charset=utf-8',
      text: expect.stringContaining('<p class="headline">10 to do.</p>'),
    })
    const data = await stage.object('reports/daily/2026-11-27.json')
    expect([data?.type, JSON.parse(data?.text ?? '').at]).toEqual(['application/json', '2026-11-27T06:30:00.000Z'])

    const [event, ...others] = stage.events()
    expect(others).toEqual([])
    const [alert] = parse(event, readNow)
    expect(alert).toMatchObject({
      title: 'Daily check, prod: 10 to do.',
      once: true,
      changedAt: '2026-11-27T06:30:00.000Z',
      links: {
        console: `https://eu-west-1.console.aws.amazon.com/s3/object/${stage.bucket}?region=eu-west-1&prefix=reports%2Fdaily%2F2026-11-27.html`,
      },
    })
    expect(alert && decide(alert, SHIPPED_RULES)).toMatchObject({ rule: 'health check', severity: 'info' })
    expect(logged).toMatchObject([{ event: 'report.sent', report: 'daily', headline: '10 to do.' }])
  })

  test('publishes what each day has cost, and by record, with the time of that day', async () => {
    const { lines } = await run(daily)
    const values = lines.map((line) => JSON.parse(line))
    const at = (of: Json) => new Date(of._aws.Timestamp).toISOString()
    const costs = values.filter((of) => 'DailyCost' in of)
    expect(costs.map(at).at(-1)).toBe('2026-11-25T23:59:00.000Z')
    expect(costs).toHaveLength(9)
    const { sections } = JSON.parse((await stage.object('reports/daily/2026-11-27.json'))?.text ?? '')
    const answer = sections.flatMap(({ answers }: Json) => answers).find(({ id }: Json) => id === 'cost')
    expect(answer.says).toBe(`$${Math.round(costs.at(-1).DailyCost)} on 2026-11-25`)
    const perRecord = values.filter((of) => 'CostPerRecord' in of)
    expect(perRecord.map(at)).toEqual(costs.map(at))
    expect(perRecord.at(-1).CostPerRecord).toBeLessThan(0.01)
  })

  test('what is not known is not published, and never 0', async () => {
    aws.mode('GetCostAndUsage', { isDenied: true })
    const { metrics } = await run(daily)
    expect(metrics).toEqual([])
    expect(stage.events()[0].title).toBe('Daily check, prod: 9 to do, 1 not checked.')
    expect(stage.events()[0].description).toContain(
      'Not checked\n- Cost of the last complete day: needs ce:GetCostAndUsage (this role may not)',
    )
  })
})

test('a handover is one message, with all of it: the rules may send it to a channel', async () => {
  await run({ report: 'handover', scheduledTime: SCHEDULED })
  const [alert] = parse(stage.events()[0], readNow)
  expect(alert?.title).toBe('Handover, prod: 4 open, 3 not acknowledged; 1 silence; 1 fired since Thu 19:30.')
  expect(alert?.description?.split('\n')).toEqual([
    'To do',
    '1. Acknowledge, or pass on: alert-router-prod-errors-burns-fast',
    '',
    'Open: 4, 3 not acknowledged',
    '- critical alert-router-prod-errors-burns-fast since Wed 15:30 (40 h), not acknowledged',
    '- warning alert-router-prod-error-rate since Thu 07:30 (24 h), acknowledged by ann',
    '- warning alert-router-prod-errors-burns-slowly since Wed 05:30 (2 days), not acknowledged',
    '- warning alert-router-prod-nightly-export since 2026-11-18 07:30 (9 days), not acknowledged, silenced until 15:30',
    '',
    'Silenced: 1',
    '- name: *-nightly-export until 15:30, by ben: the export moves to the new cluster. Under it: alert-router-prod-nightly-export',
    '',
    'Fired since Thu 19:30: 1 alert, 12 times',
    '- warning alert-router-prod-streaming-cpu, 12 times, last 06:30 to 06:50',
    '',
    'Ended, and no acknowledgement is recorded: 1',
    '- warning alert-router-prod-streaming-cpu, 12 times',
    '',
    'Escalated: nothing',
    '',
    'Not delivered: nothing',
  ])
  const rule: Rule = { name: 'handover', when: { 'details.report': 'handover' }, channels: { add: ['slack-warning'] } }
  const rules = [{ ...rule, continue: true as const }, ...SHIPPED_RULES.rules]
  expect(alert && decide(alert, { ...SHIPPED_RULES, rules }).channels).toContain('slack-warning')
})

test.each(Object.entries(platform.reports).filter(([name]) => name in REPORTS))(
  '%s: a rule of config/alerts.yml says who gets it',
  async (name) => {
    await run({ report: name, scheduledTime: SCHEDULED })
    const [alert] = parse(stage.events()[0], readNow)
    const rules: Record<string, string> = { daily: 'health check', maintenance: 'maintenance' }
    expect(alert && decide(alert, SHIPPED_RULES)).toMatchObject({
      rule: rules[name] ?? 'usage report',
      severity: 'info',
      channels: ['email'],
    })
  },
)

describe('when something fails', () => {
  test('another attempt sends what the first has kept, so that the router knows it: nobody is asked or notified twice', async () => {
    await expect(run(daily, { env: { ALARMS_TOPIC_ARN: `${stage.topicArn}-gone` } })).rejects.toThrow()
    expect(stage.events()).toEqual([])
    aws.requests.length = 0
    await run(daily)
    aws.mode('DescribeAlarms', { hasNoData: true })
    const { metrics } = await run(daily)
    expect([aws.requests, metrics]).toEqual([[], []])
    const [one, other, ...more] = stage.events().map((event) => parse(event, readNow)[0])
    expect(more).toEqual([])
    expect(one && other && identityOf(one) === identityOf(other)).toBe(true)
  })

  test('the next day it is asked again', async () => {
    await run(daily)
    aws.requests.length = 0
    await run({ ...daily, scheduledTime: '2026-11-28T06:30:00Z' })
    expect(aws.count('DescribeAlarms')).toBe(1)
  })

  test('without its page, it is published, and says why', async () => {
    const { logged } = await run(daily, { env: { ARCHIVE_BUCKET: 'alert-router-prod-gone' } })
    const [event] = stage.events()
    expect(event.title).toBe('Daily check, prod: 10 to do.')
    expect(event.description).toMatch(/Its page could not be written: s3:PutObject failed: .*bucket/)
    expect(event.links).toBeUndefined()
    expect(logged).toMatchObject([{ event: 'report.page_failed' }])
  })

  test('AWS that does not answer ends within the function’s time, and the report says so', async () => {
    aws.mode('GetQueryResults', { after: new Promise(() => {}) })
    await run({ report: 'performance', scheduledTime: SCHEDULED }, { remainingMs: 46_000 })
    expect(stage.events()[0].description).toMatch(/\n- Latency by pipeline.*: no answer in time to logs:StartQuery/)
    // What it reads is paid.
    expect(aws.count('StopQuery')).toBeGreaterThan(0)
  })

  test('a report that does not exist', async () => {
    await expect(run({ report: 'yearly' })).rejects.toThrow(
      /^no report "yearly": there are daily, handover, performance/,
    )
  })
})

test('without a time it is of now: as when a person invokes it', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-27T10:15:00Z') })
  await run({ report: 'daily' }).finally(() => vi.useRealTimers())
  expect(stage.events()[0].time).toBe('2026-11-27T10:15:00.000Z')
})

/** What a service that we ask asks others, with our permissions: Compute Optimizer asks Lambda. */
const ON_OUR_BEHALF = ['ListProvisionedConcurrencyConfigs']

test('its role may do exactly what it does', async () => {
  aws.mode('GetQueryResults', { after: new Promise(() => {}) })
  await run({ report: 'performance', scheduledTime: SCHEDULED }, { remainingMs: 46_000 })
  aws.mode('GetQueryResults')
  for (const report of Object.keys(REPORTS)) await run({ report, scheduledTime: SCHEDULED.replace('27', '28') })
  const asked = new Set(aws.requests.map(({ path }) => path))

  const handover = { on: 'every day', at: '08:00' } as const
  const times = { ...platform.reports, handover }
  const { report } = reports({ ...platform, reports: times }, SHIPPED_RULES) as { report: Json }
  const actions: string[] = report.iamRoleStatements.flatMap(({ Action }: Json) => [Action].flat())
  const reads = actions.filter((action) => !/^(appconfig|s3|sns|kms|sqs):/.test(action))
  expect(reads.map((action) => action.split(':')[1]).sort()).toEqual([...asked, ...ON_OUR_BEHALF].sort())
})
