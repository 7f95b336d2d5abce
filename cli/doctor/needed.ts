import { watchedTypes } from '../../deploy/watch.ts'
import { byQueue, deadLettersOf, FUNCTION_OF, QUEUES, type QueueName, TABLE, TICK } from '../../local/topology.ts'
import { type ChannelConfig, snsAddressesIn } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { queueVariable } from '../../shared/aws/queue-variable.ts'
import { FACTS } from '../../shared/channels/types.ts'
import { MAX_TRIES } from '../../shared/deliver/next-step.ts'
import { HEARTBEAT } from '../../shared/observe/heartbeat.ts'

/*
 * What a stage needs at least to deliver alerts, and to notify somebody when it can't: by names without the stage's
 * prefix. A template with fewer resources lacks something, even if the rest is consistent.
 */

type Channels = Record<string, ChannelConfig>

export function topicsFor(channels: Channels): string[] {
  return ['alarms', 'notifications', 'operator', ...emailTopicsFor(channels)]
}

export function emailTopicsFor(channels: Channels): string[] {
  return Object.entries(channels).flatMap(([name, channel]) => (snsAddressesIn(channel) ? [`email-${name}`] : []))
}

export const NEEDED_QUEUES = QUEUES.flatMap((queue) => [queue, deadLettersOf(queue)])

/** The function that AppConfig calls before it rolls rules out. */
const VALIDATOR = 'validate-config'
export const NEEDED_FUNCTIONS = [...Object.values(FUNCTION_OF), TICK.functionName, VALIDATOR]

/** Schedules: the maximum interval in seconds, and the function. */
export const NEEDED_SCHEDULES = {
  [TICK.functionName]: { everyS: TICK.everyS, starts: { kind: 'functions', name: TICK.functionName } },
  heartbeat: { everyS: HEARTBEAT.minutes * 60, starts: { kind: 'topics', name: 'alarms' } },
} as const satisfies Record<string, { everyS: number; starts: { kind: 'functions' | 'topics'; name: string } }>

/** Alarms that only fire on missing data. */
export const ALARMS_ON_SILENCE = ['no-heartbeat', 'no-tick']
/** Each alarm notifies the operator directly, not through the router. */
export const alarmsFor = (channels: Config['channels']) => [
  ...ALARMS_ON_SILENCE,
  ...['late-heartbeat', 'late', 'stale-rules', 'email-to-nobody', 'waiting'],
  ...(['alarms', ...watchedTypes(channels)] as const).flatMap((queue) =>
    ['dead-letters', 'more-dead-letters', 'errors', queue === 'alarms' ? 'throttles' : 'oldest-message'].map(
      (kind) => `${queue}-${kind}`,
    ),
  ),
  ...['errors', 'throttles'].map((kind) => `${TICK.functionName}-${kind}`),
]

/** In the format of `Table` (stage.ts). */
const keysIn = (schema: { AttributeName: string; KeyType: string }[]) =>
  schema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ')
export const TABLE_KEYS = keysIn(TABLE.KeySchema)
export const INDEX_KEYS = Object.fromEntries(
  TABLE.GlobalSecondaryIndexes.map(({ IndexName, KeySchema }) => [IndexName, keysIn(KeySchema)]),
)

/** The parts of AppConfig that a push needs (deploy/live-config.ts). `prefix`: alert-router-prod. */
export function appConfigPartsFor(prefix: string, stage: string): string[] {
  return [
    `application ${prefix}`,
    `environment ${stage}`,
    'profile rules',
    'profile deployed',
    `strategy ${prefix}`,
    `strategy ${prefix}-at-once`,
  ]
}

const DAY_S = 86_400
const HEARTBEAT_ENDS_IN = 'sink'
/**
 * How long each queue must keep a message, in seconds. A channel may be down for hours; an old heartbeat is useless.
 */
export const RETENTION_S = byQueue(DAY_S, (type) => (type === HEARTBEAT_ENDS_IN ? HEARTBEAT.minutes * 60 : DAY_S))
/** A deliverer counts attempts itself, and each delay of a message is another receive. */
const DELIVERER_RECEIVES = MAX_TRIES + 1
/**
 * How many receives each queue must allow before a message becomes a dead letter. 5 is AWS's advice for a queue that feeds a
 * function.
 */
export const RECEIVES = byQueue(5, () => DELIVERER_RECEIVES)

/** Of the router's own functions, all except the sink and the validator. The probe of what is watched knows no rules. */
export function followsLiveRules(functionName: string): boolean {
  return NEEDED_FUNCTIONS.includes(functionName) && ![VALIDATOR, FUNCTION_OF[HEARTBEAT_ENDS_IN]].includes(functionName)
}

/** The variables with a deliverer's target. */
const NEEDED_BY = {
  key: ['SECRET_PREFIX'],
  URL: ['SECRET_PREFIX'],
  token: ['SECRET_PREFIX'],
  topic: ['EMAIL_TOPIC_ARN_PREFIX'],
  nothing: [],
}

const ALL_NEED = ['TABLE_NAME', 'METRICS_NAMESPACE', 'STAGE']

/** The environment variables that a function needs. Its queues are in `…_QUEUE_URL`. */
export function environmentFor(functionName: string): string[] {
  if (functionName === VALIDATOR) return []
  const own = followsLiveRules(functionName) ? ['LIVE_CONFIG', ...ALL_NEED] : ALL_NEED
  if (functionName === TICK.functionName) return [...own, 'ALARMS_QUEUE_URL']
  const queue = queueOf(functionName)
  if (queue === undefined) return []
  const deadLetters = `${queueVariable(queue)}_DEAD_LETTERS_URL`
  if (queue === 'alarms') return [...own, 'ALARMS_TOPIC_ARN', 'NOTIFICATIONS_TOPIC_ARN', deadLetters]
  return [
    ...own,
    'ALARMS_QUEUE_URL',
    `${queueVariable(queue)}_QUEUE_URL`,
    deadLetters,
    ...NEEDED_BY[FACTS[queue].addressedBy],
  ]
}

/** The queue that feeds a function. */
export function queueOf(functionName: string): QueueName | undefined {
  return QUEUES.find((queue) => FUNCTION_OF[queue] === functionName)
}

/** The functions' actions on the table. */
const DELIVERS = ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']
export function tableActionsOf(functionName: string): string[] {
  if (functionName === TICK.functionName) return ['GetItem', 'PutItem']
  const queue = queueOf(functionName)
  return queue === undefined ? [] : queue === 'alarms' ? ['DeleteItem', 'GetItem', 'PutItem', 'Query'] : DELIVERS
}
