import { type Condition, type Config, fieldsOf, type When } from '../../schemas/config.ts'
import { patternTexts, setName } from '../decide/pattern.ts'
import { nearestOf } from './allowed.ts'
import type { Problem } from './problem.ts'

/** An unused set is most often a name that was written as a value. */
export function setProblems({ sets = {}, rules, nonProduction, maintenance = [], inhibit = [] }: Config): Problem[] {
  const whens: When[] = [
    ...rules.map(({ when }) => when),
    ...(nonProduction ? [nonProduction.when] : []),
    ...maintenance.flatMap(({ covers }) => (covers === undefined ? [] : [covers])),
    ...inhibit.flatMap(({ when, mutes }) => (mutes === undefined ? [when] : [when, mutes])),
  ]
  const used = new Set(whens.flatMap((when) => setsIn(when)))
  const undefinedNames = [...used].filter((name) => !Object.hasOwn(sets, name))
  return Object.entries(sets).flatMap(([name, values]): Problem[] => {
    const inner = values.flatMap((value, index): Problem[] => {
      if (setName(value) === undefined) return []
      return [
        {
          path: ['sets', name, index],
          message: `found "${value}": a set can't contain another set. List its values here`,
        },
      ]
    })
    // A misspelt use is reported there.
    if (used.has(name) || undefinedNames.some((one) => nearestOf(one, [name]) !== undefined)) return inner
    const message = `unused. Refer to it in a \`when\`, as in account: $${name}, or remove it`
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
