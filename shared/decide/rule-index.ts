import type { Alert } from '../../schemas/alert.ts'
import { type Condition, type Config, fieldsOf, LABEL_FIELDS, VALUE_FIELD, type When } from '../../schemas/config.ts'
import { fieldValues } from '../alert/field.ts'
import { isNot, matchersOf } from './pattern.ts'

/** Selective fields first: a rule is indexed under the first of them that it names exactly. */
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

/** An exact value of a field, under which a rule is indexed. */
interface Place {
  field: string
  value: string
}

/** The rules that may match an alert, by the exact values that they name. */
export class RuleIndex {
  /** field → exact value → positions of rules, ascending */
  readonly #byValue = new Map<string, Map<string, number[]>>()
  /** Rules without an exact value: evaluated for every alert. */
  readonly #rest: number[] = []

  /** Positions must come in ascending order. */
  add(when: When, sets: Config['sets'], position: number): void {
    const places = placesOf(when, sets)
    if (!places) {
      this.#rest.push(position)
      return
    }
    for (const { field, value } of places) {
      const values = this.#byValue.get(field) ?? new Map<string, number[]>()
      this.#byValue.set(field, values)
      const positions = values.get(value)
      if (!positions) values.set(value, [position])
      else if (positions.at(-1) !== position) positions.push(position)
    }
  }

  /** Positions of the rules that may match, ascending. */
  *candidates(alert: Alert): Generator<number> {
    const lists = [this.#rest, ...this.#hits(alert)].map((positions) => ({ positions, next: 0 }))
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
      for (const label of Object.keys(alert[group] ?? {})) yield* this.#lookUp(`${group}.${label}`, alert)
    }
  }

  *#lookUp(field: string, alert: Alert): Generator<number[]> {
    const values = this.#byValue.get(field)
    if (!values) return
    for (const value of fieldValues(alert, field)) {
      const positions = values.get(value)
      if (positions) yield positions
    }
  }
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
      const places = matchers.flatMap(({ exact }) => (exact === undefined ? [] : [{ field, value: exact }]))
      return places.length > 0 && places.length === matchers.length ? places : undefined
    }),
    ...(condition.all ?? []).map((inner) => placesOfCondition(inner, sets)),
    condition.any && placesOf(condition.any, sets),
  ]
  return choices.filter((places) => places !== undefined).sort((a, b) => worstRank(a) - worstRank(b))[0]
}

/** Fields with few values, such as `status`, would save little; values are known only once earlier rules have set them. */
function isIndexed(field: string): boolean {
  if (field.startsWith(VALUE_FIELD)) return false
  return field.includes('.') || SELECTIVE_FIELDS.includes(field)
}

function worstRank(places: Place[]): number {
  return Math.max(
    ...places.map(({ field }) => (SELECTIVE_FIELDS.includes(field) ? SELECTIVE_FIELDS.indexOf(field) : LABEL_RANK)),
  )
}
