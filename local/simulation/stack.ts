import { createHash } from 'node:crypto'
import { MAX_RECEIVES, visibilityTimeoutS } from '../../deploy/deliverers.ts'
import { RECONCILE } from '../../deploy/reconcile-times.ts'
import type { ChannelType } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import type { Answer as HttpAnswer, Patience, Question } from '../../shared/aws/direct/exchange.ts'
import { queueVariable } from '../../shared/aws/queue-variable.ts'
import { FACTS } from '../../shared/channels/types.ts'
import { versionOf } from '../../shared/live-config/version.ts'
import { CREDENTIALS_ENVIRONMENT } from '../emulated.ts'
import {
  byQueue,
  CHANNEL_QUEUES,
  deadLettersOf,
  PREFIX,
  QUEUES,
  type QueueName,
  queueName,
  REGION,
  topicArn,
} from '../topology.ts'
import { AppConfig } from './aws/app-config.ts'
import { Table, type TableOptions } from './aws/dynamodb.ts'
import { AwsError } from './aws/error.ts'
import { type Publication, Sns } from './aws/sns.ts'
import { type QueueOptions, Sqs, urlOf } from './aws/sqs.ts'
import type { Lineage } from './aws/sqs-messages.ts'
import { answerTo, type HttpRequest, type Request, readRequest, writeError } from './aws/wire.ts'
import type { Clock } from './clock.ts'
import { ALARMS_TOPIC, type CloudWatch } from './cloudwatch.ts'
import { inContainer } from './container.ts'
import type { Network, Answer as NetworkAnswer } from './network.ts'
import type { Random } from './random.ts'
import type { Spells } from './spells.ts'
import { SLACK_HOST, targetOfEmail, Vendors } from './vendors.ts'

/** As in deploy/table.yml. */
const TABLE: TableOptions = {
  partitionKey: 'pk',
  sortKey: 'sk',
  indexes: {
    due: { partitionKey: 'dueShard', sortKey: 'dueAt', isKeysOnly: true },
    open: { partitionKey: 'openShard', sortKey: 'pk', isKeysOnly: true },
  },
  expiresBy: 'expiresAt',
}

const DAY_S = 86_400

/** As in deploy/queues.yml and deploy/deliverers.ts. */
const QUEUE_OPTIONS = byQueue<Omit<QueueOptions, 'deadLetters'> & { maxReceiveCount: number }>(
  { visibilityTimeoutS: 90, retentionS: 4 * DAY_S, maxReceiveCount: 100 },
  (type) => ({
    visibilityTimeoutS: visibilityTimeoutS(type),
    retentionS: FACTS[type].queue.retentionS,
    maxReceiveCount: MAX_RECEIVES,
  }),
)

interface Parts {
  clock: Clock
  random: Random
  spells: Spells
  network: Network
  /** One of two. */
  region?: string
  /** Those of the other region, too. */
  vendors?: Vendors
}

/** The deployed stack, built from models: what serverless.yml and deploy/ describe. */
export class Stack {
  readonly sqs: Sqs
  readonly sns: Sns
  readonly table: Table
  readonly appConfig: AppConfig
  readonly vendors: Vendors
  /** Only where it is compared. */
  cloudWatch: CloudWatch | undefined
  /** Hands each message of the alarms topic to the other of two regions, too. */
  toOther: ((body: string) => void) | undefined
  readonly #parts: Parts
  readonly #secrets = new Map<string, string>()
  /** The readers of an email channel. */
  readonly #addresses = new Map<string, string>()
  readonly #base: string

  /** `configs`: all that are ever active, the packaged one first. */
  constructor(parts: Parts, configs: Config[]) {
    const { clock, random, network } = parts
    this.#parts = parts
    this.sns = new Sns(parts.region === undefined ? 'n' : `${parts.region}-n`)
    this.#base = versionOf(JSON.stringify(configs[0]))
    this.sqs = new Sqs(clock, random.of('sqs'))
    this.table = new Table(clock, random.of('table'), TABLE_NAME, TABLE)
    this.appConfig = new AppConfig(clock, random.of('appconfig'))
    const byRoutingKey = new Map<string, string>()
    const byToken = new Map<string, string>()
    for (const channel of configs.flatMap((config) => Object.values(config.channels))) {
      if (!('secret' in channel)) continue
      const { secret, type } = channel
      const value = SECRETS[type]?.(secret)
      if (value === undefined) continue
      this.#secrets.set(`${PREFIX}/${secret}`, value)
      if (type === 'pagerduty') byRoutingKey.set(value, secret)
      if (type === 'slack-app') byToken.set(value, secret)
    }
    this.vendors = parts.vendors ?? new Vendors(clock, network, { byRoutingKey, byToken }, random.of('slack-app'))
    this.#createQueues()
    this.#createTopics(configs)
  }

  #createQueues(): void {
    for (const queue of QUEUES) {
      const { maxReceiveCount, ...options } = QUEUE_OPTIONS[queue]
      const letters = queueName(deadLettersOf(queue))
      this.sqs.createQueue(letters, { visibilityTimeoutS: 30, retentionS: 14 * DAY_S })
      this.sqs.createQueue(queueName(queue), { ...options, deadLetters: { queue: letters, maxReceiveCount } })
    }
  }

  #createTopics(configs: Config[]): void {
    for (const [name, channel] of configs.flatMap(({ channels }) => Object.entries(channels))) {
      if ('addresses' in channel) this.#addresses.set(name, channel.addresses[0]?.split('@')[0] ?? '')
    }
    for (const topic of ['alarms', 'notifications', ...[...this.#addresses.keys()].map((name) => `email-${name}`)])
      this.sns.topics.add(queueName(topic))
    this.sns.onPublished = (publication) => this.#fanOut(publication)
  }

  #fanOut(publication: Publication): void {
    const topic = publication.topic.slice(PREFIX.length + 1)
    if (topic.startsWith('email-')) {
      const body = { subject: publication.subject, text: publication.message }
      const target = this.#addresses.get(topic.slice('email-'.length)) ?? 'nobody'
      this.vendors.take({ target, type: 'email', action: 'message', body })
      return
    }
    if (topic === 'alarms') {
      const body = envelopeOf(publication, this.#parts.clock.now)
      this.#handOver('alarms', body, publication, false)
      this.toOther?.(body)
      return
    }
    const wanted = publication.attributes.channelType?.StringValue
    for (const queue of CHANNEL_QUEUES)
      if (queue === wanted) this.#handOver(queue, publication.message, publication, true)
  }

  /** At least once, and usually immediately. */
  #handOver(queue: QueueName, body: string, { attributes, lineage }: Publication, isRaw: boolean): void {
    const { clock, random, spells } = this.#parts
    const names = ['sns', `sns:${queue}`]
    const isLost = queue !== 'alarms' && spells.on(names, ['never']) !== undefined
    const times = isLost ? 0 : spells.on(names, ['again']) ? 2 : 1
    for (let time = 0; time < times; time++) {
      const delayed = spells.on(names, ['delayed']) !== undefined
      clock.after(delayed ? random.between(1_000, 600_000) : random.between(5, 100), () => {
        this.sqs.queues.get(queueName(queue))?.add(this.sqs.message(body, isRaw ? attributes : {}, 0, lineage))
      })
    }
  }

  push(config: Config): void {
    const version = versionOf(JSON.stringify(config))
    this.appConfig.push(JSON.stringify({ version, base: this.#base, config }))
  }

  /** Replaces what the functions call AWS with. */
  async exchange({ url, method, headers, body }: Question, { signal, timeoutMs }: Patience): Promise<HttpAnswer> {
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
    const { hostname, pathname: path, searchParams } = url
    const http = { method, hostname, path, query: Object.fromEntries(searchParams), headers: Object.fromEntries(lower) }
    const answer = await this.#answer({ ...http, body }, { signal, timeoutMs })
    return { status: answer.status, headers: answer.headers, text: answer.body }
  }

  /** Replaces the SDK's HTTP handler. */
  async handle(http: HttpRequest, patience: { signal?: AbortSignal; timeoutMs?: number }): Promise<object> {
    const { status, headers, body } = await this.#answer(http, patience)
    return { response: { statusCode: status, headers, body: Buffer.from(body) } }
  }

  async #answer(
    http: HttpRequest,
    { signal, timeoutMs }: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
  ): Promise<NetworkAnswer> {
    const request = readRequest(http)
    const { service, operation } = request
    const lineage = inContainer.getStore()?.lineage ?? {}
    const email = emailIn(request)
    const taken = { from: 0, to: 0 }
    return this.#parts.network.call(
      {
        what: `${email ? `email ${email}` : service} ${operation}${aboutOf(request)}`,
        names: this.#namesOf(
          email ? ['email', `email:${email}`, 'vendors'] : [service, `${service}.${operation}`, 'aws'],
        ),
        act: (how) => {
          taken.from = this.vendors.taken.length
          const answer = answerTo(request, () => this.#act(request, lineage, how))
          taken.to = this.vendors.taken.length
          for (const one of this.vendors.taken.slice(taken.from, taken.to)) one.region = this.#parts.region
          return answer
        },
        failure: (kind) => writeError(request, FAILURES[service][kind]),
        answered: () => {
          for (const one of this.vendors.taken.slice(taken.from, taken.to)) one.isAnswered = true
        },
      },
      { signal, timeoutMs, abortError },
    )
  }

  /** Of two regions, a spell may be on what one of them has, and on what comes from the other. */
  #namesOf(names: string[]): string[] {
    const { region } = this.#parts
    if (region === undefined) return names
    const from = inContainer.getStore()?.env.AWS_REGION
    const ofHere = names.map((name) => `${name}@${region}`)
    return [...names, ...ofHere, ...(from === region ? [] : [`from another@${region}`])]
  }

  #act(
    { service, operation, input }: Request,
    lineage: Lineage,
    how: { isPartial: boolean; isStale: boolean },
  ): object {
    const { random, clock } = this.#parts
    const fails = () => how.isPartial && random.chance(0.4)
    switch (service) {
      case 'sqs':
        return this.sqs.call(operation, input, lineage, fails)
      case 'sns':
        return this.sns.call(operation, input, lineage, fails)
      case 'secrets':
        return this.#secret(input)
      case 'appconfig':
        return this.appConfig.call(operation, input)
      case 'ses':
        return this.vendors.byEmail(input)
      case 'cloudwatch':
      case 'events':
        if (!this.cloudWatch) throw new AwsError('AccessDenied', 'this world has no CloudWatch')
        return this.cloudWatch.call(operation, input)
      case 'dynamodb': {
        // An index always lags a little.
        const lag = how.isStale ? 10_000 : input.IndexName === undefined ? 0 : 300
        const asOf = lag === 0 ? clock.now : this.table.staleness(lag)
        const pageOf = how.isPartial ? 1 + random.int(2) : undefined
        return this.table.call(operation, input, { asOf, pageOf, leavesOut: fails })
      }
    }
  }

  #secret({ SecretId }: Record<string, unknown>): object {
    const value = this.#secrets.get(String(SecretId))
    if (value === undefined)
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    return { Name: SecretId, SecretString: value, VersionId: 'v', VersionStages: ['AWSCURRENT'] }
  }
}

const TABLE_NAME = `${PREFIX}-alerts`

/** That of one of two regions (deploy/pair.ts). */
export function environmentInPair(name: string, here: string, regions: readonly [string, string]) {
  const at = (region: string, text: string) => text.replaceAll(REGION, region)
  const [other = ''] = regions.filter((one) => one !== here)
  const env = Object.entries(environmentOf(name)).map(([variable, value]) => [variable, at(here, value)])
  return {
    ...(Object.fromEntries(env) as Record<string, string>),
    REGIONS: regions.join(' '),
    OTHER_ALARMS_QUEUE_URL: at(other, urlOf(queueName('alarms'))),
  }
}

/** A function's environment, as serverless.yml sets it. */
export function environmentOf(name: string): Record<string, string> {
  const urls = QUEUES.flatMap((queue) => [
    [`${queueVariable(queue)}_QUEUE_URL`, urlOf(queueName(queue))],
    [`${queueVariable(queue)}_DEAD_LETTERS_URL`, urlOf(queueName(deadLettersOf(queue)))],
  ])
  return {
    ...CREDENTIALS_ENVIRONMENT,
    ...Object.fromEntries(urls),
    AWS_REGION: REGION,
    AWS_LAMBDA_FUNCTION_NAME: name,
    CONFIG_FILE: 'alerts.json',
    LIVE_CONFIG: 'app/env/rules',
    TABLE_NAME,
    ALARMS_TOPIC_ARN: name === 'reconcile' ? ALARMS_TOPIC : topicArn('alarms'),
    GRACE_S: String(RECONCILE.graceS),
    ROUTE_FUNCTION_ARN: 'arn:aws:lambda:eu-west-1:123456789012:function:route',
    NOTIFICATIONS_TOPIC_ARN: topicArn('notifications'),
    EMAIL_TOPIC_ARN_PREFIX: topicArn('email-'),
    SECRET_PREFIX: `${PREFIX}/`,
    STAGE: 'simulated',
    LOG_LEVEL: 'SILENT',
  }
}

/** The value of a channel's secret, by its name; none for a type of channel that no world has. */
const SECRETS: { [type in ChannelType]?: (name: string) => string } = {
  pagerduty: (name) => createHash('md5').update(name).digest('hex'),
  slack: (name) => `https://${SLACK_HOST}/services/T0/B0/${name}`,
  'slack-app': (name) => `xoxb-${name}`,
}

function envelopeOf({ topic, messageId, message, subject }: Publication, now: number): string {
  return JSON.stringify({
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: `arn:aws:sns:${REGION}:000000000000:${topic}`,
    ...(subject !== undefined && { Subject: subject }),
    Message: message,
    Timestamp: new Date(now).toISOString(),
  })
}

function emailIn({ service, operation, input }: Request): string | undefined {
  if (service === 'ses') return targetOfEmail(input)
  return service === 'sns' && operation === 'Publish' ? /-email-([\w-]+)$/.exec(String(input.TopicArn))?.[1] : undefined
}

/** Enough to distinguish calls in a story. */
function aboutOf({ service, input }: Request): string {
  if (service === 'dynamodb') {
    const { pk, sk } = (input.Key ?? input.Item ?? {}) as Record<string, { S?: string }>
    return pk ? ` ${pk.S} ${sk?.S}` : ''
  }
  return service === 'sqs' ? ` ${String(input.QueueUrl).split(`${PREFIX}-`).at(-1)}` : ''
}

function abortError(signal: AbortSignal): Error {
  return Object.assign(new Error('Request aborted', { cause: signal.reason }), { name: 'AbortError' })
}

type Failures = Record<'refused' | 'throttled' | 'bad' | 'revoked', AwsError>

function failuresOf(internal: string, throttling: string, throttledStatus: number): Failures {
  return {
    refused: new AwsError(internal, 'an internal error', { status: 500 }),
    throttled: new AwsError(throttling, 'rate exceeded', { status: throttledStatus }),
    bad: new AwsError('ValidationException', 'it takes nothing of the kind today'),
    revoked: new AwsError('AccessDeniedException', 'not authorized'),
  }
}

const FAILURES: Record<Request['service'], Failures> = {
  dynamodb: failuresOf('InternalServerError', 'ThrottlingException', 400),
  sqs: failuresOf('InternalError', 'RequestThrottled', 403),
  sns: {
    ...failuresOf('InternalError', 'Throttled', 429),
    revoked: new AwsError('NotFound', 'no topic', { status: 404 }),
  },
  secrets: failuresOf('InternalServiceError', 'ThrottlingException', 400),
  appconfig: failuresOf('InternalServerException', 'ThrottlingException', 429),
  ses: {
    ...failuresOf('InternalServiceErrorException', 'TooManyRequestsException', 429),
    revoked: new AwsError('AccountSuspendedException', 'Your account is suspended.'),
  },
  cloudwatch: failuresOf('InternalServiceFault', 'Throttling', 400),
  events: failuresOf('InternalException', 'ThrottlingException', 400),
}
