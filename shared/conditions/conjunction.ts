import { KINDS, STATUSES } from '../../schemas/alert.ts'
import { type Condition, type Config, fieldsOf, type Pattern, type When } from '../../schemas/config.ts'
import { isNot, patternTexts, setName } from '../decide/pattern.ts'
import { both, type Interval, includes, intervalOf, intervalOutside, isEmpty } from './interval.ts'
import { areDisjoint, covers, isAny, readText, type Text } from './text.ts'

/*
 * A `when` in a form that can be analysed: it matches if one of its conjunctions does, and a conjunction matches if all of its
 * literals do. Every claim made here is certain; what cannot be decided is not claimed.
 */

/** Some value of the field matches one of the texts; if not `wanted`, none does. */
export interface Literal {
  field: string
  wanted: boolean
  exacts: ReadonlySet<string>
  /** Globs, comparisons and regular expressions. */
  others: readonly Text[]
}

export interface Conjunction {
  literals: readonly Literal[]
  byField: ReadonlyMap<string, Literal[]>
  /** The result for each field, cached on first use. */
  options: Map<string, Option[]>
}

/** The possible values of a single-valued field: exactly this one (`undefined`: none), or any that matches all of the texts. */
type Option = { value: string | undefined } | { texts: Text[]; interval?: Interval; isThere?: boolean }

/** Fields with a fixed set of values. */
const CLOSED: Record<string, readonly (string | undefined)[]> = {
  kind: KINDS,
  status: STATUSES,
  previousStatus: [...STATUSES, undefined],
}
/** Fields that every alert has. */
export const ALWAYS_THERE: ReadonlySet<string> = new Set([
  'fingerprint',
  'kind',
  'status',
  'name',
  'title',
  'source',
  'resource',
])
/** The only field with several values. */
export const SEVERAL = 'children'

/** Does it require one of a few values of a single-valued field? */
export function isListed({ field, wanted, others }: Literal): boolean {
  return wanted && others.length === 0 && field !== SEVERAL
}

/** The prefix of pseudo-fields for windows, whose value is "open" or not. */
export const TIME = 'window '

/** The most conjunctions analysed; beyond that the answer is "not decided". */
const MAX_CONJUNCTIONS = 128
/** The most combinations of texts on one field of which each is analysed. */
const MAX_COMBINATIONS = 64

/** The alternative conjunctions, except those that no alert can match. `undefined`: too many. */
export function conjunctionsOf(when: When, sets: Config['sets']): Conjunction[] | undefined {
  return dnfOfWhen(when, true, { sets, isPruned: true })?.map(conjunctionOf)
}

/** For a `when` that nothing matches: literals on one field that contradict each other. */
export function contradictionIn(when: When, sets: Config['sets']): Literal[] {
  const all = dnfOfWhen(when, true, { sets, isPruned: false }) ?? []
  for (const conjunction of all.map(conjunctionOf)) {
    const literals = conjunction.byField.get(contradictoryField(conjunction) ?? '')
    if (literals) return literals
  }
  return []
}

export function conjunctionOf(literals: readonly Literal[]): Conjunction {
  return { literals, byField: Map.groupBy(literals, ({ field }) => field), options: new Map() }
}

export function withLiterals({ literals }: Conjunction, more: readonly Literal[]): Conjunction {
  return conjunctionOf([...literals, ...more])
}

export function opposite(literal: Literal): Literal {
  return { ...literal, wanted: !literal.wanted }
}

export function textsOf({ exacts, others }: Literal): Text[] {
  return [...[...exacts].map(readText), ...others]
}

export function matchesText({ exacts, others }: Literal, value: string): boolean {
  return exacts.has(value) || others.some(({ matches }) => matches(value))
}

/** Is it certain that no alert matches it? */
export function isContradictory(conjunction: Conjunction): boolean {
  return contradictoryField(conjunction) !== undefined
}

/** Is it certain that no alert matches both the conjunction and these literals? */
export function excludes({ byField }: Conjunction, literals: readonly Literal[]): boolean {
  const fields = new Set(literals.map(({ field }) => field))
  return isContradictory(conjunctionOf([...[...fields].flatMap((field) => byField.get(field) ?? []), ...literals]))
}

/** The field that no value can satisfy, if that is certain. */
function contradictoryField(conjunction: Conjunction): string | undefined {
  for (const [field, literals] of conjunction.byField) {
    const impossible = field === SEVERAL ? isImpossible(literals) : optionsFor(conjunction, field).length === 0
    if (impossible) return field
  }
  return undefined
}

/** Is it certain that every alert that matches the conjunction satisfies the literal? */
export function implies(conjunction: Conjunction, literal: Literal): boolean {
  const { field, wanted } = literal
  const own = conjunction.byField.get(field) ?? []
  const excluded = own.filter((one) => !one.wanted)
  if (field !== SEVERAL) {
    return optionsFor(conjunction, field).every((option) => satisfies(option, literal, excluded))
  }
  if (!wanted) return textsOf(literal).every((text) => isCovered(text, excluded))
  return own.some(
    (one) =>
      one.wanted &&
      textsOf(one).every((text) => isCovered(text, excluded) || textsOf(literal).some((outer) => covers(outer, text))),
  )
}

function satisfies(option: Option, literal: Literal, excluded: Literal[]): boolean {
  const { wanted, exacts, others } = literal
  if ('value' in option) {
    return (option.value !== undefined && matchesText(literal, option.value)) === wanted
  }
  const { texts, interval, isThere } = option
  if (wanted) {
    return others.some(
      (outer) =>
        (isThere && isAny(outer)) ||
        texts.some((text) => covers(outer, text)) ||
        (interval && outer.comparison && includes(intervalOf(outer.comparison), interval)),
    )
  }
  const isOut = (one: Text) => isCovered(one, excluded) || texts.some((text) => areDisjoint(one, text))
  return [...exacts].every((value) => isOut(readText(value))) && others.every(isOut)
}

/** Does one of these exclude every value that matches the text? */
function isCovered(text: Text, excluded: Literal[]): boolean {
  return excluded.some((literal) =>
    text.form === 'exact' ? matchesText(literal, text.text) : literal.others.some((other) => covers(other, text)),
  )
}

/** With several values, each wanted one may be a different value: only a literal that is excluded as a whole is impossible. */
function isImpossible(literals: Literal[]): boolean {
  const excluded = literals.filter(({ wanted }) => !wanted)
  return literals.some((one) => one.wanted && textsOf(one).every((text) => isCovered(text, excluded)))
}

/** The possible values of a single-valued field; empty: there are none. May include too many, but never too few. */
export function optionsFor(conjunction: Conjunction, field: string): Option[] {
  let options = conjunction.options.get(field)
  // Stryker disable next-line ConditionalExpression: the cache only saves time
  if (!options) {
    options = optionsOf(field, conjunction.byField.get(field) ?? [])
    // Stryker disable next-line CallExpression: the same
    conjunction.options.set(field, options)
  }
  return options
}

function optionsOf(field: string, literals: Literal[]): Option[] {
  const wanted = literals.filter((one) => one.wanted)
  const excluded = literals.filter((one) => !one.wanted)
  const fits = (value: string | undefined) =>
    literals.every((one) => (value !== undefined && matchesText(one, value)) === one.wanted)

  const listed = wanted.filter(({ others }) => others.length === 0).sort((a, b) => a.exacts.size - b.exacts.size)[0]
  const finite = Object.hasOwn(CLOSED, field) ? CLOSED[field] : listed && [...listed.exacts]
  if (finite) return finite.filter(fits).map((value) => ({ value }))

  if (wanted.length === 0) {
    const isThere = ALWAYS_THERE.has(field)
    if (!excluded.some(({ others }) => others.some(isAny))) return [{ texts: [], isThere }]
    return isThere ? [] : [{ value: undefined }]
  }
  return combinations(wanted).flatMap((texts): Option[] => {
    const exact = texts.find(({ form }) => form === 'exact')
    if (exact) return fits(exact.text) ? [{ value: exact.text }] : []
    if (texts.some((text) => isCovered(text, excluded))) return []
    if (texts.some((text, index) => texts.slice(0, index).some((other) => areDisjoint(text, other)))) return []
    const interval = intervalWithin(texts, excluded)
    return interval && isEmpty(interval) ? [] : [{ texts, ...(interval && { interval }) }]
  })
}

/** One text of each literal. If there are too many, only the shortest list is used, and the other literals are ignored. */
function combinations(wanted: Literal[]): Text[][] {
  const lists = wanted.map(textsOf).sort((a, b) => a.length - b.length)
  const count = lists.reduce((product, { length }) => product * length, 1)
  const [shortest = []] = lists
  if (count > MAX_COMBINATIONS) return shortest.map((text) => [text])
  return lists.reduce<Text[][]>((all, list) => all.flatMap((one) => list.map((text) => [...one, text])), [[]])
}

/** The numbers that remain, if it must be a number. */
function intervalWithin(texts: Text[], excluded: Literal[]): Interval | undefined {
  const inside = texts.flatMap(({ comparison }) => (comparison ? [intervalOf(comparison)] : []))
  if (inside.length === 0) return undefined
  const outside = excluded.flatMap(({ others }) =>
    others.flatMap(({ comparison }) => (comparison ? [intervalOutside(comparison)] : [])),
  )
  return [...inside, ...outside].reduce(both)
}

// ── the normal form ───────────────────────────────────────────────────────────────────────────────────────────────────

type Dnf = Literal[][]

interface How {
  sets: Config['sets']
  /** Drops conjunctions that no alert can match, as early as possible. */
  isPruned: boolean
}

function dnfOfWhen(when: When, wanted: boolean, how: How): Dnf | undefined {
  const parts = [when].flat().map((condition) => dnfOfCondition(condition, wanted, how))
  return wanted ? anyOf(parts) : allOf(parts, how)
}

function dnfOfCondition(condition: Condition, wanted: boolean, how: How): Dnf | undefined {
  const parts: (Dnf | undefined)[] = [
    ...fieldsOf(condition).map(([field, pattern]): Dnf => {
      const literal = literalOf(field, pattern, how.sets)
      return [[wanted ? literal : opposite(literal)]]
    }),
    ...(condition.all ?? []).map((inner) => dnfOfCondition(inner, wanted, how)),
    ...(condition.any ? [dnfOfWhen(condition.any, wanted, how)] : []),
    ...(condition.not ? [dnfOfWhen(condition.not, !wanted, how)] : []),
  ]
  return wanted ? allOf(parts, how) : anyOf(parts)
}

function anyOf(parts: (Dnf | undefined)[]): Dnf | undefined {
  if (!parts.every((part) => part !== undefined)) return undefined
  const all = parts.flat()
  return all.length > MAX_CONJUNCTIONS ? undefined : all
}

function allOf(parts: (Dnf | undefined)[], { isPruned }: How): Dnf | undefined {
  let all: Dnf = [[]]
  for (const part of parts) {
    if (!part || all.length * part.length > MAX_CONJUNCTIONS * 32) return undefined
    all = all.flatMap((one) => part.map((other) => [...one, ...other]))
    // Before the limit is checked.
    if (isPruned) all = all.filter((literals) => !isContradictory(conjunctionOf(literals)))
    if (all.length > MAX_CONJUNCTIONS) return undefined
  }
  return all
}

export function literalOf(field: string, pattern: Pattern, sets: Config['sets'] = {}): Literal {
  const texts = patternTexts(pattern).flatMap((text) => {
    const name = setName(text)
    return name === undefined ? text : Object.hasOwn(sets, name) ? (sets[name] ?? []) : []
  })
  const read = texts.map(readText)
  return {
    field,
    wanted: !isNot(pattern),
    exacts: new Set(read.filter(({ form }) => form === 'exact').map(({ text }) => text)),
    others: read.filter(({ form }) => form !== 'exact'),
  }
}
