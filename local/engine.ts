import type { FauxqsServer } from 'fauxqs'
import { EVIDENCE, EVIDENCE_FILTER } from '../deploy/evidence-queue.ts'
import { sendersIn } from '../deploy/ses-rights.ts'
import { type ChannelType, snsAddressesIn } from '../schemas/channel.ts'
import type { Config } from '../schemas/config.ts'
import { queueVariable } from '../shared/aws/queue-variable.ts'
import { startQueues } from './queues.ts'
import {
  type Captured,
  type Certificate,
  makeCertificate,
  type SecretsManagerStandIn,
  type SesStandIn,
  startSecretsManager,
  startSes,
} from './stand-ins/index.ts'
import { startTable } from './table.ts'
import {
  ACCOUNT,
  CHANNEL_QUEUES,
  deadLettersOf,
  INBOX,
  PREFIX,
  QUEUES,
  queueArn,
  queueName,
  REGION,
  topicArn,
} from './topology.ts'
import { startVendors, VENDOR_TYPES, type Vendors, type VendorType } from './vendors.ts'

export interface EngineOptions {
  config: Config
  /** The number of receives before a message becomes a dead letter: fewer than on AWS, to save time. */
  maxReceiveCount: number
  /** How long a received message stays hidden, unless it is deleted. */
  visibilityTimeoutS?: number
  /** Servers that receive a channel's requests instead of the stand-in: by the channel's name or its type. */
  forward: Record<string, string>
  /** Real secrets, by their name in the config, for the channels that really send. */
  realSecrets: Record<string, string>
  /** Whether what follows alerts has its queue, too. */
  hasEvidence?: boolean
  /** Whether vendors enforce their documented rate limits (429). */
  limits?: boolean
  /** The stand-in's. Without it, one is generated, which takes a while. */
  certificate?: Certificate
}

/** In the order of arrival; `email`: what SES received. */
export type Requests = Record<VendorType | 'email', Captured[]>

export interface Engine extends Vendors {
  /** The functions' environment. */
  environment: Record<string, string>
  /** The stand-in's certificate (PEM), for callers of PagerDuty. */
  certificate: string
  alarmsTopicArn: string
  secrets: SecretsManagerStandIn
  ses: SesStandIn
  /** Everything that each vendor received. */
  requests(): Requests
  /** Whether a queue has a message that can be received now. */
  hasMessage(queue: string): boolean
  stop(): Promise<void>
}

/**
 * Starts local replacements for AWS and the vendors in this process: SNS and SQS (fauxqs), DynamoDB (dynalite), and
 * stand-ins for PagerDuty, Slack, SES and Secrets Manager. Everything listens on free ports of 127.0.0.1.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { config, forward, realSecrets, limits: isLimited = false } = options
  const certificate = options.certificate ?? (await makeCertificate())
  const destination = (channel: string | undefined, type: ChannelType) => {
    const url = (channel === undefined ? undefined : forward[channel]) ?? forward[type]
    return url === undefined ? undefined : new URL(url)
  }
  const { vendors, ...ofVendors } = await startVendors((type) => ({
    config,
    certificate,
    forwardTo: (channel) => destination(channel, type),
    isLimited,
    real: realSecrets,
  }))
  const secrets = await startSecretsManager(
    Object.fromEntries(Object.entries(ofVendors.secrets).map(([name, value]) => [`${PREFIX}/${name}`, value])),
  )
  const ses = await startSes({ identities: sendersIn(config), configurationSets: [PREFIX], isLimited })
  const queues = await startQueues()
  const queueUrls = createQueues(queues, options)
  const table = await startTable()

  return {
    environment: {
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_SNS: queues.address,
      AWS_ENDPOINT_URL_SQS: queues.address,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AWS_ENDPOINT_URL_SESV2: ses.url,
      SES_CONFIGURATION_SET: PREFIX,
      TABLE_NAME: table.name,
      ALARMS_TOPIC_ARN: topicArn('alarms'),
      NOTIFICATIONS_TOPIC_ARN: topicArn('notifications'),
      EMAIL_TOPIC_ARN_PREFIX: topicArn('email-'),
      SECRET_PREFIX: `${PREFIX}/`,
      STAGE: 'local',
      ...ofVendors.environment,
      ...queueUrls,
    },
    certificate: certificate.cert,
    alarmsTopicArn: topicArn('alarms'),
    ...vendors,
    secrets,
    ses,
    requests: () => {
      const toVendors = VENDOR_TYPES.map((type) => [type, vendors[type].requests])
      return Object.fromEntries([...toVendors, ['email', ses.requests]])
    },
    hasMessage: (queue) => hasMessage(queues, queueName(queue)),
    stop: async () => {
      const servers = VENDOR_TYPES.map((type) => vendors[type])
      await Promise.all([...[...servers, secrets, ses].map((one) => one.close()), queues.stop(), table.stop()])
    },
  }
}

function createQueues(server: FauxqsServer, options: EngineOptions) {
  const { config, maxReceiveCount, visibilityTimeoutS = 90, hasEvidence = false } = options
  const urls: Record<string, string> = {}
  // The emulator's own URLs have a host that only a wildcard DNS resolves.
  const url = (queue: string) => `${server.address}/${ACCOUNT}/${queueName(queue)}`
  const emailTopics = Object.entries(config.channels).flatMap(([name, channel]) =>
    snsAddressesIn(channel) ? [`email-${name}`] : [],
  )
  for (const queue of QUEUES) {
    server.createQueue(queueName(deadLettersOf(queue)))
    server.createQueue(queueName(queue), {
      attributes: {
        VisibilityTimeout: String(visibilityTimeoutS),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(deadLettersOf(queue)), maxReceiveCount }),
      },
    })
    urls[`${queueVariable(queue)}_QUEUE_URL`] = url(queue)
    urls[`${queueVariable(queue)}_DEAD_LETTERS_URL`] = url(deadLettersOf(queue))
  }
  server.createQueue(queueName(INBOX))
  urls.INBOX_QUEUE_URL = url(INBOX)
  for (const topic of ['alarms', 'notifications', ...emailTopics]) server.createTopic(queueName(topic))
  server.subscribe({ topic: queueName('alarms'), queue: queueName('alarms') })
  for (const type of CHANNEL_QUEUES) {
    server.subscribe({
      topic: queueName('notifications'),
      queue: queueName(type),
      attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify({ channelType: [type] }) },
    })
  }
  if (hasEvidence) {
    server.createQueue(queueName(EVIDENCE.queue), {
      attributes: {
        VisibilityTimeout: String(visibilityTimeoutS),
        MessageRetentionPeriod: String(EVIDENCE.retentionS),
      },
    })
    urls.EVIDENCE_QUEUE_URL = url(EVIDENCE.queue)
    server.subscribe({
      topic: queueName('notifications'),
      queue: queueName(EVIDENCE.queue),
      attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify(EVIDENCE_FILTER) },
    })
  }
  for (const topic of emailTopics) server.subscribe({ topic: queueName(topic), queue: queueName(INBOX) })
  return urls
}

function hasMessage(server: FauxqsServer, queue: string): boolean {
  const { messages } = server.inspectQueue(queue) ?? {}
  if (!messages) throw new Error(`no queue ${queue}`)
  const { ready, delayed, inflight } = messages
  // The emulator only returns messages to a queue after their visibility timeout when somebody receives.
  const isOver = ({ visibilityDeadline }: { visibilityDeadline: number }) => visibilityDeadline <= Date.now()
  return ready.length > 0 || delayed.length > 0 || inflight.some(isOver)
}
