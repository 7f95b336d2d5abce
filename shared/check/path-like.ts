import type { Config } from '../../schemas/config.ts'
import { literalOf, textsOf } from '../conditions/conjunction.ts'
import { readRegex } from '../decide/regex.ts'
import type { Finding, Path } from './finding.ts'
import { linesOf } from './lines.ts'

/** Fields that may contain a path. */
const PATH_FIELD =
  /^resource$|^(dimensions|details|tags)\..*(resource|path|route|ur[il]|endpoint|mount|directory|folder|log.?group)/i

/** Only literal characters, as in a path. Many paths contain a full stop. */
const PLAIN = /^[\w\-./{}~%:@]+$/

/** Paths read as regular expressions because they start and end with a slash: `/orders/` also matches `/preorders/2`. */
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
    message: `"${text}" is a regular expression here: it matches any value that contains "${source}", such as "/pre${source}"`,
    fix: `To match only this path write '/^${text.replaceAll('.', '\\.').replaceAll('/', '\\/')}$/', to match everything below it "${text.replace(/\/?$/, '/*')}"`,
  }
}
