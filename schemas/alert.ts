import * as z from 'zod'

/**
 * The one domain type: what happened, to what, since when, in normal form.
 *
 * Every envelope and every kind of message becomes an `Alert` (see `parse`), and all later steps know only this. It
 * crosses a queue as JSON, so it is plain data and is defined by a schema.
 *
 * Bounds: every text is bounded when the alert is made (see `LIMITS`), so that an alert always fits in one SNS message
 * (256 KiB), whatever was received.
 */
export const LIMITS = {
  /** CloudWatch's own limit of an alarm name. */
  name: 255,
  title: 500,
  /** Description, and the body of plain messages. Far above CloudWatch's 1024; characters. */
  description: 12_000,
  reason: 4_000,
  /** One key or value of dimensions, tags and details. */
  fact: 1_000,
  /** How many dimensions, tags, details and children are kept. */
  facts: 50,
  /** Bytes (UTF-8): it is the table's key, of which DynamoDB accepts 2,048, and something may be added to it. */
  fingerprintBytes: 1_900,
  link: 2_000,
} as const

export const STATUSES = ['firing', 'resolved', 'insufficient-data'] as const

/** The kind of sender. `…-alarm` is CloudWatch; `deployment` is a pipeline, stack or deployment that changed state. */
export const KINDS = [
  'metric-alarm',
  'math-alarm',
  'insights-alarm',
  'anomaly-alarm',
  'composite-alarm',
  'log-alarm',
  /** A Prometheus or Grafana alert, from Alertmanager, Amazon Managed Prometheus or Grafana. */
  'prometheus-alarm',
  /** A CloudWatch alarm whose message does not give its kind. */
  'alarm',
  /** A CloudWatch alarm was created, updated or deleted. */
  'alarm-configuration',
  /** GuardDuty, Security Hub, Inspector, Macie, Config and other findings. */
  'finding',
  /** AWS Health. */
  'health',
  'budget',
  'backup',
  'deployment',
  /** Any other AWS event. */
  'aws-event',
  /** Our own documented event: `{"title", "severity", "source", …}`; or a message of a Datadog monitor. */
  'event',
  /** Plain text, or JSON of an unknown form. */
  'message',
  /** An SNS subscription (un)confirmation: shown, never followed. */
  'subscription',
] as const

const facts = /* @__PURE__ */ (() => z.record(z.string(), z.string()))()

const threshold = /* @__PURE__ */ (() =>
  z.object({
    /** `>`, `>=`, `<`, `<=`, or `outside`, `above`, `below` for an anomaly band. */
    operator: z.string().optional(),
    /** Absent for an anomaly band. */
    value: z.number().optional(),
    unit: z.string().optional(),
    /** `Average`, `Sum`, `p99`, … */
    statistic: z.string().optional(),
    periodSeconds: z.number().optional(),
    evaluationPeriods: z.number().optional(),
    datapointsToAlarm: z.number().optional(),
    /** `missing`, `ignore`, `breaching`, `notBreaching`. */
    missingData: z.string().optional(),
    /** The last observed value, if the reason has it. */
    observed: z.number().optional(),
  }))()

const links = /* @__PURE__ */ (() =>
  z.object({
    /** The console's page of the alarm, or of the event's subject. */
    console: z.string().optional(),
    logs: z.string().optional(),
    runbook: z.string().optional(),
    dashboard: z.string().optional(),
  }))()

export const alertSchema = /* @__PURE__ */ (() =>
  z.object({
    /**
     * Identity across state changes, at most `fingerprintBytes` long: the alarm's ARN (or account + region + name),
     * plus the contributor's id.
     */
    fingerprint: z.string(),
    kind: z.enum(KINDS),
    status: z.enum(STATUSES),
    /**
     * A one-time event: nothing will report its end, and no two of these are one alert (see `identityOf`). A message, a
     * deployment or backup that changed its state, an exceeded budget, most AWS events, our own event with neither an
     * id nor a status. Whatever can end is not: alarms, findings, AWS Health, and events in pairs (… Unhealthy, …
     * Healthy).
     */
    once: z.literal(true).optional(),
    /**
     * Its sender repeats it while it lasts, without its start: while it fires with the same severity, a repetition is a
     * duplicate.
     */
    repeats: z.literal(true).optional(),
    /** The id of the drill that it is (shared/parse/drill.ts): nothing is wrong, and nothing counts it. */
    drill: z.string().optional(),
    /** The status before, if the sender gives it. */
    previousStatus: z.enum(STATUSES).optional(),
    /** The alarm's name, or the event's. Never empty. */
    name: z.string().min(1),
    /** One line for a person. For an alarm this is its name; for an event, what happened. Never empty. */
    title: z.string().min(1),
    description: z.string().optional(),
    /** Why it changed, in the sender's words. */
    reason: z.string().optional(),
    /** When the state changed: ISO 8601, UTC, milliseconds (`2026-09-14T11:18:52.496Z`). */
    changedAt: z.string(),
    /** The sender: `aws.cloudwatch`, `aws.guardduty`, an event's own `source`, or the topic's name. */
    source: z.string(),
    /** 12 digits. */
    account: z.string().optional(),
    /** A code (`eu-west-1`), never a display name. */
    region: z.string().optional(),
    namespace: z.string().optional(),
    /** The metric's name; for math the metrics' names or the label, for Metrics Insights the query's metric. */
    metric: z.string().optional(),
    /** The math expression or Metrics Insights query, if there is one. */
    expression: z.string().optional(),
    dimensions: facts,
    tags: facts,
    /** What is affected, for a person: `orders-api (FunctionName)`; of an alarm without dimensions, the next best thing. */
    resource: z.string(),
    threshold: threshold.optional(),
    /** A composite's children that triggered it. */
    children: z.array(z.object({ name: z.string(), arn: z.string().optional(), status: z.enum(STATUSES).optional() })),
    /** The composite's rule expression. */
    alarmRule: z.string().optional(),
    /**
     * The severity declared by the sender (our own event's `severity`, a finding's label), lower case. Rules decide
     * what it is worth.
     */
    declaredSeverity: z.string().optional(),
    /** Further facts worth showing and matching, label → value: a pipeline's state, a finding's type, … */
    details: facts,
    /** Probable mistakes of its sender: a misspelt key, an unknown severity; or that its message did not arrive. */
    notes: z.array(z.string()).optional(),
    /** Its message did not arrive: the router has found in CloudWatch that it changed (shared/reconcile/). */
    foundBy: z.literal('reconcile').optional(),
    /** CloudWatch does not say when it changed: `changedAt` is about then. */
    changedAbout: z.literal(true).optional(),
    links,
  }))()

export type Alert = z.infer<typeof alertSchema>
export type AlertStatus = Alert['status']
export type Threshold = NonNullable<Alert['threshold']>
