import {
  type Conjunction,
  excludes,
  implies,
  isContradictory,
  isListed,
  type Literal,
  opposite,
  TIME,
  withLiterals,
} from '../conditions/conjunction.ts'
import { type HasTime, unlimited } from './time.ts'

/** A conjunction of an earlier rule. */
interface Entry {
  rule: number
  conjunction: Conjunction
}

/** The most cases that one proof is split into, and the most levels. */
const MAX_CASES = 150
const DEPTH = 24
/** With more candidates than this, each is only checked alone. */
const MAX_TO_SPLIT = 200

/**
 * What earlier rules match, to find whether anything is left for a later one. Each conjunction is indexed by the exact values
 * of one of its fields, as in the rules' own index, so that ten thousand of them are searched quickly.
 */
export class Cover {
  readonly #byValue = new Map<string, Map<string, Entry[]>>()
  readonly #rest: Entry[] = []
  readonly #hasTime: HasTime

  constructor(hasTime: HasTime = unlimited) {
    this.#hasTime = hasTime
  }

  add(rule: number, conjunctions: readonly Conjunction[]): void {
    for (const conjunction of conjunctions) {
      const entry = { rule, conjunction }
      const listed = conjunction.literals.find((literal) => isListed(literal) && !literal.field.startsWith(TIME))
      if (!listed) {
        this.#rest.push(entry)
        continue
      }
      const values = this.#byValue.get(listed.field) ?? new Map<string, Entry[]>()
      this.#byValue.set(listed.field, values)
      for (const value of listed.exacts) {
        const entries = values.get(value)
        if (entries) entries.push(entry)
        else values.set(value, [entry])
      }
    }
  }

  /** The rules that together match everything that the conjunction matches, if that is certain. */
  of(conjunction: Conjunction): Set<number> | undefined {
    return this.#prove(conjunction, DEPTH, { left: MAX_CASES })
  }

  #prove(conjunction: Conjunction, depth: number, cases: { left: number }): Set<number> | undefined {
    if (isContradictory(conjunction)) return new Set()
    if (cases.left-- <= 0 || !this.#hasTime()) return undefined
    const entries = this.candidates(conjunction)
    const partly: { entry: Entry; open: Literal[] }[] = []
    for (const entry of entries) {
      if (!this.#hasTime()) return undefined
      const open = entry.conjunction.literals.filter((literal) => !implies(conjunction, literal))
      if (open.length === 0) return new Set([entry.rule])
      if (open.length <= 3 && depth > 0 && entries.length <= MAX_TO_SPLIT) partly.push({ entry, open })
    }
    // An alert that this entry does not match fails one of its literals: other entries must cover each such case.
    const byOpen = partly.sort((a, b) => a.open.length - b.open.length)
    const meeting = byOpen.values().filter(({ open }) => !excludes(conjunction, open))
    for (const { entry, open } of meeting.take(3)) {
      const rules = this.#proveEach(conjunction, open, depth, cases)
      if (rules) return rules.add(entry.rule)
    }
    return undefined
  }

  #proveEach(
    conjunction: Conjunction,
    open: Literal[],
    depth: number,
    cases: { left: number },
  ): Set<number> | undefined {
    const rules = new Set<number>()
    for (const [index, literal] of open.entries()) {
      const rest = withLiterals(conjunction, [...open.slice(0, index), opposite(literal)])
      const found = this.#prove(rest, depth - 1, cases)
      if (!found) return undefined
      for (const rule of found) rules.add(rule)
    }
    return rules
  }

  /** The entries that may cover it, each once. */
  candidates(conjunction: Conjunction): Entry[] {
    const found = new Set(this.#rest)
    for (const { field, wanted, exacts } of conjunction.literals) {
      const values = wanted ? this.#byValue.get(field) : undefined
      if (!values) continue
      for (const value of exacts) for (const entry of values.get(value) ?? []) found.add(entry)
    }
    // Only fields with a fixed set of values have few enough of them to search all.
    for (const field of ['kind', 'status', 'previousStatus']) {
      for (const entries of this.#byValue.get(field)?.values() ?? []) for (const entry of entries) found.add(entry)
    }
    return [...found].sort((a, b) => a.rule - b.rule)
  }
}
