import type { AlarmHistoryItem, MetricAlarm } from '@aws-sdk/client-cloudwatch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AwsStandIn, startAws } from '../local/stand-ins/aws.ts'
import { command } from './command.ts'
import { SAMPLE, SAMPLE_ACCOUNT } from './estate-account.ts'
import { OURS } from './estate-parts.ts'

/** A large account, at the rates that its APIs allow. */

const ALARMS = 5_000
const CHANGES = 6_000

const alarm = (n: number): MetricAlarm => {
  const like = SAMPLE.MetricAlarms[n % 20] as MetricAlarm
  return { ...like, AlarmName: `${like.AlarmName}-${n}`, AlarmArn: `${like.AlarmArn}-${n}` }
}
const change = (n: number): AlarmHistoryItem => ({
  ...(SAMPLE.AlarmHistoryItems[0] as AlarmHistoryItem),
  AlarmName: 'orders-api-errors-0',
  Timestamp: new Date(Date.now() - n * 60_000),
})

const failure = (n: number): AlarmHistoryItem => ({
  ...change(n),
  ...{ HistoryItemType: 'Action', HistorySummary: `Failed to execute action ${OURS}`, HistoryData: '{}' },
})

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startAws({
    data: {
      ...SAMPLE_ACCOUNT,
      metricAlarms: Array.from({ length: ALARMS }, (_, n) => alarm(n)),
      alarmHistory: Array.from({ length: CHANGES }, (_, n) => [change(n), failure(n)]).flat(),
    },
  })
  // CloudWatch User Guide, CloudWatch service quotas; what others of the account ask counts, too.
  aws.mode('DescribeAlarms', { perSecond: 9, after: 100 })
  aws.mode('DescribeAlarmHistory', { perSecond: 3, after: 100 })
})
afterAll(() => aws.close())

test(`${ALARMS} alarms take at most 20 seconds`, async () => {
  const keys = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-west-1', NO_COLOR: '1' }
  const from = performance.now()
  const { code, stdout } = await command(['alarms', '--stage', 'prod', '--json'], { env: { ...aws.env, ...keys } })
  const seconds = (performance.now() - from) / 1_000
  const found = JSON.parse(stdout)
  expect([code, found.alarms.length]).toEqual([0, ALARMS + SAMPLE.CompositeAlarms.length + SAMPLE.LogAlarms.length])
  // The newest 1,500 changes and 1,500 actions are enough to see who flaps, and what fails.
  expect(aws.count('DescribeAlarms')).toBe(51)
  // What is throttled meanwhile is asked again.
  expect(aws.count('DescribeAlarmHistory')).toBeGreaterThanOrEqual(30)
  expect(aws.count('DescribeAlarmHistory')).toBeLessThanOrEqual(33)
  for (const kind of ['flapping', 'action-failed']) {
    expect(found.findings.find(({ id }: { id: string }) => id === kind).alarms).toMatchObject([
      { name: 'orders-api-errors-0' },
    ])
  }
  expect(seconds).toBeLessThan(20)
  process.stderr.write(`${seconds.toFixed(1)} s\n`)
}, 60_000)
