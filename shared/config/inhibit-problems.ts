import { type Condition, type Config, fieldsOf, TIME_FIELDS, type When } from '../../schemas/config.ts'
import type { Problem } from './problem.ts'
import { fieldProblems, whenProblems } from './when-problems.ts'

/** Problems with the names, the conditions and the fields of inhibitions. */
export function inhibitProblems({ inhibit = [], sets }: Config): Problem[] {
  const names = inhibit.map(({ name }) => name)
  return inhibit.flatMap(({ name, when, mutes, equal = [] }, index) => {
    const path = ['inhibit', index]
    const problems = [
      ...conditionProblems(when, [...path, 'when'], sets),
      ...(mutes === undefined ? [] : conditionProblems(mutes, [...path, 'mutes'], sets)),
      ...equal.flatMap((field, at) => fieldProblems(field, [...path, 'equal', at])),
    ]
    if (names.indexOf(name) === index) return problems
    const message = `"${name}" is also the name of another inhibition. Use unique names: what is held by one says so`
    return [{ path: [...path, 'name'], message }, ...problems]
  })
}

function conditionProblems(when: When, path: Problem['path'], sets: Config['sets']): Problem[] {
  const timed = timedIn(when, path).map((at) => ({
    path: at,
    message: 'an alert mutes, or is muted, from its first moment on. Name another field of the alert',
  }))
  return timed.length > 0 ? timed : whenProblems(when, path, sets)
}

/** Where it says for how long an alert has been firing. */
function timedIn(when: When, path: Problem['path']): Problem['path'][] {
  if (Array.isArray(when)) return when.flatMap((condition, index) => timedIn(condition, [...path, index]))
  const condition: Condition = when
  const own = fieldsOf(condition).flatMap(([field]) =>
    TIME_FIELDS.some((one) => one === field) ? [[...path, field]] : [],
  )
  const inner = (['all', 'any', 'not'] as const).flatMap((key) => {
    const inside = condition[key]
    return inside === undefined ? [] : timedIn(inside, [...path, key])
  })
  return [...own, ...inner]
}
