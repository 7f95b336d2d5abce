import type { Problem } from '../config/problem.ts'

export type Path = Problem['path']

/** The codes of findings in a valid config that probably does not do what was intended. */
export const FINDINGS = {
  'contradictory-rule': 'error',
  'shadowed-rule': 'error',
  'dead-branch': 'warning',
  'redundant-branch': 'warning',
  'overlapping-rules': 'warning',
  'unused-channel': 'warning',
  'no-such-channel': 'warning',
  'value-never-set': 'warning',
  'unused-value': 'warning',
  'fallback-cycle': 'warning',
  'fallback-same-vendor': 'warning',
  'patience-too-short': 'warning',
  'critical-wakes-nobody': 'warning',
  // Such a rule has its reason.
  'nobody-instead-of-page': 'note',
  'critical-waits': 'warning',
  'critical-never-sent': 'error',
  'non-production-pages': 'warning',
  'non-production-fallback': 'warning',
  'never-as-severe': 'warning',
  'unused-window': 'warning',
  'window-expired': 'warning',
  'window-never-opens': 'error',
  'never-active': 'error',
  'path-like-regex': 'warning',
  'regex-like-text': 'warning',
  'unlikely-value': 'warning',
  'account-on-both-sides': 'warning',
  'skipped-folder': 'warning',
  'hold-too-long': 'warning',
  'escalates-before-reminder': 'warning',
  'escalates-to-nobody-new': 'warning',
  'escalation-wakes-nobody': 'warning',
  'counts-critical': 'warning',
  'inhibits-its-source': 'warning',
  'inhibits-in-a-circle': 'warning',
  'critical-inhibited-by-info': 'warning',
  'never-recorded': 'warning',
} as const
export type FindingCode = keyof typeof FINDINGS

/** One likely mistake in a valid config. */
export interface Finding {
  code: FindingCode
  /** Overrides the level of its code: notes are shown on request. */
  level?: 'note'
  /** Where in the config. */
  path: Path
  /** What was found, and its consequence. */
  message: string
  /** How to fix it. */
  fix: string
  /** Other places involved: for example the rules that shadow this one. */
  also?: Path[]
  /** An example alert: its fields and their values. */
  example?: Record<string, string>
}

/** Whether a comment next to it in the file suppresses the finding. */
export type IsSuppressed = (path: Path, code: FindingCode) => boolean

/** `"a"`, `"a" and "b"`, `"a", "b" and 3 more`. */
export function named(names: readonly string[], most = 3): string {
  const quoted = names.slice(0, names.length > most + 1 ? most : most + 1).map((name) => `"${name}"`)
  const left = names.length - quoted.length
  const parts = left > 0 ? [...quoted, `${left} more`] : quoted
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
