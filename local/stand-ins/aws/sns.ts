import {
  GetTopicAttributes$,
  type GetTopicAttributesCommandInput,
  type GetTopicAttributesCommandOutput,
  ListSubscriptionsByTopic$,
  type ListSubscriptionsByTopicCommandInput,
  type ListSubscriptionsByTopicCommandOutput,
} from '@aws-sdk/client-sns'
import { NO_ESTATE } from './estate-data.ts'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const PAGE = 100
const ARN = /^arn:[^:]+:sns:([^:]+):(\d{12}):[\w-]{1,256}(\.fifo)?$/

/** What of SNS is asked about a topic (SNS API Reference). */
export const SNS: Operation[] = [
  operation<GetTopicAttributesCommandInput, GetTopicAttributesCommandOutput>(
    'sns',
    GetTopicAttributes$,
    ({ TopicArn }, asked) => ({ Attributes: topicOf(TopicArn, asked).attributes }),
  ),
  operation<ListSubscriptionsByTopicCommandInput, ListSubscriptionsByTopicCommandOutput>(
    'sns',
    ListSubscriptionsByTopic$,
    listSubscriptionsByTopic,
  ),
]

function topicOf(arn = '', { data, region }: Asked) {
  const [, ofRegion, account] = ARN.exec(arn) ?? []
  // Of another region, SNS says the same as of what is no ARN at all.
  if (ofRegion !== region) throw new Refusal('InvalidParameter', 'Invalid parameter: TopicArn')
  if (account !== data.account) {
    const user = `User: arn:aws:sts::${data.account}:assumed-role/alert-router/reports`
    throw new Refusal('AuthorizationError', `${user} is not authorized to perform: SNS on resource: ${arn}`, 403)
  }
  const found = (data.estate ?? NO_ESTATE).topics.find(({ attributes }) => attributes.TopicArn === arn)
  if (!found) throw new Refusal('NotFound', 'Topic does not exist', 404)
  return found
}

function listSubscriptionsByTopic(
  { TopicArn, NextToken }: ListSubscriptionsByTopicCommandInput,
  asked: Asked,
): Omit<ListSubscriptionsByTopicCommandOutput, '$metadata'> {
  const { subscriptions } = topicOf(TopicArn, asked)
  const { items, next } = page(subscriptions, { token: NextToken, size: PAGE, of: { TopicArn } }, asked)
  return { Subscriptions: items, NextToken: next }
}
