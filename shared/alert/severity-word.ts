import type { Severity } from '../../schemas/config.ts'

const numbered = (...numbers: number[]) =>
  ['p', 's', 'sev', 'severity', 'priority'].flatMap((word) => numbers.map((number) => `${word}${number}`))

/** The words for each severity, in lower case without separators: `sev1` for `SEV-1`. */
export const SEVERITY_WORDS: Record<Severity, readonly string[]> = {
  critical: [
    ...['critical', 'crit', 'fatal', 'emergency', 'emerg', 'panic', 'disaster', 'blocker', 'urgent', 'page'],
    ...numbered(0, 1),
  ],
  warning: ['warning', 'warn', 'error', 'err', 'high', 'major', 'medium', 'moderate', 'minor', ...numbered(2, 3)],
  // `none` is the severity of Prometheus' own Watchdog and InfoInhibitor, which need no action.
  info: ['info', 'information', 'informational', 'notice', 'debug', 'low', 'trivial', 'none', ...numbered(4, 5)],
}

const SEVERITIES = new Map(
  Object.entries(SEVERITY_WORDS).flatMap(([severity, words]) => words.map((word) => [word, severity as Severity])),
)

/**
 * What may follow the first word for it to count: the end, a bracket, punctuation, or a dash between blanks.
 * `critical-business-hours`, `info/critical` and `page the DBA` are ambiguous.
 */
const AFTER = /[\])}"'»”*_`]*(?:\s*$|\s*[([|;!]|\s*[,:](?!\p{N})|\s*\.(?![\p{L}\p{N}])|\s+[–—-]\s)/u.source

/** A text's first word: with the number after it, or alone. */
const FIRST_WORDS = [
  new RegExp(`^[^\\p{L}\\p{N}]*(\\p{L}+[\\s_-]{0,3}\\d+)${AFTER}`, 'u'),
  new RegExp(`^[^\\p{L}\\p{N}]*(\\p{L}+)${AFTER}`, 'u'),
]
const BARE_ONE = new RegExp(`^1(?=${AFTER})`, 'u')

/**
 * The word as `SEVERITY_WORDS` has it: `sev1` for `SEV-1`, `critical` for `Critical!`, `p1` for `[P1]`. Of a text it is the
 * first word (`SEV1 (page)`, `Urgent - call the DBA`), and no other; and it is ignored if the text goes on with another word
 * (`low at night`). Any other text comes back in lower case.
 */
export function severityWord(text: string): string {
  const lower = text.trim().toLowerCase()
  const first = FIRST_WORDS.map((word) => word.exec(lower)?.[1] ?? '')
  const bare = [lower, ...first].map((word) => word.replace(/[^a-z0-9]+/g, ''))
  return bare.find((word) => SEVERITIES.has(word)) ?? lower
}

/**
 * A severity as people write it beside its name: there a bare 1 is one, too (`Severity: 1`). Other numbers are none: the worst
 * is 5 for some.
 */
export function claimedSeverity(text: string): string {
  return text.trim().replace(BARE_ONE, 'sev1')
}

/** The first of several claims that means a severity; else the first. */
export function bestClaim(claims: (string | undefined)[]): string | undefined {
  const given = claims.filter((claim) => claim !== undefined)
  return given.find((claim) => severityOfWord(claim) !== undefined) ?? given[0]
}

/**
 * Of several claims in one text the one that they agree on. Where they do not (`low` at night, `critical` by day), nobody knows
 * which is meant: together they mean none.
 */
export function agreedClaim(claims: string[]): string | undefined {
  const meant = claims.filter((claim) => severityOfWord(claim) !== undefined)
  const severities = new Set(meant.map(severityOfWord))
  return severities.size > 1 ? meant.join(' or ') : (meant[0] ?? claims[0])
}

/** The severity that a word means, in any case and with any marks; `undefined` when it means none. */
export function severityOfWord(word: string): Severity | undefined {
  return SEVERITIES.get(severityWord(word))
}
