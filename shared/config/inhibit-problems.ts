import type { Config } from '../../schemas/config.ts'
import type { Problem } from './problem.ts'
import { fieldProblems, whenProblems } from './when-problems.ts'

/** Problems with the names, the conditions and the fields of inhibitions. */
export function inhibitProblems({ inhibit = [], sets }: Config): Problem[] {
  const names = inhibit.map(({ name }) => name)
  return inhibit.flatMap(({ name, when, mutes, equal = [] }, index) => {
    const path = ['inhibit', index]
    const problems = [
      ...whenProblems(when, [...path, 'when'], sets),
      ...(mutes === undefined ? [] : whenProblems(mutes, [...path, 'mutes'], sets)),
      ...equal.flatMap((field, at) => fieldProblems(field, [...path, 'equal', at])),
    ]
    if (names.indexOf(name) === index) return problems
    const message = `"${name}" is also the name of another inhibition. Use unique names: what is held by one says so`
    return [{ path: [...path, 'name'], message }, ...problems]
  })
}
