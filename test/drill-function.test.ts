import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type RunningRouter, startRouter } from '../local/router.ts'
import { checkConfig } from '../shared/config/check.ts'
import { readDrills } from '../shared/drill/records.ts'
import { written } from './emf.ts'
import { startLocalEngine } from './local-engine.ts'
import { SHIPPED_PLATFORM } from './some-platform.ts'

/** The function that the schedule starts, on a router that runs. */

const config = checkConfig({
  channels: { pager: { type: 'pagerduty', secret: 'pager' }, chat: { type: 'slack', secret: 'chat' } },
  severities: { critical: { channels: ['pager'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [{ name: 'loss', when: { name: 'DataLossAlarm' }, severity: 'critical' }],
})
const folder = mkdtempSync(join(tmpdir(), 'drill-'))
const PLATFORM_FILE = join(folder, 'platform.json')

let engine: Awaited<ReturnType<typeof startLocalEngine>>
let router: RunningRouter
beforeAll(async () => {
  engine = await startLocalEngine(config)
  router = await startRouter(engine, { configFile: process.env.CONFIG_FILE ?? '' })
})
beforeEach(() => {
  for (const vendor of ['pagerduty', 'slack'] as const) {
    engine[vendor].requests.length = 0
    engine[vendor].answerBy()
  }
})
afterAll(async () => {
  await router.stop()
  await engine.stop()
})

async function run(event: object, classes = ['data-loss', 'deployment'], remainingMs = 600_000) {
  expect(SHIPPED_PLATFORM).toContain('# drills:')
  writeFileSync(PLATFORM_FILE, JSON.stringify({ drills: { on: 'monday', at: '10:30', within: '1h', classes } }))
  vi.stubEnv('PLATFORM_FILE', PLATFORM_FILE)
  vi.stubEnv('METRICS_NAMESPACE', 'alert-router/test')
  vi.resetModules()
  const { handler } = await import('../functions/drill.ts')
  let failed: unknown
  const all = await written(() =>
    (handler as unknown as (event: object, context: object) => Promise<void>)(event, {
      getRemainingTimeInMillis: () => remainingMs,
    }).catch((error) => {
      failed = error
    }),
  )
  vi.unstubAllEnvs()
  const own = all.logged.filter(({ event: name }) => String(name).startsWith('drill.'))
  return { ...all, own, failed, missed: all.metrics.filter(({ metric }) => metric === 'DrillsMissed') }
}

describe('a run by the clock', () => {
  test('fires the classes of the file, follows and resolves them; no alarm', async () => {
    const { own, missed, failed } = await run({ scheduledTime: '2026-12-01T09:30:00Z' })
    expect([failed, missed]).toEqual([undefined, []])
    expect(own.map(({ event, drill }) => `${event} ${drill}`).sort()).toEqual([
      'drill.ended data-loss',
      'drill.ended deployment',
    ])
    expect(engine.pagerduty.requests.map(({ body }) => (body as { event_action: string }).event_action)).toEqual([
      'trigger',
      'resolve',
    ])
    expect(engine.slack.requests.map(({ body }) => (body as { text: string }).text)).toEqual([
      expect.stringMatching(/^\[Drill\] /),
    ])
  })

  test('started twice, as Scheduler may, pages once', async () => {
    const event = { scheduledTime: '2027-01-01T09:30:00Z' }
    await run(event)
    const { own } = await run(event)
    expect(own.map(({ event: name }) => name)).toEqual(['drill.repeated'])
    expect(engine.pagerduty.requests).toHaveLength(2)
  })

  test('one that does not arrive is a metric, with the channel and the reason in the log', async () => {
    engine.slack.answerBy(() => ({ status: 404, body: 'no_service' }))
    // Time for one look at the table.
    const { own, missed, failed } = await run({ scheduledTime: '2027-02-01T09:30:00Z' }, ['deployment'], 101_000)
    expect(failed).toBeUndefined()
    expect(missed.map(({ namespace, value }) => [namespace, value])).toEqual([['alert-router/test', 1]])
    expect(own).toEqual([
      expect.objectContaining({
        event: 'drill.missed',
        drill: 'deployment',
        channels: [expect.objectContaining({ channel: 'chat' })],
      }),
    ])
    const client = new DynamoDBClient({})
    const { proofs, open } = await readDrills(client, process.env.TABLE_NAME ?? '')
    client.destroy()
    expect(open).toEqual([])
    expect(proofs.find(({ subject }) => subject === 'deployment')?.outcome).not.toBe('arrived')
  })

  test('one whose page stays open is a metric, too', async () => {
    engine.pagerduty.answerBy(({ body }) =>
      (body as { event_action: string }).event_action === 'resolve'
        ? { status: 400, body: { status: 'invalid event', message: 'no' } }
        : { status: 202, body: { status: 'success', message: 'ok', dedup_key: 'x' } },
    )
    const { own, missed } = await run({ scheduledTime: '2027-03-01T09:30:00Z' }, ['data-loss'])
    expect(missed.map(({ value }) => value)).toEqual([1])
    expect(own).toEqual([expect.objectContaining({ event: 'drill.missed', unresolved: ['pager'] })])
  })

  test('one that fails is a metric, and a failure of the function', async () => {
    vi.stubEnv('ALARMS_TOPIC_ARN', 'arn:aws:sns:us-east-1:000000000000:nothing')
    const { missed, failed } = await run({}, ['deployment'])
    expect(missed.map(({ value }) => value)).toEqual([1])
    expect(String(failed)).toMatch(/NotFound|not exist/)
  })
})
