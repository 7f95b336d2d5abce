import { sum } from 'simple-statistics'
import type { Config } from '../../schemas/config.ts'
import type { Objective } from '../../schemas/platform.ts'
import { describeNobody } from '../decide/decision.ts'
import { durationMs } from '../decide/duration.ts'
import { budgetOf } from '../platform/burn.ts'
import type { AlarmChange, Ask, Point, RoutedAlert } from './ask.ts'
import { changesIn, stacksIn } from './changes.ts'
import { duration, figure } from './figure.ts'
import { errorPatterns } from './lines.ts'
import { localTime } from './local-time.ts'
import { availability, durationsNow, errorsNow } from './now.ts'
import { asksOf } from './objectives.ts'
import { type Context, type Question, question } from './question.ts'
import type { Report } from './reports.ts'
import { DAY_S, HOUR_MS, HOUR_S, type Span } from './spans.ts'

const MINUTE_MS = 60_000
/** Around it: what led to it, and what followed. */
const AROUND_MS = 15 * MINUTE_MS
/** So long before an alarm fires, a change may have caused it: a budget burns slowly. */
const BEFORE_MS = 24 * HOUR_MS

/** A firing of an alarm, from its first change to its end. */
export interface Incident {
  alarm: string
  firedAt: string
  /** Absent: it still fires. */
  endedAt?: string
}

/** What CloudWatch and the router recorded. Either may be refused. */
export interface Recorded {
  history: AlarmChange[]
  alerts: RoutedAlert[]
}

/** What has to be asked to find an incident, and to show its time line. */
export function incidentAsks({ from, to }: Span): {
  history: Ask & { kind: 'alarm-history' }
  alerts: Ask & { kind: 'alerts' }
} {
  return { history: { kind: 'alarm-history', from, to }, alerts: { kind: 'alerts', since: from } }
}

/** The alarms that have fired, by their names. */
export function firedAlarms({ history, alerts }: Recorded): string[] {
  const ofHistory = history.flatMap(({ name, to }) => (to === 'ALARM' ? [name] : []))
  const ofAlerts = alerts.flatMap(({ title, changes }) =>
    changes.some(({ status }) => status === 'firing') ? [title] : [],
  )
  return [...new Set([...ofHistory, ...ofAlerts])].sort()
}

/** Those that a name means: itself, or else all that contain it. */
export function meant(name: string, names: string[]): string[] {
  const wanted = name.toLowerCase()
  const exact = names.filter((one) => one.toLowerCase() === wanted)
  return exact.length > 0 ? exact : names.filter((one) => one.toLowerCase().includes(wanted))
}

/** The last firing of an alarm. */
export function lastIncident(alarm: string, recorded: Recorded): Incident | undefined {
  const changes = changesOf(alarm, recorded)
  const fired = changes.findLast(({ isFiring }) => isFiring)
  if (!fired) return undefined
  const before = changes.filter(({ at }) => at <= fired.at)
  const lastEnd = before.findLast(({ isFiring }) => !isFiring)
  const first = before.find(({ at, isFiring }) => isFiring && (!lastEnd || at > lastEnd.at)) ?? fired
  const end = changes.find(({ at, isFiring }) => !isFiring && at > fired.at)
  return { alarm, firedAt: first.at, ...(end && { endedAt: end.at }) }
}

/** By CloudWatch's history; by the router's, of what is no CloudWatch alarm, or if CloudWatch says nothing. */
function changesOf(alarm: string, { history, alerts }: Recorded): { at: string; isFiring: boolean }[] {
  const ofHistory = history.filter(({ name }) => name === alarm).map(({ at, to }) => ({ at, isFiring: to === 'ALARM' }))
  const ofAlerts = alerts
    .filter(({ title }) => title === alarm)
    .flatMap(({ changes }) => changes.map(({ at, status }) => ({ at, isFiring: status !== 'resolved' })))
  return (ofHistory.length > 0 ? ofHistory : ofAlerts).sort((one, other) => (one.at < other.at ? -1 : 1))
}

/** The review of an incident: what is recorded, so that people need not look for it. */
export function incidentReport(
  incident: Incident,
  searched: Span,
  { now, hasArchive }: { now: Date; hasArchive: boolean },
): Report {
  const ended = incident.endedAt === undefined ? now.getTime() : Date.parse(incident.endedAt)
  const during = minutes(Date.parse(incident.firedAt) - AROUND_MS, Math.min(ended + AROUND_MS, now.getTime()))
  const before = minutes(Date.parse(incident.firedAt) - BEFORE_MS, Date.parse(incident.firedAt))
  return {
    title: `Incident review: ${incident.alarm}`,
    sections: [
      { title: 'What happened', questions: (context) => [timeLine(context, incident, searched)] },
      { title: 'Budget', questions: (context) => budgetSpent(context, incident, ended) },
      {
        title: 'What changed before it',
        questions: (context) => [...stacksIn(context, before), ...changesIn(context, before)],
      },
      {
        title: 'What failed',
        questions: (context) => [
          ...availability(context, during, true),
          ...errorsNow(context, during),
          ...durationsNow(context, during),
          ...errorPatterns(context, during),
        ],
      },
      {
        title: 'What was asked meanwhile',
        questions: (context) =>
          hasArchive ? [playbooks(context, incident.alarm, { ...during, to: now.toISOString() })] : [],
      },
    ],
  }
}

const minutes = (from: number, to: number): Span => ({
  from: new Date(Math.floor(from / MINUTE_MS) * MINUTE_MS).toISOString(),
  to: new Date(Math.floor(to / MINUTE_MS) * MINUTE_MS).toISOString(),
})

/** A router that is slower has failed at its task. */
const NOTIFIED_WITHIN_S = 300

function timeLine({ platform: { timezone }, rules, now }: Context, incident: Incident, searched: Span): Question {
  const { alarm, firedAt, endedAt } = incident
  return question({
    id: 'time line',
    title: 'Time line',
    asks: incidentAsks(searched),
    answer: (recorded) => {
      const isDuring = (at: string) => at >= firedAt && (endedAt === undefined || at <= later(endedAt))
      const steps = stepsOf(alarm, recorded, firedAt).filter(({ at }) => isDuring(at))
      const notified = steps.find(({ isNotified }) => isNotified)
      const afterS = notified && (Date.parse(notified.at) - Date.parse(firedAt)) / 1_000
      const lasted = ((endedAt === undefined ? now.getTime() : Date.parse(endedAt)) - Date.parse(firedAt)) / 1_000
      const whyNobody = afterS === undefined ? onPurpose(alarm, recorded, firedAt, rules) : undefined
      const isLate = whyNobody === undefined && (afterS === undefined || afterS > NOTIFIED_WITHIN_S)
      return {
        verdict: isLate ? 'bad' : 'good',
        says: `fired ${localTime(firedAt, timezone)}, ${endedAt === undefined ? `still fires, for ${duration(lasted)}` : `ended after ${duration(lasted)}`}; ${afterS === undefined ? (whyNobody ?? 'nobody was notified by this router') : `first notified after ${duration(Math.round(afterS))}`}`,
        bound: `notified within ${duration(NOTIFIED_WITHIN_S)}`,
        compared: [
          'what people did in PagerDuty alone is in its log of the incident, unless its webhook leads to the inbox',
        ],
        ...(isLate && {
          todo:
            afterS === undefined
              ? 'Find out why nobody was notified: "alert-router rules explain"'
              : 'Find out why the notification was late',
        }),
        table: {
          head: ['at', 'after', 'what'],
          rows: steps.map(({ at, what }) => [clock(at, timezone, lasted > DAY_S), sinceFired(at, firedAt), what]),
        },
      }
    },
  })
}

/** The rule that notifies nobody of it, as the rules are now. */
function onPurpose(alarm: string, { alerts }: Recorded, firedAt: string, { rules }: Config): string | undefined {
  const decided = alerts
    .filter(({ title }) => title === alarm)
    .flatMap(({ changes }) => changes.filter(({ at }) => at >= firedAt).map(({ rule }) => rule))
  const quiet = rules.find(({ name, notify }) => notify && decided.includes(name))
  return quiet?.notify && describeNobody({ rule: quiet.name, reason: quiet.notify.nobody })
}

/** What people have asked meanwhile. */
function playbooks({ platform: { timezone } }: Context, alarm: string, span: Span): Question {
  return question({
    id: 'playbooks',
    title: 'Playbooks',
    asks: { kept: { kind: 'kept', alarm, ...span } },
    answer: ({ kept }) => ({
      verdict: 'shown',
      says: kept.length === 0 ? 'none was run for it' : String(kept.length),
      ...(kept.length > 0 && {
        table: {
          head: ['at', 'playbook', 'found', 'page'],
          rows: kept.map(({ at, name, headline, key }) => [localTime(at, timezone), name, headline, key]),
        },
      }),
    }),
  })
}

/** The end's own notifications follow it. */
const later = (at: string) => new Date(Date.parse(at) + AROUND_MS).toISOString()
const sinceFired = (at: string, firedAt: string) => duration(Math.round((Date.parse(at) - Date.parse(firedAt)) / 1_000))
/** `07:30:05` */
const clock = (at: string, timezone: string, isLong: boolean) =>
  `${localTime(at, timezone).slice(isLong ? 0 : 15)}:${at.slice(17, 19)}`

interface Step {
  at: string
  what: string
  isNotified?: boolean
}

function stepsOf(alarm: string, { history, alerts }: Recorded, firedAt: string): Step[] {
  const ofAlarm = history.filter(({ name }) => name === alarm)
  const changes = ofAlarm.map(({ at, from, to }): Step => ({ at, what: `CloudWatch: ${from} → ${to}` }))
  const routed = alerts
    .filter(({ title }) => title === alarm)
    .flatMap(({ changes: all }) => all)
    .filter(({ at, isRepeated }) => at >= firedAt && !isRepeated)
    .flatMap((change): Step[] => [
      { at: change.at, what: `the router: ${change.status}, ${change.severity}, by rule "${change.rule}"` },
      ...change.deliveries.map(({ channel, outcome, at = change.at, reason }) => ({
        at,
        what: `${channel}: ${outcome}${outcome === 'delivered' ? ` (${change.status})` : ''}${reason === undefined ? '' : `, ${reason}`}`,
        isNotified: outcome === 'delivered' && change.status !== 'resolved',
      })),
      ...(change.updates ?? []).map(({ at, channel, is }) => ({ at, what: `${channel}: ${is}`, isNotified: false })),
    ])
  return [...changes, ...routed].sort((one, other) => (one.at < other.at ? -1 : Number(one.at > other.at)))
}

/** Of a budget, by one incident: more is worth a review (Site Reliability Workbook, Example error budget policy). */
const MUCH = 0.2

/** How much of each objective's budget was spent in the hours of the incident. */
function budgetSpent(context: Context, { firedAt }: Incident, ended: number): Question[] {
  const first = Math.floor(Date.parse(firedAt) / 1_000 / HOUR_S) * HOUR_S
  const isDuring = ([time]: Point) => time >= first && time * 1_000 <= ended
  return Object.entries(context.platform.objectives).map(([name, objective]) =>
    question({
      id: `budget ${name}`,
      title: objective.what,
      asks: asksOf(context, objective),
      answer: (found) => {
        const share = shareSpent(objective, found, isDuring)
        if (share === undefined) return { verdict: 'no data', says: 'nothing was measured' }
        return {
          verdict: share > MUCH ? 'bad' : 'good',
          bound: `at most ${100 * MUCH} % by one incident`,
          ...(share > MUCH && { todo: 'Hold a review, and act on its cause: few such incidents use up the budget' }),
          says: `${figure(100 * share, 'Percent')} of the budget of ${duration(durationMs(objective.over) / 1_000)} was spent`,
          compared: [
            `from ${localTime(new Date(first * 1_000).toISOString(), context.platform.timezone)}, by whole hours`,
          ],
        }
      },
    }),
  )
}

/** Of what may fail in the objective's whole time. */
function shareSpent(
  { percent, goal }: Objective,
  found: Record<string, Point[]>,
  isDuring: (point: Point) => boolean,
): number | undefined {
  const all = (prefix: string) =>
    Object.entries(found).flatMap(([name, points]) => (name.startsWith(prefix) ? points : []))
  const total = (points: Point[]) => (points.length === 0 ? 0 : sum(points.map(([, value]) => value)))
  const failed =
    percent === undefined ? all('bad ') : all('good').map(([time, value]): Point => [time, (100 - value) / 100])
  const whole = percent === undefined ? total(all('total ')) : all('good').length
  if (whole === 0) return undefined
  return total(failed.filter(isDuring)) / ((whole * budgetOf(goal)) / 100)
}
