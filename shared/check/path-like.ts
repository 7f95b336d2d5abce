import type { Config } from '../../schemas/config.ts'
import { literalOf, textsOf } from '../conditions/conjunction.ts'
import { readRegex } from '../decide/regex.ts'
import type { Finding, Path } from './finding.ts'
import { linesOf } from './lines.ts'

/** Fields that hold a path, or may. */
const PATH_FIELD =
  /^resource$|^(dimensions|details|tags)\..*(resource|path|route|ur[il]|endpoint|mount|directory|folder|log.?group)/i

/** Nothing in it but what stands for itself, as in a path. A full stop is in many. */
const PLAIN = /^[\w\-./{}~%:@]+$/

/** Paths that are read as regular expressions, for they begin and end with a slash: `/orders/` is found in `/preorders/2`. */
export function pathsLikeRegexes(config: Config): Finding[] {
  return linesOf(config).flatMap(({ field, pattern, path }) =>
    textsOf(literalOf(field, pattern, config.sets))
      .filter(({ text }) => isLikeAPath(text, field))
      .map(({ text }) => finding(text, path)),
  )
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
    fix: `For this path alone write '/^${text.replaceAll('.', '\\.').replaceAll('/', '\\/')}$/', for all below it "${text.replace(/\/?$/, '/*')}"`,
  }
}
