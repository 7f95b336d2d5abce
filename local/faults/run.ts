import { setTimeout as sleep } from 'node:timers/promises'
import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { emulated } from '../emulated.ts'
import { type Engine, startEngine } from '../engine.ts'
import { readLetters, redrive } from '../letters.ts'
import { PREFIX, type QueueName } from '../topology.ts'
import { alarmsOf, type RunAlarm } from './alarms.ts'
import { startAwsProxies } from './aws-proxies.ts'
import { asItLosesData, inTheNight, type Night, nightFor, spread } from './courses.ts'
import type { Fault, Scene } from './faults.ts'
import { brokenPromises } from './promises.ts'
import { randomOf } from './random.ts'
import { usualRules } from './rules.ts'
import { type Tally, tally } from './tally.ts'
import { type Waiting, waitingIn } from './waiting.ts'
import { startWorkers, VISIBILITY_TIMEOUT_S } from './workers.ts'

/** The queues that a run uses, in the order of an alert's way. */
export const RUN_QUEUES: QueueName[] = ['alarms', 'pagerduty', 'slack']

/** As many distinct alarms as a bad day has. A run of fewer alarms than the usual has a smaller storm. */
const STORM = 5_000
const SMALLEST_FULL_RUN = 1_000

/** Until all that a fault left behind is sorted out; a storm takes as long as the vendors' pace makes it. */
const MAX_RECOVERY_MS = 180_000
const MAX_STORM_MS = 900_000

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

/** One fault, from a new engine to the count of what became of each alarm. `folder`: where the bundles are. */
export async function runFault(fault: Fault, folder: string, options: { alerts: number; seed: number }): Promise<Run> {
  const random = randomOf(options.seed)
  const alarms = alarmsOf(alertsIn(fault, options.alerts), random, fault.spreadDays)
  const night = nightFor(alarms.length)
  const config = fault.rules?.(night) ?? usualRules()
  const engine = await startEngine({
    config,
    // The most there is: what becomes a dead letter is what the functions put there.
    maxReceiveCount: 1_000,
    visibilityTimeoutS: VISIBILITY_TIMEOUT_S,
    forward: {},
    realSecrets: {},
    limits: fault.storm,
  })
  const aws = await startAwsProxies(engine)
  const environment = fault.breaksAws ? { ...engine.environment, ...aws.environment } : engine.environment
  const shiftMs = fault.course === inTheNight ? night.shiftMs : 0
  const workers = await startWorkers({ ...engine, environment }, { folder, queues: RUN_QUEUES, config, shiftMs })
  const waiting = waitingIn(engine.environment)
  // Where the dead letters' code looks for an emulator.
  process.env.AWS_ENDPOINT_URL_SQS = engine.environment.AWS_ENDPOINT_URL_SQS
  try {
    const poison = fault.poison ? Math.ceil(alarms.length / 10) : 0
    const run = await play(fault, { engine, aws, workers, random, waiting, alarms, night, poison })
    const letters = await readLetters(waiting.sqs, PREFIX)
    const tallied = await tally(engine, alarms, letters, {
      losesData: fault.course === asItLosesData,
      pages: config.default.severity === 'critical',
    })
    const { asked, timedOut, crashed } = workers.ends
    const kills = asked.slack ?? 0
    const broken = brokenPromises(tallied, {
      fault,
      kills,
      letters: letters.length,
      poison,
      unanswered: timedOut + workers.thrown.length,
      recoveryS: run.recoveryS,
      left: run.left,
    })
    return { ...tallied, ...run, letters: letters.length, thrown: workers.thrown, timedOut, crashed, broken }
  } finally {
    await workers.stop()
    await Promise.all([aws.sns.close(), aws.table.close()])
    await engine.stop()
    waiting.close()
  }
}

interface Parts extends Omit<Scene, 'quiet'> {
  waiting: Waiting
  alarms: RunAlarm[]
  night: Night
  poison: number
}

/** Publishes all under the fault, ends it, and waits until all is sorted out. `left`: what is not, in words. */
async function play(
  fault: Fault,
  { waiting, alarms, night, poison, ...parts }: Parts,
): Promise<Pick<Run, 'sent' | 'accepted' | 'recoveryS' | 'left'>> {
  const { engine, workers, random } = parts
  const started = performance.now()
  const deadline = started + fault.lastsMs + (fault.storm ? MAX_STORM_MS : MAX_RECOVERY_MS)
  const left: string[] = []
  const wait = async (queues: QueueName[]) => void left.push(...(await waiting.emptied(queues, deadline)))
  let sent = poison
  let accepted = poison
  const settle = async () => void left.push(...(await waiting.settled(RUN_QUEUES, deadline)))
  const stop = fault.start({ ...parts, quiet: () => wait(RUN_QUEUES) })
  let ended: Promise<void> | undefined
  const end = () => (ended ??= Promise.resolve(stop()))
  const { over, notifiedAt } = await (fault.course ?? spread)({
    ...{ engine, alarms, night, random, lastsMs: fault.lastsMs, workers, waiting },
    wrong: (words) => void left.push(words),
    async publish(messages: string[], overMs?: number) {
      sent += messages.length
      accepted += await publish(engine, messages, overMs)
    },
    async afterFiring() {
      await sendBroken(waiting.sqs, engine, poison)
    },
    ...{ end, wait, settle },
  })
  await sleep(Math.max(0, fault.lastsMs - (performance.now() - started)))
  await end()
  const overAt = over ?? performance.now()
  await settle()
  if (fault.redrive) {
    if ((await redriveAll(waiting.sqs)) === 0) left.push('no dead letters to bring back')
    await settle()
  }
  return { sent, accepted, recoveryS: ((notifiedAt ?? performance.now()) - overAt) / 1_000, left }
}

function alertsIn({ storm, times = 1 }: Fault, asked: number): number {
  if (!storm) return asked * times
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

/** As `dead-letters redrive --all` does. Gives how many. */
async function redriveAll(sqs: SQSClient): Promise<number> {
  const letters = await readLetters(sqs, PREFIX)
  for (const letter of letters) await redrive(sqs, PREFIX, letter)
  return letters.length
}
