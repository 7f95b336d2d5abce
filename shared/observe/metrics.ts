/**
 * Everything that is counted, and the dimensions it is counted by. The dashboard and the alarms (deploy/) may name
 * nothing else. Each metric costs by the hour in which it has a value, so there is none that nobody looks at.
 */
export const METRICS = {
  /** Alerts that were routed, duplicates and late ones too. Not the heartbeat. */
  Received: [[]],
  /** Messages that are no event: dead letters at once. */
  Refused: [[]],
  /** Alerts that went out, by the severity that the rules gave. Not the heartbeat. */
  Classified: [['Severity']],
  /**
   * What nobody is told, by the reason. Of `route`, changes: `duplicate`, `stale`, `nobody` (who knew of it). Of a deliverer,
   * looks at who knows all already (`known`), and what was over before it could be told (`missed`).
   */
  Suppressed: [['Reason']],
  /** Notifications that the channel said yes to. */
  Delivered: [['Channel']],
  /** Notifications that nobody will try again: dead letters. */
  Failed: [['Channel']],
  /** Tries in vain, or put off by the channel, that come again. */
  Retried: [['Channel']],
  /** From the alarm's change to the channel's yes, of each notification. */
  LatencyMs: [['Channel']],
  /**
   * How long the oldest of what comes again has waited, by the queue that it is in: at each invocation that leaves something.
   * Not by channel: each value needs an alarm of its own, and channels come and go without a deployment.
   */
  WaitingMs: [['Queue']],
  /** Emails that were not published, for nobody has confirmed that they want what the channel's topic sends. */
  Unconfirmed: [[]],
  /** Polls for newer rules in vain, or for rules that can't be taken: those that held before stay. */
  ConfigStale: [[]],
  /** By `tick`, each minute: how long ago what is most overdue was due. 0: nothing is. */
  DueLateMs: [[]],
} as const satisfies Record<string, readonly (readonly Dimension[])[]>

/** Why something was suppressed. */
export const SUPPRESSED_BECAUSE = ['duplicate', 'stale', 'nobody', 'known', 'missed'] as const

export type Metric = keyof typeof METRICS
type Dimension = 'Channel' | 'Severity' | 'Reason' | 'Queue'

/**
 * Writes metrics for CloudWatch as one line of its embedded metric format. A count of 0 is left out: it says nothing,
 * and costs. Never throws, and is silent with LOG_LEVEL=SILENT, as the log is.
 *
 * @param values each metric's name and value; a name that ends in `Ms` is in milliseconds, any other a count.
 * @param dimensions what they are of: `{ Channel: 'slack-warning' }`
 */
export function measure(
  values: Partial<Record<Metric, number>>,
  dimensions: Partial<Record<Dimension, string>> = {},
  now = new Date(),
): void {
  if (process.env.LOG_LEVEL === 'SILENT') return
  const measured = Object.entries(values).filter(([name, value]) => value !== 0 || name.endsWith('Ms'))
  if (measured.length === 0) return
  const line = {
    // What says no level, or no timestamp, Lambda takes for INFO (Lambda Developer Guide, Log-level filtering): a stack
    // that logs at WARN would lose its metrics, and with them its heartbeat. Lambda sets the variable to the level that
    // it lets through.
    level: process.env.AWS_LAMBDA_LOG_LEVEL ?? 'INFO',
    timestamp: now.toISOString(),
    ...dimensions,
    ...Object.fromEntries(measured),
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: process.env.METRICS_NAMESPACE ?? 'alert-router',
          Dimensions: [Object.keys(dimensions)],
          Metrics: measured.map(([Name]) => ({ Name, Unit: Name.endsWith('Ms') ? 'Milliseconds' : 'Count' })),
        },
      ],
    },
  }
  // Straight to standard output (CloudWatch User Guide, Using the embedded metric format with Lambda), and not by
  // console: with Lambda's JSON log format that puts what it is given under `message`, and CloudWatch looks for `_aws` at
  // the root of a line that is nothing but this object (Specification: Embedded metric format, Root node).
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
