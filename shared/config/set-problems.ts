import { type Condition, type Config, fieldsOf, type When } from '../../schemas/config.ts'
import { patternTexts, setName } from '../decide/pattern.ts'
import { nearestOf } from './allowed.ts'
import type { Problem } from './problem.ts'

/** A set that nothing uses is most often a name that is written as if it were a value. */
export function setProblems({ sets = {}, rules, nonProduction, maintenance = [] }: Config): Problem[] {
  const whens: When[] = [
    ...rules.map(({ when }) => when),
    ...(nonProduction ? [nonProduction.when] : []),
    ...maintenance.flatMap(({ covers }) => (covers === undefined ? [] : [covers])),
  ]
  const used = new Set(whens.flatMap((when) => setsIn(when)))
  const undefinedNames = [...used].filter((name) => !Object.hasOwn(sets, name))
  return Object.entries(sets).flatMap(([name, values]): Problem[] => {
    const inner = values.flatMap((value, index): Problem[] => {
      if (setName(value) === undefined) return []
      return [
        { path: ['sets', name, index], message: `found "${value}": a set can't hold another. List its values here` },
      ]
    })
    // One that is misspelt where it is used is told there.
    if (used.has(name) || undefinedNames.some((one) => nearestOf(one, [name]) !== undefined)) return inner
    const message = `no rule uses it. Name it in a \`when\`, as in account: $${name}, or remove it`
    return [...inner, { code: 'unused-set', path: ['sets', name], message }]
  })
}

function setsIn(when: When): string[] {
  const conditions: Condition[] = Array.isArray(when) ? when : [when]
  return conditions.flatMap((condition) => [
    ...fieldsOf(condition).flatMap(([, pattern]) => patternTexts(pattern).flatMap((text) => setName(text) ?? [])),
    ...[condition.all, condition.any, condition.not].flatMap((inner) => (inner ? setsIn(inner) : [])),
  ])
}
