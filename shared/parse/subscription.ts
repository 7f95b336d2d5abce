import { asText, type Json } from '../../schemas/loose.ts'
import { type Draft, type Envelope, hash, topicName } from './draft.ts'

/** SNS's request to confirm a subscription, or its notice that one ended. Its link and token are secrets, and not kept. */
export function subscription(message: Json, envelope: Envelope): Draft[] | undefined {
  const type = asText(message.Type)
  if (type !== 'SubscriptionConfirmation' && type !== 'UnsubscribeConfirmation') return undefined
  const topic = topicName(envelope.topic) ?? 'unknown topic'
  const ended = type === 'UnsubscribeConfirmation'
  return [
    {
      kind: 'subscription',
      fingerprint: `subscription:${envelope.topic ?? hash(topic)}`,
      name: topic,
      title: ended
        ? `Unsubscribed from SNS topic ${topic}`
        : `Subscription confirmation pending for SNS topic ${topic}`,
      description: ended
        ? `A subscription to the topic ${envelope.topic ?? topic} has ended. If that was unintended, subscribe again. The router never follows the undo link in this notice.`
        : `Somebody has subscribed this endpoint to the topic ${envelope.topic ?? topic}. The router never follows the confirmation link. If the subscription is wanted, confirm it in the SNS console or with the AWS CLI; if not, do nothing.`,
      source: 'aws.sns',
      resource: `${topic} (topic)`,
      details: { type, topic: envelope.topic },
    },
  ]
}
