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
  info: ['info', 'information', 'informational', 'notice', 'debug', 'low', 'trivial', ...numbered(4, 5)],
}

const SEVERITIES = new Map(
  Object.entries(SEVERITY_WORDS).flatMap(([severity, words]) => words.map((word) => [word, severity as Severity])),
)

/**
 * The word as `SEVERITY_WORDS` has it: `sev1` for `SEV-1`, `critical` for `Critical!`, `p1` for `[P1]`. Any other comes back in
 * lower case.
 */
export function severityWord(text: string): string {
  const lower = text.trim().toLowerCase()
  const bare = lower.replace(/[^a-z0-9]+/g, '')
  return SEVERITIES.has(bare) ? bare : lower
}

/** The severity that a word means, in any case and with any marks; `undefined` when it means none. */
export function severityOfWord(word: string): Severity | undefined {
  return SEVERITIES.get(severityWord(word))
}
