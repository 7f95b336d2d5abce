import { readFileSync } from 'node:fs'
import type { Context, SQSEvent } from 'aws-lambda'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import { readConfig } from '../shared/config/read.ts'
import { METRICS, type Metric, measure } from '../shared/observe/metrics.ts'
import { readEmf, written } from './emf.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'

afterEach(() => vi.unstubAllEnvs())

describe('a metric', () => {
  test('is a line of its own that CloudWatch reads as measured', async () => {
    vi.stubEnv('METRICS_NAMESPACE', 'alert-router/prod')
    const { lines, metrics } = await written(() =>
      measure(
        { Retried: 1, LatencyMs: 1_234.5 },
        { Channel: 'slack-warning' },
        { about: { Queue: 'slack' }, now: new Date('2026-11-03T10:00:00Z') },
      ),
    )
    expect(lines).toHaveLength(1)
    const of = { namespace: 'alert-router/prod', dimensions: { Channel: 'slack-warning' } }
    expect(metrics).toEqual([
      { ...of, metric: 'Retried', unit: 'Count', value: 1 },
      { ...of, metric: 'LatencyMs', unit: 'Milliseconds', value: 1_234.5 },
    ])
    expect(JSON.parse(lines[0] ?? '').Queue).toBe('slack')
    expect(JSON.parse(lines[0] ?? '')._aws.Timestamp).toBe(Date.UTC(2026, 10, 3, 10))
  })

  test('may have no dimensions', async () => {
    const { metrics } = await written(() => measure({ Received: 3 }))
    expect(metrics).toMatchObject([{ metric: 'Received', value: 3, dimensions: {} }])
  })

  test('is readable whatever is measured', async () => {
    const names = Object.keys(METRICS) as Metric[]
    // JSON has no -0.
    const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0)
    const values = fc.dictionary(fc.constantFrom(...names), value)
    const channel = fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/)
    await fc.assert(
      fc.asyncProperty(values, channel, async (measured, Channel) => {
        const { metrics } = await written(() => measure(measured, { Channel }))
        const found = Object.fromEntries(metrics.map(({ metric, value }) => [metric, value]))
        const isCounted = ([name, value]: [string, number]) => value !== 0 || name.endsWith('Ms')
        expect(found).toEqual(Object.fromEntries(Object.entries(measured).filter(isCounted)))
      }),
    )
  })

  test('is not written when it counts nothing; a time of 0 ms is one', async () => {
    expect((await written(() => measure({ Suppressed: 0 }))).lines).toEqual([])
    const { metrics } = await written(() => measure({ Retried: 0, LatencyMs: 0 }, { Channel: 'email' }))
    expect(metrics.map(({ metric }) => metric)).toEqual(['LatencyMs'])
  })

  test.each(['INFO', 'WARN', 'ERROR'])('is let through where Lambda lets only %s through', async (level) => {
    vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', level)
    const { lines } = await written(() => measure({ Refused: 1 }))
    const line = JSON.parse(lines[0] ?? '')
    expect(line.level).toBe(level)
    expect(new Date(line.timestamp).toISOString()).toBe(line.timestamp)
  })

  test('is silent where the log is', () => {
    vi.stubEnv('LOG_LEVEL', 'SILENT')
    const output = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    measure({ Refused: 1 })
    expect(output.mock.calls).toEqual([])
    output.mockRestore()
  })
})

test.each([
  ['text around it', (line: string) => `INFO ${line}`],
  ['no time', (line: string) => line.replace('"Timestamp"', '"Time"')],
  ['a dimension without a value', (line: string) => line.replace('"Channel":', '"Chanel":')],
  ['a metric without a value', (line: string) => line.replace('"Retried":', '"Retired":')],
  ['a unit that there is not', (line: string) => line.replace('"Unit":"Count"', '"Unit":"Counts"')],
  ['its metadata out of the root', (line: string) => JSON.stringify({ message: JSON.parse(line) })],
])('a line with %s is not a metric', async (_what, change) => {
  const { lines } = await written(() => measure({ Retried: 1 }, { Channel: 'email' }))
  const line = lines[0] ?? ''
  expect(readEmf(line)).toHaveLength(1)
  expect(() => readEmf(change(line))).toThrow()
})

/** A sample whose time has come, whatever the clock says. */
const longAgo = (file: string) => readFileSync(file, 'utf8').replaceAll('2026-', '2024-')

describe('route counts', () => {
  let engine: Engine
  let handler: Handler
  beforeAll(async () => {
    const config = readConfig('config/alerts.yml')
    const quiet = { name: 'quiet', when: { metric: 'CPUUtilization' }, severity: 'warning' as const }
    const rules = [{ ...quiet, notify: { nobody: 'harmless' } }, ...config.rules]
    engine = await startLocalEngine({ ...config, rules })
    handler = await loadHandler('route')
  })
  afterAll(() => engine.stop())

  /** Each metric with its value, as in `Received critical 1`; and why something was suppressed. */
  async function counted(body: string): Promise<string[]> {
    const Records = [{ messageId: 'm', body, eventSource: 'aws:sqs' }]
    const context = { getRemainingTimeInMillis: () => 15_000, awsRequestId: 'request' } as Context
    const { lines } = await written(() => handler({ Records } as unknown as SQSEvent, context))
    return lines.flatMap((line) => {
      const { Reason, Severity } = JSON.parse(line)
      const of = (dimensions: object) => [...Object.values(dimensions), ...[Severity, Reason].filter(Boolean)]
      return readEmf(line).map(({ metric, dimensions, value }) => [metric, ...of(dimensions), value].join(' '))
    })
  }

  test('received alerts, by severity, and suppressed ones', async () => {
    const alarm = longAgo('samples/data-loss-1-alarm.json')
    expect(await counted(alarm)).toEqual(['Received critical 1'])
    expect(await counted(alarm)).toEqual(['Received critical 1', 'Suppressed duplicate 1'])
  })

  test('alerts for which a rule notifies nobody, apart from those that reach nobody', async () => {
    const alarm = longAgo('samples/resource-limits-1-alarm.json')
    expect(await counted(alarm)).toEqual(['Received warning 1', 'Suppressed on-purpose 1'])
    expect(await counted(alarm)).toEqual(['Received warning 1', 'Suppressed duplicate 1'])
    expect(await counted(longAgo('samples/processing-latency-2-ok.json'))).toEqual([
      'Received warning 1',
      'Suppressed nobody 1',
    ])
  })

  test('refused messages', async () => {
    expect(await counted('{"broken":')).toEqual(['Refused 1'])
  })

  test('nothing that must be retried because the table could not be written', async () => {
    const alarm = longAgo('samples/high-error-rate-1-alarm.json')
    vi.stubEnv('TABLE_NAME', `${process.env.TABLE_NAME}-gone`)
    expect(await counted(alarm)).toEqual([])
    vi.unstubAllEnvs()
    expect(await counted(alarm)).toEqual(['Received warning 1'])
  })

  test('an alert once by severity, though its message is retried because nobody could be woken', async () => {
    const alarm = longAgo('samples/high-error-rate-2-ok.json').replace('"OK"', '"ALARM"')
    vi.stubEnv('NOTIFICATIONS_TOPIC_ARN', `${process.env.NOTIFICATIONS_TOPIC_ARN}-gone`)
    expect(await counted(alarm)).toEqual(['Received warning 1'])
    vi.unstubAllEnvs()
    expect(await counted(alarm)).toEqual(['Received warning 1', 'Suppressed duplicate 1'])
  })
})
