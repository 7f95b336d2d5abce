import { type Condition, type Config, fieldsOf, type When } from '../../schemas/config.ts'
import { readRegex } from '../decide/regex.ts'
import { literalOf, textsOf } from './conjunction.ts'
import type { Finding, Path } from './finding.ts'

/** Fields that hold a path, or may. */
const PATH_FIELD =
  /^resource$|^(dimensions|details|tags)\..*(resource|path|route|ur[il]|endpoint|mount|directory|folder|log.?group)/i

/** Nothing in it but what stands for itself, as in a path. A full stop is in many. */
const PLAIN = /^[\w\-./{}~%:@]+$/

/** Paths that are read as regular expressions, for they begin and end with a slash: `/orders/` is found in `/preorders/2`. */
export function pathsLikeRegexes({ rules, nonProduction, maintenance = [], sets }: Config): Finding[] {
  const whens: [Path, When][] = [
    ...(nonProduction ? [[['nonProduction', 'when'], nonProduction.when] satisfies [Path, When]] : []),
    ...maintenance.flatMap(({ covers }, index): [Path, When][] =>
      covers === undefined ? [] : [[['maintenance', index, 'covers'], covers]],
    ),
    ...rules.map(({ when }, index): [Path, When] => [['rules', index, 'when'], when]),
  ]
  return whens.flatMap(([path, when]) => findingsIn(when, path, sets))
}

function findingsIn(when: When, path: Path, sets: Config['sets']): Finding[] {
  if (Array.isArray(when)) return when.flatMap((condition, at) => findingsIn(condition, [...path, at], sets))
  const condition: Condition = when
  const own = fieldsOf(condition).flatMap(([field, pattern]) =>
    textsOf(literalOf(field, pattern, sets))
      .filter(({ text }) => isLikeAPath(text, field))
      .map(({ text }) => finding(text, [...path, field])),
  )
  const inner = (['all', 'any', 'not'] as const).flatMap((key) => {
    const inside = condition[key]
    return inside ? findingsIn(inside, [...path, key], sets) : []
  })
  return [...own, ...inner]
}

function isLikeAPath(text: string, field: string): boolean {
  const source = readRegex(text)?.source
  return source !== undefined && PLAIN.test(source) && (PATH_FIELD.test(field) || source.includes('/'))
}

function finding(text: string, path: Path): Finding {
  const { source = '' } = readRegex(text) ?? {}
  return {
    code: 'path-like-regex',
    path,
    message: `"${text}" is a regular expression here, found in whatever holds "${source}": in "/pre${source}", too`,
    mend: `For this path alone write '/^${text.replaceAll('.', '\\.').replaceAll('/', '\\/')}$/', for all below it "${text.replace(/\/?$/, '/*')}"`,
  }
}
