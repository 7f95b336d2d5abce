import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'

/**
 * The stack's queues and topics under their local names, and its table. `deploy/queues.yml` and `deploy/table.yml` are what
 * is deployed; tests hold them against each other.
 */
export const PREFIX = 'alert-router-local'
export const REGION = 'us-east-1'
export const ACCOUNT = '000000000000'

export const CHANNEL_QUEUES = ['pagerduty', 'slack', 'email', 'sink'] as const
export const QUEUES = ['alarms', ...CHANNEL_QUEUES] as const
export type QueueName = (typeof QUEUES)[number]

export const FUNCTION_OF: Record<QueueName, string> = {
  alarms: 'route',
  pagerduty: 'deliver-pagerduty',
  slack: 'deliver-slack',
  email: 'deliver-email',
  sink: 'deliver-sink',
}
/** How many messages a function is given at once, and how long (seconds) a batch that is not full waits for more. */
export const BATCH_SIZE: Record<QueueName, number> = { alarms: 10, pagerduty: 10, slack: 100, email: 100, sink: 10 }
export const WINDOW_S: Record<QueueName, number> = { alarms: 0, pagerduty: 0, slack: 5, email: 5, sink: 0 }
/** The functions' timeouts, seconds. */
export const TIMEOUT_S: Record<QueueName, number> = { alarms: 15, pagerduty: 30, slack: 30, email: 30, sink: 15 }
/** What runs by the clock and not by a queue: how often, and its timeout, seconds. */
export const TICK = { functionName: 'tick', everyS: 60, timeoutS: 50 }

export const topicArn = (name: string) => `arn:aws:sns:${REGION}:${ACCOUNT}:${PREFIX}-${name}`
export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${PREFIX}-${name}`
export const queueName = (name: string) => `${PREFIX}-${name}`
export const deadLettersOf = (queue: QueueName) => `${queue}-dead-letters`
/** Where the emails lie that an email channel's topic sent. */
export const INBOX = 'inbox'

/** The table's keys and its index. */
export const TABLE = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'dueShard', AttributeType: 'S' },
    { AttributeName: 'dueAt', AttributeType: 'S' },
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
  ],
  BillingMode: 'PAY_PER_REQUEST',
} satisfies Omit<CreateTableCommandInput, 'TableName'>
