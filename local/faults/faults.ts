import type { Config } from '../../schemas/config.ts'
import type { Engine } from '../engine.ts'
import type { Answer, Captured, StandIn } from '../stand-ins/index.ts'
import { PREFIX } from '../topology.ts'
import type { RunAlarm } from './alarms.ts'
import { acknowledgedAsItEnds, answeredInAStorm, endsInARace } from './answers.ts'
import {
  type AwsProxies,
  type InboxProxies,
  queueRefusal,
  snsDrops,
  snsFailedEntries,
  snsFailure,
  tableThrottle,
} from './aws-proxies.ts'
import { asItLosesData, type Course, inTheNight, type Night, stormy, twice, whileTheTopicRefuses } from './courses.ts'
import { isMutedToItsEnd, manyMuted, mutedEnds, mutedNameOf } from './muted.ts'
import type { Random } from './random.ts'
import {
  appRules,
  followedRules,
  mutingRules,
  nightRules,
  noDataRules,
  pushedRules,
  quietRules,
  stormRules,
} from './rules.ts'
import type { Workers } from './workers.ts'

export interface Scene {
  engine: Engine
  aws: AwsProxies
  workers: Workers
  /** Only where people answer. */
  inbox: InboxProxies | undefined
  random: Random
  /** Waits until the queues are empty and their messages are processed: nobody is working on what is left. */
  quiet(): Promise<void>
}

/** A fault that lasts for a while. */
export interface Fault {
  name: string
  /** Starts it; returns a function that ends it. */
  start(scene: Scene): (() => void) | (() => Promise<void>)
  /** How long it lasts; 0: no fault. */
  lastsMs: number
  /** The rules, if not the usual ones. `night`: when a window is open. */
  rules?(night: Night): Config
  /** The order of the alarms' changes; by default `spread`, firing before resolving. */
  course?: Course
  /** Calls to SNS and the table go through proxies that can fail. */
  breaksAws?: boolean
  /** How far apart the clocks of different alarms are. */
  spreadDays?: number
  /** How many broken messages are among the good ones, one per batch. */
  poison?: boolean
  /** A person redrives the dead letters after it has ended. */
  redrive?: boolean
  /** Far more alarms than in other faults, and the vendors enforce their documented rate limits. */
  storm?: boolean
  /** A multiple of the usual number of alarms. */
  times?: number
  /** The alarms are CloudWatch's, and so many processes compare them at once. */
  reconcilers?: number
  /** What follows alerts runs, too; `down`: and all that it asks does not answer. */
  evidence?: 'down'
  /** The type of Slack's channel; a webhook when absent. */
  slack?: 'slack-app'
  /** What the alarms are called, of so many. */
  nameOf?: (index: number, count: number) => string
  /** Which of the alarms resolve; every second when absent. */
  ends?: (index: number, count: number) => boolean
  /** Which are held from their start to their end. */
  isMutedToItsEnd?: (alarm: RunAlarm, index: number) => boolean
  /** People answer, which the inbox handles. */
  hasInbox?: boolean
  /** Everything must be delivered within this time after it has ended. */
  deliveredWithinS?: number
}

const LASTS_MS = 20_000
const USUAL_LATENCY_MS = 100
const nothing = () => () => {}

/** All faults, in the order of the report. */
export const FAULTS: Fault[] = [
  { name: 'no fault', start: nothing, lastsMs: 0 },
  { name: 'workers SIGKILLed every second', start: everySecond('SIGKILL'), lastsMs: LASTS_MS },
  { name: 'workers SIGTERMed every second', start: everySecond('SIGTERM'), lastsMs: LASTS_MS },
  { name: 'Slack answers 500', start: answers('slack', { status: 500 }), lastsMs: LASTS_MS },
  {
    name: 'Slack answers 429, Retry-After 5',
    start: answers('slack', { status: 429, headers: { 'retry-after': '5' } }),
    lastsMs: LASTS_MS,
  },
  { name: 'PagerDuty hangs', start: answers('pagerduty', 'hang'), lastsMs: LASTS_MS },
  { name: 'connections reset, half in mid-body', start: connectionsReset, lastsMs: LASTS_MS },
  { name: 'Slack webhook revoked, replaced, redriven', start: webhookRevoked, lastsMs: LASTS_MS, redrive: true },
  { name: 'SNS fails on a third of calls', start: snsFails, lastsMs: LASTS_MS, breaksAws: true },
  { name: 'DynamoDB throttles a third of calls', start: tableThrottles, lastsMs: LASTS_MS, breaksAws: true },
  { name: 'Secrets Manager down at start', start: answers('secrets', { status: 500 }), lastsMs: LASTS_MS },
  { name: 'every message twice, shuffled', start: nothing, lastsMs: 0, course: twice },
  {
    name: 'a storm, with the channels’ rate limits',
    start: nothing,
    lastsMs: 0,
    storm: true,
    course: stormy,
    rules: stormRules,
  },
  { name: 'a poison record in each batch', start: nothing, lastsMs: 0, poison: true },
  { name: 'clocks a day apart', start: nothing, lastsMs: 0, spreadDays: 1 },
  { name: 'DynamoDB hangs, then SNS, and again', start: awsHangs, lastsMs: LASTS_MS, breaksAws: true },
  {
    name: 'no data before an ALARM is routed, kills',
    start: all(everySecond('SIGKILL'), snsFails),
    lastsMs: LASTS_MS,
    breaksAws: true,
    course: asItLosesData,
    rules: noDataRules,
  },
  { name: 'different rules every second', start: pushes, lastsMs: LASTS_MS, rules: () => pushedRules(0) },
  {
    name: 'wake-ups lost, no tick for 10 min',
    start: wakesLost,
    lastsMs: LASTS_MS,
    breaksAws: true,
    deliveredWithinS: 60,
  },
  {
    name: 'a night of holds',
    start: nothing,
    lastsMs: 0,
    course: inTheNight,
    times: 2,
    rules: ({ from, to }) => nightRules(from, to),
    deliveredWithinS: 60,
  },
  {
    name: 'wake-ups redelivered while Slack answers',
    start: wakesRedelivered,
    lastsMs: LASTS_MS,
    breaksAws: true,
    rules: quietRules,
  },
  {
    name: 'the topic refuses CloudWatch for 10 min',
    start: nothing,
    lastsMs: LASTS_MS,
    course: whileTheTopicRefuses,
    reconcilers: 1,
  },
  {
    name: 'the same, reconcile killed half way',
    start: reconcilersKilled,
    lastsMs: LASTS_MS,
    course: whileTheTopicRefuses,
    reconcilers: 1,
  },
  {
    name: 'the same, two reconciles at once',
    start: nothing,
    lastsMs: LASTS_MS,
    course: whileTheTopicRefuses,
    reconcilers: 2,
  },
  {
    name: 'evidence hangs and dies, CloudWatch too',
    start: evidenceDies,
    lastsMs: LASTS_MS,
    evidence: 'down',
    deliveredWithinS: 120,
  },
  {
    name: 'the same as 7, Slack as an app',
    start: connectionsReset,
    lastsMs: LASTS_MS,
    rules: appRules,
    slack: 'slack-app',
  },
  {
    name: 'people answer, the inbox’s AWS refuses',
    start: answersRefused,
    lastsMs: LASTS_MS,
    course: answeredInAStorm,
    rules: followedRules,
    slack: 'slack-app',
    hasInbox: true,
    deliveredWithinS: 120,
  },
  {
    name: 'acknowledged as it ends, some twice',
    start: nothing,
    lastsMs: 0,
    course: acknowledgedAsItEnds,
    ends: endsInARace,
    rules: followedRules,
    slack: 'slack-app',
    hasInbox: true,
  },
  {
    name: '500 silences, 200 inhibitions',
    start: nothing,
    lastsMs: 0,
    course: manyMuted,
    times: 10,
    nameOf: mutedNameOf,
    ends: mutedEnds,
    isMutedToItsEnd,
    rules: mutingRules,
  },
]

const REFUSES_MS = 2_000
/** Longer than most people need to read and press. */
const PAGER_SLOW_MS = 2_500

/** The queue of the inbox refuses, then its table; then their answers get lost; then all is well for a moment. And again. */
function answersRefused({ inbox, engine }: Scene) {
  // So that some have answered in Slack before PagerDuty has the incident.
  engine.pagerduty.answerAfter(PAGER_SLOW_MS)
  const lost = () => 'cut-before-answer' as const
  const steps: (() => void)[] = [
    () => inbox?.queue.answerBy(() => queueRefusal),
    () => inbox?.table.answerBy(() => tableThrottle),
    () => inbox?.queue.answerBy(lost),
    () => inbox?.table.answerBy(lost),
    () => {},
  ]
  let n = 0
  const heal = () => {
    inbox?.queue.answerBy()
    inbox?.table.answerBy()
  }
  const step = () => {
    heal()
    steps[n++ % steps.length]?.()
  }
  step()
  const timer = setInterval(step, REFUSES_MS)
  return () => {
    clearInterval(timer)
    engine.pagerduty.answerAfter(0)
    heal()
  }
}

/** What it asks does not answer, so that it hangs; and it is killed while it does. */
function evidenceDies({ workers }: Scene) {
  const timer = setInterval(() => workers.endEvidence(), 5_000)
  return () => clearInterval(timer)
}

/** Several faults at once. */
function all(...starts: Fault['start'][]): Fault['start'] {
  return (scene) => {
    const ends = starts.map((start) => start(scene))
    return async () => {
      for (const end of ends) await end()
    }
  }
}

/** One process of each function, about every second, so that it hits every point of the work. */
function everySecond(signal: 'SIGKILL' | 'SIGTERM') {
  return ({ engine, workers, random }: Scene) => {
    // Otherwise there would hardly be any time between sending and recording.
    for (const vendor of [engine.slack, engine.pagerduty]) vendor.answerAfter(USUAL_LATENCY_MS)
    let timer: NodeJS.Timeout
    const next = () => {
      timer = setTimeout(() => {
        workers.endSome(signal, random)
        next()
      }, 500 + random.int(1_000))
    }
    next()
    return () => clearTimeout(timer)
  }
}

function answers(who: 'slack' | 'pagerduty' | 'secrets', answer: Answer) {
  return ({ engine }: Scene) => {
    engine[who].answerBy(() => answer)
    return () => engine[who].answerBy()
  }
}

/** A third of all calls to either vendor: half of these in the response body, the rest before the response. */
function connectionsReset({ engine, random }: Scene) {
  const ways: Answer[] = ['reset', 'cut-before-answer', 'cut-in-body', 'cut-in-body']
  const vendors = [engine.slack, engine['slack-app'], engine.pagerduty]
  for (const vendor of vendors) vendor.answerBy(() => ways[random.int(3 * ways.length)])
  return () => {
    for (const vendor of vendors) vendor.answerBy()
  }
}

/** Until a person puts a new webhook into the secret. The old one never works again. */
function webhookRevoked({ engine }: Scene) {
  engine.slack.answerBy(({ path }) => (path === 'chat' ? { status: 404, body: 'no_service' } : undefined))
  return () => engine.secrets.set(`${PREFIX}/chat`, `${engine.slack.url}/services/new/router/replaced`)
}

/** Half of the failures fail the whole call, half are a 200 with failed entries. */
function snsFails({ aws, random }: Scene) {
  aws.sns.answerBy((request) => [snsFailure, snsFailedEntries(request)][random.int(6)])
  return () => aws.sns.answerBy()
}

function tableThrottles({ aws, random }: Scene) {
  aws.table.answerBy(() => (random.int(3) === 0 ? tableThrottle : undefined))
  return () => aws.table.answerBy()
}

/** Longer than a function's timeout. */
const HANGS_MS = 7_000

/**
 * DynamoDB fails at the worst moments, when Slack has received something that is not recorded yet; and SNS each time
 * after it.
 */
function awsHangs({ aws, engine }: Scene) {
  let timer: NodeJS.Timeout | undefined
  engine.slack.answerBy(() => {
    if (timer === undefined) hangs(aws.table, () => hangs(aws.sns, () => {}))
    return undefined
  })
  function hangs(service: StandIn, then: () => void): void {
    service.answerBy(() => 'hang')
    timer = setTimeout(() => {
      service.answerBy()
      timer = undefined
      then()
    }, HANGS_MS)
  }
  return () => {
    clearTimeout(timer)
    for (const one of [aws.table, aws.sns, engine.slack]) one.answerBy()
  }
}

/** Well within the timeout of each call (shared/deliver/invocation.ts): every request gets its response. */
const SLOW_MS = 700

/** Slack's channel is renamed each time, and back. */
function pushes({ engine, workers }: Scene) {
  // So that it is renamed during deliveries.
  engine.slack.answerAfter(SLOW_MS)
  let n = 0
  const timer = setInterval(() => workers.push(pushedRules(++n)), 1_000)
  return () => {
    clearInterval(timer)
    engine.slack.answerAfter(0)
  }
}

const NO_TICK_MS = 10 * 60_000

/** SNS accepts a third of the wake-ups' batches but drops them; only the due index has those. */
function wakesLost({ aws, engine, random, workers, quiet }: Scene) {
  const stopped = workers.stopTicks()
  aws.sns.answerBy((request) => (isOfWakes(request, engine) && random.int(3) === 0 ? snsDrops(request) : undefined))
  return async () => {
    await stopped
    await quiet()
    aws.sns.answerBy()
    workers.shiftClocks(NO_TICK_MS)
    workers.startTicks()
  }
}

/** Some die between their two looks, and some while they hand over what they have found. */
function reconcilersKilled({ workers, random }: Scene) {
  let timer: NodeJS.Timeout
  const next = () => {
    timer = setTimeout(() => {
      workers.killReconcilers()
      next()
    }, 1_500 + random.int(3_000))
  }
  next()
  return () => clearTimeout(timer)
}

/** Each wake-up is redelivered repeatedly while the first one's request to Slack is in progress, which is slow. */
function wakesRedelivered({ aws, engine }: Scene) {
  engine.slack.answerAfter(SLOW_MS)
  const timers: NodeJS.Timeout[] = []
  aws.sns.answerBy((request) => {
    if (!isOfWakes(request, engine)) return undefined
    for (const afterMs of [500, 1_000, 1_500, 2_000]) timers.push(setTimeout(() => void aws.again(request), afterMs))
    return undefined
  })
  return () => {
    aws.sns.answerBy()
    engine.slack.answerAfter(0)
    for (const timer of timers) clearTimeout(timer)
  }
}

function isOfWakes({ body }: Captured, { environment }: Engine): boolean {
  return new URLSearchParams(String(body)).get('TopicArn') === environment.NOTIFICATIONS_TOPIC_ARN
}
