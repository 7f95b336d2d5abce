import { setTimeout as sleep } from 'node:timers/promises'
import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Config } from '../../schemas/config.ts'
import { checkConfig } from '../../shared/config/check.ts'
import { readLetters, redrive } from '../dead-letters/letters.ts'
import { emulated } from '../emulated.ts'
import { type Engine, startEngine } from '../engine.ts'
import { depth } from '../router.ts'
import { PREFIX, type QueueName } from '../topology.ts'
import { alarmsOf, type RunAlarm } from './alarms.ts'
import { startAwsProxies } from './aws-proxies.ts'
import type { Fault, Scene } from './faults.ts'
import { brokenPromises } from './promises.ts'
import { randomOf } from './random.ts'
import { type Tally, tally } from './tally.ts'
import { startWorkers, VISIBILITY_TIMEOUT_S } from './workers.ts'

/** The queues that a run uses, in the order of an alert's way. */
export const RUN_QUEUES: QueueName[] = ['alarms', 'pagerduty', 'slack']

/** As many distinct alarms as a bad day has. A run of fewer alarms than the usual has a smaller storm. */
const STORM = 5_000
const SMALLEST_FULL_RUN = 1_000

/** Until all that a fault left behind is sorted out; a storm takes as long as the vendors' pace makes it. */
const LONGEST_RECOVERY_MS = 180_000
const LONGEST_STORM_MS = 900_000

export interface Run extends Tally {
  /** Messages that were published, and those that the topic took. */
  sent: number
  accepted: number
  /** In the end. */
  letters: number
  recoveryS: number
  /** Functions that ended though nobody ended them. */
  timedOut: number
  crashed: number
  /** What was thrown in place of an answer. */
  thrown: string[]
  /** What was not done in the time that a run has, in words. */
  left: string[]
  /** The promises that were broken, in words; none is how it should be. */
  broken: string[]
}

/** PagerDuty and Slack each get every alarm. */
function configOf({ storm }: Fault): Config {
  // Where it is not the matter, a vendor's pace would only make the run long.
  const pace = storm ? {} : { perMinute: 60_000 }
  return checkConfig({
    channels: {
      pager: { type: 'pagerduty', secret: 'pager', ...pace, ...(storm && { groupBy: ['namespace'] }) },
      chat: { type: 'slack', secret: 'chat', ...pace },
    },
    severities: {
      critical: { channels: ['pager', 'chat'] },
      warning: { channels: ['chat'] },
      info: { channels: ['chat'] },
    },
    default: { severity: 'critical' },
    rules: [],
  })
}

/** One fault, from a new engine to the count of what became of each alarm. `folder`: where the bundles are. */
export async function runFault(fault: Fault, folder: string, options: { alerts: number; seed: number }): Promise<Run> {
  const config = configOf(fault)
  const random = randomOf(options.seed)
  const engine = await startEngine({
    config,
    // The most there is: what becomes a dead letter is what the functions put there.
    maxReceiveCount: 1_000,
    visibilityTimeoutS: VISIBILITY_TIMEOUT_S,
    forward: {},
    routingKeys: {},
    limits: fault.storm,
  })
  const aws = await startAwsProxies(engine)
  const environment = fault.breaksAws ? { ...engine.environment, ...aws.environment } : engine.environment
  const workers = await startWorkers({ ...engine, environment }, { folder, queues: RUN_QUEUES, config })
  const sqs = new SQSClient(emulated(engine.environment, 'SQS'))
  // Where the dead letters' code looks for an emulator.
  process.env.AWS_ENDPOINT_URL_SQS = engine.environment.AWS_ENDPOINT_URL_SQS
  try {
    const alarms = alarmsOf(alertsIn(fault, options.alerts), random, fault.spreadDays)
    const poison = fault.poison ? Math.ceil(alarms.length / 10) : 0
    const { left, ...counts } = await play(fault, { engine, aws, workers, random, sqs }, alarms, poison)
    const letters = await readLetters(sqs, PREFIX)
    const tallied = await tally(engine, alarms, letters)
    const { asked, timedOut, crashed } = workers.ends
    const kills = asked.slack ?? 0
    const broken = brokenPromises(tallied, {
      fault,
      kills,
      letters: letters.length,
      poison,
      unanswered: timedOut + workers.thrown.length,
      left,
    })
    return { ...tallied, ...counts, letters: letters.length, thrown: workers.thrown, timedOut, crashed, left, broken }
  } finally {
    await workers.stop()
    await Promise.all([aws.sns.close(), aws.table.close()])
    await engine.stop()
    sqs.destroy()
  }
}

/** Publishes all under the fault, ends it, and waits until all is sorted out. `left`: what is not, in words. */
async function play(
  fault: Fault,
  { sqs, ...scene }: Scene & { sqs: SQSClient },
  alarms: RunAlarm[],
  poison: number,
): Promise<Pick<Run, 'sent' | 'accepted' | 'recoveryS' | 'left'>> {
  const { engine, random } = scene
  const started = performance.now()
  const deadline = started + fault.lastsMs + (fault.storm ? LONGEST_STORM_MS : LONGEST_RECOVERY_MS)
  const wait = (queues: QueueName[]) => drained(sqs, engine, queues, deadline)
  const fires = alarms.map((alarm) => alarm.fires.message)
  const resolves = alarms.flatMap((alarm) => alarm.resolves?.message ?? [])
  const left: string[] = []
  let accepted = poison
  // When nothing was wrong any more; of a storm, when it had been published.
  let over: number | undefined
  const end = fault.start(scene)
  if (fault.twice) {
    accepted += await publish(engine, random.shuffled([...fires, ...fires, ...resolves, ...resolves]))
  } else {
    accepted += await publish(engine, fires, fault.lastsMs / 2)
    await sendBroken(sqs, engine, poison)
    if (fault.storm) {
      over = performance.now()
      // What is over is over later, as in life: so that an incident that opens twice has no excuse.
      left.push(...(await wait(['alarms', 'pagerduty'])))
    }
    accepted += await publish(engine, resolves, fault.lastsMs / 2)
  }
  await sleep(Math.max(0, fault.lastsMs - (performance.now() - started)))
  end()
  over ??= performance.now()
  left.push(...(await wait(RUN_QUEUES)))
  if (fault.redrive) {
    if ((await redriveAll(sqs)) === 0) left.push('no dead letters to bring back')
    left.push(...(await wait(RUN_QUEUES)))
  }
  const sent = (fires.length + resolves.length) * (fault.twice ? 2 : 1) + poison
  return { sent, accepted, recoveryS: (performance.now() - over) / 1_000, left }
}

function alertsIn({ storm }: Fault, asked: number): number {
  if (!storm) return asked
  return asked < SMALLEST_FULL_RUN ? (STORM / SMALLEST_FULL_RUN) * asked : STORM
}

/** Evenly over the time; 0: as fast as it goes. Gives how many were taken. */
async function publish({ environment, alarmsTopicArn }: Engine, messages: string[], overMs = 0): Promise<number> {
  const sns = new SNSClient(emulated(environment, 'SNS'))
  const started = performance.now()
  let taken = 0
  for (let from = 0; from < messages.length; from += 10) {
    await sleep(Math.max(0, started + (from / messages.length) * overMs - performance.now()))
    const entries = messages.slice(from, from + 10).map((Message, index) => ({ Id: String(index), Message }))
    const { Successful = [] } = await sns.send(
      new PublishBatchCommand({ TopicArn: alarmsTopicArn, PublishBatchRequestEntries: entries }),
    )
    taken += Successful.length
  }
  sns.destroy()
  return taken
}

async function sendBroken(sqs: SQSClient, { environment }: Engine, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await sqs.send(new SendMessageCommand({ QueueUrl: environment.ALARMS_QUEUE_URL, MessageBody: '{"broken":' }))
  }
}

/** As `npm run dead-letters -- redrive --all` does. Gives how many. */
async function redriveAll(sqs: SQSClient): Promise<number> {
  const letters = await readLetters(sqs, PREFIX)
  for (const letter of letters) await redrive(sqs, PREFIX, letter)
  return letters.length
}

/** Waits until the queues are empty. Gives what is left in them, in words, when that takes too long. */
async function drained(
  sqs: SQSClient,
  { environment }: Engine,
  queues: QueueName[],
  deadline: number,
): Promise<string[]> {
  for (const queue of queues) {
    for (;;) {
      const waiting = await depth(sqs, environment[`${queue.toUpperCase()}_QUEUE_URL`] ?? '')
      if (waiting === 0) break
      if (performance.now() > deadline) return [`${waiting} messages still wait for ${queue}`]
      await sleep(100)
    }
  }
  return []
}
