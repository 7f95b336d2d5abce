import { setTimeout as sleep } from 'node:timers/promises'
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs'
import type { Order } from '../../schemas/wake.ts'
import { orderText } from '../../schemas/wake.ts'
import { marksIn, type RunAlarm } from './alarms.ts'
import type { Course, Stage } from './courses.ts'
import { INHIBITIONS } from './rules.ts'

/*
 * Many alarms, of which a third is silenced and a third is inhibited by alarms that fire and end meanwhile. What each is, its
 * name says: `down-7` mutes `held-7-123`, the 7th silence mutes `quiet-7-124`, and nothing mutes `loud-125`.
 */

export const SILENCES = 500
const HOUR_MS = 3_600_000

/** At most a tenth of the alarms mute others. */
const sourcesOf = (count: number) => Math.min(INHIBITIONS, Math.floor(count / 10))

export function mutedNameOf(index: number, count: number): string {
  const sources = sourcesOf(count)
  if (index < sources) return `down-${index}`
  // A kind in groups of three, so that in each some resolve and some do not.
  const kind = Math.floor(index / 4) % 3
  if (kind === 0) return `held-${index % sources}-${index}`
  return kind === 1 ? `quiet-${index % SILENCES}-${index}` : `loud-${index}`
}

/** Whatever mutes others ends; half of the others do. */
export const mutedEnds = (index: number, count: number) => index < sourcesOf(count) || index % 2 === 0

/** Of those that resolve, half do while they are held: nobody is to hear of them. */
const isOverEarly = ({ resolves }: RunAlarm, index: number) => resolves !== undefined && index % 4 === 0
const numberIn = ({ name }: RunAlarm) => Number(name.split('-')[1])
const isOf = (kind: string) => (alarm: RunAlarm) => alarm.name.startsWith(`${kind}-`)
/** Half of what mutes ends first, and half after an hour. */
const isFirst = (number: number) => number % 2 === 0

/**
 * Silences are made; what mutes fires, then all others do. Some of what is muted resolves. Half of what mutes ends, then the
 * rest; in the end what is left resolves.
 */
export const manyMuted: Course = async (stage) => {
  const { alarms, workers } = stage
  const sources = alarms.filter(isOf('down'))
  const others = alarms.filter((one) => !isOf('down')(one))
  const muted = new Set(others.filter((one) => !isOf('loud')(one)))
  const early = alarms.filter((one, index) => muted.has(one) && isOverEarly(one, index))
  await makeSilences(stage)
  await publish(stage, sources, 'fires')
  await publish(stage, others, 'fires')
  await publish(stage, early, 'resolves')
  await onlyUnmuted(stage, muted, 'before what mutes them ended')
  await endSilences(stage, isFirst)
  await publish(
    stage,
    sources.filter((one) => isFirst(numberIn(one))),
    'resolves',
  )
  await untilSent(
    stage,
    [...muted].filter((one) => isFirst(numberIn(one)) && !early.includes(one)),
  )
  await onlyUnmuted(stage, new Set([...muted].filter((one) => !isFirst(numberIn(one)))), 'before theirs ended')
  const over = performance.now()
  // The other silences end by their time; and what still mutes is asked again.
  workers.shiftClocks(2 * HOUR_MS)
  await publish(
    stage,
    sources.filter((one) => !isFirst(numberIn(one))),
    'resolves',
  )
  await stage.settle()
  const notifiedAt = performance.now()
  await onlyUnmuted(stage, new Set(early), 'though they had ended while they were muted')
  const late = others.filter((one) => one.resolves && !early.includes(one))
  await publish(stage, late, 'resolves')
  return { over, notifiedAt }
}

async function publish(stage: Stage, alarms: RunAlarm[], what: 'fires' | 'resolves'): Promise<void> {
  await stage.publish(alarms.flatMap((alarm) => alarm[what]?.message ?? []))
  await stage.wait(['alarms'])
}

/** Half for an hour, and half for as long as nobody ends them. */
async function makeSilences(stage: Stage): Promise<void> {
  const at = new Date(stage.workers.now())
  const until = (hours: number) => new Date(at.getTime() + hours * HOUR_MS).toISOString()
  const silences = Array.from({ length: SILENCES }, (_, number) => ({
    id: idOf(number),
    when: { name: `quiet-${number}-*` },
    about: `name=quiet-${number}-*`,
    until: until(isFirst(number) ? 24 : 1),
    ...{ why: 'a load test', by: 'ann', via: 'cli' as const, at: at.toISOString() },
  }))
  await order(
    stage,
    silences.map((silence) => ({ silence })),
  )
  const { length } = (await stage.waiting.silences()).filter(({ until }) => until > at.toISOString())
  if (length !== SILENCES) stage.wrong(`${length} silences were made, not ${SILENCES}`)
}

async function endSilences(stage: Stage, which: (number: number) => boolean): Promise<void> {
  const at = new Date(stage.workers.now()).toISOString()
  const numbers = Array.from({ length: SILENCES }, (_, number) => number).filter(which)
  await order(
    stage,
    numbers.map((number) => ({ expireSilence: idOf(number), by: 'bob', via: 'cli' as const, at })),
  )
}

const idOf = (number: number) => `silence-${number}`

async function order(stage: Stage, orders: Order[]): Promise<void> {
  const { waiting, engine } = stage
  for (let from = 0; from < orders.length; from += 10) {
    const Entries = orders
      .slice(from, from + 10)
      .map((one, index) => ({ Id: String(index), MessageBody: orderText(one) }))
    await waiting.sqs.send(new SendMessageBatchCommand({ QueueUrl: engine.environment.ALARMS_QUEUE_URL, Entries }))
  }
  await stage.wait(['alarms'])
}

/** A promise is broken by each of these alarms that a channel has heard of. */
async function onlyUnmuted({ engine, broken }: Stage, muted: Set<RunAlarm>, when: string): Promise<void> {
  const sent = marksOf(engine)
  const early = [...muted].filter(({ fires, resolves }) => sent.has(fires.mark) || sent.has(resolves?.mark ?? ''))
  if (early.length > 0) broken(`${early.length} were sent ${when}`)
}

/** All of these are in Slack. */
async function untilSent({ engine, deadline, wrong }: Stage, alarms: RunAlarm[]): Promise<void> {
  for (;;) {
    const sent = marksOf(engine)
    const missing = alarms.filter(({ fires }) => !sent.has(fires.mark))
    if (missing.length === 0) return
    if (performance.now() > deadline) return wrong(`${missing.length} that nothing mutes any more were not sent`)
    await sleep(500)
  }
}

/** Whatever a channel was asked to show. */
function marksOf({ slack, pagerduty }: Stage['engine']): Set<string> {
  return new Set([...slack.requests, ...pagerduty.requests].flatMap(({ body }) => marksIn(JSON.stringify(body))))
}
