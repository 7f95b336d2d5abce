import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { emulated } from '../local/emulated.ts'
import { type Engine, startEngine } from '../local/engine.ts'
import { type Batching, startRouter } from '../local/router.ts'
import type { Config } from '../schemas/config.ts'
import { Units } from './units.ts'

/** The functions' calls to a service. */
export interface Calls {
  service: string
  /** How often each operation was called. */
  operations: Record<string, number>
  calls: number
  requestBytes: number
  responseBytes: number
}

const SERVICES = ['DYNAMODB', 'SNS', 'SQS'] as const
type Service = (typeof SERVICES)[number]

/** Lambda's calls to a queue, and the calls that a run makes to detect its end. */
const NOT_OURS = ['ReceiveMessage', 'DeleteMessageBatch', 'GetQueueAttributes', 'Scan']

const LIFE = ['samples/system-availability-1-alarm.json', 'samples/system-availability-2-ok.json']

/**
 * The functions' calls to AWS for one critical alarm with these rules, from its event until each channel accepted
 * it, firing and resolving: calls and the bytes of their bodies, counted in front of the emulators; and the bytes of
 * the messages that the functions received. The calls of a cold start are not counted.
 */
export async function callsOfAnAlarm(
  config: Config,
  configFile: string,
): Promise<{ calls: Calls[]; messages: number; messageBytes: number }> {
  // With batches and batch windows as deployed, so that channels are notified at the real times.
  return counted(config, { configFile, batching: 'as-deployed' }, async ({ publish, counts }) => {
    const events = LIFE.map((file) => readFileSync(file, 'utf8'))
    // The first alarm pays for one-time calls.
    for (const name of ['Earlier', 'SystemAvailability']) {
      counts(true)
      for (const event of events) await publish(event.replaceAll('SystemAvailabilityAlarm', `${name}Alarm`))
    }
    const all = counts()
    return {
      calls: all.map(({ messages, messageBytes, ...calls }) => calls),
      messages: all.reduce((sum, { messages }) => sum + messages, 0),
      messageBytes: all.reduce((sum, { messageBytes }) => sum + messageBytes, 0),
    }
  })
}

/** A router whose calls are counted. */
export interface CountedRouter {
  /** Publishes an event to the alarms topic, and waits until nothing is left to do. */
  publish(event: string): Promise<void>
  /** Runs the clock once. */
  tick(): Promise<void>
  /** Of each service, since it began, or since they were last reset. `isReset`: forget them first. */
  counts(isReset?: boolean): Counts[]
  units: Units
}

/** Runs the whole local path with these rules, counting in front of the emulators, and stops it. */
export async function counted<Of>(
  config: Config,
  options: { configFile: string; batching: Batching },
  run: (router: CountedRouter) => Promise<Of>,
): Promise<Of> {
  const engine = await startEngine({ config, maxReceiveCount: 10, forward: {}, realSecrets: {} })
  const units = new Units()
  const services = await Promise.all(SERVICES.map((service) => countCalls(service, engine, units)))
  const environment = Object.assign({}, engine.environment, ...services.map((one) => one.environment))
  const router = await startRouter({ ...engine, environment }, options)
  const sns = new SNSClient(emulated(engine.environment, 'SNS'))
  try {
    return await run({
      async publish(Message) {
        await sns.send(new PublishCommand({ TopicArn: engine.alarmsTopicArn, Message }))
        await router.drained()
      },
      tick: router.tick,
      counts(isReset = false) {
        if (isReset) for (const one of services) one.reset()
        return services.map((one) => one.counts)
      },
      units,
    })
  } finally {
    await router.stop()
    sns.destroy()
    for (const one of services) one.close()
    await engine.stop()
  }
}

type Counts = Calls & { messages: number; messageBytes: number }

/** A counting proxy in front of an emulator. */
async function countCalls(service: Service, engine: Pick<Engine, 'environment'>, units: Units) {
  const variable = `AWS_ENDPOINT_URL_${service}`
  const to = new URL(engine.environment[variable] ?? '')
  const none = (): Counts => ({
    service,
    ...{ operations: {}, calls: 0, requestBytes: 0, responseBytes: 0, messages: 0, messageBytes: 0 },
  })
  let counts = none()

  function count(operation: string, asked: Buffer, answered: Buffer): void {
    if (operation === 'ReceiveMessage') {
      const { Messages = [] } = JSON.parse(answered.toString() || '{}') as { Messages?: { Body: string }[] }
      counts.messages += Messages.length
      counts.messageBytes += Messages.reduce((sum, { Body }) => sum + Buffer.byteLength(Body), 0)
    }
    if (NOT_OURS.includes(operation)) return
    counts.operations[operation] = (counts.operations[operation] ?? 0) + 1
    counts.calls++
    counts.requestBytes += asked.length
    counts.responseBytes += answered.length
  }

  const server = createServer(async (incoming, response) => {
    const asked = Buffer.concat(await incoming.toArray())
    const outgoing = request(to, { path: incoming.url, method: incoming.method, headers: incoming.headers })
    outgoing.on('error', () => response.destroy())
    outgoing.on('response', async (answer) => {
      const answered = Buffer.concat(await answer.toArray())
      const target = String(incoming.headers['x-amz-target'] ?? new URLSearchParams(asked.toString()).get('Action'))
      const operation = target.split('.').at(-1) ?? ''
      count(operation, asked, answered)
      if (service === 'DYNAMODB') units.saw(operation, bodyOf(asked), bodyOf(answered), answer.statusCode === 200)
      response.writeHead(answer.statusCode ?? 502, answer.headers).end(answered)
    })
    outgoing.end(asked)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const here = `http://127.0.0.1:${port}`
  const urls = Object.entries(engine.environment).filter(([name]) => service === 'SQS' && name.endsWith('_URL'))
  return {
    environment: {
      [variable]: here,
      // The SDK calls a queue at its URL.
      ...Object.fromEntries(urls.map(([name, url]) => [name, url.replace(to.origin, here)])),
    },
    get counts() {
      return counts
    },
    reset() {
      counts = none()
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const bodyOf = (bytes: Buffer) => JSON.parse(bytes.toString() || '{}')
