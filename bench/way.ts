import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import { CREDENTIALS_ENVIRONMENT, emulated } from '../local/emulated.ts'
import { type Engine, startEngine } from '../local/engine.ts'
import { recordOf } from '../local/event-source.ts'
import { type Certificate, makeCertificate, startAppConfig } from '../local/stand-ins/index.ts'
import { ACCOUNT, PREFIX, type QueueName, queueArn, queueName } from '../local/topology.ts'
import { localWebhook } from '../local/vendors.ts'
import type { Config } from '../schemas/config.ts'

/** The functions on the way of a critical alarm, by the queue that each reads. */
export const WAY = ['alarms', 'pagerduty', 'slack'] as const satisfies QueueName[]
export type Stop = (typeof WAY)[number]

/** All that functions talk to on the way of an alarm, outside of their processes. */
export interface Way {
  /** Of the functions. */
  environment: Record<string, string>
  certificate: Certificate
  /** Publishes the critical sample under this name, as CloudWatch does. */
  publish(name: string): Promise<void>
  /** A message of a queue, as Lambda gives it to a function. */
  take(queue: Stop): Promise<SQSRecord>
  /** How many requests a vendor has accepted. */
  accepted(vendor: 'slack' | 'pagerduty'): number
  stop(): Promise<void>
}

const ALARM = 'samples/system-availability-1-alarm.json'
const NAME = 'SystemAvailabilityAlarm'

/** The stand-ins, by TLS, and a stack just deployed: AppConfig is asked, and nothing was pushed. */
export async function startWay(folder: string, shipped: Config): Promise<Way> {
  const config = unpaced(shipped)
  const [configFile, authority] = [join(folder, 'way.json'), join(folder, 'way.pem')]
  writeFileSync(configFile, JSON.stringify(config))
  const certificate = await makeCertificate()
  const engine = await startEngine({
    ...{ config, certificate, maxReceiveCount: 3, visibilityTimeoutS: 3_600, forward: {}, realSecrets: {} },
  })
  const appConfig = await startAppConfig({
    ...{ application: PREFIX, environment: 'dev', profiles: ['rules', 'deployed'] },
    strategies: [{ name: 'gradual', minutes: 0, growthPercent: 100, bakeMinutes: 0 }],
  })
  writeFileSync(authority, engine.certificate)
  const { environment, stop } = await overTls(
    { ...engine.environment, AWS_ENDPOINT_URL_APPCONFIGDATA: appConfig.url },
    { certificate, engine, config },
  )
  const sns = new SNSClient(emulated(engine.environment, 'SNS'))
  const sqs = new SQSClient(emulated(engine.environment, 'SQS'))
  return {
    environment: {
      ...CREDENTIALS_ENVIRONMENT,
      ...environment,
      CONFIG_FILE: configFile,
      METRICS_NAMESPACE: PREFIX,
      LIVE_CONFIG: `id-${PREFIX}/id-dev/id-rules`,
      NODE_EXTRA_CA_CERTS: authority,
    },
    certificate,
    publish: async (name) => {
      const Message = readFileSync(ALARM, 'utf8').replaceAll(NAME, name)
      const Subject = `ALARM: "${name}" in US East (N. Virginia)`
      await sns.send(new PublishCommand({ TopicArn: engine.alarmsTopicArn, Message, Subject }))
    },
    take: (queue) => taken(sqs, queue, engine),
    accepted: (vendor) => engine[vendor].requests.filter(({ status = 0 }) => status >= 200 && status < 300).length,
    stop: async () => {
      sns.destroy()
      sqs.destroy()
      await Promise.all([stop(), appConfig.close(), engine.stop()])
    },
  }
}

async function taken(sqs: SQSClient, queue: Stop, { environment }: Engine): Promise<SQSRecord> {
  const QueueUrl = `${environment.AWS_ENDPOINT_URL_SQS}/${ACCOUNT}/${queueName(queue)}`
  const asked = {
    QueueUrl,
    WaitTimeSeconds: 5,
    MessageSystemAttributeNames: ['All' as const],
    MessageAttributeNames: ['All'],
  }
  const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand(asked))
  if (!message) throw new Error(`nothing came to ${queue}`)
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }))
  return recordOf(message, queueArn(queue))
}

/** AWS and Slack's webhooks, with TLS before their stand-ins; PagerDuty's has it. */
async function overTls(
  environment: Record<string, string>,
  { certificate, engine, config }: { certificate: Certificate; engine: Engine; config: Config },
) {
  const servers: Server[] = []
  const inFront = async (url: string): Promise<string> => {
    const { port, hostname, pathname } = new URL(url)
    const server = createServer(certificate, (outside) => {
      const inside = connect(Number(port), hostname)
      for (const [one, other] of [
        [outside, inside],
        [inside, outside],
      ] as const)
        one
          .setNoDelay(true)
          .on('error', () => other.destroy())
          .pipe(other)
    })
    servers.push(server.listen(0, '127.0.0.1'))
    await once(server, 'listening')
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}${pathname === '/' ? '' : pathname}`
  }
  const entries = Object.entries(environment).map(async ([name, value]) => {
    return [name, name.startsWith('AWS_ENDPOINT_URL_') ? await inFront(value) : value] as const
  })
  const slack = await inFront(engine.slack.url)
  for (const [name, channel] of Object.entries(config.channels)) {
    if (channel.type === 'slack') engine.secrets.set(`${PREFIX}/${channel.secret}`, localWebhook(slack, name))
  }
  const stop = async () => {
    for (const server of servers) server.close()
  }
  return { environment: Object.fromEntries(await Promise.all(entries)), stop }
}

/** No process waits for its turn. */
export function unpaced({ channels, ...config }: Config): Config {
  const paced = Object.entries(channels).map(([name, channel]) => [name, { ...channel, perMinute: 60_000 }])
  return { ...config, channels: Object.fromEntries(paced) }
}
