import { DescribeKeyCommand, GetKeyPolicyCommand, type KMSClient } from '@aws-sdk/client-kms'
import { GetTopicAttributesCommand, paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns'
import { asText, type Json } from '../../schemas/loose.ts'
import { keyOf, topicOf } from '../estate/dump.ts'
import type { Key, Part, Topic } from '../estate/estate.ts'
import { refusedBy } from './refused.ts'

interface Asked {
  sns: SNSClient
  kms: KMSClient
}

/** So many subscriptions say enough: one that is confirmed is all that is needed. */
const MOST_PAGES = 10

/** What becomes of what is published there. Never throws for AWS. */
export async function askTopic({ sns, kms }: Asked, arn: string, abortSignal: AbortSignal): Promise<Part<Topic>> {
  let attributes: Json
  try {
    const answer = await sns.send(new GetTopicAttributesCommand({ TopicArn: arn }), { abortSignal })
    attributes = answer.Attributes ?? {}
  } catch (error) {
    if (isNotThere(error)) return { data: { isThere: false, confirmed: 0, pending: 0, endpoints: [] } }
    return { refused: refusedBy(error, 'sns:GetTopicAttributes') }
  }
  const name = asText(attributes.KmsMasterKeyId)
  const key = name === undefined ? undefined : await askKey(kms, name, abortSignal)
  return { data: topicOf(attributes, await askSubscriptions(sns, arn, abortSignal), key) }
}

const isNotThere = (error: unknown) => /^NotFound(Exception)?$/.test((error as Error).name)

/** Without the right, the counts of the topic's attributes have to do. */
async function askSubscriptions(client: SNSClient, TopicArn: string, abortSignal: AbortSignal): Promise<Json[]> {
  const found: Json[] = []
  try {
    let pages = 0
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
      { client },
      { TopicArn },
      { abortSignal },
    )) {
      found.push(...Subscriptions.map((one): Json => ({ ...one })))
      if (++pages === MOST_PAGES) break
    }
  } catch {
    return found
  }
  return found
}

async function askKey(client: KMSClient, name: string, abortSignal: AbortSignal): Promise<Part<Key>> {
  // The ID of a key of AWS's own needs no question: its alias says it.
  if (/(^|:)alias\/aws\//.test(name)) return { data: { name, isOfAws: true } }
  try {
    // GetKeyPolicy takes no alias.
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: name }), { abortSignal })
    const answer = await client.send(new GetKeyPolicyCommand({ KeyId: KeyMetadata?.Arn, PolicyName: 'default' }), {
      abortSignal,
    })
    return { data: keyOf({ name, KeyMetadata, Policy: answer.Policy }) }
  } catch (error) {
    return { refused: refusedBy(error, 'kms:DescribeKey, kms:GetKeyPolicy') }
  }
}
