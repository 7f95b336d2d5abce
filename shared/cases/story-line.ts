import type { AlertStatus } from '../../schemas/alert.ts'
import { LABEL_FIELDS, NUMBER_FIELDS, PLAIN_FIELDS } from '../../schemas/config.ts'
import type { Acknowledged } from '../../schemas/update.ts'
import { allowed, didYouMean } from '../config/allowed.ts'
import { regexProblem } from '../config/regex-problem.ts'
import { fieldProblems } from '../config/when-problems.ts'
import { KINDS_OF_MESSAGE, type KindOfMessage } from '../player/step.ts'
import { MOMENTS, type Moment, readElapsed, readMoment } from './moment.ts'

/*
 * One line of a story: a time and what happens then, `at 5m: firing`; or a time and what is expected, `expect at 5m:
 * slack-warning firing`. Pure.
 */

/** What happens. */
export type Happening =
  | { kind: 'change'; alert: string | undefined; status: AlertStatus; fields: [string, string][]; lateMs: number }
  /** Its last change arrives again. */
  | { kind: 'duplicate'; alert: string | undefined }
  | { kind: 'resolve'; alert: string | undefined; by: string }
  | { kind: 'acknowledge'; alert: string | undefined; by: string; via?: Acknowledged['via']; lastsMs?: number }
  | { kind: 'silence'; alert: string | undefined; by: string; lastsMs: number; why: string }
  | { kind: 'extended silence'; alert: string | undefined; by: string; lastsMs: number }
  | { kind: 'ended silence'; alert: string | undefined; by: string }
  | { kind: 'channel'; channel: string; isDown: boolean }
  | { kind: 'clock'; lateMs: number }

/** A message that is expected. */
export interface Expectation {
  channel: string
  alert: string | undefined
  kind: KindOfMessage
  /** As the fallback of this channel. */
  fallbackFor: string | undefined
  /** A text in it, or a regular expression. */
  saying: string | undefined
}

/** Any time from the first on, if there is no second; both are included. */
export interface Period {
  from: Moment | undefined
  to: Moment | undefined
  /** A single time: within a minute from then on, as the router's clock runs each minute. */
  isAt?: true
  /** The end is not included. */
  isBefore?: true
}

/** What it says, as written, for people. */
interface Written {
  text: string
}

export type StepLine = Written & { at: Moment; what: Happening }
export type ExpectLine = Written & { period: Period; when: string; what: 'nothing' | 'nothing else' | Expectation[] }

/** A line, or what is wrong with it. */
export type Read<Line> = { line: Line } | { wrong: string }

const FORMS = `a line starts with "at 5m", "expect at 5m", "expect between 5m and 10m", "expect before 5m" or "expect after 5m"`

/** Reads the time of a line, and whether something is expected then. `forms`: what to say of one that starts otherwise. */
export function readWhen(key: string, forms = FORMS): Read<{ isExpected: boolean; period: Period; when: string }> {
  const [, expect, word = '', rest = ''] = /^(expect )?(at|between|before|after) (.+)$/.exec(key) ?? []
  const isExpected = expect !== undefined
  if (word === '' || (!isExpected && word !== 'at')) return { wrong: `found "${key}": ${forms}` }
  const times = word === 'between' ? rest.split(' and ') : [rest]
  const [first, second] = times.map(readMoment)
  const wrong = times.find((time) => readMoment(time) === undefined)
  if (wrong !== undefined || !first || (word === 'between') !== (second !== undefined)) {
    return {
      wrong: `found "${wrong ?? rest}": a time is ${MOMENTS}${word === 'between' ? '; "between" takes two' : ''}`,
    }
  }
  const period: Record<string, Period> = {
    at: { from: first, to: undefined, isAt: true },
    between: { from: first, to: second },
    before: { from: undefined, to: first, isBefore: true },
    after: { from: first, to: undefined },
  }
  return { line: { isExpected, period: period[word] as Period, when: key.replace(/^expect /, '') } }
}

const STATUS: Record<string, AlertStatus> = { firing: 'firing', resolved: 'resolved', 'no data': 'insufficient-data' }
/** What people do, and what becomes of the channels and the clock. */
export const DONE = [
  'acknowledged by WHO',
  'acknowledged by WHO in Slack',
  'resolved by WHO',
  'silenced by WHO for 2h, WHY',
  'silence extended by WHO for 1h',
  'silence ended by WHO',
  'CHANNEL down',
  'CHANNEL up',
  'tick late by 10m',
  'tick on time',
]
const HAPPENS = [...Object.keys(STATUS), 'duplicate', ...DONE]
/** Words that are no name of an alert. */
export const RESERVED = [
  'firing',
  'resolved',
  'no',
  'data',
  'missed',
  'nothing',
  'silence',
  'silenced',
  'tick',
  'duplicate',
  'and',
  'for',
]

/**
 * Reads what happens: `firing`, `cpu firing with tags.team orders, late by 10m`. `alerts`: the names in the story;
 * `forms`: what may happen in it, for the message on anything else.
 */
export function readHappening(text: string, alerts: string[], forms = HAPPENS): Read<Happening> {
  const silence = readSilence(text, alerts)
  if (silence) return silence
  const [first = '', ...others] = inParts(text)
  const [head = '', ...fields] = first.split(/ with /)
  const more = [...fields, ...others]
  const late = /^tick late by (\S+)$/.exec(head)
  const lateMs = late ? readElapsed(late[1] ?? '') : 0
  if (late && lateMs === undefined) return { wrong: `found "${late[1]}": a duration is 10m, 90s or 1h30m` }
  const found = wholeOf(head, lateMs ?? 0, { alerts, forms })
  const wrong = 'wrong' in found ? found.wrong : wrongAlert(found.line, alerts)
  if (wrong !== undefined) return { wrong }
  if (!('line' in found) || more.length === 0) return found
  const { line } = found
  if (line.kind !== 'change') return { wrong: `found "${more[0]}": only firing, resolved and no data have fields` }
  return withMore(line, more)
}

/** Without fields. */
function wholeOf(
  head: string,
  lateMs: number,
  { alerts, forms }: { alerts: string[]; forms: string[] },
): Read<Happening> {
  if (/^tick (late by \S+|on time)$/.test(head)) return { line: { kind: 'clock', lateMs } }
  const [, channel, way] = /^(\S+) (?:is )?(down|up)$/.exec(head) ?? []
  if (channel !== undefined) return { line: { kind: 'channel', channel, isDown: way === 'down' } }
  const [, alert, what = '', by] =
    /^(?:(\S+) )??(firing|resolved|no data|duplicate|acknowledged)(?: by (.+))?$/.exec(head) ?? []
  const status = STATUS[what]
  if (what === 'duplicate' && by === undefined) return { line: { kind: 'duplicate', alert } }
  if (what === 'acknowledged' && by !== undefined) return acknowledgement(alert, by)
  if (what === 'resolved' && by !== undefined) return { line: { kind: 'resolve', alert, by } }
  if (status !== undefined && by === undefined) {
    return { line: { kind: 'change', alert, status, fields: [], lateMs: 0 } }
  }
  const words = [...forms, ...alerts]
  return { wrong: `found "${head}". ${didYouMean(head.split(' ').at(-1) ?? '', words)}${allowed('', forms)}` }
}

/** `silenced by ann for 2h, load test`, `silence extended by ann for 1h`, `silence ended by ann`; the reason is any text. */
function readSilence(text: string, alerts: string[]): Read<Happening> | undefined {
  const [, alert, verb = '', by = '', lasts, why] =
    /^(?:(\S+) )??(silenced|silence extended|silence ended) by ([^:,]+?)(?: for ([^\s:,]+))?(?:[:,] (.+))?$/.exec(
      text,
    ) ?? []
  if (verb === '') return undefined
  const lastsMs = lasts === undefined ? undefined : readElapsed(lasts)
  if (lasts !== undefined && lastsMs === undefined)
    return { wrong: `found "${lasts}": a duration is 10m, 90s or 1h30m` }
  const isWhole =
    verb === 'silenced'
      ? lastsMs !== undefined && why !== undefined
      : why === undefined && (lastsMs !== undefined) === (verb === 'silence extended')
  if (!isWhole) {
    const form = HAPPENS.find((one) => one.startsWith(verb)) ?? ''
    return { wrong: `found "${text}": write it as "${form}"` }
  }
  const wrong = alertProblem(alert, alerts)
  if (wrong !== undefined) return { wrong }
  if (lastsMs === undefined) return { line: { kind: 'ended silence', alert, by } }
  if (why === undefined) return { line: { kind: 'extended silence', alert, by, lastsMs } }
  return { line: { kind: 'silence', alert, by, lastsMs, why } }
}

const WHERE: Record<string, Acknowledged['via']> = {
  'in Slack': 'slack',
  'in PagerDuty': 'pagerduty',
  'by email': 'email',
}

/** `ann`, `ann for 30m`, or `ann in Slack for 30m`. */
function acknowledgement(alert: string | undefined, text: string): Read<Happening> {
  const [, person = text, lasts] = /^(.+) for (\S+)$/.exec(text) ?? []
  const where = Object.keys(WHERE).find((one) => person.endsWith(` ${one}`))
  const by = where === undefined ? person : person.slice(0, -where.length - 1)
  const said = { kind: 'acknowledge' as const, alert, by, ...(where !== undefined && { via: WHERE[where] }) }
  if (lasts === undefined) return { line: said }
  const lastsMs = readElapsed(lasts)
  if (lastsMs === undefined) return { wrong: `found "${lasts}": a duration is 10m, 90s or 1h30m` }
  return { line: { ...said, lastsMs } }
}

function withMore(line: Extract<Happening, { kind: 'change' }>, more: string[]): Read<Happening> {
  for (const part of more) {
    const [, late] = /^late by (\S+)$/.exec(part) ?? []
    const [, field = '', value = ''] = /^(?:with )?([A-Za-z][^\s:]*):? (.+)$/.exec(part) ?? []
    const lateMs = late === undefined ? undefined : readElapsed(late)
    if (late !== undefined && lateMs === undefined) return { wrong: `found "${late}": a duration is 10m, 90s or 1h30m` }
    const wrong = late === undefined ? fieldProblem(part, field, value) : undefined
    if (wrong !== undefined) return { wrong }
    if (lateMs !== undefined) line.lateMs = lateMs
    else line.fields.push([field, unquoted(value)])
  }
  return { line }
}

/** Fields that a story sets in other ways, or that are lists. */
const FIXED = ['status', 'previousStatus', 'fingerprint', 'kind', 'children']

function fieldProblem(part: string, field: string, value: string): string | undefined {
  if (field === '')
    return `found "${part}": after the status come fields, as in "with tags.team orders", or "late by 10m"`
  if (FIXED.includes(field)) {
    const fields = [...PLAIN_FIELDS.filter((one) => !FIXED.includes(one)), ...LABEL_FIELDS.map((one) => `${one}.…`)]
    return `a story cannot change ${field}. ${allowed(field, fields)}`
  }
  const [unknown] = fieldProblems(field, [])
  if (unknown) return unknown.message
  const isNumber = NUMBER_FIELDS.includes(field)
  return isNumber && Number.isNaN(Number(value)) ? `found "${value}": ${field} is a number` : undefined
}

/** The value of a field, as an alert has it. */
export function fieldValue(field: string, value: string): string | number {
  return NUMBER_FIELDS.includes(field) ? Number(value) : value
}

function wrongAlert(line: Happening, alerts: string[]): string | undefined {
  if (!('alert' in line)) return undefined
  return alertProblem(line.alert, alerts)
}

/** Which alert is meant? With several, each step names one. */
function alertProblem(alert: string | undefined, alerts: string[]): string | undefined {
  if (alert === undefined) {
    return alerts.length > 1 ? `which alert? Name one of ${alerts.join(', ')}, as in "${alerts[0]} firing"` : undefined
  }
  if (alerts.includes(alert)) return undefined
  return alerts.length === 0
    ? `found "${alert}": a story with one alert does not name it. Give several as alerts: { ${alert}: … }`
    : `unknown alert "${alert}". ${allowed(alert, alerts)}`
}

/** Reads what is expected: `nothing`, or `slack-warning and email firing`. */
export function readExpectations(text: string, alerts: string[]): Read<'nothing' | 'nothing else' | Expectation[]> {
  if (text === 'nothing' || text === 'nothing else') return { line: text }
  const [, phrase = text, saying] = /^(.+?),? saying (.+)$/.exec(text) ?? []
  const wanted = saying === undefined ? undefined : unquoted(saying)
  const wrongRegex = wanted === undefined ? undefined : regexProblem(wanted)
  if (wrongRegex !== undefined) return { wrong: wrongRegex }
  const [, who = '', kind, fallbackFor] =
    new RegExp(`^(.+) (${KINDS_OF_MESSAGE.join('|')})(?: for (\\S+))?$`).exec(phrase) ?? []
  if (kind === undefined) {
    const last = phrase.split(' ').at(-1) ?? ''
    return {
      wrong: `found "${phrase}". ${didYouMean(last, KINDS_OF_MESSAGE)}Expect nothing, or a channel and what it is sent (${KINDS_OF_MESSAGE.join(', ')}), as in "slack-warning firing"`,
    }
  }
  const names = who.split(/\s*,\s*(?:and )?|\s+and\s+/)
  const [last = '', alert, ...rest] = names.at(-1)?.split(' ') ?? []
  const channels = [...names.slice(0, -1), last]
  const odd = rest.length > 0 ? who : channels.find((channel) => channel === '' || channel.includes(' '))
  if (odd !== undefined)
    return { wrong: `found "${odd}": join channels by commas or "and", as in "pagerduty and email firing"` }
  const wrong = alert === undefined ? undefined : alertProblem(alert, alerts)
  if (wrong !== undefined) return { wrong }
  return {
    line: channels.map((channel) => ({ channel, alert, kind: kind as KindOfMessage, fallbackFor, saying: wanted })),
  }
}

/** Parts between commas, but for those in quotes. */
function inParts(text: string): string[] {
  return (text.match(/(?:"[^"]*"|[^,"])+/g) ?? []).map((part) => part.trim()).filter((part) => part !== '')
}

function unquoted(text: string): string {
  const [, inner] = /^"(.*)"$/.exec(text) ?? []
  return inner ?? text
}
