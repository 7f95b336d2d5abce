import { asText, type Json } from '../../schemas/loose.ts'
import { type Draft, type Envelope, hash, topicName } from './draft.ts'

/** SNS asks to confirm a subscription, or tells of its end. The link and token in it are secrets: nothing of them is kept. */
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
      title: ended ? `Unsubscribed from SNS topic ${topic}` : `SNS topic ${topic} asks to confirm a subscription`,
      description: ended
        ? `A subscription to the topic ${envelope.topic ?? topic} has ended. If that was not meant, subscribe again. The link to undo it, which came with this notice, is never followed.`
        : `Somebody has subscribed this endpoint to the topic ${envelope.topic ?? topic}. The confirmation link is never followed. If the subscription is wanted, confirm it in the SNS console or with the AWS CLI; if not, nothing needs to be done.`,
      source: 'aws.sns',
      resource: `${topic} (topic)`,
      details: { type, topic: envelope.topic },
    },
  ]
}
