import { asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { asLines, factsOf, jsonIn } from './facts.ts'
import { firstLine } from './text.ts'

/** The levels of a log line, mildest first. */
const LEVELS = ['debug', 'info', 'warning', 'error', 'critical', 'fatal'] as const
type Level = (typeof LEVELS)[number]

/** A log line, for a headline. No level: the line names none, and does not look like an error. */
export interface LogLine {
  said: string | undefined
  level: Level | undefined
}

/** Loggers' level names, in lower case. */
const LEVEL_OF = new Map<string, Level>(
  Object.entries({
    ...{ trace: 'debug', verbose: 'debug', debug: 'debug', dbug: 'debug', dbg: 'debug' },
    ...{ info: 'info', inf: 'info', information: 'info', notice: 'info' },
    ...{ warning: 'warning', warn: 'warning', wrn: 'warning' },
    ...{ error: 'error', err: 'error', eror: 'error', fail: 'error', severe: 'error' },
    ...{ critical: 'critical', crit: 'critical', alert: 'critical', panic: 'critical', dpanic: 'critical' },
    ...{ emergency: 'critical', emerg: 'critical', fatal: 'fatal', ftl: 'fatal' },
  }),
)

/**
 * The line that represents a subscription's batch: the first error; else the first warning; else the first line that names
 * no level; else the first. Its level is the worst among the lines of that rank.
 */
export function worstOf(messages: string[]): LogLine {
  const lines = messages.map((message) => readLine(message))
  const most = lines.reduce((most, { level }) => Math.max(most, rankOf(level)), 0)
  const worst = lines.findIndex(({ level }) => rankOf(level) === most)
  const level = LEVELS.findLast((level) => rankOf(level) === most && lines.some((line) => line.level === level))
  const said = lines[worst]?.said
  // A stack trace printed line by line continues in the next lines.
  const trace = TRACEBACK.test(said ?? '')
    ? errorOfTrace(messages.slice(worst, worst + MAX_TRACE).join('\n'))
    : undefined
  return { said: trace ?? said, level }
}

/** In lines. */
const MAX_TRACE = 200

/** 0: no problem, 1: no level, 2: a warning, 3: an error. */
function rankOf(level: Level | undefined): number {
  if (level === undefined) return 1
  return level === 'debug' || level === 'info' ? 0 : level === 'warning' ? 2 : 3
}

function readLine(message: string, depth = 0): LogLine {
  const json = depth < DEEPEST ? asObject(jsonIn(message)) : undefined
  return json ? readJson(json, depth) : readText(message)
}

/** How many levels of JSON in JSON are opened to find the line. */
const DEEPEST = 3

/** `2026-09-14 11:18 info: ready`, as winston and .NET write it. */
const AT_START =
  /^[\d\s.,:TZ+/-]*(?:PHP )?(fatal|crit(?:ical)?|error|fail|warn(?:ing)?|notice|info|debug|dbug|trace|verbose)(?: error)?:/i
const BRACKETED = /[[(<|](emerg|alert|fatal|crit(?:ical)?|error|err|warn(?:ing)?|notice|info|debug|trace)[\])>|]/i
/** A word in capitals that is not part of a name like `X-TRACE-ID` or `ERROR_COUNT=0`. */
const CAPITALS =
  /(?<![\w./=-])(FATAL|FTL|EMERG(?:ENCY)?|PANIC|CRIT(?:ICAL)?|SEVERE|ERROR|ERR|WARN(?:ING)?|WRN|NOTICE|INFO|INF|DEBUG|DBG|TRACE)(?![\w./=-])/
/** A word of prose, unlike `UTC`, `main:`, `app[7]`, `ip-10-0-0-1`. */
const WORD = /^[A-Za-z][a-z'’]*[,.;!?]?$/
const OF_TIME = /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun),?$/
const KEYED = /\b(?:level|lvl|severity|log_?level)["']?[=:] ?["']?([a-z]+)/i
/** `E0914 11:18:00.000000`, as Kubernetes and Google's tools write it. */
const GLOG = /^([EFWI])\d{4} \d\d:/
const GLOG_LEVELS: Record<string, Level> = { F: 'fatal', E: 'error', W: 'warning', I: 'info' }
/** Lambda's own log lines about an invocation. */
const LAMBDA = /^(?:START|END|REPORT|INIT_START|INIT_REPORT|RESTORE_START|RESTORE_REPORT|EXTENSION|TELEMETRY|XRAY)\s/

const TRACEBACK = /Traceback \(most recent call last\)/
const LOOKS_BAD =
  /[a-z\d](?:Exception|Error)(?![A-Za-z\d])|\b(?:[Ee]xception|EXCEPTION)\b|\bpanic:|\bpanicked at\b|\bTask timed out after\b|\b(?:[Uu]nhandled|[Uu]ncaught)\b|\b[Ss]egmentation fault\b|\bProcess exited before\b|\bStatus: ?timeout\b/
/** In a sentence; `no error` does not count. */
const BAD_WORD = /(?<!\b(?:no|0|zero|without) )\b(?:fatal|critical|error)\b/i
const WARNING_WORD = /\bwarn(?:ing)?\b/i

function readText(text: string): LogLine {
  const head = firstLine(text)
  if (head === undefined) return { said: undefined, level: undefined }
  const named = levelNamed(head)
  const error = (TRACEBACK.test(text) ? errorOfTrace(text) : undefined) ?? failureIn(head)
  return {
    said: error ?? (named === undefined ? saidIn(text, head) : head),
    level: named ?? levelShown(text),
  }
}

function levelNamed(head: string): Level | undefined {
  const [, glog] = GLOG.exec(head) ?? []
  if (glog !== undefined) return GLOG_LEVELS[glog]
  const keyed = LEVEL_OF.get(KEYED.exec(head)?.[1]?.toLowerCase() ?? '')
  if (keyed !== undefined) return keyed
  if (LAMBDA.test(head)) return /\bStatus: ?(?:timeout|error)\b/.test(head) ? 'error' : 'info'
  const [first] = [AT_START, BRACKETED, CAPITALS]
    .map((pattern) => pattern.exec(head))
    .filter((match) => match !== null)
    .filter(({ index }) => !isSentence(head.slice(0, index)))
    .sort((a, b) => a.index + a[0].length - (b.index + b[0].length))
  return LEVEL_OF.get(first?.[1]?.toLowerCase() ?? '')
}

/** Is a level preceded by more than a time, ids, and names in brackets or before a dash? Then it is a word of a sentence. */
function isSentence(before: string): boolean {
  if (before.length > MAX_BEFORE) return true
  const words = before.replaceAll(/\[[^\]]*\]|\([^)]*\)|\S+\s[-–|](?=\s)/g, '#').split(/\s+/)
  return words.some((word) => WORD.test(word) && !OF_TIME.test(word))
}

/** In characters. */
const MAX_BEFORE = 200

/** For a line without a logger's level, from its words. They do not show how bad an error is, so each is an `error`. */
function levelShown(text: string): Level | undefined {
  if (isBad(text) || TRACEBACK.test(text)) return 'error'
  return WARNING_WORD.test(text) ? 'warning' : undefined
}

/** The first line; or a later one that looks like an error, because Node and others print the code before the error. */
function saidIn(text: string, head: string): string {
  if (isBad(head)) return head
  return text.split(/[\r\n]+/).find((line) => !/^\s/.test(line) && isBad(line)) ?? head
}

function isBad(line: string): boolean {
  return LOOKS_BAD.test(line) || BAD_WORD.test(line)
}

/** Python prints one of these between the tracebacks of chained exceptions. */
const CHAINED = /^(?:During handling of the above exception|The above exception was the direct cause)/

/**
 * The exception that ends a Python traceback, after the message that was logged with it. Of chained exceptions it is the
 * last.
 */
function errorOfTrace(text: string): string | undefined {
  const [head = '', ...rest] = text.trimStart().split(/[\r\n]+/)
  let error: string | undefined
  let isInside = TRACEBACK.test(head)
  for (const line of rest) {
    if (TRACEBACK.test(line)) isInside = true
    else if (isInside && /^\S/.test(line)) [error, isInside] = [line, false]
    else if (error !== undefined && /^\S/.test(line) && !CHAINED.test(line)) break
  }
  if (TRACEBACK.test(head)) return error
  return error === undefined || head.includes(error) ? head : `${head}: ${error}`
}

/** A failed invocation, as Lambda for Node logs it: JSON behind a tab. */
function failureIn(head: string): string | undefined {
  const start = head.indexOf('\t{')
  const json = start < 0 ? undefined : asObject(jsonIn(head.slice(start + 1)))
  return json && errorIn(json)
}

/** In lower case, the most reliable first. */
const LEVEL_KEYS = [
  ...['level_name', 'levelname', 'level', 'severity', 'severitytext', 'severity_text'],
  ...['lvl', 'loglevel', 'log_level', 'log.level'],
]
const SAID_KEYS = ['msg', 'message', 'textpayload', 'short_message', 'event', 'log']
/** Objects that contain the logged data. */
const WRAPPERS = ['jsonpayload', 'message', 'log']

function readJson(given: Json, depth: number): LogLine {
  // However their logger writes them: `Level`, `LEVEL`, `textPayload`.
  const json: Json = Object.fromEntries(Object.entries(given).map(([key, value]) => [key.toLowerCase(), value]))
  const ofLambda = readLambda(json)
  if (ofLambda) return ofLambda
  const error = errorIn(given)
  const inner = innerOf(json, depth)
  const named = [...LEVEL_KEYS.map((key) => json[key]), asObject(json.log)?.level].map(levelOf).find((level) => level)
  return {
    said: inner?.said ?? error ?? asLines(factsOf(given, 10)).replaceAll('\n', ', '),
    level: named ?? (error === undefined ? (inner ?? readText(valuesOf(given))).level : 'error'),
  }
}

/** The line that a logger or a collector has wrapped. */
function innerOf(json: Json, depth: number): LogLine | undefined {
  const text = SAID_KEYS.map((key) => json[key]).find((value) => typeof value === 'string' && /\S/.test(value))
  if (text !== undefined) return readLine(String(text), depth + 1)
  const wrapped = WRAPPERS.map((key) => asObject(json[key])).find((object) => object !== undefined)
  return wrapped && depth < DEEPEST ? readJson(wrapped, depth + 1) : undefined
}

function valuesOf(json: Json): string {
  return Object.values(json).map(asText).filter(Boolean).join(' ')
}

/** Numbers are those of bunyan and pino. */
function levelOf(value: unknown): Level | undefined {
  const number = asNumber(value)
  if (number === undefined) return LEVEL_OF.get(asText(value)?.trim().toLowerCase() ?? '')
  if (number < 10 || number >= 100) return undefined
  return number >= 60 ? 'fatal' : number >= 50 ? 'error' : number >= 40 ? 'warning' : number >= 30 ? 'info' : 'debug'
}

/** `TypeError: x is not a function`, from any field where loggers put an exception. */
function errorIn(json: Json): string | undefined {
  const thrown = [asText(json.errorMessage) === undefined ? undefined : json, json.error, json.err, json.exception]
  return thrown.map(thrownText).find((text) => text !== undefined)
}

function thrownText(thrown: unknown): string | undefined {
  if (typeof thrown === 'string') return firstLine(thrown)
  const { errorType, type, name, errorMessage, message } = asObject(thrown) ?? {}
  const summary = [asText(errorType ?? type ?? name), asText(errorMessage ?? message)].filter(
    (text) => text !== undefined,
  )
  return firstLine(summary.join(': '))
}

/** Lambda's own log lines about an invocation, in JSON. */
function readLambda({ type, record }: Json): LogLine | undefined {
  const name = asText(type)
  if (!name?.startsWith('platform.')) return undefined
  const status = asText(asObject(record)?.status)
  const isBad = status !== undefined && status !== 'success'
  return { said: status === undefined ? name : `${name}: ${status}`, level: isBad ? 'error' : 'info' }
}
