/**
 * All metrics, and their dimensions. The dashboard and the alarms (deploy/) may use no others. A metric costs money for
 * each hour in which it has a value, so every one of them is used.
 */
export const METRICS = {
  /** Routed alerts, with duplicates and stale ones. Not the heartbeat. */
  Received: [[]],
  /** Messages that are not events: dead letters at once. */
  Refused: [[]],
  /** Alerts sent or held, by the severity that the rules gave. Not the heartbeat. */
  Classified: [['Severity']],
  /**
   * Not sent, by reason. By `route`, changes: `duplicate`, `stale`, `nobody` (no recipient got the firing), `on-purpose`
   * (a rule says that nobody is notified). By a deliverer: `known` (the recipient is up to date) and `missed` (resolved
   * before the firing was sent).
   */
  Suppressed: [['Reason']],
  /** Notifications that the channel accepted. */
  Delivered: [['Channel']],
  /** Notifications that are not retried any more: dead letters. */
  Failed: [['Channel']],
  /** Attempts that failed, or that the channel put off; all are retried. */
  Retried: [['Channel']],
  /** From the alarm's change to the channel's acceptance, for each notification. */
  LatencyMs: [['Channel']],
  /**
   * How long the oldest message to be retried has waited, by its queue; after each invocation that leaves some. Not by
   * channel: each value would need an alarm of its own, and channels come and go without a deployment.
   */
  WaitingMs: [['Queue']],
  /** Emails not published, because the channel's topic has no confirmed subscription. */
  Unconfirmed: [[]],
  /** Polls for newer rules that failed, or returned invalid rules: the last valid ones stay active. */
  ConfigStale: [[]],
  /** By `drill`: drills that did not arrive in every channel that the rules name. */
  DrillsMissed: [[]],
  /** From a channel's acceptance of an alert to that of its evidence. */
  EvidenceMs: [[]],
  /** Evidence that should have followed an alert, and did not. The alert itself is delivered. */
  EvidenceDropped: [[]],
  /** What people answered from outside, by where: on the alarms' queue. */
  Answered: [['Via']],
  /** Requests to the inbox that are no answer of anybody who may, by why. */
  AnswersRefused: [['Reason']],
  /** By `tick`, each minute: by how much the most overdue entry is late. 0: none is. */
  DueLateMs: [[]],
  /** Alarms whose message did not arrive, as a comparison with CloudWatch found: by why it did not. */
  Reconciled: [['Reason']],
  /** What people did about alerts that fire, or did not: acknowledgements, reminders, escalations, responses too late. */
  Responses: [['Reason']],
  /** How long a comparison with CloudWatch took: five minutes after the last. */
  ReconcileMs: [[]],
  /** How long nothing has been heard of the other of two regions: by `tick`, each minute. */
  OtherSilentMs: [[]],
  /** This one of two regions sends from now on. */
  TookOver: [[]],
} as const satisfies Record<string, readonly (readonly Dimension[])[]>

/** Why something was suppressed. */
export const SUPPRESSED_BECAUSE = ['duplicate', 'stale', 'nobody', 'on-purpose', 'known', 'missed'] as const

/** Why a message did not arrive: it was lost, the alarm never sends it, or there is no alarm any more. */
export const RECONCILED_BECAUSE = ['lost', 'no-ok-action', 'deleted'] as const

/** What `Responses` counts. */
export const RESPONSES = ['acknowledged', 'reminder', 'escalation', 'late'] as const
export type ResponseCount = (typeof RESPONSES)[number]

/** Where people answer from. */
export const ANSWERED_VIA = ['slack', 'pagerduty', 'email'] as const

/**
 * Why a request to the inbox was refused: nothing is at its path; its method; too large; no signature; a signature by a secret
 * that is not ours; a time too long ago; a link that is not ours, or has expired; not a request at all.
 */
export const INBOX_REFUSED_BECAUSE = [
  'path',
  'method',
  'size',
  'unsigned',
  'signature',
  'old',
  'link',
  'expired',
  'strange',
] as const

export type Metric = keyof typeof METRICS
type Dimension = 'Channel' | 'Severity' | 'Reason' | 'Queue' | 'Via'

/**
 * Writes metrics for CloudWatch as one line of its embedded metric format. Omits a count of 0: it says nothing, and
 * costs. Never throws. Silent with LOG_LEVEL=SILENT, like the log.
 *
 * @param values each metric's name and value; a name that ends in `Ms` is in milliseconds, any other is a count.
 * @param dimensions their dimensions: `{ Channel: 'slack-warning' }`
 */
export function measure(
  values: Partial<Record<Metric, number>>,
  dimensions: Partial<Record<Dimension, string>> = {},
  now = new Date(),
): void {
  const measured = Object.entries(values).filter(([name, value]) => value !== 0 || name.endsWith('Ms'))
  const withUnits = measured.map(([name, value]) => [
    name,
    { value, unit: name.endsWith('Ms') ? 'Milliseconds' : 'Count' },
  ])
  publish(process.env.METRICS_NAMESPACE ?? 'alert-router', Object.fromEntries(withUnits), now, dimensions)
}

/** A value, and a unit as CloudWatch spells it. */
export interface Measured {
  value: number
  unit: string
}

/** As `measure`, in any namespace: for metrics of what is watched. A value of 0 is one. */
export function publish(
  namespace: string,
  values: Record<string, Measured>,
  now = new Date(),
  dimensions: Record<string, string> = {},
): void {
  const measured = Object.entries(values)
  if (process.env.LOG_LEVEL === 'SILENT' || measured.length === 0) return
  const line = {
    // Lambda treats a line without a level or a timestamp as INFO (Lambda Developer Guide, Log-level filtering): a
    // stack that logs at WARN would lose its metrics, and with them its heartbeat. Lambda sets the variable to the
    // level that it lets through.
    level: process.env.AWS_LAMBDA_LOG_LEVEL ?? 'INFO',
    timestamp: now.toISOString(),
    ...dimensions,
    ...Object.fromEntries(measured.map(([name, { value }]) => [name, value])),
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: measured.map(([Name, { unit }]) => ({ Name, Unit: unit })),
        },
      ],
    },
  }
  // Straight to standard output (CloudWatch User Guide, Using the embedded metric format with Lambda), not by console:
  // Lambda's JSON log format puts console's output under `message`, and CloudWatch looks for `_aws` at the root of a
  // line that is nothing but this object (Specification: Embedded metric format, Root node).
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
