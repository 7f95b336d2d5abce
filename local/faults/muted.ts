import { setTimeout as sleep } from 'node:timers/promises'
import { expire } from '../../shared/decide/silencing.ts'
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

/** Of those that are muted and resolve, half do while they are held: nobody is to hear of them. */
export function isMutedToItsEnd({ name, resolves }: RunAlarm, index: number): boolean {
  return resolves !== undefined && index % 4 === 0 && /^(held|quiet)-/.test(name)
}

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
  const early = alarms.filter(isMutedToItsEnd)
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

/** Half for an hour, and half for as long as nobody ends them. In one write: so many orders at once would take minutes. */
async function makeSilences({ workers, waiting }: Stage): Promise<void> {
  const now = new Date(workers.now())
  const at = now.toISOString()
  const until = (hours: number) => new Date(now.getTime() + hours * HOUR_MS).toISOString()
  const silences = Array.from({ length: SILENCES }, (_, number) => ({
    id: idOf(number),
    when: { name: `quiet-${number}-*` },
    about: `name=quiet-${number}-*`,
    until: until(isFirst(number) ? 24 : 1),
    ...{ why: 'a load test', by: 'ann', via: 'cli' as const, at },
  }))
  await waiting.changeSilences((before) => [...before, ...silences])
}

async function endSilences({ workers, waiting }: Stage, which: (number: number) => boolean): Promise<void> {
  const now = new Date(workers.now())
  const by = { by: 'bob', via: 'cli' as const, at: now.toISOString() }
  const ids = Array.from({ length: SILENCES }, (_, number) => number)
    .filter(which)
    .map(idOf)
  await waiting.changeSilences((before) =>
    ids.reduce((all, id) => {
      const ended = expire(all, id, by, now)
      return 'refused' in ended ? all : ended.silences
    }, before),
  )
}

const idOf = (number: number) => `silence-${number}`

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
