import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  paginateListSubscriptionsByTopic,
  type Subscription as SdkSubscription,
  SNSClient,
} from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Policy } from '../../../shared/estate/policy.ts'
import type { Key, Queue, Stage, Subscription, Topic } from '../stage.ts'
import type { Calls } from './calls.ts'
import { each } from './each.ts'
import { queueSettings } from './template.ts'

/** Reads the topics, queues and keys that a stack should have. */

export async function readTopics(calls: Calls, expected: Stage): Promise<{ topics: Topic[]; gone: Topic[] }> {
  const sns = calls.watched(new SNSClient(calls.clientOptions))
  const { there, gone } = await each(expected.topics, async (topic): Promise<Topic | null> => {
    const input = { TopicArn: topic.arn }
    const answer = await calls.ask(`topic ${topic.name}`, 'sns:GetTopicAttributes', (options) =>
      sns.send(new GetTopicAttributesCommand(input), options),
    )
    if (answer === null) return null
    const { Policy: policy, KmsMasterKeyId: key } = answer?.Attributes ?? {}
    return {
      ...topic,
      key: answer ? (key ?? null) : undefined,
      policy: answer ? policyIn(policy) : undefined,
      subscriptions: await readSubscriptions(calls, sns, topic),
    }
  })
  sns.destroy()
  return { topics: there, gone }
}

async function readSubscriptions(calls: Calls, sns: SNSClient, topic: Topic): Promise<Subscription[] | undefined> {
  const listed = await calls.ask(`subscriptions of ${topic.name}`, 'sns:ListSubscriptionsByTopic', async () => {
    const found: SdkSubscription[] = []
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
      { client: sns },
      { TopicArn: topic.arn },
    )) {
      found.push(...Subscriptions)
    }
    return found
  })
  if (!listed) return undefined
  const { there } = await each(
    listed,
    async ({ SubscriptionArn: arn = '', Protocol: protocol = '', Endpoint = '' }) => {
      const state = arn.startsWith('arn:') ? 'confirmed' : arn === 'Deleted' ? 'deleted' : 'pending'
      const subscription: Subscription = { protocol, endpoint: Endpoint, state }
      return state === 'confirmed'
        ? { ...subscription, arn, ...(await readFilter(calls, sns, arn, Endpoint)) }
        : subscription
    },
  )
  return there
}

async function readFilter(calls: Calls, sns: SNSClient, arn: string, endpoint: string) {
  const answer = await calls.ask(`subscription of ${endpoint}`, 'sns:GetSubscriptionAttributes', (options) =>
    sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }), options),
  )
  if (!answer) return {}
  const {
    FilterPolicy,
    FilterPolicyScope = 'MessageAttributes',
    RawMessageDelivery,
    RedrivePolicy,
  } = answer.Attributes ?? {}
  return {
    filterPolicy: FilterPolicy === undefined ? null : (JSON.parse(FilterPolicy) as Record<string, unknown>),
    filterScope: FilterPolicyScope,
    isRaw: RawMessageDelivery === 'true',
    deadLetters: RedrivePolicy === undefined ? null : (JSON.parse(RedrivePolicy).deadLetterTargetArn ?? null),
  }
}

export async function readQueues(calls: Calls, expected: Stage): Promise<{ queues: Queue[]; gone: Queue[] }> {
  // The endpoint is the region's, or AWS_ENDPOINT_URL: the queue's URL only serves as a name.
  const sqs = calls.watched(new SQSClient({ ...calls.clientOptions, useQueueUrlAsEndpoint: false }))
  const { there, gone } = await each(expected.queues, async (queue): Promise<Queue | null> => {
    const answer = await calls.ask(`queue ${queue.name}`, 'sqs:GetQueueAttributes', (options) =>
      sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['All'] }), options),
    )
    if (answer === null) return null
    const unknown = { key: undefined, policy: undefined, deadLetters: undefined, settings: undefined }
    if (!answer) return { ...queue, ...unknown }
    const { Policy: policy, RedrivePolicy, KmsMasterKeyId, ApproximateNumberOfMessages } = answer.Attributes ?? {}
    const redrive = RedrivePolicy ? JSON.parse(RedrivePolicy) : {}
    return {
      ...queue,
      key: KmsMasterKeyId ?? null,
      policy: policyIn(policy),
      deadLetters: redrive.deadLetterTargetArn ?? null,
      settings: queueSettings({ ...answer.Attributes, ...redrive }),
      waiting: Number(ApproximateNumberOfMessages ?? 0),
    }
  })
  sqs.destroy()
  return { queues: there, gone }
}

/** The stack's keys, and others that its topics and queues now use. */
export async function readKeys(
  calls: Calls,
  expected: Stage,
  users: { key?: string | null }[],
): Promise<{ keys: Key[]; gone: Key[] }> {
  const kms = calls.watched(new KMSClient(calls.clientOptions))
  const known = new Set(expected.keys.flatMap(({ name, arn }) => [name, arn]))
  const others = new Set(users.flatMap(({ key }) => (key && !known.has(key) && !isOfAws(key) ? [key] : [])))
  const all = [...expected.keys, ...[...others].map((name) => ({ id: '', name, arn: name }))]
  const { there, gone } = await each(all, async (key): Promise<Key | null> => {
    const described = await calls.ask(`key ${key.name}`, 'kms:DescribeKey', (options) =>
      kms.send(new DescribeKeyCommand({ KeyId: key.name }), options),
    )
    if (described === null) return null
    const arn = described?.KeyMetadata?.Arn ?? key.arn
    const policy = await calls.ask(`policy of key ${key.name}`, 'kms:GetKeyPolicy', (options) =>
      kms.send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' }), options),
    )
    return { ...key, arn, state: described?.KeyMetadata?.KeyState, policy: policyIn(policy?.Policy) ?? undefined }
  })
  kms.destroy()
  return { keys: there, gone }
}

/** An AWS managed key: its policy can't be changed, and does not allow cross-service use. */
export function isOfAws(key: string): boolean {
  return /(^|:)alias\/aws\//.test(key)
}

function policyIn(text: string | undefined): Policy | null {
  return text ? (JSON.parse(text) as Policy) : null
}
