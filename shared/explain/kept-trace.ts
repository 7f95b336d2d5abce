import type { DecisionTrace, Line, Part, Step, WindowNow } from '../../schemas/trace.ts'
import { shorten } from '../channels/outside-text.ts'
import type { Decided } from './decided.ts'
import { traceOf } from './decision-trace.ts'
import { furthest } from './trace.ts'

/** The largest trace in the table, for any rules and alert. Most take a fifth of that. */
export const MAX_BYTES = 16_000
/** The most entries per list, tried in turn until the trace fits. The last always does. */
const MOST = [50, 16, 5, 1]
const MAX_VALUES = 3
/** The longest texts, in UTF-16 units. */
const LONGEST = { text: 120, wanted: 200 } as const

/**
 * The trace of a decision as stored with the alert, JSON of at most `MAX_BYTES`: the nearest alternative of each rule, open
 * windows, long texts shortened, and a count of what is left out. Pure.
 */
export function keptTrace(decision: Decided): string {
  return kept(decision, MOST)
}

function kept(decision: Decided, [most = 1, ...fewer]: number[]): string {
  const text = JSON.stringify(bounded(traceOf(decision, most), most))
  return fewer.length === 0 || Buffer.byteLength(text) <= MAX_BYTES ? text : kept(decision, fewer)
}

function bounded(trace: DecisionTrace, most: number): DecisionTrace {
  const { nonProduction, parts, windows } = trace
  const open = windows.filter(({ isOpen }) => isOpen)
  return {
    ...trace,
    steps: trace.steps.map((step) => boundedStep(step, most)),
    ...(nonProduction && { nonProduction: nonProduction.slice(0, most).map(boundedLine) }),
    parts: parts.slice(0, most).map(boundedPart),
    ...(parts.length > most && { moreParts: parts.length - most }),
    windows: open.map(boundedWindow),
    ...(windows.length > open.length && { closedWindows: windows.length - open.length }),
  }
}

function boundedStep({ rule, result, why, alternatives }: Step, most: number): Step {
  const lines = furthest(alternatives)
  // For a rule that failed, the last line is the one that failed.
  const shown = result === 'failed' ? lines.slice(-most) : lines.slice(0, most)
  return {
    rule: short(rule),
    result,
    ...(why !== undefined && { why: short(why) }),
    alternatives: [shown.map(boundedLine)],
    ...(alternatives.length > 1 && { of: alternatives.length }),
    ...(lines.length > shown.length && { moreLines: lines.length - shown.length }),
  }
}

function boundedLine({ at, found, wanted, matches }: Line): Line {
  return {
    at: short(at),
    found: found.slice(0, MAX_VALUES).map((value) => short(value)),
    ...(found.length > MAX_VALUES && { moreFound: found.length - MAX_VALUES }),
    wanted: short(wanted, LONGEST.wanted),
    matches,
  }
}

function boundedPart({ part, value, by }: Part): Part {
  return { part, value: short(value), by: short(by, LONGEST.wanted) }
}

function boundedWindow({ name, ...window }: WindowNow): WindowNow {
  return { name: short(name), ...window }
}

/** Well-formed: half a character is not kept. */
function short(text: string, longest: number = LONGEST.text): string {
  return shorten(text.toWellFormed(), longest)
}
