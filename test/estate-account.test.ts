import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { NO_ESTATE } from '../local/stand-ins/aws/estate-data.ts'
import { type AwsStandIn, startAws } from '../local/stand-ins/aws.ts'
import { here, named } from './command.ts'
import { SAMPLE, SAMPLE_ACCOUNT } from './estate-account.ts'
import { AT } from './estate-parts.ts'

/** `alert-router alarms` over an account: the real clients, against a stand-in that refuses what AWS refuses. */

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startAws({ data: SAMPLE_ACCOUNT, now: () => Date.parse(AT) })
})
afterEach(() => {
  for (const operation of aws.operations) aws.mode(operation)
  vi.unstubAllEnvs()
})
afterAll(() => aws.close())

const KEYS = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-west-1', AWS_PROFILE: undefined }
const alarms = (args: string[], led = aws.env) =>
  here(named('alarms'), args, { now: AT, env: { ...led, ...KEYS, NO_COLOR: '1', COLUMNS: '100' } })

interface Found {
  alarms: { name: string }[]
  findings: { id: string; alarms: { name: string }[] }[]
  notChecked: { ids: string[]; alarms?: number; needs?: string; why: string }[]
}
const judged = async (...args: string[]): Promise<Found> =>
  JSON.parse((await alarms(['--stage', 'prod', '--json', ...args])).stdout)
const idsOf = ({ findings }: Found) => findings.map(({ id }) => id)

test('an account is judged as the file of what it says', async () => {
  const { from: _account, ...asked } = JSON.parse((await alarms(['--stage', 'prod', '--json', '--costs'])).stdout)
  const demo = (await alarms(['--demo', '--json', '--costs'])).stdout
  // A file can't say that an alarm is gone from its account.
  const { from: _file, ...read } = JSON.parse(demo.replaceAll('not in this file: ', ''))
  expect(asked).toEqual(read)
  expect(asked.notChecked).toEqual([])
})

test('with small pages, too', async () => {
  const whole = await judged()
  for (const operation of [
    'DescribeAlarms',
    'DescribeAlarmHistory',
    'ListAlarmMuteRules',
    'GetResources',
    'ListRules',
  ]) {
    aws.mode(operation, { pageSize: 7 })
  }
  aws.mode('ListSubscriptionsByTopic', { pageSize: 1 })
  expect(await judged()).toEqual(whole)
}, 60_000)

test('a topic is asked once, however many alarms name it', async () => {
  const before = aws.count('GetTopicAttributes')
  // By today's clock: the SDK asks again where its own differs from the service's.
  await here(named('alarms'), ['--stage', 'prod', '--json'], { env: { ...aws.env, ...KEYS } })
  expect(aws.count('GetTopicAttributes') - before).toBe(8)
})

describe('what this role may not read is not checked', () => {
  test.each<[operation: string, ids: string[], needs: string]>([
    ['DescribeAlarmHistory', ['action-failed', 'flapping'], 'cloudwatch:DescribeAlarmHistory'],
    ['ListAlarmMuteRules', ['muted-for-weeks'], 'cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule'],
    ['GetAlarmMuteRule', ['muted-for-weeks'], 'cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule'],
    ['ListRules', ['reaches-nobody', 'no-ok-action'], 'events:ListRules, events:ListTargetsByRule'],
    [
      'GetTopicAttributes',
      ['dead-topic', 'no-subscription', 'topic-refuses', 'key-unusable'],
      'sns:GetTopicAttributes',
    ],
    ['GetKeyPolicy', ['key-unusable'], 'kms:DescribeKey, kms:GetKeyPolicy'],
    ['DescribeKey', ['key-unusable'], 'kms:DescribeKey, kms:GetKeyPolicy'],
  ])('%s', async (operation, ids, needs) => {
    aws.mode(operation, { isDenied: true })
    const found = await judged()
    expect(found.alarms.length).toBe(58)
    expect(found.notChecked.map((one) => [one.ids, one.needs, one.why])).toEqual([[ids, needs, 'this role may not']])
  })

  test('GetResources: tags that travel may decide', async () => {
    aws.mode('GetResources', { isDenied: true })
    expect((await judged()).notChecked).toMatchObject([
      { ids: ['no-owner'], needs: 'tag:GetResources' },
      { ids: ['only-default', 'rules-notify-nobody'], alarms: 1, needs: 'tag:GetResources' },
    ])
  })

  test('and --fail-on fails, if that may hide such a harm', async () => {
    const fine = SAMPLE.MetricAlarms.filter(({ AlarmName }) => AlarmName === 'orders-db-cpu')
    const estate = { ...(SAMPLE_ACCOUNT.estate ?? NO_ESTATE), logAlarms: [] }
    const data = { ...SAMPLE_ACCOUNT, metricAlarms: fine, compositeAlarms: [], estate }
    const calm = await startAws({ data, now: () => Date.parse(AT) })
    const codeOf = async (harm: string) => (await alarms(['--stage', 'prod', '--fail-on', harm], calm.env)).code
    // That there is no composite alarm, is no refusal.
    expect(await codeOf('tidiness')).toBe(0)
    calm.mode('GetResources', { isDenied: true })
    expect([await codeOf('lost-page'), await codeOf('tidiness')]).toEqual([0, 1])
    await calm.close()
  })

  test('without the subscriptions, the counts of the topic do', async () => {
    const whole = await judged()
    aws.mode('ListSubscriptionsByTopic', { isDenied: true })
    expect(idsOf(await judged())).toEqual(idsOf(whole))
  })

  test('nothing is left without the alarms', async () => {
    aws.mode('DescribeAlarms', { isDenied: true })
    const { code, stdout, stderr } = await alarms(['--stage', 'prod'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^Access denied with these credentials: .*cloudwatch:DescribeAlarms/)
  })

  test('a right that is not on * hides composites, and nobody takes that for none', async () => {
    aws.mode('DescribeAlarms', { isNarrow: true })
    const found = await judged()
    expect(found.notChecked).toEqual([
      {
        ids: ['reaches-nobody', 'child-gone'],
        needs: 'cloudwatch:DescribeAlarms on *',
        why: 'AWS listed no composite alarm: there is none, or this role may not see them',
      },
    ])
    expect(found.alarms.length).toBe(56)
  })
})

test('a throttled account is read to its end', async () => {
  const whole = await judged()
  for (const operation of ['DescribeAlarms', 'DescribeAlarmHistory', 'GetResources', 'GetTopicAttributes']) {
    aws.mode(operation, { throttled: 3, pageSize: 20 })
  }
  expect(await judged()).toEqual(whole)
}, 60_000)

test('needs to know which account', async () => {
  const { code, stderr } = await alarms([])
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('Give a stage, as in --stage prod, a --profile, a file as --from FILE, or --demo.'),
  ])
})
