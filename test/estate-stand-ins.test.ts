import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetAlarmMuteRuleCommand,
  ListAlarmMuteRulesCommand,
} from '@aws-sdk/client-cloudwatch'
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge'
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms'
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AwsStandIn, startAws } from '../local/stand-ins/aws.ts'
import { SAMPLE, SAMPLE_ACCOUNT } from './estate-account.ts'
import { AT, OURS, sns } from './estate-parts.ts'

/** What stands around alarms, as AWS answers: what there is, page by page, and what it refuses. */

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startAws({ data: SAMPLE_ACCOUNT, now: () => Date.parse(AT) })
})
afterEach(() => {
  for (const operation of aws.operations) aws.mode(operation)
})
afterAll(() => aws.close())

const CLIENTS = {
  cloudwatch: CloudWatchClient,
  tagging: ResourceGroupsTaggingAPIClient,
  sns: SNSClient,
  kms: KMSClient,
  events: EventBridgeClient,
}

/** By the real client of its service, once. */
// biome-ignore lint/suspicious/noExplicitAny: the answer of any command
function ask(service: keyof typeof CLIENTS, command: any): Promise<any> {
  const options = { endpoint: aws.url, region: 'eu-west-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } }
  return (new CLIENTS[service]({ ...options, maxAttempts: 1 }) as { send(of: unknown): Promise<unknown> }).send(command)
}

const KEY = '1111aaaa-2222-bbbb-3333-cccc4444dddd'
const KEY_ARN = `arn:aws:kms:eu-west-1:123456789012:key/${KEY}`

describe('answers', () => {
  test.each<[what: string, service: keyof typeof CLIENTS, command: object, answer: object]>([
    [
      'log alarms',
      'cloudwatch',
      new DescribeAlarmsCommand({ AlarmTypes: ['LogAlarm'] }),
      { MetricAlarms: [], LogAlarms: [{ AlarmName: 'validation-failed-lines' }] },
    ],
    [
      'mute rules, without their names',
      'cloudwatch',
      new ListAlarmMuteRulesCommand({ Statuses: ['ACTIVE'] }),
      { AlarmMuteRuleSummaries: [{ MuteType: 'RECURRING', Status: 'ACTIVE' }] },
    ],
    [
      'mute rules of an alarm',
      'cloudwatch',
      new ListAlarmMuteRulesCommand({ AlarmName: 'orders-db-cpu' }),
      { AlarmMuteRuleSummaries: [{ Status: 'SCHEDULED' }] },
    ],
    [
      'a mute rule',
      'cloudwatch',
      new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: 'while-we-migrate' }),
      { Rule: { Schedule: { Duration: 'P1D' } }, MuteTargets: { AlarmNames: ['invoice-run-duration'] } },
    ],
    [
      'tags of all that has some',
      'tagging',
      new GetResourcesCommand({ ResourceTypeFilters: ['s3'] }),
      { ResourceTagMappingList: [], PaginationToken: '' },
    ],
    [
      'a topic',
      'sns',
      new GetTopicAttributesCommand({ TopicArn: OURS }),
      { Attributes: { TopicArn: OURS, SubscriptionsConfirmed: '2', KmsMasterKeyId: KEY_ARN } },
    ],
    [
      'its subscriptions',
      'sns',
      new ListSubscriptionsByTopicCommand({ TopicArn: OURS }),
      { Subscriptions: [{ Protocol: 'sqs' }, { Protocol: 'firehose' }] },
    ],
    ['a key by its ARN', 'kms', new DescribeKeyCommand({ KeyId: KEY_ARN }), { KeyMetadata: { KeyState: 'Enabled' } }],
    ['a key by its ID', 'kms', new DescribeKeyCommand({ KeyId: KEY }), { KeyMetadata: { Arn: KEY_ARN } }],
    ['a key by its alias', 'kms', new DescribeKeyCommand({ KeyId: 'alias/alerts' }), { KeyMetadata: { Arn: KEY_ARN } }],
    [
      'the policy of a key',
      'kms',
      new GetKeyPolicyCommand({ KeyId: KEY }),
      { Policy: expect.stringContaining('cloudwatch.amazonaws.com') },
    ],
    ['event rules', 'events', new ListRulesCommand({}), { Rules: [{ Name: 'guardduty-to-router', State: 'ENABLED' }] }],
    [
      'the targets of one',
      'events',
      new ListTargetsByRuleCommand({ Rule: 'guardduty-to-router' }),
      { Targets: [{ Arn: OURS }] },
    ],
  ])('%s', async (_what, service, command, answer) => {
    expect(await ask(service, command)).toMatchObject(answer)
  })

  test('tags page by page, until a token is empty', async () => {
    const arns: string[] = []
    let PaginationToken: string | undefined
    do {
      const input = { ResourceTypeFilters: ['cloudwatch:alarm'], ResourcesPerPage: 20, PaginationToken }
      const answer = await ask('tagging', new GetResourcesCommand(input))
      arns.push(...answer.ResourceTagMappingList.map(({ ResourceARN }: { ResourceARN: string }) => ResourceARN))
      PaginationToken = answer.PaginationToken
    } while (PaginationToken !== '')
    expect(arns).toEqual(SAMPLE.ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN))
  })
})

describe('refuses', () => {
  test.each<[what: string, service: keyof typeof CLIENTS, command: object, name: string]>([
    [
      'a mute rule that is not there',
      'cloudwatch',
      new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: 'x' }),
      'ResourceNotFoundException',
    ],
    ['a mute rule without a name', 'cloudwatch', new GetAlarmMuteRuleCommand({} as never), 'ValidationException'],
    [
      '101 mute rules on a page',
      'cloudwatch',
      new ListAlarmMuteRulesCommand({ MaxRecords: 101 }),
      'ValidationException',
    ],
    [
      '101 resources on a page',
      'tagging',
      new GetResourcesCommand({ ResourcesPerPage: 101 }),
      'InvalidParameterException',
    ],
    [
      'a token that it has not given',
      'tagging',
      new GetResourcesCommand({ PaginationToken: 'x' }),
      'PaginationTokenExpiredException',
    ],
    [
      'a filter by tags',
      'tagging',
      new GetResourcesCommand({ TagFilters: [{ Key: 'a' }] }),
      'InvalidParameterException',
    ],
    ['a topic that is gone', 'sns', new GetTopicAttributesCommand({ TopicArn: sns('old-pager') }), 'NotFoundException'],
    [
      'a topic of another region',
      'sns',
      new GetTopicAttributesCommand({ TopicArn: OURS.replace('west', 'north') }),
      'InvalidParameterException',
    ],
    [
      'a topic of another account',
      'sns',
      new GetTopicAttributesCommand({ TopicArn: OURS.replace('123456789012', '999999999999') }),
      'AuthorizationErrorException',
    ],
    [
      'subscriptions of what is no ARN',
      'sns',
      new ListSubscriptionsByTopicCommand({ TopicArn: 'alarms' }),
      'InvalidParameterException',
    ],
    ['a key that is not there', 'kms', new DescribeKeyCommand({ KeyId: 'x' }), 'NotFoundException'],
    ['a policy by an alias', 'kms', new GetKeyPolicyCommand({ KeyId: 'alias/alerts' }), 'NotFoundException'],
    [
      'another policy than the default',
      'kms',
      new GetKeyPolicyCommand({ KeyId: KEY, PolicyName: 'x' }),
      'NotFoundException',
    ],
    ['rules of another bus', 'events', new ListRulesCommand({ EventBusName: 'x' }), 'ResourceNotFoundException'],
    [
      'targets of a rule that is not there',
      'events',
      new ListTargetsByRuleCommand({ Rule: 'x' }),
      'ResourceNotFoundException',
    ],
  ])('%s', async (_what, service, command, name) => {
    await expect(ask(service, command)).rejects.toMatchObject({ name })
  })

  test.each<[service: keyof typeof CLIENTS, operation: string, command: object, denied: string, throttled: string]>([
    ['tagging', 'GetResources', new GetResourcesCommand({}), 'AccessDeniedException', 'ThrottledException'],
    [
      'sns',
      'GetTopicAttributes',
      new GetTopicAttributesCommand({ TopicArn: OURS }),
      'AuthorizationErrorException',
      'ThrottledException',
    ],
    ['kms', 'DescribeKey', new DescribeKeyCommand({ KeyId: KEY }), 'AccessDeniedException', 'ThrottlingException'],
    ['events', 'ListRules', new ListRulesCommand({}), 'AccessDeniedException', 'ThrottlingException'],
  ])('%s in its own words', async (service, operation, command, denied, throttled) => {
    aws.mode(operation, { isDenied: true })
    await expect(ask(service, command)).rejects.toMatchObject({ name: denied })
    aws.mode(operation, { throttled: 1 })
    await expect(ask(service, command)).rejects.toMatchObject({ name: throttled })
    await ask(service, command)
  })

  test('what comes faster than a quota allows', async () => {
    aws.mode('DescribeAlarms', { perSecond: 2 })
    const asked = await Promise.allSettled(
      Array.from({ length: 4 }, () => ask('cloudwatch', new DescribeAlarmsCommand({}))),
    )
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  })
})

test('a narrow right hides composites and their history, without an error', async () => {
  const types = { AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const] }
  for (const operation of ['DescribeAlarms', 'DescribeAlarmHistory']) aws.mode(operation, { isNarrow: true })
  expect((await ask('cloudwatch', new DescribeAlarmsCommand(types))).CompositeAlarms).toEqual([])
  expect(
    (await ask('cloudwatch', new DescribeAlarmHistoryCommand({ AlarmTypes: ['CompositeAlarm'] }))).AlarmHistoryItems,
  ).toEqual([])
})
