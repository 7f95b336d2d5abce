import type { Alert, AlertStatus, Threshold } from '../../schemas/alert.ts'
import type { Notification } from '../../schemas/notification.ts'
import { factLines, oneLine, shorten } from './outside-text.ts'

/**
 * An alert's facts as a person says them. All channels speak with these words.
 * Nothing here is escaped for a channel; everything is on one line. Times are in UTC and say so.
 */

/** The word that comes first in a subject or a headline: `CRITICAL`, `RESOLVED`, `NO DATA`. */
export function statusTag({ alert, severity }: Notification): string {
  if (alert.status === 'resolved') return 'RESOLVED'
  if (alert.status === 'insufficient-data') return 'NO DATA'
  return severity.toUpperCase()
}

/** One line for what happened; never empty. */
export function title(alert: Alert): string {
  return oneLine(alert.title) || oneLine(alert.name) || 'Alert without a name'
}

/** What and where on one line: `orders-api-errors: orders-api (FunctionName)`. */
export function whatAndWhere(alert: Alert): string {
  const what = title(alert)
  const where = oneLine(alert.resource)
  // An event's title is a sentence that often names the resource; an alarm's is a name in which it may be a mere part.
  const named = isAlarm(alert) ? where : where.replace(/ \([^)]*\)$/, '')
  return what.includes(named) ? what : `${what.replace(/[.:]+$/, '')}: ${where}`
}

/**
 * `whatAndWhere`'s second half in few words, for a line among many: `orders-api`. A dimension's name is left out: the
 * metric tells it. Undefined where the title says it.
 */
export function where(alert: Alert): string | undefined {
  const resource = oneLine(
    alert.resource.replace(/ \(([^()]{1,255})\)/g, (whole, label: string) =>
      Object.hasOwn(alert.dimensions, label) ? '' : whole,
    ),
  )
  const isSaid = isAlarm(alert) ? title(alert) === resource : title(alert).includes(resource.replace(/ \([^)]*\)$/, ''))
  return isSaid ? undefined : resource
}

const STATUS_WORDS: Record<AlertStatus, string> = {
  firing: 'Firing',
  resolved: 'Resolved',
  'insufficient-data': 'No data',
}

/** What something is called that just happens; `undefined`: it fires and is resolved, and its status is said. */
const KIND_WORDS: Record<Alert['kind'], string | undefined> = {
  alarm: undefined,
  'metric-alarm': undefined,
  'math-alarm': undefined,
  'insights-alarm': undefined,
  'anomaly-alarm': undefined,
  'composite-alarm': undefined,
  'log-alarm': undefined,
  'prometheus-alarm': undefined,
  'alarm-configuration': 'Alarm changed',
  finding: 'Finding',
  health: 'AWS Health',
  budget: 'Budget',
  backup: 'Backup',
  deployment: 'Deployment',
  'aws-event': 'AWS event',
  event: 'Event',
  message: 'Message',
  subscription: 'Subscription',
}

/** `Firing`, `Resolved`, `No data`; for what can't fire, what it is: `Finding`, `Deployment`, … */
export function status(alert: Alert): string {
  return (alert.status === 'firing' ? KIND_WORDS[alert.kind] : undefined) ?? STATUS_WORDS[alert.status]
}

/** `Firing (was no data)`. */
export function statusChange(alert: Alert): string {
  const { previousStatus } = alert
  if (previousStatus === undefined || previousStatus === alert.status) return status(alert)
  const before = previousStatus === 'resolved' ? 'OK' : STATUS_WORDS[previousStatus].toLowerCase()
  return `${status(alert)} (was ${before})`
}

/** What `status` is called: what fires has a status, the rest is of a kind. */
export function statusLabel(alert: Alert): 'Status' | 'Kind' {
  return alert.status === 'firing' && !isAlarm(alert) ? 'Kind' : 'Status'
}

/** Whether it is an alarm, which fires and is resolved; the rest just happens. */
export function isAlarm(alert: Alert): boolean {
  return KIND_WORDS[alert.kind] === undefined
}

/** What the time of the change is called: an alarm fires *since* then, a message came *at* that time. */
export function timeLabel(alert: Alert): 'Since' | 'At' {
  return alert.status !== 'resolved' && isAlarm(alert) ? 'Since' : 'At'
}

/** `account 123456789012, eu-west-1`. */
export function place(alert: Alert): string | undefined {
  const parts = [alert.account && `account ${oneLine(alert.account)}`, alert.region && oneLine(alert.region)]
  return parts.filter(Boolean).join(', ') || undefined
}

/** `AWS/Lambda Errors`. */
export function metric(alert: Alert): string | undefined {
  return oneLine([alert.namespace, alert.metric].filter(Boolean).join(' ')) || undefined
}

// Maps, because the words looked up come from outside: an object has a `constructor`.
const BAND_WORDS = new Map([
  ['outside', 'outside the expected band'],
  ['above', 'above the expected band'],
  ['below', 'below the expected band'],
])

/** What the alarm watches for: `Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2`. */
export function condition(alert: Alert): string | undefined {
  const { threshold } = alert
  if (threshold === undefined) return undefined
  const comparison = compare(threshold)
  if (comparison === undefined) return undefined
  const observed = observedValue(threshold)
  const sentence = [measured(alert, threshold), comparison, periods(threshold)].filter(Boolean).join(' ')
  return observed === undefined ? sentence : `${sentence}; now ${observed}`
}

/** The same in few words, for a line among many: `93.2 > 80 Percent`. Who reads it knows the metric. */
export function briefCondition({ threshold }: Alert): string | undefined {
  const comparison = threshold && compare(threshold)
  if (comparison === undefined) return undefined
  return [observedValue(threshold), comparison].filter(Boolean).join(' ')
}

function observedValue(threshold: Threshold | undefined): string | undefined {
  return threshold?.observed === undefined ? undefined : number(threshold.observed, 7)
}

function measured(alert: Alert, threshold: Threshold): string {
  const name = oneLine(alert.metric ?? '') || shorten(oneLine(alert.expression ?? ''), 200) || 'value'
  return oneLine(`${threshold.statistic ?? ''} ${name}`)
}

function compare({ operator, value, unit }: Threshold): string | undefined {
  if (operator === undefined) return undefined
  const band = BAND_WORDS.get(operator)
  if (band !== undefined) return band
  const limit = value === undefined ? undefined : number(value, 12)
  if (limit === undefined) return undefined
  return oneLine(`${operator} ${limit} ${unit === undefined || unit === 'None' ? '' : unit}`)
}

function periods({ periodSeconds, evaluationPeriods, datapointsToAlarm }: Threshold): string | undefined {
  const length = periodSeconds === undefined ? undefined : duration(periodSeconds * 1000)
  if (evaluationPeriods === undefined) return length && `over ${length}`
  const count =
    datapointsToAlarm === undefined || evaluationPeriods === 1
      ? `${evaluationPeriods}`
      : `${datapointsToAlarm} of ${evaluationPeriods}`
  return `in ${count} ${evaluationPeriods === 1 ? 'period' : 'periods'}${length ? ` of ${length}` : ''}`
}

const MISSING_DATA_WORDS = new Map([
  ['breaching', 'counts as breaching'],
  ['notBreaching', 'counts as good'],
  ['ignore', 'keeps the state as it is'],
  ['missing', 'leads to "no data"'],
])

/** What the alarm makes of missing data. */
export function missingData(alert: Alert): string | undefined {
  const treatment = alert.threshold?.missingData
  return treatment === undefined ? undefined : MISSING_DATA_WORDS.get(treatment)
}

/** `2026-09-14 11:18:52 UTC`. What is no date comes back as it is. */
export function time(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? oneLine(iso) : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `45 s`, `12 min`, `1 h 5 min`, `2 days 3 h`; rounded down. A negative one has no words. */
export function duration(ms: number): string | undefined {
  if (!Number.isFinite(ms) || ms < 0) return undefined
  if (ms < 1000) return 'under 1 s'
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) return withRest(`${Math.floor(ms / HOUR)} h`, Math.floor((ms % HOUR) / MINUTE), 'min')
  const days = Math.floor(ms / DAY)
  return withRest(days === 1 ? '1 day' : `${days} days`, Math.floor((ms % DAY) / HOUR), 'h')
}

function withRest(whole: string, rest: number, unit: string): string {
  return rest === 0 ? whole : `${whole} ${rest} ${unit}`
}

/** How long a resolved alert had been firing, where that is known. */
export function firedFor({ alert, firingSince }: Notification): string | undefined {
  if (alert.status !== 'resolved' || firingSince === undefined) return undefined
  return duration(Date.parse(alert.changedAt) - Date.parse(firingSince))
}

/** A number as a person writes it: `1,234.5`, without the noise of floating point. `digits`: how many significant ones count. */
function number(value: number, digits: number): string | undefined {
  if (!Number.isFinite(value)) return undefined
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e15 || size < 1e-6)) return String(Number(value.toPrecision(digits)))
  const [whole = '', fraction] = String(
    Number(value.toPrecision(Math.max(digits, Math.floor(size).toString().length))),
  ).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** The composite's children that triggered it, by name. */
export function children(alert: Alert): string[] {
  return alert.children.map((child) => oneLine(child.name)).filter((name) => name !== '')
}

/**
 * An event's further facts, with labels as a person writes them: `firstSeen` is `First seen`, of
 * `action.remoteIpDetails.country` the last two parts remain. A state in the sender's own word is left out where it is
 * the same word.
 */
export function details({ details }: Alert): [label: string, value: string][] {
  return factLines(details)
    .filter(([label, value]) => label !== 'rawState' || value.toLowerCase() !== details.state?.toLowerCase())
    .map(([label, value]) => [describeLabel(label), value])
}

function describeLabel(label: string): string {
  const words = label
    .split('.')
    .slice(-2)
    .join(' ')
    .replace(/([a-z\d])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * That an alert comes here because another channel has not taken it, and why: to be read before all else.
 * `Sent here because pagerduty has not taken it: PagerDuty did not answer within 10000 ms. Maybe nobody was told there.`
 */
export function fallbackNote({ channel, reason }: NonNullable<Notification['fallbackFor']>, what = 'it'): string {
  const name = channelName(channel)
  // An error names its channel; here it has just been named.
  const why = shorten(oneLine(reason).replace(` (channel ${name})`, ''), 400).replace(/[.:]$/, '')
  return `Sent here because ${name} has not taken ${what}${why && `: ${why}`}. Maybe nobody was told there.`
}

/** The same for where there is little room: `not taken by pagerduty`. Undefined where no other channel failed. */
export function fallbackInShort({ fallbackFor }: Notification): string | undefined {
  return fallbackFor && `not taken by ${channelName(fallbackFor.channel)}`
}

/**
 * What a channel could not be told in time, in a sentence for each: `Fired 10:00:00 to 10:05:00 UTC; delivery was delayed.`
 * and `Fired 3 times before, since 10:00:00 UTC, which could not be told here.`
 */
export function missedNotes(notification: Notification): string[] {
  const { alert, firingSince, missed, missedBefore } = notification
  const notes: string[] = []
  if (missed) {
    const span = firingSince === undefined ? `until ${clock(alert.changedAt)}` : between(firingSince, alert.changedAt)
    notes.push(`Fired ${span}; delivery was delayed.`)
  }
  if (missedBefore) {
    const { count, since } = missedBefore
    const times = count === 1 ? 'once' : `${count} times`
    notes.push(`Fired ${times} before, since ${clockTo(since, alert.changedAt)}, which could not be told here.`)
  }
  return notes
}

/** The same for where there is little room: `told late`, `told late, 3 missed before`. Undefined where nothing was missed. */
export function missedInShort({ missed, missedBefore }: Notification): string | undefined {
  const parts = [missed && 'told late', missedBefore && `${missedBefore.count} missed before`]
  return parts.filter(Boolean).join(', ') || undefined
}

/** `10:00:00 to 10:05:00 UTC`; with the date where it is more than a day. */
function between(from: string, to: string): string {
  const [start, end] = [shorten(time(from), 40), shorten(time(to), 40)]
  const isOneDay = start.slice(0, 10) === end.slice(0, 10)
  return `${(isOneDay ? clock(from) : start).replace(/ UTC$/, '')} to ${isOneDay ? clock(to) : end}`
}

/** `10:00:00 UTC`; with its date where that is not the day of the other. */
function clockTo(iso: string, other: string): string {
  const whole = shorten(time(iso), 40)
  return whole.slice(0, 10) === time(other).slice(0, 10) ? clock(iso) : whole
}

/** The time of day: `10:05:00 UTC`. What is no date comes back as it is. */
function clock(iso: string): string {
  return Number.isNaN(Date.parse(iso)) ? shorten(time(iso), 40) : time(iso).slice(11)
}

/** What is to be read before all else, where there is little room: `not taken by pagerduty, told late`. */
export function notesInShort(notification: Notification): string | undefined {
  return [fallbackInShort(notification), missedInShort(notification)].filter(Boolean).join(', ') || undefined
}

function channelName(channel: string): string {
  return shorten(oneLine(channel), 50) || 'another channel'
}
