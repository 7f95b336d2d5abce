/** What is wrong on the demo's platform: a report that does not show it has missed it. */
export const FAULTS = [
  { name: 'errors', where: 'Errors of the first function, beside its Invocations: rising since three days, to 3 %' },
  {
    name: 'deployment',
    where: 'CloudTrail and CloudFormation: a change set and new code 20 minutes before errors rose',
  },
  { name: 'outage', where: 'availability: 50 % for 90 minutes, five days ago; the first http service' },
  { name: 'quality', where: 'quality: about 92 % since yesterday, 06:00 in the time zone of the platform' },
  { name: 'evenings', where: 'streaming-latency: p95 over 30 s from 18:00 to 22:00' },
  { name: 'storage', where: 'FreeStorageSpace of the first database: full in 20 days' },
  { name: 'concurrency', where: 'ConcurrentExecutions of the account: 820 of 1000 at the peak of each working day' },
  { name: 'cost', where: 'Cost Explorer: the last two days cost 38 % more than the same weekday, by AmazonCloudWatch' },
  { name: 'budget', where: 'Cost Explorer: the month costs more than its budget of 5000 US dollars' },
  { name: 'failed backup', where: 'Backup: the job of last night for the first database has failed' },
  { name: 'old backup', where: 'Backup: the last backup of the first database is 40 hours old' },
  { name: 'no restore', where: 'Backup: the last restore was 121 days ago' },
  { name: 'certificate', where: 'ACM in us-east-1: imported, with an EC key, 12 days left' },
  { name: 'findings', where: 'GuardDuty: two findings of high severity' },
  { name: 'critical finding', where: 'Security Hub: one critical finding that is new' },
  { name: 'old alarm', where: 'DescribeAlarms: nightly-export fires since nine days' },
  { name: 'flapping alarm', where: 'DescribeAlarmHistory: streaming-cpu has changed every hour for two days' },
  { name: 'runtime', where: 'ListFunctions: report-exporter has nodejs18.x, which Lambda supports no more' },
  { name: 'oversized', where: 'Compute Optimizer: the second function has 3008 MB and needs 1024' },
  { name: 'patches', where: 'Systems Manager: bastion-b lacks three security patches' },
  {
    name: 'dependency',
    where: 'npm audit: fast-uri has a vulnerability of high severity; pino is a major version behind',
  },
  { name: 'idle', where: 'AWS/Lambda: report-exporter was not invoked for weeks' },
  { name: 'memory', where: 'REPORT lines: the first function has used 983 of its 1024 MB' },
  { name: 'quota', where: 'Service Quotas: 148 of 200 vCPUs of Fargate, by AWS/Usage' },
  { name: 'data loss', where: 'data-loss: two events, 20 days ago, and no data since' },
  { name: 'no drill', where: 'the router’s table: security-breach was never drilled' },
  { name: 'old drill', where: 'the router’s table: slack-warning was last proven 61 days ago' },
] as const

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** When the faults began, in ms since 1970. */
export interface FaultTimes {
  /** The oldest data. */
  since: number
  now: number
  errors: number
  deployment: number
  outage: { from: number; to: number }
  quality: number
  storageFull: number
  dataLoss: number
}

/** @param clock of the platform's time zone */
export function faultTimes(now: Date, clock: (time: number) => { hour: number }): FaultTimes {
  const at = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS
  const errors = at - 3 * DAY_MS
  const outage = at - 5 * DAY_MS
  return {
    ...{ since: at - 35 * DAY_MS, now: at, errors, deployment: errors - 20 * MINUTE_MS },
    outage: { from: outage, to: outage + 90 * MINUTE_MS },
    quality: yesterdayAt(6, at, clock),
    ...{ storageFull: at + 20 * DAY_MS, dataLoss: at - 20 * DAY_MS },
  }
}

/** The first minute of an hour of yesterday: searched for, as a day may have 23 or 25 hours. */
function yesterdayAt(hour: number, now: number, clock: (time: number) => { hour: number }): number {
  const midnight = now - clock(now).hour * HOUR_MS
  let time = Math.round((midnight - DAY_MS) / MINUTE_MS) * MINUTE_MS
  while (clock(time).hour < hour || clock(time).hour >= hour + 1) time += MINUTE_MS
  return time
}
