import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { delivererOf } from '../deploy/deliverers.ts'
import { CHANNEL_TYPES, type ChannelType } from '../schemas/channel.ts'
import { FACTS } from '../shared/channels/types.ts'

/**
 * The stack's queues and topics under their local names, and its table. `deploy/` is what is deployed; tests compare
 * the two.
 */
export const PREFIX = 'alert-router-local'
export const REGION = 'us-east-1'
export const ACCOUNT = '000000000000'

export const CHANNEL_QUEUES = CHANNEL_TYPES
export const QUEUES = ['alarms', ...CHANNEL_QUEUES] as const
export type QueueName = (typeof QUEUES)[number]

export const FUNCTION_OF = byQueue<string>('route', delivererOf)
/** The functions' timeouts, seconds. */
export const TIMEOUT_S = byQueue(15, (type) => FACTS[type].queue.timeoutS)

/** The settings of the alarms queue, and of each channel type's. */
export function byQueue<Of>(ofAlarms: Of, ofType: (type: ChannelType) => Of): Record<QueueName, Of> {
  return Object.fromEntries(QUEUES.map((queue) => [queue, queue === 'alarms' ? ofAlarms : ofType(queue)])) as Record<
    QueueName,
    Of
  >
}

/** Scheduled functions: the interval and the timeout, in seconds. */
export const TICK = { functionName: 'tick', everyS: 60, timeoutS: 50 }

export const topicArn = (name: string) => `arn:aws:sns:${REGION}:${ACCOUNT}:${PREFIX}-${name}`
export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${PREFIX}-${name}`
export const queueName = (name: string) => `${PREFIX}-${name}`
export const deadLettersOf = (queue: QueueName) => `${queue}-dead-letters`
/** The queue with the emails that an email channel's topic sent. */
export const INBOX = 'inbox'

export const TABLE_NAME = `${PREFIX}-alerts`

/** The table's keys and its index. */
export const TABLE = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'dueShard', AttributeType: 'S' },
    { AttributeName: 'dueAt', AttributeType: 'S' },
    { AttributeName: 'openShard', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'due',
      KeySchema: [
        { AttributeName: 'dueShard', KeyType: 'HASH' },
        { AttributeName: 'dueAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
    {
      IndexName: 'open',
      KeySchema: [
        { AttributeName: 'openShard', KeyType: 'HASH' },
        { AttributeName: 'pk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
} satisfies Omit<CreateTableCommandInput, 'TableName'>
