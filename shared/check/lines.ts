import { type Condition, type Config, fieldsOf, type Pattern, type When } from '../../schemas/config.ts'
import { isNot, patternTexts, setName } from '../decide/pattern.ts'
import type { Path } from './finding.ts'

/** A line of a `when`: a field and its pattern. */
export interface Line {
  field: string
  pattern: Pattern
  path: Path
  /** The condition that contains it. */
  condition: Condition
  /** Whether it must match. Each `not` around it, and its own, inverts that. */
  isWanted: boolean
}

/** Every line of every `when` in a config: of `nonProduction`, of maintenance, of inhibitions, and of rules. */
export function linesOf({ rules, nonProduction, maintenance = [], inhibit = [] }: Config): Line[] {
  return [
    ...(nonProduction ? linesIn(nonProduction.when, ['nonProduction', 'when']) : []),
    ...maintenance.flatMap(({ covers }, index) =>
      covers === undefined ? [] : linesIn(covers, ['maintenance', index, 'covers']),
    ),
    ...inhibit.flatMap(({ when, mutes }, index) => [
      ...linesIn(when, ['inhibit', index, 'when']),
      ...(mutes === undefined ? [] : linesIn(mutes, ['inhibit', index, 'mutes'])),
    ]),
    ...rules.flatMap(({ when }, index) => linesIn(when, ['rules', index, 'when'])),
  ]
}

/** Every line of a `when`. */
export function linesIn(when: When, path: Path, isWanted = true): Line[] {
  if (Array.isArray(when)) return when.flatMap((condition, at) => linesIn(condition, [...path, at], isWanted))
  const condition: Condition = when
  const own = fieldsOf(condition).map(([field, pattern]): Line => {
    return { field, pattern, path: [...path, field], condition, isWanted: isWanted !== isNot(pattern) }
  })
  const inner = (['all', 'any', 'not'] as const).flatMap((key) => {
    const inside = condition[key]
    return inside ? linesIn(inside, [...path, key], key === 'not' ? !isWanted : isWanted) : []
  })
  return [...own, ...inner]
}

/** The texts of a line, each with the path where it is written: for a set, in the set. */
export function writtenIn({ pattern, path }: Line, sets: Config['sets'] = {}): { text: string; path: Path }[] {
  return patternTexts(pattern).flatMap((text) => {
    const name = setName(text)
    if (name === undefined) return [{ text, path }]
    const values = Object.hasOwn(sets, name) ? (sets[name] ?? []) : []
    return values.map((value, index) => ({ text: value, path: ['sets', name, index] }))
  })
}
