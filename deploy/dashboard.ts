import type { Config } from '../schemas/config.ts'
import { HEARTBEAT } from '../shared/observe/heartbeat.ts'
import { ANSWERED_VIA, INBOX_REFUSED_BECAUSE, type Metric, RESPONSES } from '../shared/observe/metrics.ts'
import type { TemplatePart } from './email-topics.ts'

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless
const PREFIX = '${self:service}-${sls:stage}'
/** Where the functions' metrics are: METRICS_NAMESPACE in serverless.yml. */
export const NAMESPACE = '${self:service}/${sls:stage}'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless

/** CloudWatch draws on a grid of 24 columns. */
const COLUMNS = 24
const HEIGHT = 6
const PERIOD_S = 300

/**
 * CloudWatch allows 2,500 lines on a dashboard (CloudWatch API Reference, PutDashboard); six of its graphs have one per
 * channel.
 */
const MAX_CHANNELS = 400

/** A line of a graph: namespace, metric, alternating dimension names and values, and how to draw it. */
type Line = [namespace: string, metric: string, ...dimensionsAndOptions: (string | object)[]]
interface Graph {
  title: string
  lines: Line[]
  stat?: string
  unit?: string
}

/** A dashboard of what is received, what is sent, how late, and what the queues hold. */
export function dashboard(config: Config, queues: string[], { hasInbox = false } = {}): TemplatePart {
  const channels = Object.keys(config.channels).slice(0, MAX_CHANNELS)
  const rows = [
    received(),
    sent(channels),
    latency(channels),
    backlog(queues),
    health(),
    ...(hasInbox ? [answered()] : []),
  ]
  return {
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: {
          DashboardName: PREFIX,
          DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets: rows.flatMap(widgetsOf) }) },
        },
      },
    },
    Outputs: {},
  }
}

function received(): Graph[] {
  return [
    {
      title: 'Alerts received, and messages refused',
      lines: [ours('Received', 'received'), ours('Refused', 'refused')],
    },
    { title: 'Failed rule refreshes', lines: [ours('ConfigStale', 'failed polls')] },
    {
      title: `Heartbeat: one every ${HEARTBEAT.minutes} minutes`,
      lines: [
        ours('LatencyMs', 'arrived', ['Channel', HEARTBEAT.channel], { stat: 'SampleCount' }),
        ours('LatencyMs', 'latency (ms)', ['Channel', HEARTBEAT.channel], { stat: 'Maximum', yAxis: 'right' }),
      ],
    },
  ]
}

function answered(): Graph[] {
  return [
    { title: 'Answers, by where', lines: ANSWERED_VIA.map((via) => ours('Answered', via, ['Via', via])) },
    {
      title: 'Requests that the inbox refused, by reason',
      lines: INBOX_REFUSED_BECAUSE.map((reason) => ours('AnswersRefused', reason, ['Reason', reason])),
    },
  ]
}

function sent(channels: string[]): Graph[] {
  return [
    { title: 'Delivered', lines: perChannel(channels, 'LatencyMs'), stat: 'SampleCount' },
    { title: 'Retried and suppressed', lines: [ours('Retried', 'retried'), ours('Suppressed', 'suppressed')] },
  ]
}

/** How soon an alert arrived, and what people made of it. */
function latency(channels: string[]): Graph[] {
  const graphs = ['p50', 'p95', 'Maximum'].map((stat) => ({
    title: `Delivery latency since the state change: ${stat.toLowerCase()}`,
    lines: perChannel(channels, 'LatencyMs'),
    stat,
    unit: 'ms',
  }))
  const lines = RESPONSES.map((reason) => ours('Responses', reason, ['Reason', reason]))
  return [...graphs, { title: 'How people reacted', lines }]
}

function backlog(queues: string[]): Graph[] {
  return [
    {
      title: 'Dead letters',
      lines: perQueue(queues, 'ApproximateNumberOfMessagesVisible', '-dead-letters'),
      stat: 'Maximum',
    },
    {
      title: 'Oldest message being retried',
      lines: [ours('WaitingMs', 'oldest')],
      stat: 'Maximum',
      unit: 'ms',
    },
    {
      title: 'Oldest message waiting for its function, by queue',
      lines: perQueue(queues, 'ApproximateAgeOfOldestMessage'),
      stat: 'Maximum',
      unit: 's',
    },
  ]
}

function health(): Graph[] {
  return [
    {
      title: 'Overdue alerts, not yet evaluated: how late',
      lines: [ours('DueLateMs', 'most overdue')],
      stat: 'Maximum',
      unit: 'ms',
    },
    {
      title: 'Emails not sent: no confirmed address',
      lines: [ours('Unconfirmed', 'not sent')],
    },
    {
      title: 'Evidence that followed alerts, and that did not',
      lines: [ours('EvidenceMs', 'sent', [], { stat: 'SampleCount' }), ours('EvidenceDropped', 'dropped')],
    },
    {
      title: 'Clock: one run a minute',
      lines: [
        ['AWS/Lambda', 'Invocations', 'FunctionName', `${PREFIX}-tick`, { label: 'runs' }],
        ['AWS/Lambda', 'Errors', 'FunctionName', `${PREFIX}-tick`, { label: 'failed' }],
      ],
    },
  ]
}

function perChannel(channels: string[], metric: Metric): Line[] {
  return channels.map((name) => ours(metric, name, ['Channel', name]))
}

function perQueue(queues: string[], metric: string, end = ''): Line[] {
  return queues.map((name) => ['AWS/SQS', metric, 'QueueName', `${PREFIX}-${name}${end}`, { label: name }])
}

function ours(metric: Metric, label: string, dimension: string[] = [], options: object = {}): Line {
  return [NAMESPACE, metric, ...dimension, { label, ...options }]
}

/** A row of graphs, as wide as the page. */
function widgetsOf(row: Graph[], index: number): object[] {
  const width = COLUMNS / row.length
  // A rule file without channels gives graphs without lines, which CloudWatch refuses.
  return row.flatMap(({ title, lines, stat = 'Sum', unit }, place) =>
    lines.length === 0
      ? []
      : [
          {
            type: 'metric',
            x: place * width,
            y: index * HEIGHT,
            width,
            height: HEIGHT,
            properties: {
              title,
              view: 'timeSeries',
              // CloudFormation fills it in (Fn::Sub).
              region: `\${AWS::Region}`,
              stat,
              period: PERIOD_S,
              yAxis: { left: { min: 0, ...(unit && { label: unit, showUnits: false }) } },
              metrics: lines,
            },
          },
        ],
  )
}
