import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import Table from 'cli-table3'
import { checkConfig } from '../shared/config/check.ts'
import { readLetters, redrive } from './dead-letters/letters.ts'
import { startEngine } from './engine.ts'
import { alarmsOf } from './faults/alarms.ts'
import { startAwsProxies } from './faults/aws-proxies.ts'
import { FAULTS, type Fault } from './faults/faults.ts'
import { randomOf } from './faults/random.ts'
import { brokenPromises, type Tally, tally } from './faults/tally.ts'
import { bundleFunctions, startWorkers, VISIBILITY_TIMEOUT_S } from './faults/workers.ts'
import { depth } from './router.ts'
import { PREFIX, type QueueName } from './topology.ts'

const HELP = `Breaks one thing after the other under a running router, and counts what was lost and what was doubled.

  npm run faults -- [--alerts 1000] [--seed 1] [--only 2,4]

The engine (queues, table, stand-ins) lives in this process, each function in one of its own, from its bundle. Alarms
fire, half of them resolve. Exit code: 0 every promise was kept, 1 one was broken, 2 wrong usage.
`

/** PagerDuty and Slack each get every alarm. */
const CONFIG = checkConfig({
  channels: { pager: { type: 'pagerduty', secret: 'pager' }, chat: { type: 'slack', secret: 'chat' } },
  severities: {
    critical: { channels: ['pager', 'chat'] },
    warning: { channels: ['chat'] },
    info: { channels: ['chat'] },
  },
  default: { severity: 'critical' },
  rules: [],
})
const QUEUES: QueueName[] = ['alarms', 'pagerduty', 'slack']
/** Until all that a fault left behind is sorted out. */
const LONGEST_RECOVERY_MS = 180_000

process.exitCode = await main()

async function main(): Promise<number> {
  const options = readOptions()
  if (options === undefined) return 2
  const folder = mkdtempSync(join(tmpdir(), 'alert-router-faults-'))
  await bundleFunctions(folder, QUEUES, CONFIG)
  const rows = new Table({
    head: [
      '',
      'fault',
      'accepted',
      'settled',
      'lost',
      'Slack doubled',
      'incidents doubled',
      'dead letters',
      'recovery, s',
      '',
    ],
    style: { head: [], border: [], compact: true },
  })
  let isBroken = false
  for (const [index, fault] of FAULTS.entries()) {
    if (options.only.length > 0 && !options.only.includes(index + 1)) continue
    process.stderr.write(`${index + 1}. ${fault.name} …\n`)
    const { tallied, recoveryS, broken } = await runFault(fault, folder, options)
    isBroken ||= broken.length > 0
    rows.push([
      index + 1,
      fault.name,
      tallied.accepted,
      tallied.settled,
      tallied.lost,
      tallied.doubledSlack,
      tallied.doubledIncidents,
      tallied.deadLettered,
      recoveryS.toFixed(0),
      broken.join('; ') || 'kept',
    ])
  }
  rmSync(folder, { recursive: true })
  console.log(`${options.alerts} alarms, seed ${options.seed}\n${rows.toString()}`)
  return isBroken ? 1 : 0
}

function readOptions(): { alerts: number; seed: number; only: number[] } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        alerts: { type: 'string', default: '1000' },
        seed: { type: 'string', default: '1' },
        only: { type: 'string', default: '' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (!values.help) {
      const only = values.only.split(',').filter(Boolean).map(wholeNumber)
      return { alerts: wholeNumber(values.alerts), seed: wholeNumber(values.seed), only }
    }
    process.stdout.write(HELP)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`)
  }
  return undefined
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a whole number`)
  return Number(text)
}

async function runFault(
  fault: Fault,
  folder: string,
  { alerts, seed }: { alerts: number; seed: number },
): Promise<{ tallied: Tally; recoveryS: number; broken: string[] }> {
  const random = randomOf(seed)
  const engine = await startEngine({
    config: CONFIG,
    maxReceiveCount: 50,
    visibilityTimeoutS: VISIBILITY_TIMEOUT_S,
    forward: {},
    routingKeys: {},
  })
  const alarms = alarmsOf(alerts, random, fault.spreadDays)
  let kills = 0
  const aws = await startAwsProxies(engine)
  const environment = { ...engine.environment, ...aws.environment }
  const workers = await startWorkers({ ...engine, environment }, folder, QUEUES)
  const counted = {
    ...workers,
    replaceOne: (...args: Parameters<typeof workers.replaceOne>) => {
      kills++
      workers.replaceOne(...args)
    },
  }
  const started = performance.now()
  const end = fault.start({ engine, aws, workers: counted, random })
  const fires = alarms.map((alarm) => alarm.fires)
  const resolves = alarms.flatMap((alarm) => alarm.resolves ?? [])
  const copies = (messages: string[]) => (fault.twice ? random.shuffled([...messages, ...messages]) : messages)
  const poison = fault.poison ? Math.ceil(alerts / 10) : 0
  await publish(engine, copies(fires))
  await sendBroken(engine, poison)
  await publish(engine, copies(resolves))
  await sleep(Math.max(0, fault.lastsMs - (performance.now() - started)))
  end()
  const ended = performance.now()
  await drained(engine)
  if (fault.redrive) await redriveAll(engine)
  const recoveryS = (performance.now() - ended) / 1_000
  const tallied = await tally(engine, alarms, poison, Object.keys(CONFIG.channels))
  await workers.stop()
  await Promise.all([aws.sns.close(), aws.table.close()])
  await engine.stop()
  return { tallied, recoveryS, broken: brokenPromises(tallied, kills) }
}

type Target = { environment: Record<string, string>; alarmsTopicArn: string }

function client({ environment }: Target, endpoint: string) {
  return {
    endpoint: environment[endpoint],
    region: environment.AWS_REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }
}

async function publish(engine: Target, messages: string[]): Promise<void> {
  const sns = new SNSClient(client(engine, 'AWS_ENDPOINT_URL_SNS'))
  for (let from = 0; from < messages.length; from += 10) {
    const entries = messages.slice(from, from + 10).map((Message, index) => ({ Id: String(index), Message }))
    await sns.send(new PublishBatchCommand({ TopicArn: engine.alarmsTopicArn, PublishBatchRequestEntries: entries }))
  }
  sns.destroy()
}

/** As `npm run dead-letters -- redrive --all` does. */
async function redriveAll(engine: Target): Promise<void> {
  process.env.AWS_ENDPOINT_URL_SQS = engine.environment.AWS_ENDPOINT_URL_SQS
  const sqs = new SQSClient(client(engine, 'AWS_ENDPOINT_URL_SQS'))
  const letters = await readLetters(sqs, PREFIX)
  for (const letter of letters) await redrive(sqs, PREFIX, letter)
  sqs.destroy()
  await drained(engine)
}

async function sendBroken(engine: Target, count: number): Promise<void> {
  const sqs = new SQSClient(client(engine, 'AWS_ENDPOINT_URL_SQS'))
  for (let n = 0; n < count; n++) {
    await sqs.send(new SendMessageCommand({ QueueUrl: engine.environment.ALARMS_QUEUE_URL, MessageBody: '{"broken":' }))
  }
  sqs.destroy()
}

/** Until every queue is empty. @throws {Error} when that takes too long. */
async function drained(engine: Target): Promise<void> {
  const sqs = new SQSClient(client(engine, 'AWS_ENDPOINT_URL_SQS'))
  const deadline = performance.now() + LONGEST_RECOVERY_MS
  for (const queue of QUEUES) {
    for (;;) {
      const waiting = await depth(sqs, engine.environment[`${queue.toUpperCase()}_QUEUE_URL`] ?? '')
      if (waiting === 0) break
      if (performance.now() > deadline)
        throw new Error(`after ${LONGEST_RECOVERY_MS} ms ${waiting} messages are left in ${queue}`)
      await sleep(100)
    }
  }
  sqs.destroy()
}
