/**
 * All metrics, and their dimensions. The dashboard and the alarms (deploy/) may use no others. A metric costs money for
 * each hour in which it has a value, and so does each value of a dimension: what no alarm and no graph needs by a dimension,
 * is in the line of the log alone, where a query counts it.
 */
export const METRICS = {
  /** Routed alerts, with duplicates and stale ones. Not the heartbeat. The log has the `Severity` that the rules gave. */
  Received: [[]],
  /** Messages that are not events: dead letters at once. */
  Refused: [[]],
  /** Not sent: changes by `route`, notifications by a deliverer. The log has the `Reason`. */
  Suppressed: [[]],
  /** Attempts that failed, or that the channel put off; all are retried. The log has the channel, and why. */
  Retried: [[]],
  /** From the alarm's change to the channel's acceptance, for each notification: so many were delivered. */
  LatencyMs: [['Channel']],
  /** How long the oldest message to be retried has waited, after each invocation that leaves some. The log has its `Queue`. */
  WaitingMs: [[]],
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

/**
 * Why something was suppressed. By `route`: it is older than what is known, or the same; no recipient got the firing; a rule
 * says that nobody is notified. By a deliverer: the recipient is up to date; it resolved before the firing was sent.
 */
export type SuppressedBecause = 'duplicate' | 'stale' | 'nobody' | 'on-purpose' | 'known' | 'missed'

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
type Dimension = 'Channel' | 'Reason' | 'Via'

/**
 * Writes metrics for CloudWatch as one line of its embedded metric format. Omits a count of 0: it says nothing, and
 * costs. Never throws. Silent with LOG_LEVEL=SILENT, like the log.
 *
 * @param values each metric's name and value; a name that ends in `Ms` is in milliseconds, any other is a count.
 * @param dimensions their dimensions: `{ Channel: 'slack-warning' }`
 * @param about what the line says beside, for queries: `{ Reason: 'duplicate' }`
 */
export function measure(
  values: Partial<Record<Metric, number>>,
  dimensions: Partial<Record<Dimension, string>> = {},
  { about, now = new Date() }: { about?: Record<string, string>; now?: Date } = {},
): void {
  const measured = Object.entries(values).filter(([name, value]) => value !== 0 || name.endsWith('Ms'))
  const withUnits = measured.map(([name, value]) => [
    name,
    { value, unit: name.endsWith('Ms') ? 'Milliseconds' : 'Count' },
  ])
  publish(process.env.METRICS_NAMESPACE ?? 'alert-router', Object.fromEntries(withUnits), { now, dimensions, about })
}

/** A value, and a unit as CloudWatch spells it. */
export interface Measured {
  value: number
  unit: string
}

/** What a line has beside its values. `about`: for queries, and no dimension. */
interface Line {
  now?: Date
  dimensions?: Record<string, string>
  about?: Record<string, string> | undefined
}

/** As `measure`, in any namespace: for metrics of what is watched. A value of 0 is one. */
export function publish(
  namespace: string,
  values: Record<string, Measured>,
  { now = new Date(), dimensions = {}, about = {} }: Line = {},
): void {
  const measured = Object.entries(values)
  if (process.env.LOG_LEVEL === 'SILENT' || measured.length === 0) return
  const line = {
    // Lambda treats a line without a level or a timestamp as INFO (Lambda Developer Guide, Log-level filtering): a
    // stack that logs at WARN would lose its metrics, and with them its heartbeat. Lambda sets the variable to the
    // level that it lets through.
    level: process.env.AWS_LAMBDA_LOG_LEVEL ?? 'INFO',
    timestamp: now.toISOString(),
    ...about,
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
