import { setTimeout as sleep } from 'node:timers/promises'
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs'
import { orderText } from '../../schemas/wake.ts'
import type { Engine } from '../engine.ts'
import { marksIn, type RunAlarm } from './alarms.ts'
import type { Course, Stage } from './courses.ts'
import { type InSlack, inSlack } from './in-slack.ts'
import type { Answered } from './people.ts'
import { FOLLOWED } from './rules.ts'

/* People acknowledge alerts while they fire, and as they end. Who is reminded, and who is escalated to? */

const HOUR_MS = 3_600_000
const { chat, lead } = FOLLOWED.channels

/** Of five alarms, so many are answered. */
const ANSWERED_OF_FIVE = 3

/** All fire, and people answer most of them, while their answers can't be recorded; hours later, half resolve. */
export const answeredInAStorm: Course = async (stage) => {
  const { alarms, engine, lastsMs, broken } = stage
  const asked = alarms.filter((_, index) => index % 5 < ANSWERED_OF_FIVE)
  const started = performance.now()
  const answering = stage.people().answerAll(asked, stage.deadline)
  await stage.publish(
    alarms.map(({ fires }) => fires.message),
    lastsMs / 2,
  )
  await sleep(Math.max(0, lastsMs - (performance.now() - started)))
  await stage.end()
  const over = performance.now()
  const answered = await answering
  await stage.settle()
  const notifiedAt = performance.now()
  stage.workers.shiftClocks(2 * HOUR_MS)
  await stage.settle()
  const acknowledged = await stage.waiting.acknowledged()
  for (const words of unlikeAnswers({ asked, answered, alarms, acknowledged, engine })) broken(words)
  await stage.publish(alarms.flatMap(({ resolves }) => resolves?.message ?? []))
  return { over, notifiedAt }
}

interface Judged {
  asked: RunAlarm[]
  answered: Answered[]
  alarms: RunAlarm[]
  /** The keys of the alerts that the router takes for acknowledged. */
  acknowledged: Set<string>
  engine: Engine
}

/**
 * Each answer has its effect, once; and nobody is bothered further about what is acknowledged. Returns the broken promises, as
 * text.
 */
function unlikeAnswers({ asked, answered, alarms, acknowledged, engine }: Judged): string[] {
  const slack = inSlack(engine)
  const paged = acknowledgesIn(engine)
  const isSo = ({ fingerprint }: RunAlarm) => acknowledged.has(fingerprint)
  const taken = new Set(answered.filter(({ isTaken }) => isTaken).map(({ alarm }) => alarm))
  const tried = new Set(answered.map(({ alarm }) => alarm))
  const refused = answered.filter((one) => one.refused > 0)
  const gaveUp = answered.filter((one) => one.refused > 1 && !one.isTaken)
  return counted([
    [asked.length - answered.length, 'firings that nobody could answer: they were not in Slack'],
    [refused.length === 0 ? 1 : 0, 'fault that did not happen: no answer was refused'],
    [gaveUp.length, 'people whose answer was refused again and again'],
    [alarms.filter((one) => taken.has(one) && !isSo(one)).length, 'acknowledgements lost'],
    [alarms.filter((one) => !tried.has(one) && isSo(one)).length, 'acknowledgements of what nobody has answered'],
    [alarms.filter((one) => shown(slack, one) !== isSo(one)).length, 'acknowledgements that Slack shows otherwise'],
    [alarms.filter((one) => posted(slack, one, 'acknowledged') > 1).length, 'acknowledgements twice in Slack'],
    [
      alarms.filter((one) => (paged.get(one.arn) ?? 0) !== (isSo(one) ? 1 : 0)).length,
      'incidents that were not acknowledged, or twice',
    ],
    ...followed(slack, alarms.filter(isSo), 0),
    ...followed(
      slack,
      alarms.filter((one) => !isSo(one)),
      1,
    ),
  ])
}

/** Of ten alarms, one neither ends nor is acknowledged: that reminders come at all, is seen by those. */
const goesOn = (index: number) => index % 10 === 9
export const endsInARace = (index: number) => !goesOn(index)

/** As many alarms as race at once. */
const AT_ONCE = 10

/**
 * All have fired for long, were reminded of and escalated. Then each is acknowledged as it ends. Hours later, who hears of it?
 */
export const acknowledgedAsItEnds: Course = async (stage) => {
  const { alarms, engine, broken, random, workers } = stage
  await stage.publish(alarms.map(({ fires }) => fires.message))
  await stage.settle()
  workers.shiftClocks(2 * HOUR_MS)
  await stage.settle()
  const ending = random.shuffled(alarms.filter(({ resolves }) => resolves))
  const people = stage.people()
  const over = performance.now()
  for (let from = 0; from < ending.length; from += AT_ONCE) {
    const some = ending.slice(from, from + AT_ONCE)
    const ways = random.shuffled([
      () => stage.publish(random.shuffled(some.flatMap((one) => resolvesOf(one, random.int(3) === 0)))),
      () => orderAll(stage, random.shuffled(some.slice(AT_ONCE / 2).flatMap((one) => [one, one].slice(random.int(2))))),
      ...some.slice(0, AT_ONCE / 2).map((one) => async () => {
        if (!(await people.acknowledge(one))) broken('an answer was refused again and again, without a fault')
      }),
    ])
    await Promise.all(ways.map((way) => way()))
  }
  await stage.settle()
  const notifiedAt = performance.now()
  workers.shiftClocks(6 * HOUR_MS)
  await stage.settle()
  for (const words of unlikeEnds(alarms, engine)) broken(words)
  return { over, notifiedAt }
}

function resolvesOf({ resolves }: RunAlarm, isTwice: boolean): string[] {
  const all = resolves ? [resolves.message] : []
  return isTwice ? [...all, ...all] : all
}

/** As `alert-router ack` does. */
async function orderAll({ engine, waiting, workers }: Stage, alarms: RunAlarm[]): Promise<void> {
  if (alarms.length === 0) return
  const at = new Date(workers.now()).toISOString()
  await waiting.sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: engine.environment.ALARMS_QUEUE_URL,
      Entries: alarms.map(({ fingerprint }, index) => ({
        Id: String(index),
        MessageBody: orderText({ acknowledge: fingerprint, by: 'bob', via: 'cli', at }),
      })),
    }),
  )
}

/** Whoever had the firing has its end, as the last that it shows; and nobody hears of it again. */
function unlikeEnds(alarms: RunAlarm[], engine: Engine): string[] {
  const slack = inSlack(engine)
  const ended = alarms.filter(({ resolves }) => resolves)
  return counted([
    ...[chat, lead].map(({ channel }): Count => {
      const marks = marksTo(engine, channel)
      const open = ended.filter(({ fires, resolves }) => marks.has(fires.mark) && !marks.has(resolves?.mark ?? ''))
      return [open.length, `firings without an end in ${channel}`]
    }),
    ...(['chat', 'lead'] as const).map((channel): Count => {
      const stale = ended.filter((one) => {
        const own = slack.own(one, channel)
        return own && !marksIn(JSON.stringify(own.attachments)).includes(one.resolves?.mark ?? '')
      })
      return [stale.length, `messages in ${channel} that do not show the end`]
    }),
    [ended.filter((one) => posted(slack, one, 'acknowledged') > 1).length, 'acknowledgements twice in Slack'],
    // Once before the race.
    ...followed(slack, ended, 1),
    ...followed(
      slack,
      alarms.filter(({ resolves }) => !resolves),
      2,
    ),
  ])
}

type Count = [count: number, words: string]
const counted = (all: Count[]) => all.flatMap(([count, words]) => (count > 0 ? [`${count} ${words}`] : []))

/** So many reminders were sent of each, and one escalation, if any reminder. */
function followed(slack: InSlack, alarms: RunAlarm[], times: number): Count[] {
  const wrong = (channel: 'chat' | 'lead', kind: string, wanted: number) =>
    alarms.filter((one) => posted(slack, one, kind, channel) !== wanted).length
  const of = times === 0 ? 'acknowledged' : `that were to be reminded of ${times} times`
  return [
    [wrong('chat', 'reminder', times), `alerts ${of}, with another number of reminders`],
    [wrong('lead', 'escalation', Math.min(1, times)), `alerts ${of}, with another number of escalations`],
  ]
}

/** How many updates of a kind were posted about an alarm. */
function posted(slack: InSlack, alarm: RunAlarm, kind: string, channel: 'chat' | 'lead' = 'chat'): number {
  const all = [...slack.updates(alarm, channel)].filter(([update]) => update.startsWith(`${kind}-`))
  return all.reduce((sum, [, count]) => sum + count, 0)
}

/** Its own message says so; one without, that is in a digest, is answered in the digest's thread. */
function shown(slack: InSlack, alarm: RunAlarm): boolean {
  const own = slack.own(alarm, 'chat')
  return own ? own.text.startsWith('ACKNOWLEDGED') : posted(slack, alarm, 'acknowledged') > 0
}

/** How often each incident was acknowledged. */
function acknowledgesIn({ pagerduty }: Engine): Map<string, number> {
  const found = new Map<string, number>()
  for (const { body, status = 0 } of pagerduty.requests) {
    const { event_action: action, dedup_key: key } = (body ?? {}) as { event_action?: string; dedup_key?: string }
    if (action !== 'acknowledge' || key === undefined || status >= 300) continue
    found.set(key, (found.get(key) ?? 0) + 1)
  }
  return found
}

/** All that a channel was sent. */
function marksTo(engine: Engine, channel: string): Set<string> {
  const to = engine['slack-app'].requests.filter(({ body }) => (body as { channel?: string }).channel === channel)
  return new Set(to.flatMap(({ body }) => marksIn(JSON.stringify(body))))
}
