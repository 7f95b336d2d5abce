import { type Config, type Inhibition, SEVERITIES, type Severity, type When } from '../../schemas/config.ts'
import { type Conjunction, conjunctionsOf, excludes, withLiterals } from '../conditions/conjunction.ts'
import { type Example, examplesOf } from '../conditions/example.ts'
import { compileWhen, type Subject } from '../decide/rules.ts'
import type { AnalysedConfig } from './analysed.ts'
import { type Finding, named } from './finding.ts'
import { decisionOn } from './reach.ts'
import type { HasTime } from './time.ts'

/** The most alerts tried per pair of conditions. */
const MAX_EXAMPLES = 5

/**
 * Inhibitions by which alerts may mute each other, which nothing can be meant by, or by which a critical alert waits for one
 * that is only for information.
 */
export function inhibitionFindings(
  analysed: Pick<AnalysedConfig, 'config' | 'timeless' | 'rules'>,
  hasTime: HasTime,
): { found: Finding[]; left: string[] } {
  const { config } = analysed
  const sides = (config.inhibit ?? []).map((inhibition) => sidesOf(inhibition, config))
  const found: Finding[] = []
  for (const [index, one] of sides.entries()) {
    if (!hasTime()) return { found, left: sides.slice(index).map(({ inhibition }) => inhibition.name) }
    found.push(...mutesItself(one, index), ...criticalByInfo(one, index, analysed))
  }
  return { found: [...found, ...circles(sides, hasTime)], left: [] }
}

/** A condition in two forms: to analyse and to evaluate. */
interface Condition {
  /** `undefined`: too many. */
  conjunctions: Conjunction[] | undefined
  matches(subject: Subject): boolean
}

interface Sides {
  inhibition: Inhibition
  source: Condition
  /** Of `children`: nothing, as no composite alarm is made of itself. */
  target: Condition | undefined
}

function sidesOf(inhibition: Inhibition, config: Config): Sides {
  const { when, mutes, children } = inhibition
  return {
    inhibition,
    source: conditionOf(when, config),
    target: mutes === undefined || children ? undefined : conditionOf(mutes, config),
  }
}

function conditionOf(when: When, { sets }: Config): Condition {
  return { conjunctions: conjunctionsOf(when, sets), matches: compileWhen(when, sets) }
}

/** An alert that both match. */
function commonTo(one: Condition, other: Condition): Example | undefined {
  for (const a of one.conjunctions ?? []) {
    for (const b of other.conjunctions ?? []) {
      if (excludes(a, b.literals)) continue
      const found = examplesOf(withLiterals(a, b.literals))
        .take(MAX_EXAMPLES)
        .find(({ subject }) => one.matches(subject) && other.matches(subject))
      if (found) return found
    }
  }
  return undefined
}

function mutesItself({ inhibition, source, target }: Sides, index: number): Finding[] {
  const example = target && commonTo(source, target)
  if (!example) return []
  return [
    {
      code: 'inhibits-its-source',
      path: ['inhibit', index, 'mutes'],
      message: `"${inhibition.name}" mutes alerts that also mute by it: of two such, only one is sent`,
      fix: 'Leave out of `mutes` what `when` matches, with `not`',
      example: example.fields,
    },
  ]
}

/** Sets of inhibitions, each of which may mute what mutes by the next. */
function circles(sides: Sides[], hasTime: HasTime): Finding[] {
  const mutesSourceOf = sides.map(({ target }, at) =>
    sides.flatMap(({ source }, other) =>
      other !== at && target && hasTime() && commonTo(target, source) ? [other] : [],
    ),
  )
  const reached = (from: number): Set<number> => {
    const all = new Set<number>()
    const todo = [...(mutesSourceOf[from] ?? [])]
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (all.has(next)) continue
      all.add(next)
      todo.push(...(mutesSourceOf[next] ?? []))
    }
    return all
  }
  const reach = sides.map((_, at) => reached(at))
  return sides.flatMap((_, at): Finding[] => {
    const circle = [...(reach[at] ?? [])].filter((other) => reach[other]?.has(at)).sort((a, b) => a - b)
    // Reported where it begins.
    if (!circle.includes(at) || circle[0] !== at) return []
    const names = circle.map((one) => sides[one]?.inhibition.name ?? '')
    return [
      {
        code: 'inhibits-in-a-circle',
        path: ['inhibit', at],
        message: `${named(names)} can mute each other's sources: of alerts that mute each other, only one is sent`,
        fix: 'Narrow one of them, so that what explains others is never explained by them',
        also: circle.filter((one) => one !== at).map((one) => ['inhibit', one]),
      },
    ]
  })
}

/** Nothing that mutes is more than information, and something critical is muted. */
function criticalByInfo(
  { inhibition, source, target }: Sides,
  index: number,
  analysed: Pick<AnalysedConfig, 'timeless' | 'rules'>,
): Finding[] {
  if (!target) return []
  const sources = severitiesOf(source, analysed)
  if (sources.size !== 1 || !sources.has('info')) return []
  const example = severitiesOf(target, analysed).get('critical')
  if (!example) return []
  return [
    {
      code: 'critical-inhibited-by-info',
      path: ['inhibit', index],
      message: `"${inhibition.name}" mutes critical alerts while one fires that is only for information`,
      fix: 'Name in `when` what somebody is woken for, or leave critical alerts out of `mutes`',
      example: example.fields,
    },
  ]
}

/** The severities that the rules give to what a condition matches, each with an example. Notifying nobody is less. */
function severitiesOf(
  condition: Condition,
  { timeless, rules }: Pick<AnalysedConfig, 'timeless' | 'rules'>,
): Map<Severity, Example> {
  const found = new Map<Severity, Example>()
  for (const other of [condition, ...rules]) {
    const example = commonTo(condition, other)
    if (!example) continue
    const { severity, nobody } = decisionOn(example, timeless)
    found.set(nobody ? 'info' : severity, example)
    if (found.size === SEVERITIES.length) break
  }
  return found
}
