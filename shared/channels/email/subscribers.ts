import { GetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns'
import { log } from '../../observe/log.ts'

/** How long it is believed that a topic has a subscriber. */
const SOMEBODY_MS = 5 * 60_000
/** And anything else: whoever confirms gets what comes a minute later. */
const OTHERWISE_MS = 60_000
/** An alert waits no longer for the look, nor for more than a quarter of the time that its call has. */
const LOOK_MS = 1_000

type Answer = 'somebody' | 'nobody' | 'unknown'

const known = new Map<string, { answer: Promise<Answer>; until: number }>()

/**
 * Does anybody get what is published to this topic? SNS takes a message that goes to nobody as it takes any other: before an
 * address has confirmed its subscription, and after somebody has followed the link that ends it. Looked at once in some
 * minutes. `true` where it can't be found out: the look must cost no alert.
 */
export async function hasSubscriber(client: SNSClient, topicArn: string, timeoutMs: number): Promise<boolean> {
  const now = Date.now()
  const seen = known.get(topicArn)
  if (seen && now < seen.until) return (await seen.answer) !== 'nobody'
  const entry = { answer: look(client, topicArn, Math.min(LOOK_MS, timeoutMs / 4)), until: now + OTHERWISE_MS }
  known.set(topicArn, entry)
  const answer = await entry.answer
  if (answer === 'somebody') entry.until = now + SOMEBODY_MS
  return answer !== 'nobody'
}

async function look(client: SNSClient, TopicArn: string, timeoutMs: number): Promise<Answer> {
  try {
    const abortSignal = AbortSignal.timeout(Math.floor(timeoutMs))
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }), { abortSignal })
    const confirmed = Attributes?.SubscriptionsConfirmed
    return confirmed === undefined ? 'unknown' : confirmed === '0' ? 'nobody' : 'somebody'
  } catch (error) {
    // What the topic itself has against us, publishing to it says better.
    log.info('email.subscriptions_unreadable', "cannot read a topic's subscriptions", {
      reason: String((error as Error).name),
    })
    return 'unknown'
  }
}
