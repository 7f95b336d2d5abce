import { byQueue, deadLettersOf, FUNCTION_OF, QUEUES, type QueueName, TABLE, TICK } from '../../local/topology.ts'
import type { ChannelConfig } from '../../schemas/channel.ts'
import { FACTS } from '../../shared/channels/types.ts'
import { MAX_TRIES } from '../../shared/deliver/next-step.ts'
import { HEARTBEAT } from '../../shared/observe/heartbeat.ts'

/*
 * The least that a stage must have for an alert to arrive, and for somebody to hear when one does not: by names without the
 * stage's prefix. A template that was packaged from fewer parts lacks something, however well the rest fits together.
 */

type Channels = Record<string, ChannelConfig>

export function topicsFor(channels: Channels): string[] {
  return ['alarms', 'notifications', 'operator', ...emailTopicsFor(channels)]
}

export function emailTopicsFor(channels: Channels): string[] {
  return Object.entries(channels).flatMap(([name, { type }]) =>
    FACTS[type].leadsBy === 'topic' ? [`email-${name}`] : [],
  )
}

export const NEEDED_QUEUES = QUEUES.flatMap((queue) => [queue, deadLettersOf(queue)])

/** What AppConfig calls before it rolls rules out. */
const VALIDATOR = 'validate-config'
export const NEEDED_FUNCTIONS = [...Object.values(FUNCTION_OF), TICK.functionName, VALIDATOR]

/** What runs by the clock: how often at least, seconds, and what it starts. */
export const NEEDED_SCHEDULES = {
  [TICK.functionName]: { everyS: TICK.everyS, starts: { kind: 'functions', name: TICK.functionName } },
  heartbeat: { everyS: HEARTBEAT.minutes * 60, starts: { kind: 'topics', name: 'alarms' } },
} as const satisfies Record<string, { everyS: number; starts: { kind: 'functions' | 'topics'; name: string } }>

/** Alarms that only silence sets off. */
export const ALARMS_ON_SILENCE = ['no-heartbeat', 'no-tick']
/** Each alarm goes to the operator, past the router. */
export const NEEDED_ALARMS = [
  ...ALARMS_ON_SILENCE,
  ...['late-heartbeat', 'late', 'stale-rules', 'email-to-nobody'],
  ...QUEUES.flatMap((queue) =>
    ['dead-letters', 'more-dead-letters', 'waiting', 'oldest-message', 'errors', 'throttles'].map(
      (kind) => `${queue}-${kind}`,
    ),
  ),
  ...['errors', 'throttles'].map((kind) => `${TICK.functionName}-${kind}`),
]

/** In the form in which `Table` describes them (stage.ts). */
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
/** How long each queue must keep a message, seconds. A channel may be down for hours; an old heartbeat is worth nothing. */
export const RETENTION_S = byQueue(DAY_S, (type) => (type === HEARTBEAT_ENDS_IN ? HEARTBEAT.minutes * 60 : DAY_S))
/** A deliverer counts tries itself, and each wait of a message is one receive more. */
const DELIVERER_RECEIVES = MAX_TRIES + 1
/**
 * How many receives each queue must allow before a message becomes a dead letter. 5 is AWS's advice for a queue that feeds a
 * function.
 */
export const RECEIVES = byQueue(5, () => DELIVERER_RECEIVES)

/** All but the sink and the validator, which read no rules of their own. */
export function followsLiveRules(functionName: string): boolean {
  return functionName !== VALIDATOR && functionName !== FUNCTION_OF[HEARTBEAT_ENDS_IN]
}

/** What a deliverer finds its target by. */
const NEEDED_BY = {
  key: ['SECRET_PREFIX'],
  URL: ['SECRET_PREFIX'],
  topic: ['EMAIL_TOPIC_ARN_PREFIX'],
  nothing: [],
}

const ALL_NEED = ['TABLE_NAME', 'METRICS_NAMESPACE', 'STAGE']

/** The environment variables that a function needs. It finds its queues by `…_QUEUE_URL`. */
export function environmentFor(functionName: string): string[] {
  if (functionName === VALIDATOR) return []
  const own = followsLiveRules(functionName) ? ['LIVE_CONFIG', ...ALL_NEED] : ALL_NEED
  if (functionName === TICK.functionName) return [...own, 'ALARMS_QUEUE_URL']
  const queue = queueOf(functionName)
  if (queue === undefined) return []
  const deadLetters = `${queue.toUpperCase()}_DEAD_LETTERS_URL`
  if (queue === 'alarms') return [...own, 'ALARMS_TOPIC_ARN', 'NOTIFICATIONS_TOPIC_ARN', deadLetters]
  return [
    ...own,
    'ALARMS_QUEUE_URL',
    `${queue.toUpperCase()}_QUEUE_URL`,
    deadLetters,
    ...NEEDED_BY[FACTS[queue].leadsBy],
  ]
}

/** The queue that feeds a function. */
export function queueOf(functionName: string): QueueName | undefined {
  return QUEUES.find((queue) => FUNCTION_OF[queue] === functionName)
}

/** What functions do with the table. */
const DELIVERS = ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']
export function tableActionsOf(functionName: string): string[] {
  if (functionName === TICK.functionName) return ['GetItem', 'PutItem']
  const queue = queueOf(functionName)
  return queue === undefined ? [] : queue === 'alarms' ? ['DeleteItem', 'GetItem', 'PutItem', 'Query'] : DELIVERS
}
