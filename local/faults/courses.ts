import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../engine.ts'
import type { QueueName } from '../topology.ts'
import type { RunAlarm } from './alarms.ts'
import type { CloudWatch } from './cloudwatch.ts'
import type { People } from './people.ts'
import type { Random } from './random.ts'
import type { Waiting } from './waiting.ts'
import type { Workers } from './workers.ts'

/* The order and speed in which a run's alarms publish their changes. */

export interface Stage {
  engine: Engine
  alarms: RunAlarm[]
  night: Night
  random: Random
  /** How long the fault lasts. */
  lastsMs: number
  workers: Workers
  waiting: Waiting
  /** Only where messages of it get lost. */
  cloudWatch: CloudWatch | undefined
  /** So many messages were sent, and the topic refused them. */
  lost(messages: number): void
  /** Those who answer in Slack. */
  people(): People
  /** Records a problem. */
  wrong(words: string): void
  /** Records a broken promise. */
  broken(words: string): void
  /** When the run is given up (performance.now). */
  deadline: number
  /** Spread evenly over the time; without one, as fast as possible. */
  publish(messages: string[], overMs?: number): Promise<void>
  /** What the fault does between the firings and the resolves. */
  afterFiring(): Promise<void>
  /** Ends the fault, before the course ends. */
  end(): Promise<void>
  /** Until these queues are empty. */
  wait(queues: QueueName[]): Promise<void>
  /** Until no recipient is owed anything. */
  settle(): Promise<void>
}

/**
 * When the fault had ended, and when everything was delivered (performance.now), unless these are at the run's end.
 */
export type Course = (stage: Stage) => Promise<{ over?: number; notifiedAt?: number }>

const firing = ({ alarms }: Stage) => alarms.map(({ fires }) => fires.message)
const resolving = ({ alarms }: Stage) => alarms.flatMap(({ resolves }) => resolves?.message ?? [])

/** All fire, then half of them resolve, while the fault lasts. */
export const spread: Course = async (stage) => {
  await stage.publish(firing(stage), stage.lastsMs / 2)
  await stage.afterFiring()
  await stage.publish(resolving(stage), stage.lastsMs / 2)
  return {}
}

/** Every message is delivered twice, in any order. */
export const twice: Course = async (stage) => {
  const all = [...firing(stage), ...resolving(stage)]
  await stage.publish(stage.random.shuffled([...all, ...all]))
  return {}
}

/** Resolves are later, as in reality: so that an incident that opens twice has no excuse. */
export const stormy: Course = async (stage) => {
  await stage.publish(firing(stage))
  const over = performance.now()
  await stage.wait(['alarms', 'pagerduty'])
  await stage.publish(resolving(stage))
  return { over }
}

/** Each alarm loses its data right after it fires; resolves follow once everything is delivered. */
export const asItLosesData: Course = async (stage) => {
  const both = stage.alarms.flatMap(({ fires, losesData }) => [fires.message, losesData.message])
  await stage.publish(both, stage.lastsMs)
  await stage.end()
  const over = performance.now()
  await stage.settle()
  await stage.publish(resolving(stage))
  return { over }
}

/** A window that is open when a run starts. */
export interface Night {
  from: Date
  to: Date
  /**
   * How far the functions' clocks are ahead of the machine's: windows are in minutes, and a run is too short for
   * one.
   */
  shiftMs: number
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** The time for routing everything that is held. */
const BEFORE_MS = 15_000
const BEFORE_EACH_MS = 30

export function nightFor(alarms: number): Night {
  const now = Date.now()
  const to = Math.ceil(now / MINUTE_MS) * MINUTE_MS
  const lasts = BEFORE_MS + alarms * BEFORE_EACH_MS
  return { from: new Date(to - HOUR_MS), to: new Date(to), shiftMs: to - lasts - now }
}

/**
 * All fire within a window that holds every notification. Nothing may be sent before it ends, and nothing twice
 * after.
 */
export const inTheNight: Course = async (stage) => {
  const { alarms, night, engine, workers, waiting, wrong } = stage
  const over = performance.now() + (night.to.getTime() - (Date.now() + night.shiftMs))
  await stage.publish(firing(stage))
  await stage.wait(['alarms'])
  const held = await waiting.due()
  const early = engine.slack.requests.length + (await waiting.in('slack'))
  if (performance.now() > over || held !== alarms.length) wrong(`${held} were held by the end of the night`)
  if (early > 0) wrong(`${early} sent or queued before the end of the night`)
  await sleep(Math.max(0, over - performance.now()))
  await stage.settle()
  const notifiedAt = performance.now()
  const { alarms: routed = 0, slack = 0 } = workers.given
  // For each alarm: its event, its due time, and its wake-up.
  if (routed !== 2 * alarms.length) wrong(`route received ${routed} messages for ${alarms.length} alarms`)
  if (slack !== alarms.length) wrong(`Slack's function received ${slack} for ${alarms.length} alarms`)
  await stage.publish(resolving(stage))
  return { over, notifiedAt }
}

/**
 * The topic's policy is broken for a while. Of four alarms, one has fired before and clears meanwhile; one fires meanwhile, and
 * clears when the policy is right again; one fires and clears meanwhile; and one fires meanwhile. In the end all that was lost
 * comes after all, late.
 */
export const whileTheTopicRefuses: Course = async (stage) => {
  const { alarms, cloudWatch, lastsMs, wrong } = stage
  if (!cloudWatch) throw new Error('this course needs a CloudWatch')
  const those = (...kinds: number[]) =>
    alarms.filter(({ resolves }, index) => kinds.includes(resolves ? Math.floor(index / 2) % 3 : 3))
  const late: string[] = []
  const change = (some: RunAlarm[], state: 'ALARM' | 'OK', isRefused: boolean) => {
    const messages = some.map((alarm) => cloudWatch.change(alarm, state, isRefused))
    if (!isRefused) return stage.publish(messages)
    late.push(...messages)
    stage.lost(messages.length)
    return undefined
  }
  await change(those(0), 'ALARM', false)
  await stage.wait(['alarms'])
  change(those(1, 2, 3), 'ALARM', true)
  // Long enough that those that stay are found, and short enough that the others are not.
  change(those(2), 'OK', true)
  await sleep(lastsMs / 2)
  change(those(0), 'OK', true)
  await sleep(lastsMs / 2)
  await stage.end()
  const over = performance.now()
  await change(those(1), 'OK', false)
  await untilNoneDiffers(stage, over)
  await stage.settle()
  const before = stage.engine.slack.requests.length
  await stage.publish(late)
  await stage.settle()
  const after = stage.engine.slack.requests.length - before
  if (after > 0) wrong(`${after} messages to Slack, once what was lost came after all`)
  return { over }
}

/** How long the comparisons may take to find all, once nothing gets lost any more. */
const MAX_FINDING_MS = 4 * 60_000

/** Every alarm is in the table as CloudWatch has it. */
async function untilNoneDiffers({ alarms, waiting, cloudWatch, wrong }: Stage, since: number): Promise<void> {
  for (;;) {
    const known = await waiting.known()
    const differing = alarms.filter(({ arn }) => known.get(arn) !== cloudWatch?.isFiring(arn))
    if (differing.length === 0) return
    if (performance.now() > since + MAX_FINDING_MS) {
      wrong(`${differing.length} alarms are not as CloudWatch has them`)
      return
    }
    await sleep(500)
  }
}
