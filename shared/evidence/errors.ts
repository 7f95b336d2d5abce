import { oneLine, shorten } from '../channels/outside-text.ts'
import type { LogRows } from '../questions/ask.ts'
import { figure } from '../questions/figure.ts'
import { clock, type FirstQuestion, type Known, missing } from './ask-first.ts'
import { logGroupsOf } from './log-groups.ts'
import { redacted } from './redact.ts'

/** The newest lines of errors, whole: one query gives both the patterns and their samples. */
const LINES = 200
/** What the query finds, in words. It also finds levels: `"level":"error"`, and pino's 50 and 60; not `errors: 0`. */
const NONE = 'no line with ERROR, Exception, FATAL, CRITICAL, Traceback, panic or a timeout'
const QUERY = `fields @timestamp, @message
| filter @message like /ERROR|Error|[Ee]xception|FATAL|CRITICAL|Traceback|panic:|Task timed out|\\berror:|(level|severity|lvl)"?[:=] ?"?(err|fatal|crit|panic|[56]0\\b)/
| sort @timestamp desc
| limit ${LINES}`

const MINUTE_MS = 60_000
/** Before it fired, and no more than an hour in all: what is read is paid. */
const BEFORE_MS = 15 * MINUTE_MS
const MOST_MS = 60 * MINUTE_MS
/** $0.0025 in us-east-1. It may be some more: a query says what it has read twice a second. */
const MOST_BYTES = 500_000_000

const PATTERNS = 5
const PATTERN_LENGTH = 160
const SAMPLE_LENGTH = 300
/** Longer lines are not read as JSON. */
const MOST_JSON = 100_000

/** Errors that the resource has logged, by pattern, with one sample each. */
export function errorsOf(known: Known): FirstQuestion[] {
  const { alert, now, platform } = known
  const groups = logGroupsOf(alert, platform)
  if (groups.length === 0) return []
  const to = Math.ceil(now.getTime() / MINUTE_MS) * MINUTE_MS
  const fired = Math.min(Date.parse(alert.changedAt) || to, to)
  const from = Math.max(to - MOST_MS, Math.floor((fired - BEFORE_MS) / MINUTE_MS) * MINUTE_MS)
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const ask = { kind: 'logs' as const, query: QUERY, groups, ...span, mostBytes: MOST_BYTES }
  return [
    {
      title: 'Errors in the log',
      asks: [ask],
      says: (outcomeOf) => {
        const outcome = outcomeOf(ask)
        if ('refused' in outcome) return { says: missing(outcome.refused), lines: [] }
        return shownErrors(outcome.data, `${groups.join(', ')} since ${clock(span.from, now)}`)
      },
    },
  ]
}

function shownErrors({ rows, bytes, isCut, missing: gone }: LogRows, where: string) {
  const cut = isCut ? `; stopped after ${figure(bytes, 'Bytes')}` : ''
  const absent = gone.length > 0 ? `; there is no log group ${gone.join(', ')}` : ''
  if (rows.length === 0) return { says: `${NONE} in ${where}${cut}${absent}`, lines: [] }
  const groups = [...Map.groupBy(rows.map(lineOf), ({ pattern }) => pattern)].sort(
    ([, one], [, other]) => other.length - one.length,
  )
  const rest = groups.length - PATTERNS
  const newest = rows.length >= LINES ? 'the newest ' : ''
  return {
    says: `${newest}${rows.length} ${rows.length === 1 ? 'line' : 'lines'} of ${groups.length} ${groups.length === 1 ? 'pattern' : 'patterns'} in ${where}${cut}${absent}`,
    lines: [
      ...groups.slice(0, PATTERNS).flatMap(([pattern, of]) => {
        const [{ sample = '' } = {}] = of
        const count = `${of.length}× ${shorten(pattern, PATTERN_LENGTH)}`
        return sample === pattern ? [count] : [count, `e.g. ${shorten(sample, SAMPLE_LENGTH)}`]
      }),
      ...(rest > 0 ? [`and ${rest} more ${rest === 1 ? 'pattern' : 'patterns'}`] : []),
    ],
  }
}

/** Read first, then redacted: JSON writes an `@` as `\u0040`, too. What is hidden makes no two patterns of one. */
function lineOf({ '@message': message = '' }: Record<string, string>): { pattern: string; sample: string } {
  return { sample: oneLine(redacted(message)), pattern: patternOf(oneLine(redacted(saidIn(message)))) }
}

/** Of a line in JSON, what it says to people. */
function saidIn(line: string): string {
  if (!line.startsWith('{') || line.length > MOST_JSON) return line
  try {
    const fields = JSON.parse(line) as Record<string, unknown>
    const text = (...names: string[]) => names.map((name) => fields[name]).find((value) => typeof value === 'string')
    const said = text('message', 'msg', 'errorMessage', 'error')
    const type = text('error_type', 'errorType', 'exception', 'name')
    return said === undefined ? line : [type, said].filter(Boolean).join(': ')
  } catch {
    return line
  }
}

const VARIES = '…'

/** As `pattern` of Logs Insights: what differs from line to line is `…`. */
export function patternOf(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g, VARIES)
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, VARIES)
    .replace(/\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{6,64}\b/gi, VARIES)
    .replace(/\d+(?:\.\d+)?/g, VARIES)
    .replace(/(?:…[-.:/ ]?){2,}/g, VARIES)
    .trim()
}
