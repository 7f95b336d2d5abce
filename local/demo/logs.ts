import { logGroups } from '../../deploy/platform/logs.ts'
import type { Platform } from '../../schemas/platform.ts'
import { logGroupOf } from '../../shared/platform/series.ts'
import type { AwsData, LogGroup, LogLine, QueryAsked, QueryResult } from '../stand-ins/aws/data.ts'
import { PROCESSOR_MB } from './capacity.ts'
import type { Course, Level } from './levels.ts'
import type { LogRecord } from './log-record.ts'
import { ofFunction } from './metrics.ts'
import { noiseOf } from './noise.ts'
import type { Services } from './services.ts'
import { patternsOf, tableOf } from './stats.ts'

const MINUTE_MS = 60_000
const STEP_MINUTES = 5
const MAX_STEPS = 2_000

const PIPELINES = ['orders', 'customers', 'billing']
const ERRORS = [
  ['TimeoutError', 'upstream timed out after 30000 ms'],
  ['SchemaError', 'field "amount" is not a number'],
  ['ThrottlingError', 'rate exceeded for warehouse'],
] as const

/** The groups of the platform, with lines, and answers to the queries that reports ask. */
export function logsOf(
  platform: Platform,
  services: Services,
  course: Course,
  seed: number,
): Pick<AwsData, 'logGroups' | 'query'> {
  const errorsOf = (name: string) => ofFunction(name, 'Errors', services, course, seed)
  const functions = Object.entries(platform.services).flatMap(([name, { type }]) => (type === 'lambda' ? [name] : []))
  const groupOf = (name: string) => logGroupOf(platform, name) ?? name
  const groups = logGroups(platform).map((name): LogGroup => {
    const service = functions.find((one) => groupOf(one) === name)
    return {
      ...{ name, createdAt: course.times.since, retentionDays: platform.logs.days },
      lines: (from, to) => (service === undefined ? [] : linesOf(service, errorsOf(service), from, to)),
    }
  })
  const asked = (query: QueryAsked) => functions.filter((name) => query.groups.includes(groupOf(name)))
  return {
    logGroups: groups,
    query: (query) => {
      const records = recordsFor(query, asked(query), errorsOf, services, course, seed)
      return records && resultOf(query.query, records)
    },
  }
}

/** Which lines a query reads, by what it filters: the saved queries, REPORT lines, and errors by their pattern. */
function recordsFor(
  { query, from, to }: QueryAsked,
  functions: string[],
  errorsOf: (name: string) => Level,
  { processor }: Services,
  course: Course,
  seed: number,
): LogRecord[] | undefined {
  const minutes = stepsOf(Math.max(from, course.times.since), to)
  const of = (records: (name: string, time: number) => LogRecord[]) =>
    functions.flatMap((name) => minutes.flatMap((time) => records(name, time)))
  if (/@type\s*=\s*["']REPORT["']|\/\^?REPORT/.test(query)) {
    return of((name, time) => [report(name, name === processor?.name, time, noiseOf(seed, `${name} report`))])
  }
  if (/processing completed/.test(query)) return of((name, time) => [processed(time, course, noiseOf(seed, name))])
  if (/VALIDATION_FAILED/.test(query)) return of((name, time) => refusals(name, time, course))
  if (/batch completed/.test(query)) return of((name, time) => [batch(time, course, noiseOf(seed, name))])
  if (!/ERROR|error/.test(query)) return undefined
  const stepMs = minutes.length > 1 ? (minutes[1] as number) - (minutes[0] as number) : MINUTE_MS
  return of((name, time) => failures(name, errorsIn(errorsOf(name), time, stepMs), time))
}

/** Times from one to another: wider apart over long spans, so that a query stays quick. */
function stepsOf(from: number, to: number): number[] {
  const stepMs = Math.max(STEP_MINUTES, Math.ceil((to - from) / MINUTE_MS / MAX_STEPS)) * MINUTE_MS
  const times: number[] = []
  for (let time = Math.ceil(from / MINUTE_MS) * MINUTE_MS; time <= to; time += stepMs) times.push(time)
  return times
}

function errorsIn(errors: Level, from: number, stepMs: number): number {
  let sum = 0
  for (let time = from; time < from + stepMs; time += MINUTE_MS) sum += errors(time)?.counts?.[1] ?? 0
  return sum
}

/** So many errors, spread over types and pipelines. */
function failures(service: string, count: number, time: number): LogRecord[] {
  return Array.from({ length: count }, (_, at) => {
    const turn = Math.floor(time / MINUTE_MS / STEP_MINUTES) + at
    const [type, message] = ERRORS[turn % 4 === 3 ? 0 : turn % ERRORS.length] as (typeof ERRORS)[number]
    const pipeline = PIPELINES[turn % PIPELINES.length] as string
    const fields = { '@timestamp': stamp(time), level: 'ERROR', message, error_type: type, pipeline, service }
    return { fields: { ...fields, '@message': JSON.stringify(fields) }, count: 1 }
  })
}

/** Since the quality fell, some records in each step. */
function refusals(service: string, time: number, { times }: Course): LogRecord[] {
  if (time < times.quality) return []
  const fields = {
    '@timestamp': stamp(time),
    level: 'WARN',
    message: `VALIDATION_FAILED: record ${time}: no currency`,
    service,
  }
  return [{ fields: { ...fields, '@message': JSON.stringify(fields) }, count: 1 }]
}

function processed(time: number, { activity }: Course, noise: (time: number) => number): LogRecord {
  const pipeline = PIPELINES[Math.floor(noise(time) * PIPELINES.length)] as string
  const duration = 60 + 40 * activity(time) + 40 * noise(time + MINUTE_MS)
  return {
    fields: {
      '@timestamp': stamp(time),
      message: 'processing completed',
      duration,
      pipeline,
      environment: 'production',
    },
    count: 1,
  }
}

function batch(time: number, { activity, times }: Course, noise: (time: number) => number): LogRecord {
  const pipeline = PIPELINES[Math.floor(noise(time) * PIPELINES.length)] as string
  const quality = (time >= times.quality ? 91 : 97) + 2 * noise(time + MINUTE_MS)
  const records = Math.round(40_000 * activity(time))
  return {
    fields: {
      '@timestamp': stamp(time),
      message: 'batch completed',
      records_processed: records,
      data_quality_score: quality,
      pipeline,
    },
    count: 1,
  }
}

/** The line with which Lambda ends each invocation; its sizes are in bytes (CloudWatch Logs User Guide, discovered fields). */
function report(name: string, isFull: boolean, time: number, noise: (time: number) => number): LogRecord {
  const size = isFull ? PROCESSOR_MB : 3_008
  const most = isFull ? 983 : 860
  const duration = 180 + 200 * noise(time)
  return {
    fields: {
      ...{
        '@timestamp': stamp(time),
        '@type': 'REPORT',
        '@log': `123456789012:/aws/lambda/${name}`,
        '@duration': duration,
      },
      ...{ '@billedDuration': Math.ceil(duration), '@memorySize': size * 1_000_000 },
      '@maxMemoryUsed': Math.round(most - 20 * noise(time + MINUTE_MS)) * 1_000_000,
      ...(noise(time) > 0.95 ? { '@initDuration': 400 + 300 * noise(time + 2 * MINUTE_MS) } : {}),
    },
    count: 1,
  }
}

function stamp(time: number): string {
  return new Date(time).toISOString().replace('T', ' ').replace('Z', '')
}

function resultOf(query: string, records: LogRecord[]): QueryResult {
  const rows = /\|\s*pattern\s/.test(query) ? patternsOf(records) : tableOf(query, records)
  return { rows, scanned: records.length * 50, bytes: records.length * 50 * 300 }
}

/** One line in five minutes, and each error. */
function linesOf(service: string, errors: Level, from: number, to: number): LogLine[] {
  const lines: LogLine[] = []
  for (let time = Math.ceil(from / MINUTE_MS) * MINUTE_MS; time <= to; time += MINUTE_MS) {
    const stream = `${stamp(time).slice(0, 10).replaceAll('-', '/')}/[$LATEST]1`
    if ((time / MINUTE_MS) % STEP_MINUTES === 0) {
      lines.push({
        timestamp: time,
        stream,
        message: JSON.stringify({ level: 'INFO', message: 'processing completed' }),
      })
    }
    for (const { fields } of failures(service, errorsIn(errors, time, MINUTE_MS), time)) {
      lines.push({ timestamp: time, stream, message: String(fields['@message']) })
    }
  }
  return lines
}
