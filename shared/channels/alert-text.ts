import type { Alert, AlertStatus, Threshold } from '../../schemas/alert.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { Acknowledged, Update } from '../../schemas/update.ts'
import { factLines, oneLine, shorten } from './outside-text.ts'

/**
 * An alert's facts as readable text, shared by all channels.
 * Nothing here is escaped for a channel; each text is one line. Times are in UTC, with "UTC" written out.
 */

const UPDATE_TAGS: Record<Update['is'], string> = {
  reminder: 'STILL FIRING',
  escalation: 'ESCALATED',
  acknowledged: 'ACKNOWLEDGED',
  note: 'NOTE',
  unacknowledged: 'NOT ACKNOWLEDGED',
  calmed: 'CALM AGAIN',
}

/** The first word of a subject or headline: `CRITICAL`, `RESOLVED`, `NO DATA`, `STILL FIRING`. */
export function statusTag({ alert, severity, update }: Notification): string {
  if (update) return UPDATE_TAGS[update.is]
  if (alert.status === 'resolved') return 'RESOLVED'
  if (alert.status === 'insufficient-data') return 'NO DATA'
  return severity.toUpperCase()
}

/** What each title of a drill starts with. */
export const DRILL = '[Drill] '

/** A title, which says first if it is about a drill. */
export function marked({ alert }: Pick<Notification, 'alert'>, title: string): string {
  return alert.drill === undefined ? title : `${DRILL}${title}`
}

/** The same with words before it: of a drill, after its mark. */
export function begun(notification: Pick<Notification, 'alert'>, words: string, title: string): string {
  const { drill } = notification.alert
  return marked(
    notification,
    `${words}${drill !== undefined && title.startsWith(DRILL) ? title.slice(DRILL.length) : title}`,
  )
}

/** What a drill is, for whoever it woke. Undefined when the alert is real. */
export function drillNote({ alert: { drill } }: Pick<Notification, 'alert'>): string | undefined {
  return drill === undefined ? undefined : `Drill ${oneLine(drill)}: a test of the way to you. Nothing is wrong.`
}

/** What happened, on one line; never empty. */
export function title(alert: Alert): string {
  return oneLine(alert.title) || oneLine(alert.name) || 'Alert without a name'
}

/** What and where on one line: `orders-api-errors: orders-api (FunctionName)`. */
export function whatAndWhere(alert: Alert): string {
  const what = title(alert)
  const where = oneLine(alert.resource)
  // An event's title is a sentence that often names the resource. An alarm's is a name: the resource may be just a part of it.
  const named = isAlarm(alert) ? where : where.replace(/ \([^)]*\)$/, '')
  return what.includes(named) ? what : `${what.replace(/[.:]+$/, '')}: ${where}`
}

/**
 * The short "where" for a line in a list: `orders-api`. Without the dimension's name, which the metric implies.
 * Undefined when the title already says it.
 */
export function where(alert: Alert): string | undefined {
  const resource = oneLine(
    alert.resource.replace(/ \(([^()]{1,255})\)/g, (whole, label: string) =>
      Object.hasOwn(alert.dimensions, label) ? '' : whole,
    ),
  )
  const isInTitle = isAlarm(alert)
    ? title(alert) === resource
    : title(alert).includes(resource.replace(/ \([^)]*\)$/, ''))
  return isInTitle ? undefined : resource
}

const STATUS_WORDS: Record<AlertStatus, string> = {
  firing: 'Firing',
  resolved: 'Resolved',
  'insufficient-data': 'No data',
}

/** The label of one-off events; `undefined` for alarms, which fire and resolve and show their status. */
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

/** `Firing`, `Resolved`, `No data`; for one-off events their kind: `Finding`, `Deployment`, … */
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

/** The label for `status`: alarms have a status, one-off events a kind. */
export function statusLabel(alert: Alert): 'Status' | 'Kind' {
  return alert.status === 'firing' && !isAlarm(alert) ? 'Kind' : 'Status'
}

/** Whether it is an alarm, which fires and resolves. Anything else is a one-off event. */
export function isAlarm(alert: Alert): boolean {
  return KIND_WORDS[alert.kind] === undefined
}

/** The label for the time of the change: an alarm has fired *since* then, a message was sent *at* that time. */
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
  return oneLine([alert.namespace, alert.metric].join(' ')) || undefined
}

// Maps, because the keys come from outside: an object also has `constructor`.
const BAND_WORDS = new Map([
  ['outside', 'outside the expected band'],
  ['above', 'above the expected band'],
  ['below', 'below the expected band'],
])

/** The alarm's condition: `Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2`. */
export function condition(alert: Alert): string | undefined {
  const { threshold } = alert
  if (threshold === undefined) return undefined
  const comparison = compare(threshold)
  if (comparison === undefined) return undefined
  const observed = observedValue(threshold)
  const sentence = [measured(alert, threshold), comparison, periods(threshold)].filter(Boolean).join(' ')
  return observed === undefined ? sentence : `${sentence}; now ${observed}`
}

/** The same, short, for a line in a list: `93.2 > 80 Percent`. Readers know the metric from the context. */
export function briefCondition({ threshold }: Alert): string | undefined {
  if (threshold === undefined) return undefined
  const comparison = compare(threshold)
  if (comparison === undefined) return undefined
  return [observedValue(threshold), comparison].filter(Boolean).join(' ')
}

function observedValue({ observed }: Threshold): string | undefined {
  return observed === undefined ? undefined : number(observed, 7)
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
  ['breaching', 'treated as breaching'],
  ['notBreaching', 'treated as not breaching'],
  ['ignore', 'ignored (the state is kept)'],
  ['missing', 'sets the state to "no data"'],
])

/** How the alarm treats missing data, in AWS's terms. */
export function missingData(alert: Alert): string | undefined {
  const treatment = alert.threshold?.missingData
  return treatment === undefined ? undefined : MISSING_DATA_WORDS.get(treatment)
}

/** `2026-09-14 11:18:52 UTC`. Text that is not a date is returned unchanged. */
export function time(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? oneLine(iso) : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `45 s`, `12 min`, `1 h 5 min`, `2 days 3 h`; rounded down. Undefined when negative. */
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

/** How long a resolved alert had been firing, if known. */
export function firedFor({ alert, firingSince }: Notification): string | undefined {
  if (alert.status !== 'resolved' || firingSince === undefined) return undefined
  return duration(Date.parse(alert.changedAt) - Date.parse(firingSince))
}

/** A number as people write it: `1,234.5`, without floating-point noise. `digits`: how many are significant. */
function number(value: number, digits: number): string | undefined {
  if (!Number.isFinite(value)) return undefined
  const size = Math.abs(value)
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
 * An event's further facts, with readable labels: `firstSeen` becomes `First seen`, and `action.remoteIpDetails.country`
 * keeps its last two parts. The sender's own word for the state is left out when it is the same word.
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
 * States that the alert was sent here as a fallback, and why. Shown before everything else.
 * `Sent here as a fallback: delivery to pagerduty failed (PagerDuty did not answer within 10000 ms). pagerduty may not have
 * received it.` In a digest, `part` counts the alerts that it is about.
 */
export function fallbackNote(
  { channel, reason }: NonNullable<Notification['fallbackFor']>,
  part?: { count: number; of: number },
): string {
  const name = channelName(channel)
  // The error names its channel too: once is enough.
  const why = shorten(oneLine(reason).replace(` (channel ${name})`, ''), 400).replace(/[.:]$/, '')
  const sent = part && part.count < part.of ? `${part.count} of them sent here` : 'Sent here'
  const what = part && part.count > 1 ? 'them' : 'it'
  return `${sent} as a fallback: delivery to ${name} failed${why && ` (${why})`}. ${name} may not have received ${what}.`
}

/** The same, short: `fallback: pagerduty failed`. Undefined when no other channel failed. */
export function fallbackInShort({ fallbackFor }: Notification): string | undefined {
  return fallbackFor && `fallback: ${channelName(fallbackFor.channel)} failed`
}

/**
 * What was not delivered to this channel in time, one sentence each: `Fired 10:00:00 to 10:05:00 UTC; delivery was delayed.`
 * and `Fired 3 times before, since 10:00:00 UTC; not delivered here.`
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
    notes.push(`Fired ${times} before, since ${clockTo(since, alert.changedAt)}; not delivered here.`)
  }
  return notes
}

/** The same, short: `delivered late`, `delivered late, 3 missed before`. Undefined when nothing was missed. */
function missedInShort({ missed, missedBefore }: Notification): string | undefined {
  const parts = [missed && 'delivered late', missedBefore && `${missedBefore.count} missed before`]
  return parts.filter(Boolean).join(', ') || undefined
}

/**
 * What an alert's line in a digest says besides its facts: why it is sent again, what was missed, and, if not all of the
 * digest is sent for another channel, which one failed.
 */
export function lineNotes(notification: Notification, isFallbackMixed: boolean): string | undefined {
  const parts = [
    updateInShort(notification),
    flapsInShort(notification),
    isFallbackMixed ? notesInShort(notification) : missedInShort(notification),
  ]
  return parts.filter(Boolean).join(', ') || undefined
}

function flapsInShort({ flaps }: Notification): string | undefined {
  return flaps && `${flaps.calmAfter === undefined ? 'flapped before' : 'flaps'}: ${flaps.changes} changes`
}

function updateInShort({ update }: Notification): string | undefined {
  if (update === undefined) return undefined
  if (update.is === 'reminder') return `reminder ${update.times}`
  if (update.is === 'escalation') return `escalated after ${update.after}`
  if (update.is === 'acknowledged') return `acknowledged by ${person(update.by)}`
  if (update.is === 'note') return `note by ${person(update.by)}`
  return UPDATE_TAGS[update.is].toLowerCase()
}

/** `10:00:00 to 10:05:00 UTC`; with dates when it spans more than one day. */
function between(from: string, to: string): string {
  const [start, end] = [shorten(time(from), 40), shorten(time(to), 40)]
  const isOneDay = start.slice(0, 10) === end.slice(0, 10)
  return `${(isOneDay ? clock(from) : start).replace(/ UTC$/, '')} to ${isOneDay ? clock(to) : end}`
}

/** `10:00:00 UTC`; with the date when `other` is on another day. */
function clockTo(iso: string, other: string): string {
  const whole = shorten(time(iso), 40)
  return whole.slice(0, 10) === time(other).slice(0, 10) ? clock(iso) : whole
}

/** The time of day: `10:05:00 UTC`. Text that is not a date is returned unchanged. */
function clock(iso: string): string {
  return Number.isNaN(Date.parse(iso)) ? shorten(time(iso), 40) : time(iso).slice(11)
}

/** Why it is sent again, or who works on it: one sentence each. */
export function updateNotes(notification: Notification): string[] {
  const { alert, update, acknowledged, respondBy, flaps, firingSince = alert.changedAt } = notification
  const fired = update && duration(Date.parse(update.at) - Date.parse(firingSince))
  const forSoLong = fired === undefined ? '' : ` after ${fired}`
  const notes: string[] = []
  if (update?.is === 'reminder')
    notes.push(`Reminder ${update.times}: it still fires${forSoLong}, and nobody has acknowledged it.`)
  if (update?.is === 'escalation') notes.push(`Nobody has acknowledged it within ${update.after}: sent here, too.`)
  if (update?.is === 'unacknowledged')
    notes.push(`No longer acknowledged (by ${person(update.by)}): nobody works on it.`)
  if (update?.is === 'calmed')
    notes.push(
      `It flapped, and has calmed: ${update.changes} changes since ${clockTo(update.since, alert.changedAt)}. ${alert.status === 'resolved' ? 'It has ended.' : 'It fires.'}`,
    )
  if (update?.is === 'note')
    notes.push(`${person(update.by)}${VIA_WORDS[update.via]}: ${shorten(oneLine(update.text), 1_000)}`)
  if (flaps) notes.push(flapNote(flaps, notification))
  if (acknowledged && update?.is !== 'note') notes.push(acknowledgedBy(acknowledged, alert.changedAt))
  if (respondBy && update?.is !== 'acknowledged' && update?.is !== 'note')
    notes.push(...expectations(respondBy, alert.changedAt))
  return notes
}

function flapNote(
  { changes, since, calmAfter }: NonNullable<Notification['flaps']>,
  { alert, severity }: Pick<Notification, 'alert' | 'severity'>,
): string {
  const often = `${changes} changes since ${clockTo(since, alert.changedAt)}`
  if (calmAfter === undefined) return `It flapped before: ${often}.`
  const next =
    severity === 'critical' ? 'It is sent each time.' : `It is sent again once it has fired for ${calmAfter}.`
  return `It flaps: ${often}. ${next}`
}

function acknowledgedBy({ by, at, via, until }: Acknowledged, other: string): string {
  const end = until === undefined ? '' : `, until ${clockTo(until, other)}`
  return `Acknowledged by ${person(by)} at ${clockTo(at, other)}${VIA_WORDS[via]}${end}.`
}

const VIA_WORDS: Record<Acknowledged['via'], string> = {
  slack: ' in Slack',
  pagerduty: ' in PagerDuty',
  email: ' by email',
  cli: '',
}

function expectations({ acknowledge, resolve }: NonNullable<Notification['respondBy']>, other: string): string[] {
  const parts = [
    acknowledge && `acknowledged by ${clockTo(acknowledge, other)}`,
    resolve && `resolved by ${clockTo(resolve, other)}`,
  ].filter(Boolean)
  return parts.length === 0 ? [] : [`Expected to be ${parts.join(', and ')}.`]
}

const person = (by: string) => shorten(oneLine(by), 100) || 'somebody'

/** Both notes, short, for a headline: `fallback: pagerduty failed, delivered late`. */
export function notesInShort(notification: Notification): string | undefined {
  return [fallbackInShort(notification), missedInShort(notification)].filter(Boolean).join(', ') || undefined
}

function channelName(channel: string): string {
  return shorten(oneLine(channel), 50) || 'another channel'
}
