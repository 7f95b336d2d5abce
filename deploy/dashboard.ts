import { type Config, SEVERITIES } from '../schemas/config.ts'
import { HEARTBEAT } from '../shared/observe/heartbeat.ts'
import { type Metric, SUPPRESSED_BECAUSE } from '../shared/observe/metrics.ts'
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

/** CloudWatch allows 2,500 lines on a dashboard; six of its graphs have one for each channel (CloudWatch API Reference, PutDashboard). */
const MAX_CHANNELS = 400

/** A line of a graph: namespace, metric, dimensions by name and value in turn, and how it is drawn. */
type Line = [namespace: string, metric: string, ...dimensionsAndOptions: (string | object)[]]
interface Graph {
  title: string
  lines: Line[]
  stat?: string
  unit?: string
}

/** A dashboard of what comes in, what goes out, how late, and what lies in the queues. */
export function dashboard(config: Config, queues: string[]): TemplatePart {
  const channels = Object.keys(config.channels).slice(0, MAX_CHANNELS)
  const perChannel = (metric: Metric) => channels.map((name) => ours(metric, name, ['Channel', name]))
  const perQueue = (metric: string, end = '') =>
    queues.map((name): Line => ['AWS/SQS', metric, 'QueueName', `${PREFIX}-${name}${end}`, { label: name }])
  const rows: Graph[][] = [
    [
      {
        title: 'Alerts received, refused',
        lines: [ours('Received', 'received'), ours('Refused', 'refused')],
      },
      {
        title: 'Alerts by severity',
        lines: SEVERITIES.map((severity) => ours('Classified', severity, ['Severity', severity])),
      },
      { title: 'Rules that could not be read or taken', lines: [ours('ConfigStale', 'polls in vain')] },
      {
        title: `Heartbeat: one each ${HEARTBEAT.minutes} minutes`,
        lines: [
          ours('Delivered', 'arrived', ['Channel', HEARTBEAT.channel]),
          ours('LatencyMs', 'ms on the way', ['Channel', HEARTBEAT.channel], { stat: 'Maximum', yAxis: 'right' }),
        ],
      },
    ],
    [
      { title: 'Delivered', lines: perChannel('Delivered') },
      { title: 'Failed: dead letters', lines: perChannel('Failed') },
      { title: 'Retried', lines: perChannel('Retried') },
      {
        title: 'Suppressed, by reason',
        lines: SUPPRESSED_BECAUSE.map((reason) => ours('Suppressed', reason, ['Reason', reason])),
      },
    ],
    [
      {
        title: "From the alarm's change to its delivery: p50",
        lines: perChannel('LatencyMs'),
        stat: 'p50',
        unit: 'ms',
      },
      {
        title: "From the alarm's change to its delivery: p95",
        lines: perChannel('LatencyMs'),
        stat: 'p95',
        unit: 'ms',
      },
      {
        title: "From the alarm's change to its delivery: longest",
        lines: perChannel('LatencyMs'),
        stat: 'Maximum',
        unit: 'ms',
      },
    ],
    [
      {
        title: 'Dead letters',
        lines: perQueue('ApproximateNumberOfMessagesVisible', '-dead-letters'),
        stat: 'Maximum',
      },
      {
        title: 'How long what is tried again has waited, by queue',
        lines: queues.map((name) => ours('WaitingMs', name, ['Queue', name])),
        stat: 'Maximum',
        unit: 'ms',
      },
      {
        title: 'Age of the oldest message that waits for its function',
        lines: perQueue('ApproximateAgeOfOldestMessage'),
        stat: 'Maximum',
        unit: 's',
      },
    ],
    [
      {
        title: 'What is due and was not looked at: how late',
        lines: [ours('DueLateMs', 'most overdue')],
        stat: 'Maximum',
        unit: 'ms',
      },
      {
        title: 'Emails that nobody would have got: no address has confirmed',
        lines: [ours('Unconfirmed', 'not sent')],
      },
      {
        title: 'Runs of the clock, and those that failed: one each minute',
        lines: [
          ['AWS/Lambda', 'Invocations', 'FunctionName', `${PREFIX}-tick`, { label: 'runs' }],
          ['AWS/Lambda', 'Errors', 'FunctionName', `${PREFIX}-tick`, { label: 'failed' }],
        ],
      },
    ],
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
