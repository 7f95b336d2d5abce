import type { Alert } from '../schemas/alert.ts'
import type { Notification } from '../schemas/notification.ts'

/** Notifications of every kind, for the tests of how channels render them. */

const base = {
  status: 'firing',
  changedAt: '2026-09-14T11:18:52.496Z',
  source: 'aws.cloudwatch',
  account: '123456789012',
  region: 'eu-west-1',
  dimensions: {},
  tags: {},
  children: [],
  details: {},
  links: {},
} as const satisfies Partial<Alert>

const metricAlert: Alert = {
  ...base,
  kind: 'metric-alarm',
  fingerprint: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-db-cpu-high',
  previousStatus: 'resolved',
  name: 'orders-db-cpu-high',
  title: 'orders-db-cpu-high',
  description:
    'The orders database is short of CPU: checkout slows down. Runbook: https://wiki.example.com/runbooks/orders-db',
  reason:
    'Threshold Crossed: 2 out of the last 3 datapoints [93.2 (14/09/26 11:13:00), 91.5 (14/09/26 11:08:00)] were greater than the threshold (80.0) (minimum 2 datapoints for OK -> ALARM transition).',
  namespace: 'AWS/RDS',
  metric: 'CPUUtilization',
  dimensions: { DBInstanceIdentifier: 'orders-db' },
  tags: { team: 'payments', env: 'prod' },
  resource: 'orders-db (DBInstanceIdentifier)',
  threshold: {
    operator: '>',
    value: 80,
    unit: 'Percent',
    statistic: 'Average',
    periodSeconds: 300,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    missingData: 'breaching',
    observed: 93.2,
  },
  links: {
    console:
      'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/orders-db-cpu-high',
    logs: 'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Frds$252Forders-db',
    runbook: 'https://wiki.example.com/runbooks/orders-db',
  },
}

function notification(alert: Alert, more: Partial<Notification> = {}): Notification {
  return {
    id: 'notification-1',
    channel: 'a-channel',
    type: 'slack',
    alert,
    severity: 'critical',
    rule: 'system-down',
    ...more,
  }
}

export const firing = notification(metricAlert)

export const resolved = notification(
  {
    ...metricAlert,
    status: 'resolved',
    previousStatus: 'firing',
    changedAt: '2026-09-14T11:31:10.000Z',
    reason: 'Threshold Crossed: 2 datapoints were not greater than the threshold (80.0).',
    threshold: { ...metricAlert.threshold, observed: 41.7 },
  },
  { firingSince: '2026-09-14T11:18:52.496Z' },
)

export const noData = notification({
  ...metricAlert,
  status: 'insufficient-data',
  reason: 'Insufficient Data: 3 datapoints were unknown.',
  threshold: { ...metricAlert.threshold, observed: undefined },
})

export const math = notification(
  {
    ...base,
    kind: 'math-alarm',
    fingerprint: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-api-error-rate',
    previousStatus: 'insufficient-data',
    name: 'orders-api-error-rate',
    title: 'orders-api-error-rate',
    reason: 'Threshold Crossed: 1 datapoint [7.25 (14/09/26 11:13:00)] was greater than the threshold (5.0).',
    namespace: 'AWS/Lambda',
    metric: 'Error rate',
    expression: '100 * errors / invocations',
    dimensions: { FunctionName: 'orders-api', Resource: 'orders-api:live' },
    resource: 'orders-api (FunctionName)',
    threshold: { operator: '>', value: 5, periodSeconds: 60, evaluationPeriods: 1, observed: 7.25 },
    links: {
      console:
        'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/orders-api-error-rate',
      logs: 'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Forders-api',
    },
  },
  { severity: 'warning', rule: 'high-error-rate' },
)

export const anomaly = notification(
  {
    ...base,
    kind: 'anomaly-alarm',
    fingerprint: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-latency-unusual',
    name: 'checkout-latency-unusual',
    title: 'checkout-latency-unusual',
    namespace: 'AWS/ApplicationELB',
    metric: 'TargetResponseTime',
    dimensions: { LoadBalancer: 'app/checkout/50dc6c495c0c9188' },
    resource: 'app/checkout/50dc6c495c0c9188 (LoadBalancer)',
    threshold: { operator: 'outside', statistic: 'p99', periodSeconds: 300, evaluationPeriods: 2, observed: 1.93 },
  },
  { severity: 'warning', rule: 'performance-degradation' },
)

export const composite = notification({
  ...base,
  kind: 'composite-alarm',
  fingerprint: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-down',
  previousStatus: 'resolved',
  name: 'orders-down',
  title: 'orders-down',
  reason: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-api-5xx transitioned to ALARM',
  resource: 'orders-api-5xx, orders-db-cpu-high',
  alarmRule: 'ALARM("orders-api-5xx") AND ALARM("orders-db-cpu-high")',
  children: [
    { name: 'orders-api-5xx', arn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-api-5xx', status: 'firing' },
    { name: 'orders-db-cpu-high', status: 'firing' },
  ],
})

export const contributor = notification(
  {
    ...base,
    kind: 'insights-alarm',
    fingerprint: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:queue-too-old#8f3c',
    name: 'queue-too-old',
    title: 'queue-too-old',
    reason: 'Threshold Crossed: 1 datapoint was greater than the threshold (3600.0).',
    namespace: 'AWS/SQS',
    metric: 'ApproximateAgeOfOldestMessage',
    expression: 'SELECT MAX(ApproximateAgeOfOldestMessage) FROM SCHEMA("AWS/SQS", QueueName) GROUP BY QueueName',
    dimensions: { QueueName: 'invoices' },
    resource: 'invoices (QueueName)',
    threshold: {
      operator: '>',
      value: 3600,
      unit: 'Seconds',
      statistic: 'Maximum',
      periodSeconds: 60,
      evaluationPeriods: 5,
    },
  },
  { severity: 'warning', rule: 'resource-exhaustion' },
)

export const finding = notification(
  {
    ...base,
    kind: 'finding',
    fingerprint: 'arn:aws:guardduty:eu-west-1:123456789012:detector/f0b0/finding/18b4',
    source: 'aws.guardduty',
    name: 'UnauthorizedAccess:EC2/SSHBruteForce',
    title: 'SSH brute force attacks against i-0abc12345',
    description: '198.51.100.7 is performing SSH brute force attacks against i-0abc12345.',
    resource: 'i-0abc12345 (Instance)',
    declaredSeverity: 'high',
    details: { type: 'UnauthorizedAccess:EC2/SSHBruteForce', severity: '8', 'seen times': '27' },
    links: {
      console:
        'https://eu-west-1.console.aws.amazon.com/guardduty/home?region=eu-west-1#/findings?macros=current&fId=18b4',
    },
  },
  { rule: 'security-breach' },
)

export const deployment = notification(
  {
    ...base,
    kind: 'deployment',
    fingerprint: 'arn:aws:codepipeline:eu-west-1:123456789012:orders-pipeline',
    source: 'aws.codepipeline',
    name: 'CodePipeline Pipeline Execution State Change',
    title: 'orders-pipeline: SUCCEEDED',
    resource: 'orders-pipeline',
    details: {
      pipeline: 'orders-pipeline',
      state: 'SUCCEEDED',
      'execution-id': 'b938328a-79f5-484b-bff3-a412c69ef1eb',
    },
    links: {
      console: 'https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/orders-pipeline/view',
    },
  },
  { severity: 'info', rule: 'deployment-complete' },
)

export const message = notification(
  {
    ...base,
    kind: 'message',
    fingerprint: 'alarms:nightly-report',
    source: 'alarms',
    account: undefined,
    region: undefined,
    name: 'Nightly report',
    title: 'Nightly report: 12 of 12 jobs done',
    description: 'invoices   12,004 rows\npayouts       310 rows\n\nAll is well.',
    resource: 'alarms',
  },
  { severity: 'info', rule: 'default' },
)

/** Someone tries to wake everybody, to break the layout and to run out of every limit. */
const mean =
  '<!channel> <@U123> *bold* _it_ ~no~ `code` & <https://evil.example.com|click> "quoted" \u0000\u0007\u202e 👩‍👩‍👧 \ud800 '

export const hostile = notification(
  {
    ...metricAlert,
    fingerprint: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${'x'.repeat(400)}`,
    name: mean.repeat(3),
    title: mean.repeat(6).slice(0, 500),
    description: mean.repeat(150).slice(0, 12_000),
    reason: `\n> ${mean.repeat(50).slice(0, 4_000)}`,
    resource: mean.repeat(12).slice(0, 1_000),
    expression: mean.repeat(12),
    dimensions: manyFacts('dimension'),
    tags: manyFacts('tag'),
    details: manyFacts('detail'),
    children: Array.from({ length: 50 }, (_, n) => ({ name: `${n} ${mean}` })),
    links: {
      console: `https://console.example.com/?${'a&'.repeat(950)}`,
      logs: 'javascript:alert(1)',
      runbook: `https://wiki.example.com/${'ä|>'.repeat(300)}`,
    },
  },
  { rule: mean.slice(0, 100) },
)

function manyFacts(name: string): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: 50 }, (_, n) => [`${name} ${n} ${mean}`, mean.repeat(12).slice(0, 1_000)]),
  )
}

const SERVICES = ['orders', 'payments', 'checkout', 'invoices', 'search', 'basket', 'shipping']
const SYMPTOMS = [
  { name: 'errors', metric: 'Errors', statistic: 'Sum', value: 5, observed: 17 },
  { name: 'throttles', metric: 'Throttles', statistic: 'Sum', value: 0, observed: 240 },
  { name: 'duration-p99', metric: 'Duration', statistic: 'p99', value: 3_000, unit: 'Milliseconds', observed: 8_210.5 },
]

/** Alarms of a failure in something that many functions share: one every few seconds, some resolved already. */
export function storm(count: number, { resolved = 0 } = {}): Notification[] {
  return Array.from({ length: count }, (_, n) => {
    const { name: symptom, metric, ...threshold } = SYMPTOMS[n % SYMPTOMS.length] as (typeof SYMPTOMS)[number]
    const service = `${SERVICES[n % SERVICES.length]}-${String(n).padStart(3, '0')}`
    const name = `shop-${service}-${symptom}`
    const isOver = n < resolved
    return notification(
      {
        ...base,
        kind: 'metric-alarm',
        fingerprint: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`,
        status: isOver ? 'resolved' : 'firing',
        previousStatus: isOver ? 'firing' : 'resolved',
        changedAt: new Date(Date.parse('2026-09-14T11:18:52.496Z') + n * 3_000).toISOString(),
        name,
        title: name,
        namespace: 'AWS/Lambda',
        metric,
        dimensions: { FunctionName: `shop-${service}` },
        tags: { team: 'shop', env: 'prod', service },
        resource: `shop-${service} (FunctionName)`,
        threshold: { operator: '>', ...threshold, periodSeconds: 60, evaluationPeriods: 1 },
        links: {
          console: `https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/${name}`,
        },
      },
      {
        id: `notification-${n}`,
        severity: 'warning',
        rule: 'high-error-rate',
        ...(isOver ? { firingSince: '2026-09-14T11:11:05.000Z' } : {}),
      },
    )
  })
}

/** The deliverer's reason when PagerDuty does not answer. */
export const notTaken = {
  channel: 'pagerduty',
  reason: 'PagerDuty (channel pagerduty) did not answer within 10000 ms',
}

/** Has each fact that a message can show. */
export const everything: Notification = {
  ...resolved,
  fallbackFor: notTaken,
  missed: true,
  missedBefore: { count: 2, since: '2026-09-13T10:00:00.000Z' },
  text: 'Look at {{name}}.',
  labels: { owner: 'orders', '': 'x' },
  alert: {
    ...resolved.alert,
    alarmRule: 'ALARM("a") OR ALARM("b")',
    expression: 'm1 / m2',
    children: [{ name: 'a' }, { name: 'b' }],
    details: { state: 'failed', rawState: 'FAILED', seenTimes: '27' },
    dimensions: { FunctionName: 'orders-api', Resource: 'orders-api:live' },
    notes: ['cut\nhere', 'and there'],
  },
}

/** By name, for tables. */
export const samples = {
  firing,
  resolved,
  noData,
  math,
  anomaly,
  composite,
  contributor,
  finding,
  deployment,
  message,
  hostile,
}
