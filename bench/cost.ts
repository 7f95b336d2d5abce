import type { Config } from '../schemas/config.ts'
import { HEARTBEAT } from '../shared/observe/heartbeat.ts'
import { METRICS } from '../shared/observe/metrics.ts'
import type { Counted, Counts } from './counts.ts'
import { FREE_DASHBOARDS, PRICES } from './prices.ts'

/*
 * What the router costs a month: counted calls (counts.ts) and the packaged template, times the list (prices.ts).
 */

/** What only AWS can say, until the router has run there. */
export const GUESSES = {
  routeS: 0.05,
  deliverS: 0.3,
  sinkS: 0.05,
  tickS: 0.2,
  reconcileS: 2,
  /** Of a state change: CloudWatch's message in SNS's envelope. */
  messageKb: 3,
  /** What gzip leaves of the archive. */
  archived: 0.2,
  reconcileLogKb: 0.3,
  /** Two channels that record at the same moment: one of them writes again. Of all changes. */
  conflicts: 0.1,
} as const

/** The part of a packaged template that is counted. */
export interface Template {
  // biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON, and a wrong guess fails the test
  Resources: Record<string, { Type: string; Properties: any }>
}

/** A line of a table: what, how it is counted, US dollars. */
export interface Row {
  what: string
  how: string
  usd: number
}

const MEMORY_GB = 0.5
const MINUTES = 30 * 24 * 60
const HEARTBEATS = MINUTES / HEARTBEAT.minutes
const MILLION = 1e6

const read = (usd: number) => String(Number(usd.toPrecision(6)))
const n = (count: number, digits = 0) => count.toLocaleString('en-US', { maximumFractionDigits: digits })

function of(template: Template, type: string) {
  return Object.values(template.Resources).filter((one) => one.Type === type)
}

/** A stage that nothing happens in, for a month of 30 days. */
export function idle(template: Template, { heartbeat, tick }: Counts, config: Config): Row[] {
  return [
    ...standing(template, config),
    polling(template),
    { what: 'Metrics that always have a value', ...alwaysMetrics() },
    {
      what: 'Heartbeat, its way',
      how: `${n(HEARTBEATS)} × (${callsOf(heartbeat)})`,
      usd: HEARTBEATS * usdOf(heartbeat, GUESSES.routeS + GUESSES.sinkS),
    },
    {
      what: 'Heartbeat, KMS',
      how: `a new data key each 5 minutes: ${n(HEARTBEATS)} × 2 calls × 2 topics × ${read(PRICES.keyCall.usd * 1e4)} a 10,000`,
      usd: HEARTBEATS * 4 * PRICES.keyCall.usd,
    },
    {
      what: 'The clock',
      how: `${n(MINUTES)} runs of ${GUESSES.tickS} s (a guess): ${callsOf(tick)}`,
      usd: MINUTES * (usdOf(tick, GUESSES.tickS) + PRICES.lambdaRequest.usd),
    },
    {
      what: 'Reconcile',
      how: `${n(HEARTBEATS)} runs of ${GUESSES.reconcileS} s (a guess), 3 calls of CloudWatch, 8 queries of the index, a read and a write, ${GUESSES.reconcileLogKb} KB of logs each`,
      usd: HEARTBEATS * reconcileUsd(),
    },
    {
      what: 'Archive',
      how: `the heartbeat's ${n(HEARTBEATS)} messages in 2,880 objects`,
      usd: HEARTBEATS * (PRICES.snsToFirehose.usd + (5 / MILLION) * PRICES.firehoseGb.usd) + 2_880 * PRICES.s3Put.usd,
    },
  ]
}

function reconcileUsd(): number {
  return (
    PRICES.lambdaRequest.usd +
    GUESSES.reconcileS * MEMORY_GB * PRICES.lambdaSecond.usd +
    3 * PRICES.cloudWatchCall.usd +
    5 * PRICES.dynamoRead.usd +
    PRICES.dynamoWrite.usd +
    (GUESSES.reconcileLogKb / MILLION) * PRICES.logGb.usd
  )
}

/** What the stack has, used or not. */
function standing(template: Template, config: Config): Row[] {
  const keys = of(template, 'AWS::KMS::Key').length
  const secrets = new Set(Object.values(config.channels).flatMap((one) => ('secret' in one ? one.secret : []))).size
  const alarms = of(template, 'AWS::CloudWatch::Alarm').map(({ Properties }) => metricsIn(Properties))
  const metrics = alarms.reduce((sum, count) => sum + count, 0)
  const dashboards = of(template, 'AWS::CloudWatch::Dashboard')
  const lines = dashboards.map(({ Properties }) => linesOf(Properties))
  const isFree = dashboards.length <= FREE_DASHBOARDS.count && lines.every((count) => count <= FREE_DASHBOARDS.metrics)
  return [
    { what: 'KMS key', how: `${keys} × ${PRICES.key.usd.toFixed(2)}`, usd: keys * PRICES.key.usd },
    { what: 'Secrets', how: `${secrets} × ${PRICES.secret.usd.toFixed(2)}`, usd: secrets * PRICES.secret.usd },
    {
      what: 'Alarms on the router itself',
      how: `${alarms.length}, which read ${metrics} metrics: ${metrics} × ${PRICES.alarmMetric.usd.toFixed(2)}`,
      usd: metrics * PRICES.alarmMetric.usd,
    },
    {
      what: 'Dashboard',
      how: isFree
        ? `${lines.join(' and ')} metrics: among the first ${FREE_DASHBOARDS.count} of an account, of at most ${FREE_DASHBOARDS.metrics} metrics each, it is free; else ${PRICES.dashboard.usd.toFixed(2)}`
        : `${lines.join(' and ')} metrics: ${dashboards.length} × ${PRICES.dashboard.usd.toFixed(2)}`,
      usd: isFree ? 0 : dashboards.length * PRICES.dashboard.usd,
    },
  ]
}

/** An alarm costs as much as the metrics that it reads. */
function metricsIn({ Metrics }: Template['Resources'][string]['Properties']): number {
  return Metrics ? Metrics.filter(({ MetricStat }: { MetricStat?: object }) => MetricStat).length : 1
}

/** How many different metrics a dashboard's graphs name. */
export function linesOf({ DashboardBody }: Template['Resources'][string]['Properties']): number {
  const { widgets } = JSON.parse(DashboardBody['Fn::Sub'])
  const all = widgets.flatMap(({ properties }: { properties: { metrics?: unknown[][] } }) => properties.metrics ?? [])
  const names = all.map((line: unknown[]) => line.filter((part) => typeof part === 'string').join(' '))
  return new Set(names).size
}

/** Each poller waits 20 s for a message, and asks again. */
const POLLS_A_MONTH = 3 * MINUTES
/** Lambda Developer Guide, Configuring scaling behavior for SQS event source mappings. */
const POLLERS = { most: 5, withoutMaximum: 2 }

function polling(template: Template): Row {
  const mappings = of(template, 'AWS::Lambda::EventSourceMapping')
  const limited = mappings.filter(({ Properties }) => Properties.ScalingConfig).length
  const free = mappings.length - limited
  const pollers = limited * POLLERS.most + free * POLLERS.withoutMaximum
  const parts = [[limited, POLLERS.most] as const, [free, POLLERS.withoutMaximum] as const].filter(
    ([count]) => count > 0,
  )
  const how = parts.map(([count, each]) => `${count} queues × ${each}`).join(' and ')
  return {
    what: 'Polling',
    how: `${how} long polls of 20 s at a time = ${n((pollers * POLLS_A_MONTH) / MILLION, 2)} M requests × ${read(PRICES.sqsRequest.usd * MILLION)} a million`,
    usd: pollers * POLLS_A_MONTH * PRICES.sqsRequest.usd,
  }
}

/** Those that the heartbeat and the clocks give a value each hour. */
const ALWAYS = ["the heartbeat's `LatencyMs`", "the clock's `DueLateMs`", "reconcile's `ReconcileMs`"]

function alwaysMetrics(): Omit<Row, 'what'> {
  return {
    how: `${ALWAYS.join(', ')}: ${ALWAYS.length} × ${PRICES.metric.usd.toFixed(2)}`,
    usd: ALWAYS.length * PRICES.metric.usd,
  }
}

/** Its requests, units and logs, as a table names them. */
function callsOf({ publishes, messages, writes, reads, logBytes }: Counted): string {
  const log = (logBytes / 1_000).toFixed(1)
  const ofQueues =
    messages > 0 ? `${publishes} messages of SNS, ${messages * 3} requests of SQS, ${messages} of Lambda, ` : ''
  return `${ofQueues}${writes} write and ${reads} read units, ${log} KB of logs`
}

/** All but the storage and the metrics. `seconds`: of all functions. */
function usdOf({ publishes, messages, writes, reads, logBytes }: Counted, seconds: number): number {
  return (
    publishes * PRICES.snsPublish.usd +
    messages * (3 * PRICES.sqsRequest.usd + PRICES.lambdaRequest.usd) +
    seconds * MEMORY_GB * PRICES.lambdaSecond.usd +
    writes * PRICES.dynamoWrite.usd +
    reads * PRICES.dynamoRead.usd +
    (logBytes / 1e9) * PRICES.logGb.usd
  )
}

/** What a million changes cost in a month, each to two channels, with one message an invocation. */
export function aMillion({ change }: Counts, config: Config, days: { history: number; archive: number }): Row[] {
  const deliveries = change.messages - 1
  const seconds = GUESSES.routeS + deliveries * GUESSES.deliverS
  return [
    {
      what: 'SNS',
      how: `${n(change.publishes, 1)} M messages: the alarms, and batches of notifications, × 0.50`,
      usd: MILLION * change.publishes * PRICES.snsPublish.usd,
    },
    {
      what: 'SQS',
      how: `${change.messages} M messages × 3 requests (send, receive, delete), × 0.40`,
      usd: MILLION * change.messages * 3 * PRICES.sqsRequest.usd,
    },
    {
      what: 'Lambda, requests',
      how: `${change.messages} M × 0.20`,
      usd: MILLION * change.messages * PRICES.lambdaRequest.usd,
    },
    {
      what: 'Lambda, arm64',
      how: `(1 M × ${GUESSES.routeS} s + ${deliveries} M × ${GUESSES.deliverS} s) × 0.5 GB = ${n(MILLION * seconds * MEMORY_GB)} GB-s × ${PRICES.lambdaSecond.usd}`,
      usd: MILLION * seconds * MEMORY_GB * PRICES.lambdaSecond.usd,
    },
    ...table(change, days.history),
    ...logsAndMetrics(change, config),
    ...archive(days.archive),
  ]
}

function table(change: Counted, historyDays: number): Row[] {
  const writes = change.writes + GUESSES.conflicts
  const gb = (MILLION * change.storedBytes) / 1e9
  const months = historyDays / 30
  return [
    {
      what: 'DynamoDB, writes',
      how: `1 M × ${n(writes, 2)} units × ${read(PRICES.dynamoWrite.usd * MILLION)}`,
      usd: MILLION * writes * PRICES.dynamoWrite.usd,
    },
    {
      what: 'DynamoDB, reads',
      how: `1 M × ${n(change.reads, 2)} units × ${read(PRICES.dynamoRead.usd * MILLION)}`,
      usd: MILLION * change.reads * PRICES.dynamoRead.usd,
    },
    {
      what: 'DynamoDB, stored',
      how: `${n(gb, 1)} GB × (${PRICES.dynamoGb.usd} + ${PRICES.dynamoRecoveryGb.usd} for recovery) × ${n(months, 1)} months`,
      usd: gb * months * (PRICES.dynamoGb.usd + PRICES.dynamoRecoveryGb.usd),
    },
  ]
}

function logsAndMetrics(change: Counted, config: Config): Row[] {
  const logKb = change.logBytes / 1_000
  const series = seriesOf(config)
  const metrics = series.reduce((sum, [, count]) => sum + count, 0)
  return [
    {
      what: 'Logs',
      how: `${n(change.logLines, 1)} lines, metrics among them: ${n(logKb, 1)} KB each = ${n(logKb, 1)} GB × 0.50`,
      usd: logKb * PRICES.logGb.usd,
    },
    {
      what: 'Metrics',
      how: `at most ${metrics} × 0.30 (${series.map(([name, count]) => `\`${name}\` ${count}`).join(', ')}); each is billed only for the hours in which it has a value`,
      usd: metrics * PRICES.metric.usd,
    },
  ]
}

/** Those that alarms on their way may give a value, and how many each is. */
function seriesOf(config: Config): [name: string, count: number][] {
  const channels = Object.values(config.channels)
  const values: Record<string, number> = {
    Channel: channels.length,
  }
  const names = ['Received', 'Suppressed', 'LatencyMs', 'Retried', 'WaitingMs'] as const
  return names.map((name) => {
    const sets: readonly (readonly string[])[] = METRICS[name]
    return [name, sets.reduce((sum, set) => sum + set.reduce((product, one) => product * (values[one] ?? 1), 1), 0)]
  })
}

function archive(days: number): Row[] {
  const gb = GUESSES.messageKb * GUESSES.archived
  return [
    { what: 'Archive, SNS', how: '1 M to Firehose × 0.19', usd: MILLION * PRICES.snsToFirehose.usd },
    {
      what: 'Archive, Firehose',
      how: 'a message counts 5 KB at least: 1 M × 5 KB = 5 GB × 0.029',
      usd: 5 * PRICES.firehoseGb.usd,
    },
    {
      what: 'Archive, S3',
      how: `${GUESSES.messageKb} GB, a fifth of it compressed (a guess), × 0.023 × ${days / 30} months`,
      usd: gb * PRICES.s3Gb.usd * (days / 30),
    },
  ]
}

const cents = (usd: number) => Math.round(usd * 100) / 100

export const total = (rows: Row[]) => cents(rows.reduce((sum, { usd }) => sum + cents(usd), 0))

/** A table in Markdown, with its total. */
export function tableOf(rows: Row[]): string {
  const lines = rows.map(({ what, how, usd }) => `| ${what} | ${how} | ${usd.toFixed(2)} |`)
  return ['| | | $ |', '|---|---|---|', ...lines, `| | | **${total(rows).toFixed(2)}** |`].join('\n')
}

/** As the pages give them. */
const UNITS: [start: string, count: number][] = [
  ['a million', MILLION],
  ['a thousand', 1e3],
  ['10,000', 1e4],
]
const timesOf = (per: string) => UNITS.find(([start]) => per.startsWith(start))?.[1] ?? 1

/** The list of prices, in Markdown. */
export const PRICE_TABLE = [
  '| price, $ | for | page |',
  '|---|---|---|',
  ...Object.values(PRICES).map(({ usd, per, page }) => `| ${read(usd * timesOf(per))} | ${per} | ${page} |`),
].join('\n')
