import { setTimeout as sleep } from 'node:timers/promises'
import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Config } from '../../schemas/config.ts'
import { decide } from '../../shared/decide/decide.ts'
import { parse } from '../../shared/parse/parse.ts'
import { readDeadLetters, redrive } from '../dead-letters.ts'
import { emulated } from '../emulated.ts'
import { type Engine, startEngine } from '../engine.ts'
import { PREFIX, type QueueName } from '../topology.ts'
import { alarmsOf, type RunAlarm } from './alarms.ts'
import { startAwsProxies, startInboxProxies } from './aws-proxies.ts'
import { type CloudWatch, startCloudWatch } from './cloudwatch.ts'
import { asItLosesData, inTheNight, type Night, nightFor, spread } from './courses.ts'
import { startDeadAws } from './dead-aws.ts'
import type { Fault, Scene } from './faults.ts'
import { peopleAt } from './people.ts'
import { brokenPromises } from './promises.ts'
import { randomOf } from './random.ts'
import { usualRules } from './rules.ts'
import { type Tally, tally } from './tally.ts'
import { type Waiting, waitingIn } from './waiting.ts'
import { startWorkers, VISIBILITY_TIMEOUT_S } from './workers.ts'

/** The queues of all runs. */
export const RUN_QUEUES: QueueName[] = ['alarms', 'pagerduty', 'slack', 'slack-app']

/** Those of one, along an alert's path. */
function queuesOf({ slack }: Fault): QueueName[] {
  return ['alarms', 'pagerduty', slack ?? 'slack']
}

/** As many distinct alarms as on a bad day. A run with fewer alarms than usual has a smaller storm. */
const STORM = 5_000
const SMALLEST_FULL_RUN = 1_000

/**
 * Until everything that a fault left behind is processed; a storm takes as long as the vendors' rate limits require.
 */
const MAX_RECOVERY_MS = 180_000
const MAX_STORM_MS = 900_000

/** More than any message is looked after, and less than any reminder. */
const SOON_MS = 5 * 60_000

export interface Run extends Tally {
  /** Messages that were published, and those that the topic accepted. */
  sent: number
  accepted: number
  /** In the end. */
  letters: number
  recoveryS: number
  /** Functions that exited unexpectedly. */
  timedOut: number
  crashed: number
  /** Errors that were thrown. */
  thrown: string[]
  /** What was not done within the time of a run. */
  left: string[]
  /** The broken promises, as text; empty if all were kept. */
  broken: string[]
}

/** Runs one fault, from a new engine to the tally of each alarm's outcome. `folder`: where the bundles are. */
export async function runFault(fault: Fault, folder: string, options: { alerts: number; seed: number }): Promise<Run> {
  const random = randomOf(options.seed)
  const alarms = alarmsOf(alertsIn(fault, options.alerts), random, fault)
  const night = nightFor(alarms.length)
  const config = fault.rules?.(night) ?? usualRules()
  const engine = await engineFor(fault, config)
  const aws = await startAwsProxies(engine)
  const inbox = fault.hasInbox ? await startInboxProxies(engine) : undefined
  const cloudWatch = fault.reconcilers ? await startCloudWatch(alarms) : undefined
  const deadAws = await startDeadAws()
  const environment = {
    ...engine.environment,
    ...(fault.breaksAws && aws.environment),
    ...cloudWatch?.environment,
    ...(fault.evidence !== undefined && deadAws.environment),
  }
  const shiftMs = fault.course === inTheNight ? night.shiftMs : 0
  const workers = await startWorkers(
    { ...engine, environment },
    {
      ...{ folder, queues: queuesOf(fault), config, shiftMs },
      reconcilers: fault.reconcilers ?? 0,
      hasEvidence: fault.evidence !== undefined,
      // What it says to a person alone goes where nobody listens.
      inbox: inbox && { ...inbox.environment, SLACK_RESPONSES: engine.slack.url },
    },
  )
  const waiting = waitingIn(engine.environment)
  // Where the code for dead letters finds the emulator.
  process.env.AWS_ENDPOINT_URL_SQS = engine.environment.AWS_ENDPOINT_URL_SQS
  try {
    const poison = fault.poison ? Math.ceil(alarms.length / 10) : 0
    const run = await play(fault, {
      ...{ engine, aws, workers, inbox, random, waiting, alarms, night, poison, cloudWatch },
      isFollowed: config.remind !== undefined,
    })
    const letters = await readDeadLetters(waiting.sqs, PREFIX)
    const tallied = await tally(engine, alarms, letters, {
      losesData: fault.course === asItLosesData,
      pages: pagesBy(config),
      isMutedToItsEnd: fault.isMutedToItsEnd ?? (() => false),
      slack: fault.slack ?? 'slack',
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
      judged: run.broken,
      left: [...run.left, ...(fault.evidence === 'down' && deadAws.count() === 0 ? ['nothing was asked'] : [])],
    })
    return { ...tallied, ...run, letters: letters.length, thrown: workers.thrown, timedOut, crashed, broken }
  } finally {
    await workers.stop()
    await Promise.all([aws.sns.close(), aws.table.close(), cloudWatch?.close(), deadAws.close(), inbox?.close()])
    await engine.stop()
    waiting.close()
  }
}

function engineFor({ storm, evidence }: Fault, config: Config): Promise<Engine> {
  return startEngine({
    config,
    // The maximum: only the functions create dead letters.
    maxReceiveCount: 1_000,
    visibilityTimeoutS: VISIBILITY_TIMEOUT_S,
    forward: {},
    realSecrets: {},
    limits: storm,
    hasEvidence: evidence !== undefined,
  })
}

interface Parts extends Omit<Scene, 'quiet'> {
  waiting: Waiting
  alarms: RunAlarm[]
  night: Night
  poison: number
  cloudWatch: CloudWatch | undefined
  /** Reminders are always due, some time. */
  isFollowed: boolean
}

/**
 * Publishes everything under the fault, ends it, and waits until everything is processed. `left`: what is not, as
 * text.
 */
async function play(
  fault: Fault,
  { waiting, alarms, night, poison, cloudWatch, isFollowed, ...parts }: Parts,
): Promise<Pick<Run, 'sent' | 'accepted' | 'recoveryS' | 'left' | 'broken'>> {
  const { engine, workers, random } = parts
  const started = performance.now()
  const deadline = started + fault.lastsMs + (fault.storm ? MAX_STORM_MS : MAX_RECOVERY_MS * (fault.times ?? 1))
  const left: string[] = []
  const broken: string[] = []
  const wait = async (queues: QueueName[]) => void left.push(...(await waiting.emptied(queues, deadline)))
  let sent = poison
  let accepted = poison
  const soon = isFollowed ? () => new Date(workers.now() + SOON_MS) : undefined
  const settle = async () => void left.push(...(await waiting.settled(queuesOf(fault), deadline, soon)))
  const stop = fault.start({ ...parts, quiet: () => wait(queuesOf(fault)) })
  let ended: Promise<void> | undefined
  const end = () => (ended ??= Promise.resolve(stop()))
  const { over, notifiedAt } = await (fault.course ?? spread)({
    ...{ engine, alarms, night, random, lastsMs: fault.lastsMs, workers, waiting, cloudWatch },
    wrong: (words) => void left.push(words),
    broken: (words) => void broken.push(words),
    people: () => peopleAt({ engine, workers, random }),
    deadline,
    lost(messages) {
      sent += messages
    },
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
    if ((await redriveAll(waiting.sqs)) === 0) left.push('no dead letters to redrive')
    await settle()
  }
  return { sent, accepted, recoveryS: ((notifiedAt ?? performance.now()) - overAt) / 1_000, left, broken }
}

function alertsIn({ storm, times = 1 }: Fault, asked: number): number {
  if (!storm) return asked * times
  return asked < SMALLEST_FULL_RUN ? (STORM / SMALLEST_FULL_RUN) * asked : STORM
}

/** Spread evenly over the time; 0: as fast as possible. Returns how many were accepted. */
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

/** As `dead-letters redrive --all` does. Returns how many. */
async function redriveAll(sqs: SQSClient): Promise<number> {
  const letters = await readDeadLetters(sqs, PREFIX)
  for (const letter of letters) await redrive(sqs, PREFIX, letter)
  return letters.length
}

/** Which alarms are critical. */
function pagesBy(config: Config): (alarm: RunAlarm) => boolean {
  return ({ fires }) => parse(fires.message).some((alert) => decide(alert, config).severity === 'critical')
}
