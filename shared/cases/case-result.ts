import type { TimeLine } from './time-line.ts'

/** The result of a case. */
export interface CaseResult {
  name: string
  /** The rule that won; absent when nothing could be decided. */
  rule?: string
  /** The rules that applied: the winning one, and those with `continue`. */
  reached: string[]
  /** What differs from the expectation; empty if the case passes. */
  differences: CaseDifference[]
  /** The reasons for the decision. */
  because: string[]
  /** Of a story: all that happened, was sent, and was expected. */
  timeLine?: TimeLine
}

/**
 * `severity`, `rule`, `channels`, `text.slack-warning`; `event` when it is not exactly one alert; of a story a time, `at
 * 7h`.
 */
export interface CaseDifference {
  what: string
  expected: string
  found: string
  /** Set when the expected name is not in the config: `unknown rule "daat loss". Did you mean "data loss"? …` */
  hint?: string
}
