import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { build } from 'esbuild'
import { bundling } from '../deploy/esbuild.ts'
import { CREDENTIALS_ENVIRONMENT, emulated } from '../local/emulated.ts'
import { type Engine, startEngine } from '../local/engine.ts'
import { recordOf } from '../local/event-source.ts'
import { type Certificate, makeCertificate, startAppConfig } from '../local/stand-ins/index.ts'
import { ACCOUNT, FUNCTION_OF, PREFIX, type QueueName, queueArn, queueName } from '../local/topology.ts'
import type { Config } from '../schemas/config.ts'
import { median } from './median.ts'

/*
 * What a person waits for when an alarm comes after a quiet night: a process starts, loads a function's bundle, handles the
 * alarm up to the last answer, and ends. AWS and the vendors are stand-ins, reached by TLS as in life. On AWS an alarm takes
 * `route` and then a deliverer, each of which may have to start.
 */

/** The functions on the way of a critical alarm, by the queue that each reads. */
const WAY = ['alarms', 'pagerduty', 'slack'] as const satisfies QueueName[]
type Subject = (typeof WAY)[number]

/** Of all processes that did the same. */
export interface FirstAlarm {
  name: string
  /** Medians; `ms`: from the start of the process to its end. A bare one does not say what it took. */
  ms: number
  cpuMs: number | undefined
  mb: number | undefined
  /** The middle half of the rounds lies between these, ms. */
  between: [number, number]
  /** Over a process that loads nothing. */
  overBare: number
}

/** Rounds that warm the machine's caches, and are not counted. */
const WARM_UPS = 2
const ALARM = 'samples/system-availability-1-alarm.json'
const INVOKE = fileURLToPath(new URL('invoke.cjs', import.meta.url))

/** A critical alarm to PagerDuty and Slack, in turns with a bare process. */
export async function firstAlarms(folder: string, shipped: Config, rounds: number): Promise<FirstAlarm[]> {
  await build({
    ...bundling,
    entryPoints: Object.fromEntries(WAY.map((queue) => [queue, `functions/${FUNCTION_OF[queue]}.ts`])),
    outdir: join(folder, 'first-alarm'),
  })
  const config = unpaced(shipped)
  const configFile = join(folder, 'first-alarm.json')
  writeFileSync(configFile, JSON.stringify(config))
  const way = await startWay(folder, config, configFile)
  const runs = new Map<string, Run[]>()
  const note = (name: string, run: Run) => runs.set(name, [...(runs.get(name) ?? []), run])
  try {
    for (let round = -WARM_UPS; round < rounds; round++) {
      const all = await oneAlarm(`first-alarm-${round + WARM_UPS}`, folder, way)
      if (round >= 0) for (const [name, run] of Object.entries(all)) note(name, run)
    }
  } finally {
    await way.stop()
  }
  const bare = median((runs.get('bare node') ?? []).map(({ ms }) => ms))
  return [...runs].map(([name, of]) => summed(name, of, bare))
}

interface Run {
  ms: number
  cpuMs?: number
  mb?: number
}

function summed(name: string, runs: Run[], bareMs: number): FirstAlarm {
  const sorted = runs.map(({ ms }) => ms).sort((a, b) => a - b)
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN
  const of = (key: keyof Run) => {
    const all = runs.flatMap((one) => one[key] ?? [])
    return all.length > 0 ? median(all) : undefined
  }
  const ms = at(0.5)
  return { name, ms, cpuMs: of('cpuMs'), mb: of('mb'), between: [at(0.25), at(0.75)], overBare: ms / bareMs }
}

/** Each process of a cold start, once. */
async function oneAlarm(name: string, folder: string, way: Way): Promise<Record<string, Run>> {
  await way.publish(name)
  const run = async (queue: Subject) => start(queue, await way.take(queue), folder, way.environment)
  const bare = await start(undefined, undefined, folder, way.environment)
  const [route, pagerduty, slack] = [await run('alarms'), await run('pagerduty'), await run('slack')]
  const both = (a: Run, b: Run): Run => ({
    ms: a.ms + b.ms,
    cpuMs: (a.cpuMs ?? 0) + (b.cpuMs ?? 0),
    mb: Math.max(a.mb ?? 0, b.mb ?? 0),
  })
  return {
    'bare node': bare,
    route,
    'deliver-pagerduty': pagerduty,
    'deliver-slack': slack,
    'route, then deliver-pagerduty': both(route, pagerduty),
    'route, then deliver-slack': both(route, slack),
  }
}

/** One process, from its start to its end. @throws {Error} if it fails, or does not deliver. */
async function start(
  queue: Subject | undefined,
  event: SQSEvent | undefined,
  folder: string,
  environment: Record<string, string>,
): Promise<Run> {
  const [given, result] = [join(folder, 'event.json'), join(folder, 'result.json')]
  writeFileSync(given, JSON.stringify(event ?? {}))
  writeFileSync(result, '{}')
  const args = queue ? [INVOKE, join(folder, 'first-alarm', `${queue}.js`), given, result] : ['-e', '0']
  const from = performance.now()
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data) => {
    said += data
  })
  const [code] = await once(child, 'exit')
  const ms = performance.now() - from
  const { failed = 0, cpuMs, mb } = JSON.parse(readFileSync(result, 'utf8'))
  if (code !== 0 || failed > 0) throw new Error(`${queue ?? 'node'} did not handle an alarm (${code}): ${said}`)
  return { ms, cpuMs, mb }
}

interface Way {
  environment: Record<string, string>
  publish(name: string): Promise<void>
  /** The message of a queue, as Lambda gives it to a function. */
  take(queue: Subject): Promise<SQSEvent>
  stop(): Promise<void>
}

/** The stand-ins, by TLS, and a stack just deployed: AppConfig is asked, and nothing was pushed. */
async function startWay(folder: string, config: Config, configFile: string): Promise<Way> {
  const certificate = await makeCertificate()
  const engine = await startEngine({
    ...{ config, certificate, maxReceiveCount: 3, visibilityTimeoutS: 3_600, forward: {}, realSecrets: {} },
  })
  const appConfig = await startAppConfig({
    ...{ application: PREFIX, environment: 'dev', profiles: ['rules', 'deployed'] },
    strategies: [{ name: 'gradual', minutes: 0, growthPercent: 100, bakeMinutes: 0 }],
  })
  const authority = join(folder, 'first-alarm.pem')
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
    publish: async (name) => {
      const Message = readFileSync(ALARM, 'utf8').replaceAll('SystemAvailabilityAlarm', name)
      await sns.send(new PublishCommand({ TopicArn: engine.alarmsTopicArn, Message }))
    },
    take: (queue) => taken(sqs, queue, engine),
    stop: async () => {
      sns.destroy()
      sqs.destroy()
      await Promise.all([stop(), appConfig.close(), engine.stop()])
    },
  }
}

async function taken(sqs: SQSClient, queue: Subject, { environment }: Engine): Promise<SQSEvent> {
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
  return { Records: [recordOf(message, queueArn(queue))] }
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
    if (channel.type !== 'slack') continue
    engine.secrets.set(`${PREFIX}/${channel.secret}`, `${slack}/services/local/router/${name}`)
  }
  const stop = async () => {
    for (const server of servers) server.close()
  }
  return { environment: Object.fromEntries(await Promise.all(entries)), stop }
}

/** No process waits for its turn. */
function unpaced({ channels, ...config }: Config): Config {
  const paced = Object.entries(channels).map(([name, channel]) => [name, { ...channel, perMinute: 60_000 }])
  return { ...config, channels: Object.fromEntries(paced) }
}
