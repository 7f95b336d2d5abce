import type { Point } from './ask.ts'
import type { FigureUnit } from './figure.ts'

/**
 * What came of a question. `good` and `bad` are measured by a bound; `shown` has none. `no data` and `not checked` are never
 * good, and never 0.
 */
export type Verdict = 'good' | 'bad' | 'shown' | 'no data' | 'not checked'

export interface Answer {
  /** Of the question; with what it is about, where it is asked of several: `errors data-processor`. */
  id: string
  title: string
  verdict: Verdict
  /** The figure, with its unit: `0.21 %`. Of what was not checked: what it needs. */
  says: string
  /** What good is: `at least 95 %`. */
  bound?: string
  /** Beside it: what it was before. */
  compared?: string[]
  /** What a person must do today. */
  todo?: string
  proposals?: Proposal[]
  /** What the headline says of it, in place of counts: `2 open, 1 not acknowledged`. */
  lead?: string
  /** What there is, one by one: for a phone, and in the message that is sent, too. */
  items?: string[]
  table?: { head: string[]; rows: string[][] }
  line?: Line
  source: Source
}

/** A change that a person may make: no report makes it. */
export interface Proposal {
  /** To be pasted into a shell. */
  command: string
  effect: string
  saving?: string
  risk: string
  /** How to have it as it was: a command, or words where no command does it. */
  back: string
}

/** To be drawn. */
export interface Line {
  unit: FigureUnit
  /** Epoch seconds, and the value. A period without data is a gap. */
  points: Point[]
  periodS: number
  /** Drawn beside it. */
  bound?: { value: number; is: 'at least' | 'at most' }
  /** From the first to the last time, dashed. */
  trend?: [Point, Point]
}

/** Where a figure comes from, so that anybody can ask again. */
export interface Source {
  /** `GetMetricData AWS/Lambda Errors Sum of 1h` */
  query: string
  /** ISO 8601. */
  from?: string
  to?: string
  /** When it was asked. */
  asOf: string
  /** Why it is not complete: `an estimate: AWS still adds to this day`. */
  incomplete?: string
}

/** Asked, and not answered as it should. */
export const isBad = ({ verdict }: Answer): boolean => verdict === 'bad'

/** Of a report: what its answers lead with, or what a person must do; then what nobody knows. */
export function headline(answers: Answer[]): string {
  if (answers.length === 0) return 'Nothing was asked: config/platform.yml names nothing that this is about.'
  const bad = answers.filter(isBad)
  const unknown = answers.filter(({ verdict }) => verdict === 'not checked')
  const empty = answers.filter(({ verdict }) => verdict === 'no data')
  const leads = answers.flatMap(({ lead }) => lead ?? [])
  if (leads.length > 0) {
    return `${[...leads, ...(unknown.length > 0 ? [`${unknown.length} not checked`] : [])].join('; ')}.`
  }
  const parts = [
    bad.length === 0 ? 'Nothing to do' : `${bad.length} to do`,
    ...(unknown.length > 0 ? [`${unknown.length} not checked`] : []),
    ...(empty.length > 0 ? [`${empty.length} without data`] : []),
  ]
  const rest = parts.slice(1)
  const first = bad.length === 0 && rest.length > 0 ? `${parts[0]} among what was checked` : parts[0]
  return `${[first, ...rest].join(', ')}.`
}
