import type { Severity } from '../../schemas/config.ts'
import { SEVERITIES } from '../../schemas/config.ts'
import type { Silence } from '../../schemas/silence.ts'
import { sourceOf } from '../alert/identity.ts'
import { oneLine, shorten } from '../channels/outside-text.ts'
import type { FiringAlert } from '../history/open-alerts.ts'
import type { Answer } from './answer.ts'
import type { RoutedAlert } from './ask.ts'
import { type Episode, episodesOf } from './episodes.ts'
import { duration } from './figure.ts'
import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { ageS, DAY_MS, HOUR_MS } from './spans.ts'

/*
 * For whoever goes off call and whoever comes on: what is open, and what happened since. It is read on a phone, so each item is
 * a line, and there are few.
 */

/** As long as a shift, where nobody says otherwise. */
const SHIFT_MS = 12 * HOUR_MS
/** What began to fire before the shift may be escalated, end, or be given up in it: such changes are asked, too. */
const BEFORE_MS = DAY_MS
/** So many of each are named; the others are counted. */
const MOST = 6

type Answered = Omit<Answer, 'id' | 'title' | 'source'>

/** What is open and what is silenced, now. */
export function present(context: Context): Question[] {
  return [
    question({
      id: 'open alerts',
      title: 'Open',
      asks: { open: { kind: 'open' } },
      answer: ({ open }) => openNow(open.firing, context),
    }),
    question({
      id: 'silences',
      title: 'Silenced',
      asks: { open: { kind: 'open' } },
      answer: ({ open }) => silencedNow(open.silences, open.firing, context),
    }),
  ]
}

/** What fired since the shift began, and what people and the router did about it. */
export function happened(context: Context): Question[] {
  const since = context.since ?? new Date(context.now.getTime() - SHIFT_MS).toISOString()
  const from = new Date(Date.parse(since) - BEFORE_MS).toISOString()
  const asks = { alerts: { kind: 'alerts', since: from } as const }
  const asked = (id: string, title: string, answer: (alerts: RoutedAlert[], context: Context) => Answered) =>
    question({ id, title, asks, answer: ({ alerts }) => answer(alerts.filter(isNoOwn), context) })
  return [
    asked('fired', `Fired since ${shortTime(since, context)}`, (alerts) => fired(alerts, since, context)),
    asked('never acknowledged', 'Ended, and no acknowledgement is recorded', (alerts) =>
      neverAcknowledged(alerts, since),
    ),
    asked('escalated', 'Escalated', (alerts) => escalated(alerts, since, context)),
    asked('dead letters', 'Not delivered', deadLetters),
  ]
}

/** The router's heartbeat, its notices and its reports say nothing of what it watches. */
const isNoOwn = ({ source = '' }: RoutedAlert) => !/^alert-router[.-]/.test(source)

function openNow(firing: FiringAlert[], context: Context): Answered {
  const open = firing.filter((one) => !one.acknowledged)
  // What is silenced can wait for its end, and what is not critical for the day.
  const urgent = open.filter(({ severity, silenced }) => severity === 'critical' && silenced === undefined)
  const names = listed(
    urgent.map(({ title }) => named(title)),
    3,
  ).join(', ')
  const says = firing.length === 0 ? 'nothing' : `${firing.length}${of(open, firing)}`
  return {
    verdict: urgent.length > 0 ? 'bad' : firing.length > 0 ? 'shown' : 'good',
    says,
    lead: firing.length === 0 ? 'Nothing open' : `${firing.length} open${of(open, firing)}`,
    ...(urgent.length > 0 && { todo: `Acknowledge, or pass on: ${names}` }),
    items: listed(firing.map((one) => openAlert(one, context))),
  }
}

const of = (open: FiringAlert[], all: FiringAlert[]) =>
  open.length === 0 ? '' : `, ${all.length === 1 ? '' : `${open.length} `}not acknowledged`

/** `critical orders-errors since 03:12 (4 h 18 min), acknowledged by ann. 09:12 escalates to lead` */
function openAlert(one: FiringAlert, context: Context): string {
  const { severity, title, since, acknowledged, silenced = [], next } = one
  const lasts = duration(ageS(context.now, since))
  const by = acknowledged ? `acknowledged by ${person(acknowledged.by)}` : 'not acknowledged'
  const [silence] = silenced
  const quiet = silence ? `, silenced until ${shortTime(silence.until, context)}` : ''
  const [first] = next
  const then = first ? `. ${shortTime(first.at, context)} ${oneLine(first.what)}` : ''
  return `${severity} ${named(title)} since ${shortTime(since, context)} (${lasts}), ${by}${quiet}${then}`
}

function silencedNow(silences: Silence[], firing: FiringAlert[], context: Context): Answered {
  return {
    verdict: 'shown',
    says: silences.length === 0 ? 'nothing' : String(silences.length),
    ...(silences.length > 0 && { lead: `${silences.length} ${silences.length === 1 ? 'silence' : 'silences'}` }),
    items: listed(silences.map((one) => inForce(one, firing, context))),
  }
}

/** `name: orders-* until 11:30, by ann: load test. It holds orders-errors` */
function inForce({ id, about, until, by, why }: Silence, firing: FiringAlert[], context: Context): string {
  const under = firing.filter(({ silenced = [] }) => silenced.some((one) => one.id === id))
  const holds =
    under.length === 0
      ? 'Nothing that fires is under it'
      : `Under it: ${listed(
          under.map(({ title }) => named(title)),
          3,
        ).join(', ')}`
  return `${named(about)} until ${shortTime(until, context)}, by ${person(by)}: ${shorten(oneLine(why), 80)}. ${holds}`
}

/** What an alert did, or several events of one source. */
interface Fired {
  title: string
  severity: Severity
  /** An event without a state has no end. */
  isEvent: boolean
  isNotified: boolean
  episodes: Episode[]
}

function firedAlerts(alerts: RoutedAlert[], isAsked: (episode: Episode) => boolean): Fired[] {
  const bySource = Map.groupBy(alerts.filter(isNew), ({ fingerprint }) => sourceOf(fingerprint))
  const all = [...bySource].flatMap(([source, of]): Fired[] => {
    const asked = of.flatMap(episodesOf).filter(isAsked)
    const episodes = asked.sort((one, other) => one.since.localeCompare(other.since))
    if (episodes.length === 0) return []
    const one = {
      title: of.at(-1)?.title ?? source,
      severity: SEVERITIES.find((one) => episodes.some(({ severity }) => severity === one)) ?? 'critical',
      isEvent: of.some(({ fingerprint }) => fingerprint !== source),
      isNotified: episodes.some(({ isNotified }) => isNotified),
      episodes,
    }
    return [one]
  })
  const last = ({ episodes }: Fired) => episodes.at(-1)?.since ?? ''
  return all.sort((one, other) => rank(one) - rank(other) || last(other).localeCompare(last(one)))
}

/** It fired, and the router had not received that before. */
const isNew = ({ changes }: RoutedAlert) => changes.some(({ status, isRepeated }) => status === 'firing' && !isRepeated)

const rank = ({ severity }: Pick<Fired, 'severity'>) => SEVERITIES.indexOf(severity)

function fired(alerts: RoutedAlert[], since: string, context: Context): Answered {
  const all = firedAlerts(alerts, (episode) => episode.since >= since)
  const urgent = all.filter(({ severity }) => severity !== 'info')
  const rest = all.length - urgent.length
  const count = urgent.length === 1 ? '1 alert' : `${urgent.length} alerts`
  const times = urgent.reduce((sum, { episodes }) => sum + episodes.length, 0)
  const often = times > urgent.length ? `, ${times} times` : ''
  return {
    verdict: 'shown',
    says: all.length === 0 ? 'nothing' : `${count}${often}${rest > 0 ? `, and ${rest} of severity info` : ''}`,
    lead: `${urgent.length === 0 ? 'nothing' : urgent.length} fired since ${shortTime(since, context)}`,
    items: listed(urgent.map((one) => firedAlert(one, context))),
  }
}

/** `critical orders-errors, 3 times, last 03:12 to 03:40` */
function firedAlert({ title, severity, isEvent, isNotified, episodes }: Fired, context: Context): string {
  const last = episodes.at(-1)
  const [from, to] = [last?.since ?? '', last?.endedAt].map((at) => at && shortTime(at, context))
  const when = to === undefined ? `${isEvent ? 'at' : 'since'} ${from}` : `${from} to ${to}`
  const often = episodes.length > 1 ? `${episodes.length} times, last ` : ''
  return `${severity} ${named(title)}, ${often}${when}${isNotified ? '' : ', nobody was notified'}`
}

/** What is still open is among what is open. */
function neverAcknowledged(alerts: RoutedAlert[], since: string): Answered {
  const all = firedAlerts(alerts, (episode) => isUnseen(episode) && (episode.endedAt ?? '') >= since)
  return {
    verdict: 'shown',
    says: all.length === 0 ? 'none' : String(all.length),
    items: listed(
      all.map(
        ({ severity, title, episodes: { length } }) =>
          `${severity} ${named(title)}${length > 1 ? `, ${length} times` : ''}`,
      ),
    ),
  }
}

const isUnseen = ({ severity, isNotified, endedAt, acknowledgedAt }: Episode) =>
  severity !== 'info' && isNotified && endedAt !== undefined && acknowledgedAt === undefined

function escalated(alerts: RoutedAlert[], since: string, context: Context): Answered {
  const all = alerts
    .flatMap(({ title, changes }) =>
      changes.flatMap(({ updates = [] }) =>
        updates.flatMap(({ is, channel, at }) => (is === 'escalation' && at >= since ? { title, channel, at } : [])),
      ),
    )
    .sort((one, other) => one.at.localeCompare(other.at))
  const items = all.map(({ title, channel, at }) => `${named(title)} to ${channel} at ${shortTime(at, context)}`)
  const count = new Set(all.map(({ title }) => title)).size
  return {
    verdict: 'shown',
    says: count === 0 ? 'nothing' : String(count),
    ...(count > 0 && { lead: `${count} escalated` }),
    items: listed(items),
  }
}

function deadLetters(alerts: RoutedAlert[]): Answered {
  const all = alerts.flatMap(({ title, changes }) =>
    changes.flatMap(({ deliveries }) =>
      deliveries.flatMap((one) => (one.outcome === 'dead-lettered' ? { title, ...one } : [])),
    ),
  )
  if (all.length === 0) return { verdict: 'good', says: 'nothing', items: [] }
  return {
    verdict: 'bad',
    says: String(all.length),
    lead: `${all.length} not delivered`,
    todo: 'Read "alert-router dead-letters list", fix the channel, and redrive them',
    items: listed(
      all.map(
        ({ title, channel, reason }) => `${named(title)} to ${channel}: ${shorten(oneLine(reason ?? 'unknown'), 80)}`,
      ),
    ),
  }
}

function listed(all: string[], most = MOST): string[] {
  return all.length <= most ? all : [...all.slice(0, most), `and ${all.length - most} more`]
}

const named = (title: string) => shorten(oneLine(title), 60)
const person = (by: string) => shorten(oneLine(by), 30)

/** `03:12` today, `Thu 03:12` within six days, `2026-11-10 03:12`: where the platform's people are. */
function shortTime(at: string, { now, platform: { timezone } }: Pick<Context, 'now' | 'platform'>): string {
  const [day = '', date = '', time = ''] = localTime(at, timezone).split(' ')
  if (localTime(now.toISOString(), timezone).startsWith(`${day} ${date}`)) return time
  return Math.abs(now.getTime() - Date.parse(at)) < 6 * DAY_MS ? `${day} ${time}` : `${date} ${time}`
}
