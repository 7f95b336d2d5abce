import { type Asked, judge, type Policy, type Verdict } from '../../../shared/estate/policy.ts'
import { quoted } from '../../../shared/questions/shell.ts'
import { aws, type Check, type Finding, passing, revertDrift, shortName, sourceOf } from '../finding.ts'
import { isOfAws } from '../read/messaging.ts'
import type { Key, Queue, Stage, Topic } from '../stage.ts'

/** Checks that the policies of topics, queues and keys allow the publishers. */

/** A publisher to a topic. */
interface Publisher {
  who: string
  /** A role of the account: its own policy may also allow it, so only a Deny blocks it from a topic. */
  isRole?: boolean
  alias?: string[]
  context: Asked['context']
}

function publishersOf(stage: Stage, topic: Topic): Publisher[] {
  const short = shortName(stage, topic.name)
  const publishers: Publisher[] = []
  const alarm = stage.alarms.find(({ actions }) => actions.includes(topic.arn))
  if (short === 'alarms' || short === 'operator' || alarm) publishers.push(cloudWatch(stage, alarm?.arn))
  const isTarget = stage.schedules.some(({ targets }) => targets?.includes(topic.arn))
  if (short === 'alarms' || isTarget) publishers.push(eventBridge())
  if (short === 'alarms' || short === 'notifications') publishers.push(...roleOf(stage, 'route'))
  if (short.startsWith('email-')) publishers.push(...roleOf(stage, 'deliver-email'))
  return publishers
}

const TLS = { 'aws:SecureTransport': 'true' }

function cloudWatch({ place }: Stage, alarm: string | undefined): Publisher {
  const context = {
    ...TLS,
    'aws:SourceAccount': place.account,
    'aws:SourceOwner': place.account,
    'aws:PrincipalArn': null,
    ...(alarm !== undefined ? { 'aws:SourceArn': alarm } : {}),
  }
  return { who: 'cloudwatch.amazonaws.com', context }
}

/** EventBridge sends neither its account nor the rule (EventBridge User Guide, "Resource-based policies"). */
function eventBridge(): Publisher {
  const nothing = {
    'aws:SourceAccount': null,
    'aws:SourceOwner': null,
    'aws:SourceArn': null,
    'aws:PrincipalArn': null,
  }
  return { who: 'events.amazonaws.com', context: { ...TLS, ...nothing } }
}

function roleOf(stage: Stage, functionName: string): Publisher[] {
  const { partition, region, account } = stage.place
  return stage.functions
    .filter(({ name }) => shortName(stage, name) === functionName)
    .map(({ role }) => ({
      who: role,
      isRole: true,
      alias: [`arn:${partition}:iam::${account}:root`, account],
      context: {
        ...TLS,
        'aws:PrincipalArn': role,
        'aws:PrincipalAccount': account,
        'aws:SourceOwner': account,
        'aws:SourceAccount': null,
        'aws:SourceArn': null,
        'kms:ViaService': `sns.${region}.amazonaws.com`,
      },
    }))
}

export const topicsTakeFromPublishers: Check = (stage) =>
  stage.topics.flatMap((topic) => {
    const { policy } = topic
    if (policy === undefined) return []
    const asked = { action: 'sns:Publish', resource: topic.arn }
    const refusals = publishersOf(stage, topic).flatMap((publisher): Refusal[] => {
      const verdict = judge(policy ?? defaultTopicPolicy(stage), { ...publisher, ...asked })
      const isFine = verdict === 'allowed' || (verdict === 'not allowed' && publisher.isRole)
      return isFine ? [] : [{ verdict, who: publisher.who }]
    })
    return byVerdict(refusals).map(({ verdict, who }) => ({
      ...refused(stage, topic, verdict, `The topic's policy does not let ${who} publish`),
      id: verdict === 'unclear' ? 'policy-unclear' : 'publisher-not-allowed',
      fix: setTopicPolicy(stage, topic),
    }))
  })

interface Refusal {
  verdict: Verdict
  who: string
}

/** One finding per verdict, with everyone it is about. */
function byVerdict(refusals: Refusal[]): Refusal[] {
  return [...Map.groupBy(refusals, ({ verdict }) => verdict)].map(([verdict, all]) => ({
    verdict,
    who: [...new Set(all.map(({ who }) => who))].join(' and '),
  }))
}

/** SNS's default policy for a topic: it allows its own account, but no service that does not send its account. */
function defaultTopicPolicy({ place }: Stage): Policy {
  const Condition = { StringEquals: { 'AWS:SourceOwner': place.account } }
  return { Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sns:*', Condition }] }
}

function refused(
  stage: Stage,
  about: { id: string; name: string },
  verdict: Verdict,
  what: string,
): Omit<Finding, 'id' | 'fix'> {
  const why =
    verdict === 'denied'
      ? ': a statement denies it'
      : verdict === 'unclear'
        ? ' for certain: it depends on a condition that can’t be evaluated here'
        : ''
  return {
    severity: verdict === 'unclear' ? 'unknown' : 'error',
    about: about.name,
    resource: about.id,
    what: `${what}${why}.`,
    keeps: passing(stage, about.name),
  }
}

function setTopicPolicy(stage: Stage, topic: Topic): string[] {
  const policy = stage.expected?.topics.find(({ arn }) => arn === topic.arn)?.policy
  if (!policy) return revertDrift(stage)
  const value = quoted(JSON.stringify(policy))
  return [
    aws(stage, `sns set-topic-attributes --topic-arn ${topic.arn} --attribute-name Policy --attribute-value ${value}`),
  ]
}

export const queuesTakeFromTopics: Check = (stage) =>
  stage.topics.flatMap((topic) =>
    stage.queues.flatMap((queue) => {
      const isFed = topic.subscriptions?.some(({ endpoint, state }) => endpoint === queue.arn && state !== 'deleted')
      if (!isFed || sourceOf(stage, queue) !== topic || queue.policy === undefined) return []
      const verdict = queue.policy === null ? 'not allowed' : judge(queue.policy, sending(stage, topic, queue))
      if (verdict === 'allowed') return []
      const found = refused(stage, queue, verdict, `The queue's policy does not let the topic ${topic.name} send`)
      return [
        {
          ...found,
          id: verdict === 'unclear' ? 'policy-unclear' : 'queue-refuses-topic',
          fix: setQueuePolicy(stage, queue),
        },
      ]
    }),
  )

function sending({ place }: Stage, topic: Topic, queue: Queue): Asked {
  return {
    who: 'sns.amazonaws.com',
    action: 'sqs:SendMessage',
    resource: queue.arn,
    context: { ...TLS, 'aws:SourceArn': topic.arn, 'aws:SourceAccount': place.account, 'aws:PrincipalArn': null },
  }
}

function setQueuePolicy(stage: Stage, queue: Queue): string[] {
  const policy = stage.expected?.queues.find(({ arn }) => arn === queue.arn)?.policy
  if (!policy) return revertDrift(stage)
  const attributes = quoted(JSON.stringify({ Policy: JSON.stringify(policy) }))
  return [aws(stage, `sqs set-queue-attributes --queue-url ${queue.url} --attributes ${attributes}`)]
}

/** The actions for publishing to an encrypted topic, and for sending to an encrypted queue. */
const KEY_ACTIONS = ['kms:GenerateDataKey', 'kms:Decrypt']

export const keysAreUsable: Check = (stage) =>
  stage.keys.flatMap((key) =>
    key.state === undefined || key.state === 'Enabled' ? [] : [unusable(stage, key, key.state)],
  )

function unusable(stage: Stage, key: Key, state: string): Finding {
  const users = [...stage.topics, ...stage.queues].filter((one) => one.key && keyOf(stage, one.key) === key)
  const enable = aws(stage, `kms enable-key --key-id ${key.arn}`)
  return {
    id: 'key-unusable',
    severity: 'error',
    about: key.name,
    resource: key.id,
    what: `The key's state is ${state}: nothing can be published to ${users.map(({ name }) => name).join(', ') || 'what it encrypts'}.`,
    keeps: 'every alert',
    // A key whose deletion was cancelled is disabled.
    fix: state === 'PendingDeletion' ? [aws(stage, `kms cancel-key-deletion --key-id ${key.arn}`), enable] : [enable],
  }
}

function keyOf(stage: Stage, name: string): Key | undefined {
  return stage.keys.find((key) => key.name === name || key.arn === name)
}

export const keysLetPublishers: Check = (stage) => {
  const users = keyUsers(stage)
  const ofAws = users.flatMap(([user, publishers]) => byAwsKey(stage, user, publishers))
  const ofKeys = stage.keys.flatMap((key) => {
    const mine = users.filter(([user]) => user.key && keyOf(stage, user.key) === key)
    return byKey(stage, key, mine)
  })
  return [...ofAws, ...ofKeys]
}

function keyUsers(stage: Stage): [Topic | Queue, Publisher[]][] {
  const context = { ...TLS, 'aws:SourceAccount': stage.place.account, 'aws:PrincipalArn': null }
  const sns: Publisher = { who: 'sns.amazonaws.com', context }
  const fed = new Set(stage.topics.flatMap(({ subscriptions = [] }) => subscriptions.map(({ endpoint }) => endpoint)))
  return [
    ...stage.topics.map((topic): [Topic, Publisher[]] => [topic, publishersOf(stage, topic)]),
    ...stage.queues.filter(({ arn }) => fed.has(arn)).map((queue): [Queue, Publisher[]] => [queue, [sns]]),
  ]
}

function byAwsKey(stage: Stage, user: Topic | Queue, publishers: Publisher[]): Finding[] {
  const services = publishers.filter(({ isRole }) => !isRole).map(({ who }) => who)
  if (!user.key || !isOfAws(user.key) || services.length === 0) return []
  return [
    {
      id: 'key-not-allowed',
      severity: 'error',
      about: user.name,
      resource: user.id,
      what: `It is encrypted with the AWS managed key ${user.key}, which ${services.join(' and ')} may not use.`,
      keeps: passing(stage, user.name),
      fix: setKey(stage, user),
    },
  ]
}

function byKey(stage: Stage, key: Key, users: [Topic | Queue, Publisher[]][]): Finding[] {
  const { policy, arn: resource } = key
  if (!policy) return []
  const refusals = users.flatMap(([user, publishers]) =>
    publishers.flatMap((publisher) => {
      const verdicts = KEY_ACTIONS.map((action) => judge(policy, { ...publisher, action, resource }))
      const verdict = verdicts.find((one) => one !== 'allowed')
      return verdict === undefined ? [] : [{ verdict, who: publisher.who, user: user.name }]
    }),
  )
  return byVerdict(refusals).map(({ verdict, who }) => {
    const mine = [...new Set(refusals.filter((one) => one.verdict === verdict).map(({ user }) => user))]
    const what = `The key's policy does not let ${who} use it (${KEY_ACTIONS.join(', ')}) for ${mine.join(', ')}`
    return {
      ...refused(stage, key, verdict, what),
      id: verdict === 'unclear' ? 'policy-unclear' : 'key-not-allowed',
      keeps: [...new Set(mine.map((name) => passing(stage, name)))].join('; '),
      fix: setKeyPolicy(stage, key),
    }
  })
}

function setKey(stage: Stage, user: Topic | Queue): string[] {
  if ('url' in user) return revertDrift(stage)
  const key = stage.expected?.topics.find(({ arn }) => arn === user.arn)?.key ?? ''
  const value = quoted(key)
  return [
    aws(
      stage,
      `sns set-topic-attributes --topic-arn ${user.arn} --attribute-name KmsMasterKeyId --attribute-value ${value}`,
    ),
  ]
}

function setKeyPolicy(stage: Stage, key: Key): string[] {
  const policy = stage.expected?.keys.find(({ arn }) => arn === key.arn)?.policy
  if (!policy) return revertDrift(stage)
  const value = quoted(JSON.stringify(policy))
  return [aws(stage, `kms put-key-policy --key-id ${key.arn} --policy-name default --policy ${value}`)]
}
