import type { Alert } from '../../schemas/alert.ts'
import { type Condition, type Config, fieldsOf, LABEL_FIELDS, VALUE_FIELD, type When } from '../../schemas/config.ts'
import { fieldValues } from '../alert/field.ts'
import { isNot, type Matcher, matchersOf } from './pattern.ts'

/** Selective fields first: a rule is indexed under the first of them that it names exactly, or the beginning of. */
const SELECTIVE_FIELDS = [
  'fingerprint',
  'name',
  'title',
  'resource',
  'children',
  'metric',
  'account',
  'namespace',
  'source',
]
/** A label is less selective than any of these. */
const LABEL_RANK = SELECTIVE_FIELDS.length

/** A value of a field, or its beginning, under which a rule is indexed. */
interface Place {
  field: string
  value: string
  isPrefix?: true
}

/** Of a longer beginning, these characters are looked up: each length is a look-up of its own. */
const MAX_PREFIX = 16

/** The rules that may match an alert, by the exact values that they name, or by what values begin with (`orders-*`). */
export class RuleIndex {
  /** field → exact value → positions of rules, ascending */
  readonly #byValue = new Map<string, Map<string, number[]>>()
  /** field → length → beginning of that length → positions of rules, ascending */
  readonly #byPrefix = new Map<string, Map<number, Map<string, number[]>>>()
  /** Of the labels among these fields: `tags`, `dimensions`. */
  readonly #groups = new Set<string>()
  /** Rules without either: evaluated for every alert. */
  readonly #rest: number[] = []

  /** Positions must come in ascending order. */
  add(when: When, sets: Config['sets'], position: number): void {
    const places = placesOf(when, sets)
    if (!places) {
      this.#rest.push(position)
      return
    }
    for (const { field, value, isPrefix } of places) {
      if (!SELECTIVE_FIELDS.includes(field)) this.#groups.add(field.slice(0, field.indexOf('.')))
      const values = isPrefix ? this.#prefixes(field, value.length) : madeIn(this.#byValue, field)
      const positions = values.get(value)
      if (!positions) values.set(value, [position])
      else if (positions.at(-1) !== position) positions.push(position)
    }
  }

  #prefixes(field: string, length: number): Map<string, number[]> {
    const byLength = this.#byPrefix.get(field) ?? new Map<number, Map<string, number[]>>()
    this.#byPrefix.set(field, byLength)
    return madeIn(byLength, length)
  }

  /** Positions of the rules that may match, ascending. */
  *candidates(alert: Alert): Generator<number> {
    const found = [this.#rest, ...this.#hits(alert)].filter(({ length }) => length > 0)
    const [only] = found
    if (only === undefined || found.length === 1) return yield* only ?? []
    const lists = found.map((positions) => ({ positions, next: 0 }))
    for (;;) {
      let lowest = Number.POSITIVE_INFINITY
      for (const list of lists) lowest = Math.min(lowest, list.positions[list.next] ?? lowest)
      if (lowest === Number.POSITIVE_INFINITY) return
      for (const list of lists) if (list.positions[list.next] === lowest) list.next++
      yield lowest
    }
  }

  *#hits(alert: Alert): Generator<number[]> {
    for (const field of SELECTIVE_FIELDS) yield* this.#lookUp(field, alert)
    for (const group of LABEL_FIELDS) {
      if (!this.#groups.has(group)) continue
      for (const label of Object.keys(alert[group] ?? {})) yield* this.#lookUp(`${group}.${label}`, alert)
    }
  }

  *#lookUp(field: string, alert: Alert): Generator<number[]> {
    const values = this.#byValue.get(field)
    const byLength = this.#byPrefix.get(field)
    if (!values && !byLength) return
    for (const value of fieldValues(alert, field)) {
      const positions = values?.get(value)
      if (positions) yield positions
      for (const [length, prefixes] of byLength ?? []) {
        const beginning = prefixes.get(value.slice(0, length))
        if (beginning) yield beginning
      }
    }
  }
}

function madeIn<Key>(all: Map<Key, Map<string, number[]>>, key: Key): Map<string, number[]> {
  const made = all.get(key) ?? new Map<string, number[]>()
  all.set(key, made)
  return made
}

/** Index entries of which every matching alert has at least one; `undefined` if there are none. */
function placesOf(when: When, sets: Config['sets']): Place[] | undefined {
  const conditions = Array.isArray(when) ? when : [when]
  const places = conditions.map((condition) => placesOfCondition(condition, sets))
  return places.every((one) => one !== undefined) ? places.flat() : undefined
}

/** Every line must match, so any one of them is enough: the most selective one. */
function placesOfCondition(condition: Condition, sets: Config['sets']): Place[] | undefined {
  const choices = [
    ...fieldsOf(condition).map(([field, pattern]) => {
      const matchers = isNot(pattern) || !isIndexed(field) ? [] : matchersOf(pattern, sets)
      const places = matchers.flatMap((matcher) => placeOf(field, matcher) ?? [])
      return places.length > 0 && places.length === matchers.length ? places : undefined
    }),
    ...(condition.all ?? []).map((inner) => placesOfCondition(inner, sets)),
    condition.any && placesOf(condition.any, sets),
  ]
  return choices.filter((places) => places !== undefined).sort((a, b) => worstRank(a) - worstRank(b))[0]
}

function placeOf(field: string, { exact, prefix }: Matcher): Place | undefined {
  if (exact !== undefined) return { field, value: exact }
  // ARNs begin alike.
  const isUseful = prefix !== undefined && field !== 'fingerprint' && field !== 'children'
  return !isUseful ? undefined : { field, value: prefix.slice(0, MAX_PREFIX), isPrefix: true }
}

/** Fields with few values, such as `status`, would save little; values are known only once earlier rules have set them. */
function isIndexed(field: string): boolean {
  if (field.startsWith(VALUE_FIELD)) return false
  return field.includes('.') || SELECTIVE_FIELDS.includes(field)
}

function worstRank(places: Place[]): number {
  return Math.max(...places.map(rankOf))
}

/** What a name begins with is less selective than any name or metric, and more than an account, which may be the only one. */
function rankOf({ field, isPrefix }: Place): number {
  if (!SELECTIVE_FIELDS.includes(field)) return isPrefix ? LABEL_RANK + 0.5 : LABEL_RANK
  return isPrefix ? SELECTIVE_FIELDS.indexOf('account') - 0.5 : SELECTIVE_FIELDS.indexOf(field)
}
