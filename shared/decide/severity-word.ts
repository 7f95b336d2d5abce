import type { Severity } from '../../schemas/config.ts'

const numbered = (...numbers: number[]) =>
  ['p', 's', 'sev', 'severity', 'priority'].flatMap((word) => numbers.map((number) => `${word}${number}`))

/** What people and tools write for each severity, in lower case and without what stands between: `sev1` for `SEV-1`. */
export const SEVERITY_WORDS: Record<Severity, readonly string[]> = {
  critical: [
    ...['critical', 'crit', 'fatal', 'emergency', 'emerg', 'panic', 'disaster', 'blocker', 'urgent', 'page'],
    ...numbered(0, 1),
  ],
  warning: ['warning', 'warn', 'error', 'err', 'high', 'major', 'medium', 'moderate', 'minor', ...numbered(2, 3)],
  // `none` is what Prometheus' own Watchdog and InfoInhibitor say: alerts that nobody is to act on.
  info: ['info', 'information', 'informational', 'notice', 'debug', 'low', 'trivial', 'none', ...numbered(4, 5)],
}

const SEVERITIES = new Map(
  Object.entries(SEVERITY_WORDS).flatMap(([severity, words]) => words.map((word) => [word, severity as Severity])),
)

/** A text's first word: with the number after it, or alone. */
const FIRST_WORDS = [
  /^[^\p{L}\p{N}]*(\p{L}+[\s_-]{0,3}\d+)(?![\p{L}\p{N}])/u,
  /^[^\p{L}\p{N}]*(\p{L}+)(?![\p{L}\p{N}])/u,
]

/**
 * The word as `SEVERITY_WORDS` has it: `sev1` for `SEV-1`, `critical` for `Critical!`, `p1` for `[P1]`. Of a text it is the
 * first word (`SEV1 (page)`, `Urgent - call the DBA`), and no other: `not critical` is none. Any other text comes back in
 * lower case.
 */
export function severityWord(text: string): string {
  const lower = text.trim().toLowerCase()
  const first = FIRST_WORDS.map((word) => word.exec(lower)?.[1] ?? '')
  const bare = [lower, ...first].map((word) => word.replace(/[^a-z0-9]+/g, ''))
  return bare.find((word) => SEVERITIES.has(word)) ?? lower
}

/** A severity as people write it beside its name: a bare 1 to 5 is one, too (`Severity: 1`). */
export function claimedSeverity(text: string): string {
  return text.trim().replace(/^([1-5])(?![\p{L}\p{N}.,%])/u, 'sev$1')
}

/** The first of several claims that means a severity; else the first. */
export function bestClaim(claims: (string | undefined)[]): string | undefined {
  const given = claims.filter((claim) => claim !== undefined)
  return given.find((claim) => severityOfWord(claim) !== undefined) ?? given[0]
}

/** The severity that a word means, in any case and with any marks; `undefined` when it means none. */
export function severityOfWord(word: string): Severity | undefined {
  return SEVERITIES.get(severityWord(word))
}
