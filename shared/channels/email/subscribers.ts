import { GetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns'
import { log } from '../../observe/log.ts'

/** How long "has a subscriber" is cached. */
const SOMEBODY_MS = 5 * 60_000
/** How long other answers are cached: a new subscriber gets alerts within a minute. */
const OTHERWISE_MS = 60_000
/** The most an alert waits for the lookup; at most a quarter of its call's timeout. */
const LOOKUP_MS = 1_000

type Answer = 'somebody' | 'nobody' | 'unknown'

const known = new Map<string, { answer: Promise<Answer>; until: number }>()

/**
 * Whether the topic has a confirmed subscriber. SNS accepts a message even if nobody receives it: before an address has
 * confirmed its subscription, and after somebody has used the unsubscribe link. Cached for some minutes. `true` when the
 * lookup fails: it must not cost an alert.
 */
export async function hasSubscriber(client: SNSClient, topicArn: string, timeoutMs: number): Promise<boolean> {
  const now = Date.now()
  const seen = known.get(topicArn)
  if (seen && now < seen.until) return (await seen.answer) !== 'nobody'
  const entry = { answer: lookUp(client, topicArn, Math.min(LOOKUP_MS, timeoutMs / 4)), until: now + OTHERWISE_MS }
  known.set(topicArn, entry)
  const answer = await entry.answer
  if (answer === 'somebody') entry.until = now + SOMEBODY_MS
  return answer !== 'nobody'
}

async function lookUp(client: SNSClient, TopicArn: string, timeoutMs: number): Promise<Answer> {
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
