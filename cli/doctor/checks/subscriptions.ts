import { EVIDENCE, EVIDENCE_FILTER } from '../../../deploy/evidence-queue.ts'
import { CHANNEL_QUEUES } from '../../../local/topology.ts'
import { quoted } from '../../../shared/questions/shell.ts'
import { aws, type Check, type Finding, passing, revertDrift, shortName, sourceOf } from '../finding.ts'
import type { Queue, Stage, Subscription, Topic } from '../stage.ts'

/** Checks that messages published to a topic reach its subscribers. */

export const queuesAreSubscribed: Check = (stage) =>
  stage.queues.flatMap((queue) => {
    const topic = sourceOf(stage, queue)
    if (!topic?.subscriptions) return []
    const isSubscribed = topic.subscriptions.some(
      ({ protocol, endpoint, state }) =>
        protocol === 'sqs' && endpoint === queue.arn && (state === 'confirmed' || state === 'unknown'),
    )
    return isSubscribed ? [] : [notSubscribed(stage, topic, queue)]
  })

function notSubscribed(stage: Stage, topic: Topic, queue: Queue): Finding {
  const expected = subscriptionIn(stage.expected, topic, 'sqs', queue.arn)
  const attributes = JSON.stringify({
    ...(expected?.isRaw ? { RawMessageDelivery: 'true' } : {}),
    ...(expected?.filterPolicy ? { FilterPolicy: JSON.stringify(expected.filterPolicy) } : {}),
    ...(queue.deadLetters ? { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queue.deadLetters }) } : {}),
  })
  const to = `--topic-arn ${topic.arn} --protocol sqs --notification-endpoint ${queue.arn}`
  return {
    id: 'queue-not-subscribed',
    severity: 'error',
    about: queue.name,
    resource: queue.id,
    what: `The queue has no confirmed subscription (of protocol sqs) to the topic ${topic.name}.`,
    keeps: passing(stage, queue.name),
    fix: [aws(stage, `sns subscribe ${to} --attributes ${quoted(attributes)}`)],
  }
}

/** A topic of emails: its subscriptions are addresses, or should be. */
function isOfEmails(stage: Stage, topic: Topic): boolean {
  return /^(operator$|email-)/.test(shortName(stage, topic.name))
}

export const emailsAreRead: Check = (stage) =>
  stage.topics.flatMap((topic) => {
    if (!topic.subscriptions || !isOfEmails(stage, topic)) return []
    const isSubscribed = topic.subscriptions.some(
      (one) => (one.state === 'confirmed' || one.state === 'unknown') && isForReader(one),
    )
    return isSubscribed
      ? unheardAddresses(stage, topic, topic.subscriptions)
      : [nobodyReads(stage, topic, topic.subscriptions)]
  })

/** Only an email subscription can have an address as its endpoint. */
function isForReader({ protocol, endpoint }: Subscription): boolean {
  return protocol.startsWith('email') || !endpoint.includes('@')
}

function nobodyReads(stage: Stage, topic: Topic, subscriptions: Subscription[]): Finding {
  const pending = subscriptions.filter(({ state }) => state === 'pending').map(({ endpoint }) => endpoint)
  const lost = lostAddresses(stage, topic, subscriptions)
  return {
    id: 'email-reaches-nobody',
    severity: 'error',
    about: topic.name,
    resource: topic.id,
    what:
      pending.length > 0
        ? `No address has confirmed its subscription. Waiting for ${pending.join(', ')}: the confirmation link in the email from AWS is valid for two days; the command sends a new one.`
        : 'The topic has no subscription.',
    keeps: passing(stage, topic.name),
    fix: [...pending, ...lost].map((address) => subscribe(stage, topic, address)),
  }
}

function unheardAddresses(stage: Stage, topic: Topic, subscriptions: Subscription[]): Finding[] {
  const about = { severity: 'warning' as const, about: topic.name, resource: topic.id }
  const pending = subscriptions.filter(({ state }) => state === 'pending')
  return [
    ...pending.map(({ endpoint }) => ({
      ...about,
      id: 'subscription-pending',
      what: `${endpoint} has not confirmed its subscription: the confirmation link in the email from AWS is valid for two days; the command sends a new one.`,
      keeps: `${passing(stage, topic.name)}, at ${endpoint}`,
      fix: [subscribe(stage, topic, endpoint)],
    })),
    ...lostAddresses(stage, topic, subscriptions).map((address) => ({
      ...about,
      id: 'subscription-deleted',
      what: `${address} is no longer subscribed: the subscription was deleted, or someone clicked the unsubscribe link.`,
      keeps: `${passing(stage, topic.name)}, at ${address}`,
      fix: [subscribe(stage, topic, address)],
    })),
  ]
}

/** Addresses that the stack subscribed and that are no longer subscribed. */
function lostAddresses(stage: Stage, topic: Topic, subscriptions: Subscription[]): string[] {
  const expected = stage.expected?.topics.find(({ arn }) => arn === topic.arn)?.subscriptions ?? []
  return expected
    .map(({ endpoint }) => endpoint)
    .filter((address) => !subscriptions.some(({ endpoint, state }) => endpoint === address && state !== 'deleted'))
}

function subscribe(stage: Stage, topic: Topic, address: string): string {
  return aws(
    stage,
    `sns subscribe --topic-arn ${topic.arn} --protocol email --notification-endpoint ${quoted(address)}`,
  )
}

/** Subscriptions that are neither a queue of ours nor an address: the archive's stream. */
export const othersAreSubscribed: Check = (stage) =>
  stage.topics.flatMap((topic) => {
    const { subscriptions } = topic
    if (!subscriptions) return []
    const expected = stage.expected?.topics.find(({ arn }) => arn === topic.arn)?.subscriptions ?? []
    return expected
      .filter(({ protocol }) => protocol !== 'sqs' && protocol !== 'email')
      .filter(({ endpoint }) => !subscriptions.some((one) => one.endpoint === endpoint && one.state === 'confirmed'))
      .map(({ protocol, endpoint }) => ({
        id: 'subscription-deleted',
        severity: 'warning',
        about: topic.name,
        resource: topic.id,
        what: `The ${protocol} subscription of ${endpoint} is gone.`,
        keeps: 'no alert, but events are no longer archived: "rules plan --stage" misses them',
        fix: revertDrift(stage),
      }))
  })

export const filtersLetThrough: Check = (stage) =>
  stage.topics.flatMap((topic) =>
    (topic.subscriptions ?? []).flatMap((subscription) => {
      const { filterPolicy, filterScope, protocol, endpoint } = subscription
      // A missing queue of the stack is a separate finding. Any other queue is somebody else's.
      if (protocol === 'sqs' && !stage.queues.some(({ arn }) => arn === endpoint)) return []
      // Subscriptions by others may have any filter.
      const isOfStack = subscriptionIn(stage.expected ?? stage, topic, protocol, endpoint) !== undefined
      if (!isOfStack || !filterPolicy || Object.keys(filterPolicy).length === 0) return []
      const attributes = attributesTo(stage, topic, endpoint)
      if (filterScope !== 'MessageBody' && lets(filterPolicy, attributes)) return []
      return [drops(stage, topic, subscription, attributes)]
    }),
  )

/**
 * The message attributes of a topic: `route` sends the channel's type, and the status of the change (shared/aws/topic.ts);
 * CloudWatch and EventBridge send none.
 */
function attributesTo(stage: Stage, topic: Topic, endpoint: string): Record<string, string> {
  const short = shortName(stage, endpoint.slice(endpoint.lastIndexOf(':') + 1))
  // What follows alerts gets those of several types: any of them stands for all.
  const channel =
    short === EVIDENCE.queue ? EVIDENCE_FILTER.channelType[0] : CHANNEL_QUEUES.find((one) => one === short)
  return channel !== undefined && shortName(stage, topic.name) === 'notifications'
    ? { channelType: channel, status: 'firing' }
    : {}
}

function drops(stage: Stage, topic: Topic, subscription: Subscription, attributes: Record<string, string>): Finding {
  const { channelType } = attributes
  const what = channelType === undefined ? 'without attributes' : `with channelType ${channelType}`
  const { arn = 'ARN', endpoint, filterPolicy, protocol, filterScope } = subscription
  const expected = subscriptionIn(stage.expected, topic, protocol, endpoint)?.filterPolicy ?? {}
  const attribute = (name: string, value: string) =>
    aws(
      stage,
      `sns set-subscription-attributes --subscription-arn ${arn} --attribute-name ${name} --attribute-value ${quoted(value)}`,
    )
  const queue = stage.queues.find((one) => one.arn === endpoint)
  return {
    id: 'filter-drops',
    severity: 'error',
    about: queue?.name ?? endpoint,
    resource: queue?.id ?? topic.id,
    what: `The filter policy of its subscription to ${topic.name}, ${JSON.stringify(filterPolicy)}${filterScope === 'MessageBody' ? ' on the body' : ''}, drops messages ${what}.`,
    keeps: passing(stage, queue?.name ?? topic.name),
    fix: [
      attribute('FilterPolicy', JSON.stringify(expected)),
      ...(filterScope === 'MessageBody' ? [attribute('FilterPolicyScope', 'MessageAttributes')] : []),
    ],
  }
}

/**
 * As SNS filters by attributes (SNS Developer Guide, "Amazon SNS subscription filter policies"). Other attributes in
 * the filter are ignored here.
 */
function lets(policy: Record<string, unknown>, attributes: Record<string, string>): boolean {
  return Object.entries(policy).every(([key, wanted]) => {
    if (key === '$or') return (wanted as Record<string, unknown>[]).some((one) => lets(one, attributes))
    const value = attributes[key]
    return (Array.isArray(wanted) ? wanted : [wanted]).some((one) => letsValue(one, value))
  })
}

function letsValue(wanted: unknown, value: string | undefined): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === value
  const test = wanted as Record<string, unknown>
  if ('exists' in test) return test.exists === (value !== undefined)
  if (value === undefined) return false
  if ('prefix' in test) return value.startsWith(String(test.prefix))
  if ('suffix' in test) return value.endsWith(String(test.suffix))
  if ('equals-ignore-case' in test) return value.toLowerCase() === String(test['equals-ignore-case']).toLowerCase()
  const but = test['anything-but']
  if (typeof but === 'object' && but !== null && !Array.isArray(but)) return !letsValue(but, value)
  return but === undefined || ![but].flat().includes(value)
}

function subscriptionIn(stage: Stage | undefined, topic: Topic, protocol: string, endpoint: string) {
  const there = stage?.topics.find(({ arn }) => arn === topic.arn)?.subscriptions ?? []
  return there.find((one) => one.protocol === protocol && one.endpoint === endpoint)
}
