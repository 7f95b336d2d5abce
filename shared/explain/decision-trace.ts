import type { Config, Rule } from '../../schemas/config.ts'
import type { DecisionTrace, Line, Step } from '../../schemas/trace.ts'
import { follows } from '../decide/decide.ts'
import { NOTICE_RULE } from '../decide/maintenance.ts'
import { memoizeByConfig } from '../decide/once-a-config.ts'
import { rulesOf, type Subject } from '../decide/rules.ts'
import { isSilenceRule } from '../decide/silence-notices.ts'
import { valuesOfAll } from '../decide/values.ts'
import { HEARTBEAT_RULE } from '../observe/heartbeat.ts'
import type { Decided } from './decided.ts'
import { partsOf } from './parts.ts'
import { compileTrace, furthest, isWhole, type Trace } from './trace.ts'
import { windowsOf } from './windows-now.ts'

/**
 * Explains a decision by running the same matchers again. Pure.
 *
 * @param most the most steps and windows in the trace, so that no more of ten thousand are evaluated: the rules that matched,
 *   then those nearest to where evaluation stopped; of the windows, maintenance and then the last.
 */
export function traceOf(decision: Decided, most = Number.POSITIVE_INFINITY): DecisionTrace {
  const { alert, config, firing, at } = decision
  const isFollowing = follows(alert, config, firing)
  const { steps, moreSteps, notLookedAt, matching } = isFollowing ? notEvaluated(config) : stepsOf(decision, most)
  const nonProduction = isFollowing ? undefined : nonProductionOf(decision)
  const { windows, moreWindows } = windowsOf(config)(at, most)
  return {
    at: at.toISOString(),
    ...(firing && { firingSince: firing.since }),
    steps,
    ...(moreSteps > 0 && { moreSteps }),
    notLookedAt,
    ...(nonProduction && { nonProduction }),
    parts: partsOf(decision, matching, isFollowing),
    windows,
    ...(moreWindows > 0 && { moreWindows }),
  }
}

function notEvaluated(config: Config) {
  return { steps: [], moreSteps: 0, notLookedAt: config.rules.length - tracersOf(config).own.length, matching: [] }
}

function stepsOf({ alert, config, firing, decided, at }: Decided, most: number) {
  const { rules } = config
  const { traceOf: traceOfRule, positionOf, own } = tracersOf(config)
  const subject = { alert, firingSince: firing?.since }
  const off = new Map<number, string>()
  const matching = rulesOf(config).matching(subject, at, (rule, why) => off.set(positionOf(rule), why))
  const matched = new Set(matching.map(positionOf))
  const last = matching.at(-1)
  const end = last && !last.continue ? positionOf(last) + 1 : rules.length
  const chosen = chosenOf({ matched, off, end, rules, winner: decided.rule }, most)
  const steps = chosen.map((position): Step => {
    const why = off.get(position)
    const before = matching.filter((rule) => positionOf(rule) < position)
    const values = valuesOfAll(before, alert, config.tables)
    return {
      rule: rules[position]?.name ?? '',
      result: matched.has(position) ? 'matched' : why === undefined ? 'failed' : 'off',
      ...(why !== undefined && { why }),
      alternatives: traceOfRule(position, { ...subject, values }),
    }
  })
  const notWritten = own.filter((position) => position < end && !matched.has(position))
  return { steps, moreSteps: end - notWritten.length - steps.length, notLookedAt: rules.length - end, matching }
}

interface Looked {
  matched: Set<number>
  off: Map<number, string>
  /** The first position that was not evaluated. */
  end: number
  rules: Rule[]
  winner: string
}

/** The positions to show, in order: the winner, rules that matched, rules inactive at that time, the last of the rest. */
function chosenOf({ matched, off, end, rules, winner }: Looked, most: number): number[] {
  const chosen = new Set<number>()
  const add = (position: number) => chosen.size < most && chosen.add(position)
  const matchedLast = [...matched].reverse()
  for (const position of matchedLast.filter((one) => rules[one]?.name === winner)) add(position)
  for (const position of matchedLast) add(position)
  for (const position of [...off.keys()].reverse()) add(position)
  for (let position = end - 1; position >= 0 && chosen.size < most; position--) {
    if (isWritten(rules[position])) add(position)
  }
  return [...chosen].sort((a, b) => a - b)
}

/** The router's own rules are shown only if they match: nobody wrote them. */
function isWritten(rule: Rule | undefined): boolean {
  return rule !== HEARTBEAT_RULE && rule !== NOTICE_RULE && !(rule && isSilenceRule(rule))
}

function nonProductionOf({ alert, config, firing }: Decided): Line[] | undefined {
  const alternatives = tracersOf(config).nonProduction?.({ alert, firingSince: firing?.since }) ?? []
  return alternatives.some(isWhole) ? furthest(alternatives) : undefined
}

interface Tracers {
  traceOf(position: number, subject: Subject): Trace
  positionOf(rule: Rule): number
  /** The positions of the router's own rules. */
  own: number[]
  nonProduction: ((subject: Subject) => Trace) | undefined
}

const tracersOf = /* @__PURE__ */ memoizeByConfig(compile)

/** Compiles each rule's tracer on first use. */
function compile(config: Config): Tracers {
  const { rules, sets, nonProduction } = config
  const positions = new Map(rules.map((rule, position) => [rule, position]))
  const byPosition: (ReturnType<typeof compileTrace> | undefined)[] = []
  return {
    traceOf(position, subject) {
      byPosition[position] ??= compileTrace(rules[position]?.when ?? {}, sets)
      return byPosition[position](subject)
    },
    positionOf: (rule) => positions.get(rule) ?? -1,
    own: rules.flatMap((rule, position) => (isWritten(rule) ? [] : [position])),
    nonProduction: nonProduction && compileTrace(nonProduction.when, sets),
  }
}
