import type { Severity } from '../../schemas/config.ts'

/** What people and tools write for each severity, in lower case. */
export const SEVERITY_WORDS: Record<Severity, readonly string[]> = {
  critical: ['critical', 'crit', 'fatal', 'emergency', 'page', 'p0', 'p1', 'sev0', 'sev1'],
  warning: ['warning', 'warn', 'error', 'high', 'major', 'medium', 'minor', 'p2', 'p3', 'sev2', 'sev3'],
  info: ['info', 'information', 'informational', 'notice', 'low', 'p4', 'p5', 'sev4', 'sev5'],
}

const SEVERITIES = new Map(
  Object.entries(SEVERITY_WORDS).flatMap(([severity, words]) => words.map((word) => [word, severity as Severity])),
)

/** The severity that a word means, in any case; `undefined` when it means none. */
export function severityOfWord(word: string): Severity | undefined {
  return SEVERITIES.get(word.trim().toLowerCase())
}
