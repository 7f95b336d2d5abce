import { QUEUES, type QueueName, TICK, TIMEOUT_S } from '../../../local/topology.ts'
import { quoted } from '../../../shared/questions/shell.ts'
import { count } from '../../count.ts'
import { aws, type Check, type Finding, passing, revertDrift, shortName, sourceOf } from '../finding.ts'
import {
  ALARMS_ON_SILENCE,
  environmentFor,
  INDEX_KEYS,
  NEEDED_SCHEDULES,
  queueOf,
  RECEIVES,
  RETENTION_S,
  TABLE_KEYS,
} from '../needed.ts'
import type { LambdaFunction, Mapping, Queue, QueueSettings, Schedule, Stage, Subscription, Topic } from '../stage.ts'

/**
 * Checks the settings that delivery depends on. Even if everything is connected, a setting can stop or lose alerts.
 */

type Problem = Pick<Finding, 'id' | 'severity' | 'what'> & { keeps?: string; fix?: string[] }

function found(stage: Stage, { id, name }: { id: string; name: string }, said: Problem): Finding {
  return { about: name, resource: id, keeps: passing(stage, name), fix: revertDrift(stage), ...said }
}

export const queuesKeepMessages: Check = (stage) =>
  stage.queues.flatMap((queue) => {
    const { settings } = queue
    if (!settings) return []
    const name = QUEUES.find((one) => shortName(stage, queue.name) === one)
    const said = name ? problemsOfQueue(stage, name, settings) : problemsOfDeadLetters(stage, queue, settings)
    return said.map((one) => found(stage, queue, one))
  })

function problemsOfQueue(stage: Stage, name: QueueName, settings: QueueSettings): Problem[] {
  const { visibilityS, retentionS, delayS, maxReceiveCount } = settings
  const reader = stage.functions.find((one) => queueOf(shortName(stage, one.name)) === name)
  const timeoutS = reader?.timeoutS ?? TIMEOUT_S[name]
  const said: Problem[] = []
  if (visibilityS < timeoutS) {
    said.push({
      id: 'visibility-too-short',
      severity: 'error',
      what: `A received message is hidden for ${visibilityS} s (VisibilityTimeout), but its function may take ${timeoutS} s: another invocation receives it too, and Lambda rejects such an event source mapping.`,
    })
  }
  if (retentionS < RETENTION_S[name]) {
    said.push({
      id: 'retention-too-short',
      severity: 'error',
      what: `The queue keeps a message for ${retentionS} s (MessageRetentionPeriod), but must keep it for ${RETENTION_S[name]} s: alerts that need retries are lost.`,
    })
  }
  if (delayS > 0) {
    const what = `The queue holds each message back for ${delayS} s (DelaySeconds).`
    said.push({ id: 'queue-delays', severity: 'warning', what })
  }
  if (maxReceiveCount !== undefined && maxReceiveCount < RECEIVES[name]) {
    said.push({
      id: 'few-receives',
      severity: 'warning',
      what: `A message becomes a dead letter after ${count(maxReceiveCount, 'receive')} (maxReceiveCount); the router needs ${RECEIVES[name]} for its retries.`,
    })
  }
  return said
}

/** The age of a dead letter counts from when the message was first sent. */
function problemsOfDeadLetters(stage: Stage, queue: Queue, { retentionS }: QueueSettings): Problem[] {
  const sources = stage.queues.filter(({ deadLetters }) => deadLetters === queue.arn)
  const longestS = Math.max(...sources.map(({ settings }) => settings?.retentionS ?? 0), 0)
  if (retentionS > longestS) return []
  const what = `The queue keeps a message for ${retentionS} s (MessageRetentionPeriod), counted from when it was first sent; the queue before it keeps it for ${longestS} s.`
  return [{ id: 'retention-too-short', severity: 'warning', what }]
}

export const functionsAreSet: Check = (stage) =>
  stage.functions.flatMap((one) => problemsOfFunction(stage, one).map((said) => found(stage, one, said)))

function problemsOfFunction(stage: Stage, { name, timeoutS, environment, deadLetters }: LambdaFunction): Problem[] {
  const short = shortName(stage, name)
  const queue = queueOf(short)
  const neededS = queue ? TIMEOUT_S[queue] : short === TICK.functionName ? TICK.timeoutS : 0
  const lacks = environment === undefined ? [] : environmentFor(short).filter((one) => !environment.includes(one))
  const said: Problem[] = []
  if (timeoutS !== undefined && timeoutS < neededS) {
    const what = `Lambda stops the function after ${timeoutS} s; it needs up to ${neededS} s when the services it calls are slow.`
    said.push({ id: 'timeout-too-short', severity: 'error', what })
  }
  if (lacks.length > 0) {
    const what = `Environment variables that it needs are missing: ${lacks.join(', ')}.`
    said.push({ id: 'environment-missing', severity: 'error', what })
  }
  if (queue === 'alarms' && deadLetters === null) {
    said.push({
      id: 'no-dead-letters',
      severity: 'warning',
      what: 'The function has no dead-letter queue (DeadLetterConfig).',
      keeps: 'events from an alarm’s Lambda action that fail three times: they are lost, unnoticed',
    })
  }
  return said
}

export const mappingsPassAll: Check = (stage) =>
  stage.mappings.flatMap((mapping) => {
    const about = { id: mapping.id, name: mapping.function }
    return problemsOfMapping(stage, mapping).map((one) => found(stage, about, one))
  })

function problemsOfMapping(stage: Stage, mapping: Mapping): Problem[] {
  const { name, hasFilter, reportsFailures, windowS = 0 } = mapping
  const update = (what: string) => [aws(stage, `lambda update-event-source-mapping --uuid ${name} ${what}`)]
  const said: Problem[] = []
  if (hasFilter) {
    const what = 'Its event source mapping has a filter (FilterCriteria): Lambda deletes messages that do not match it.'
    said.push({ id: 'mapping-filters', severity: 'error', what, fix: update(`--filter-criteria '{}'`) })
  }
  if (reportsFailures === false) {
    said.push({
      id: 'failures-not-reported',
      severity: 'error',
      what: 'Its event source mapping does not report which messages failed (FunctionResponseTypes has no ReportBatchItemFailures): Lambda deletes them with the others.',
      keeps: `${passing(stage, mapping.function)}, if the first attempt fails`,
      fix: update('--function-response-types ReportBatchItemFailures'),
    })
  }
  if (windowS > 0) {
    said.push({
      id: 'mapping-waits',
      severity: 'warning',
      what: `Its event source mapping waits ${windowS} s for more messages (MaximumBatchingWindowInSeconds); it should not wait.`,
      keeps: `${passing(stage, mapping.function)}, for that long`,
      fix: update('--maximum-batching-window-in-seconds 0'),
    })
  }
  return said
}

/**
 * Without a filter a queue receives messages for other channels. Without dead letters, messages that SNS can't
 * deliver are lost.
 */
export const subscriptionsAreSet: Check = (stage) =>
  stage.queues.flatMap((queue) => {
    const topic = sourceOf(stage, queue)
    const one = topic?.subscriptions?.find(({ protocol, endpoint }) => protocol === 'sqs' && endpoint === queue.arn)
    return topic && one ? problemsOfSubscription(stage, topic, queue, one).map((said) => found(stage, queue, said)) : []
  })

function problemsOfSubscription(stage: Stage, topic: Topic, queue: Queue, one: Subscription): Problem[] {
  const short = shortName(stage, queue.name)
  const set = (name: string, value: object) => [
    aws(
      stage,
      `sns set-subscription-attributes --subscription-arn ${one.arn ?? 'ARN'} --attribute-name ${name} --attribute-value ${quoted(JSON.stringify(value))}`,
    ),
  ]
  const isUnfiltered = one.filterPolicy === null || Object.keys(one.filterPolicy ?? { any: 0 }).length === 0
  const said: Problem[] = []
  if (short !== 'alarms' && isUnfiltered) {
    said.push({
      id: 'filter-missing',
      severity: 'warning',
      what: `Its subscription to ${topic.name} has no filter policy: the queue receives messages for other channels.`,
      keeps: 'nothing, but the function receives messages that it can’t deliver, which become dead letters',
      fix: set('FilterPolicy', { channelType: [short] }),
    })
  }
  if (one.deadLetters === null && queue.deadLetters) {
    said.push({
      id: 'no-dead-letters',
      severity: 'warning',
      what: `Its subscription to ${topic.name} has no dead-letter queue.`,
      keeps: 'messages that SNS can’t deliver to the queue: they are lost, unnoticed',
      fix: set('RedrivePolicy', { deadLetterTargetArn: queue.deadLetters }),
    })
  }
  return said
}

/** `route` needs SNS's envelope; the deliverers need the raw message. */
const RAW: Record<string, boolean> = { alarms: false, notifications: true }

export const deliveryIsRaw: Check = (stage) =>
  stage.topics.flatMap((topic) => {
    const isExpectedRaw = RAW[shortName(stage, topic.name)]
    if (isExpectedRaw === undefined) return []
    return (topic.subscriptions ?? []).flatMap((one): Finding[] => {
      const queue = stage.queues.find(({ arn }) => arn === one.endpoint)
      if (!queue || one.isRaw === undefined || one.isRaw === isExpectedRaw) return []
      return [wronglyRaw(stage, topic, queue, one, isExpectedRaw)]
    })
  })

function wronglyRaw(
  stage: Stage,
  topic: Topic,
  queue: Queue,
  { arn = 'ARN' }: Subscription,
  isExpectedRaw: boolean,
): Finding {
  const set = `sns set-subscription-attributes --subscription-arn ${arn} --attribute-name RawMessageDelivery --attribute-value ${isExpectedRaw}`
  return found(stage, queue, {
    id: 'raw-delivery',
    severity: isExpectedRaw ? 'error' : 'warning',
    what: isExpectedRaw
      ? `Its subscription to ${topic.name} is not raw (RawMessageDelivery): the function receives SNS's envelope, and does not recognise it as a notification.`
      : `Its subscription to ${topic.name} is raw (RawMessageDelivery): route receives no envelope, and so neither SNS's subject nor its time.`,
    fix: [aws(stage, set)],
  })
}

const UNIT_S: Record<string, number> = { minute: 60, hour: 3_600, day: 86_400 }

/** How often a rule runs, in seconds; only known for a rate. */
function everyS(expression: string): number | undefined {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression.trim()) ?? []
  return count === undefined ? undefined : Number(count) * (UNIT_S[unit] ?? 0)
}

export const schedulesAreOften: Check = (stage) =>
  stage.schedules.flatMap((one) => {
    const needed = Object.entries(NEEDED_SCHEDULES).find(([short]) => short === shortName(stage, one.name))?.[1]
    return needed ? problemsOfSchedule(stage, one, needed).map((said) => found(stage, one, said)) : []
  })

type NeededSchedule = (typeof NEEDED_SCHEDULES)[keyof typeof NEEDED_SCHEDULES]

function problemsOfSchedule(stage: Stage, one: Schedule, needed: NeededSchedule): Problem[] {
  const { expression, targets = [] } = one
  const { kind, name } = needed.starts
  const target = stage[kind].find((each) => shortName(stage, each.name) === name)
  if (target && targets.length > 0 && !targets.includes(target.arn)) {
    const what = `The EventBridge rule invokes ${targets.join(', ')}, not ${target.name}.`
    return [{ id: 'rule-without-target', severity: 'error', what }]
  }
  if (expression === undefined) return []
  if (expression === null) {
    return [{ id: 'rule-too-rare', severity: 'error', what: 'The EventBridge rule has no schedule.' }]
  }
  const isEveryS = everyS(expression)
  const often = `rate(${count(needed.everyS / 60, 'minute')})`
  if (isEveryS === undefined) {
    const what = `The schedule ${expression} could not be interpreted; the rule should run at ${often}.`
    return [{ id: 'rule-rate-unclear', severity: 'unknown', what }]
  }
  if (isEveryS <= needed.everyS) return []
  return [
    {
      id: 'rule-too-rare',
      severity: 'error',
      what: `The EventBridge rule runs at ${expression}; it should run at ${often}.`,
    },
  ]
}

export const missingDataIsBreaching: Check = (stage) =>
  stage.alarms.flatMap((alarm) => {
    const { missingData } = alarm
    const isOnSilence = ALARMS_ON_SILENCE.includes(shortName(stage, alarm.name))
    // CloudWatch's default is `missing`. For an alarm in AWS, the setting may not be known.
    const counts = missingData ?? (stage.source === 'template' ? 'missing' : undefined)
    if (!isOnSilence || counts === undefined || counts === 'breaching') return []
    return [
      found(stage, alarm, {
        id: 'alarm-deaf-to-silence',
        severity: 'warning',
        what: `Missing data is treated as ${counts} (TreatMissingData), not as breaching: the alarm does not fire when the router is silent.`,
        keeps: `the email to the operator when this alarm fires: ${alarm.description}`,
      }),
    ]
  })

export const tableHasKeys: Check = (stage) =>
  stage.tables.flatMap((table) => {
    const wrong = [
      { what: 'The table', is: table.keys, needed: TABLE_KEYS },
      ...table.indexes.map(({ name, keys }) => ({ what: `Index ${name}`, is: keys, needed: INDEX_KEYS[name] })),
    ].filter(({ is, needed }) => is !== undefined && needed !== undefined && is !== needed)
    return wrong.map(({ what, is, needed }) =>
      found(stage, table, {
        id: 'table-keys',
        severity: 'error',
        what: `${what} has the keys ${is || '(none)'}, but must have ${needed}.`,
        keeps: 'every alert',
      }),
    )
  })

export const topicsAreGuarded: Check = (stage) =>
  stage.topics.flatMap((topic) => problemsOfTopic(stage, topic).map((one) => found(stage, topic, one)))

function problemsOfTopic(stage: Stage, { name, key, policy }: Topic): Problem[] {
  const short = shortName(stage, name)
  const isOperator = short === 'operator'
  const isOurs = isOperator || short === 'notifications' || short.startsWith('email-')
  const isStackKey = (stage.expected ?? stage).keys.some((one) => one.name === key || one.arn === key)
  const said: Problem[] = []
  if (isOperator && isStackKey) {
    said.push({
      id: 'operator-needs-key',
      severity: 'warning',
      what: "The topic is encrypted with the router's key: if that key can't be used, CloudWatch drops its messages, and the operator is not notified.",
    })
  }
  if (!isOperator && (isOurs || short === 'alarms') && key === null) {
    const what = 'The topic has no key: its messages are not encrypted at rest.'
    said.push({ id: 'topic-not-encrypted', severity: 'warning', what, keeps: 'nothing, but others could read it' })
  }
  // The policy of the alarms topic is checked for its publishers (publishers.ts).
  if (isOurs && policy === null) {
    const what = 'The topic has no policy of its own: any role in the account may publish to it.'
    said.push({
      id: 'topic-without-policy',
      severity: 'warning',
      what,
      keeps: 'nothing, but others could send in its name',
    })
  }
  return said
}
