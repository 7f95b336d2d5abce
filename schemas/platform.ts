import * as z from 'zod'
import { SEVERITIES } from './config.ts'
import { DRILL_CLASSES } from './drill.ts'
import { durationSchema, timezoneSchema } from './windows.ts'

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'a name has only lower case letters, digits and dashes, at most 40')

const url = z.url({ protocol: /^https?$/ }).max(2_000)

/** What every service says, whatever it is. */
const anyService = {
  /** The team that answers for it: sent with its alerts. */
  owner: z.string().min(1).max(50),
  environment: z.string().min(1).max(50).default('production'),
}
/** As AWS allows it: a report writes these names into commands. */
const named = (pattern: RegExp, as: string) => z.string().regex(pattern, as)
const functionName = named(/^[A-Za-z0-9_-]{1,64}$/, 'a function has letters, digits, - and _, at most 64')
const ecsName = named(/^[A-Za-z0-9_-]{1,255}$/, 'a cluster and a service of ECS have letters, digits, - and _')
const instanceName = named(
  /^(?=.{1,63}$)[A-Za-z](-?[A-Za-z0-9])*$/,
  'an RDS instance has letters, digits and single dashes, at most 63, and begins with a letter',
)
const bucketName = named(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  'a bucket has lower case letters, digits, dots and dashes, from 3 to 63, and begins and ends with a letter or digit',
)
const queueName = named(
  /^(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?$/,
  'a queue has letters, digits, - and _, at most 80; a FIFO queue ends with .fifo',
)
const storageType = named(/^[A-Za-z0-9]{1,64}$/, 'a storage type of S3, as in StandardStorage')
const region = named(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region, as in us-east-1')

const logGroup = z.string().regex(/^[\w.#/-]{1,512}$/, 'a log group is named with letters, digits and . _ - / #')

export const serviceSchema = z.discriminatedUnion('type', [
  /** Its log group is /aws/lambda/<function>, when absent. */
  z.strictObject({ type: z.literal('lambda'), function: functionName, logGroup: logGroup.optional(), ...anyService }),
  z.strictObject({
    type: z.literal('ecs'),
    cluster: ecsName,
    service: ecsName,
    logGroup: logGroup.optional(),
    ...anyService,
  }),
  z.strictObject({ type: z.literal('rds'), instance: instanceName, ...anyService }),
  /** Its size is a metric of each storage type, and there is none without (Amazon S3 User Guide, Metrics and dimensions). */
  z.strictObject({
    type: z.literal('s3'),
    bucket: bucketName,
    storage: z.array(storageType).min(1).default(['StandardStorage']),
    ...anyService,
  }),
  z.strictObject({ type: z.literal('queue'), queue: queueName, ...anyService }),
  /** The probe asks it each minute. */
  z.strictObject({
    type: z.literal('http'),
    url,
    /** The status of a good answer. */
    status: z.int().min(100).max(599).default(200),
    /** A good answer has this text. */
    text: z.string().min(1).max(200).optional(),
    timeout: durationSchema.default('5s'),
    ...anyService,
  }),
])
export type Service = z.infer<typeof serviceSchema>

/** The units that CloudWatch knows and people use here. */
export const UNITS = ['Percent', 'Count', 'Seconds', 'Milliseconds', 'Bytes', 'None'] as const
export type Unit = (typeof UNITS)[number]

/** A statistic of CloudWatch: of its simple ones, or a percentile. */
const statistic = z.string().regex(/^(Average|Sum|Minimum|Maximum|SampleCount|p(\d{1,2}(\.\d{1,10})?|100))$/, {
  error: 'a statistic is Average, Sum, Minimum, Maximum, SampleCount or a percentile, as in p95',
})

/** Who publishes a metric. */
export const publisherSchema = z.discriminatedUnion('by', [
  /** The probe: how many percent of these services answered. */
  z.strictObject({ by: z.literal('probe'), services: z.array(z.string()).min(1) }),
  /** A metric filter over the log of a service: `value` is a number, or a field of the line, as in $.duration. */
  z.strictObject({
    by: z.literal('log'),
    service: z.string(),
    filter: z.string().min(1).max(1_024),
    value: z.union([z.number(), z.string().regex(/^\$\.[\w.[\]]+$/, 'a field of a JSON line, as in $.duration')]),
  }),
  /** The daily report, from Cost Explorer: the cost of a day; `per` is the metric by whose sum it is divided. */
  z.strictObject({ by: z.literal('daily-report'), per: z.string().optional() }),
  /** The service itself, by a line of EMF in its log. */
  z.strictObject({ by: z.literal('emf'), service: z.string() }),
])
export type Publisher = z.infer<typeof publisherSchema>

export const metricSchema = z.strictObject({
  namespace: z.string().regex(/^[\w./#:-]{1,255}$/, 'a namespace has letters, digits and . - _ / # :'),
  metric: z.string().min(1).max(255),
  unit: z.enum(UNITS),
  statistic: statistic.default('Average'),
  dimensions: z.record(z.string(), z.string()).default({}),
  from: publisherSchema.optional(),
})
export type PlatformMetric = z.infer<typeof metricSchema>

/** Of what is counted in `total`, what is counted in `bad`, in percent; both are metrics of each of these services. */
const ratio = z.strictObject({ bad: z.string(), total: z.string(), of: z.array(z.string()).min(1) })

const goal = z
  .number()
  .refine(
    (percent) => percent >= 50 && percent < 100,
    'a goal is a percentage from 50 to below 100: 100 leaves no budget',
  )

/** What has a budget of errors. Either a metric that is a percentage of what is good, or a ratio. */
export const objectiveSchema = z.strictObject({
  what: z.string().min(1).max(200),
  percent: z.string().optional(),
  ratio: ratio.optional(),
  /** Percent of what is good. */
  goal,
  over: z
    .string()
    .regex(/^[1-9]\d?d$/, 'a period in days, as in 30d')
    .default('30d'),
  owner: z.string().min(1).max(50),
  runbook: url.optional(),
})
export type Objective = z.infer<typeof objectiveSchema>

/** What an answer is measured by. Exactly one of the bounds. */
const bounds = {
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
  between: z.tuple([z.number(), z.number()]).optional(),
}

/** A figure without a budget, and when it is good. */
export const kpiSchema = z.strictObject({
  what: z.string().min(1).max(200),
  /** A metric, `SERVICE.METRIC`, or a question: findings of high severity. */
  metric: z.string().optional(),
  ask: z.enum(['high-severity-findings']).optional(),
  statistic: statistic.optional(),
  over: durationSchema.default('1d'),
  ...bounds,
  /** Nothing is good or bad about it: it is shown. */
  shown: z.literal(true).optional(),
})
export type Kpi = z.infer<typeof kpiSchema>

export const alarmSchema = z.strictObject({
  what: z.string().min(1).max(200),
  metric: z.string().optional(),
  ratio: ratio.optional(),
  statistic: statistic.optional(),
  period: durationSchema.default('5m'),
  /** Fires when so many of the last `periods` are over the bound; all of them, when absent. */
  datapoints: z.int().min(1).max(100).optional(),
  periods: z.int().min(1).max(100).default(1),
  above: z.number().optional(),
  below: z.number().optional(),
  atLeast: z.number().optional(),
  /** What a period without data is. */
  missing: z.enum(['bad', 'good', 'ignore']).default('good'),
  /** Without data for so long, another alarm says that nobody measures. */
  silentFor: durationSchema.optional(),
  severity: z.enum(SEVERITIES),
  owner: z.string().min(1).max(50),
  runbook: url.optional(),
})
export type PlatformAlarm = z.infer<typeof alarmSchema>

/** What is an event and no metric. */
export const EVENT_KINDS = [
  'guardduty',
  'security-hub',
  'config',
  'health',
  'backup',
  'deployments',
  'certificates',
  'root-login',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]

export const REPORTS = ['daily', 'handover', 'performance', 'weekly', 'capacity', 'maintenance'] as const
export type ReportName = (typeof REPORTS)[number]

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day is HH:MM, as in "07:30"')

const reportTime = z.strictObject({
  /** The days, as in windows: weekdays, monday, 1 (of the month). */
  on: z.enum(['every day', 'weekdays', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'first of the month']),
  at: timeOfDay,
})
export type ReportTime = z.infer<typeof reportTime>

/** Drills by the clock. Of a critical class, they page whoever is on call. */
const drillTime = z.strictObject({
  on: z.enum([
    'weekdays',
    ...(['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const),
    ...(['first of the month', 'first weekday of the month'] as const),
  ]),
  at: timeOfDay,
  /** Within so long after that time it starts, at any minute: nobody should wait for it. */
  within: durationSchema.default('1h'),
  classes: z.array(z.enum(DRILL_CLASSES)).min(1),
})

/** `config/platform.yml`: what is watched, and what good is. */
export const platformSchema = z.strictObject({
  /** The stages of the router that watch this platform: others have the router alone. */
  stages: z.array(z.string().regex(/^[A-Za-z][\w-]*$/)),
  /** IANA; for reports. */
  timezone: timezoneSchema.default('UTC'),
  services: z.record(name, serviceSchema),
  metrics: z.record(name, metricSchema).default({}),
  objectives: z.record(name, objectiveSchema).default({}),
  kpis: z.record(name, kpiSchema).default({}),
  alarms: z.record(name, alarmSchema).default({}),
  logs: z
    .strictObject({
      group: logGroup,
      stream: named(/^[^:*\n]{1,512}$/, 'a log stream has no : and no *, at most 512'),
      days: z.int(),
    })
    .default({ group: '/platform/aggregated', stream: 'application-logs', days: 30 }),
  events: z.array(z.enum(EVENT_KINDS)).default([...EVENT_KINDS]),
  cost: z
    .strictObject({
      /** US dollars a month. */
      budget: z.number().positive(),
      /** Percent of it at which a budget notifies. */
      notifyAt: z.array(z.number().positive().max(1_000)).min(1).max(4).default([80, 100]),
      /** An anomaly that costs at least so many dollars a day is reported. */
      anomalyAbove: z.number().positive().default(100),
      /** The monitor by service that the account has already; absent: the stack has one. */
      monitor: z
        .string()
        .regex(/^arn:aws[\w-]*:ce::\d{12}:anomalymonitor\/.+$/, 'the ARN of an anomaly monitor')
        .optional(),
    })
    .optional(),
  backups: z
    .record(
      name,
      z.strictObject({
        /** The ARN of what is backed up, or whole parts of it that are only its own, as in db:orders. */
        resource: z.string().min(1),
        /** The last backup is at most so old. */
        maxAge: durationSchema,
        /** A restore has worked within this time. */
        restoredWithin: durationSchema.default('90d'),
      }),
    )
    .default({}),
  certificates: z
    .strictObject({
      /** Besides the stack's own; CloudFront's are in us-east-1. */
      regions: z.array(region).default(['us-east-1']),
      /** Less than this is left: it should have been renewed. */
      warnBelow: durationSchema.default('30d'),
    })
    .default({ regions: ['us-east-1'], warnBelow: '30d' }),
  reports: z.partialRecord(z.enum(REPORTS), reportTime).default({}),
  /** Absent: none. */
  drills: drillTime.optional(),
  /** Other accounts, by the role that reads there. */
  accounts: z
    .record(
      name,
      z.strictObject({
        role: named(/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, 'the ARN of a role'),
        region: region.optional(),
      }),
    )
    .default({}),
})
export type Platform = z.infer<typeof platformSchema>
