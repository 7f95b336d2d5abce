/**
 * The stack's queues and topics under their local names. `deploy/queues.yml` is what is deployed; a test holds the two
 * against each other.
 */
export const PREFIX = 'alert-router-local'
export const REGION = 'us-east-1'
export const ACCOUNT = '000000000000'

export const CHANNEL_QUEUES = ['pagerduty', 'slack', 'email'] as const
export const QUEUES = ['alarms', ...CHANNEL_QUEUES] as const
export type QueueName = (typeof QUEUES)[number]

export const FUNCTION_OF: Record<QueueName, string> = {
  alarms: 'route',
  pagerduty: 'deliver-pagerduty',
  slack: 'deliver-slack',
  email: 'deliver-email',
}
/** A queue's settings where they differ: how many messages Lambda is given at once. */
export const BATCH_SIZE: Record<QueueName, number> = { alarms: 10, pagerduty: 1, slack: 1, email: 10 }
/** The functions' timeouts, seconds. */
export const TIMEOUT_S: Record<QueueName, number> = { alarms: 15, pagerduty: 30, slack: 30, email: 15 }

export const topicArn = (name: string) => `arn:aws:sns:${REGION}:${ACCOUNT}:${PREFIX}-${name}`
export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${PREFIX}-${name}`
export const queueName = (name: string) => `${PREFIX}-${name}`
export const deadLettersOf = (queue: QueueName) => `${queue}-dead-letters`
/** Where the emails lie that an email channel's topic sent. */
export const INBOX = 'inbox'
