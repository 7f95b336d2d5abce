import type { Evidence, EvidencePart } from '../../schemas/evidence.ts'
import { shorten } from '../channels/outside-text.ts'
import type { Ask, Outcome } from '../questions/ask.ts'
import type { FirstQuestion, Known } from './ask-first.ts'
import { changesBefore } from './changes.ts'
import { errorsOf } from './errors.ts'
import { lastTimeOf } from './last-time.ts'
import { logGroupsOf } from './log-groups.ts'
import { metricOf } from './metric.ts'
import { neighboursOf } from './neighbours.ts'
import { nextSteps } from './playbook.ts'

/** Of a line, and of a part: a follow-up is read on a phone. */
const LINE = 400
const LINES = 14

/** What one would ask first, in the order in which one reads it. */
export function firstQuestions(known: Known): FirstQuestion[] {
  return [
    ...metricOf(known),
    ...errorsOf(known),
    changesBefore(known),
    neighboursOf(known),
    lastTimeOf(known),
    nextSteps(known),
  ]
}

/** What the answers say. An ask without an outcome has none in time. */
export function evidenceOf(
  questions: FirstQuestion[],
  outcomeOf: (ask: Ask) => Outcome,
  { askedAt, tookMs }: Pick<Evidence, 'askedAt' | 'tookMs'>,
): Evidence {
  const parts = questions.map(({ title, says }): EvidencePart => {
    const { says: text, lines, ...chart } = says((ask) => outcomeOf(ask) as never)
    return {
      title,
      says: shorten(text, LINE),
      lines: lines.slice(0, LINES).map((line) => shorten(line, LINE)),
      ...chart,
    }
  })
  return { askedAt, tookMs, parts }
}

/** Of an alert that never ends, evidence is asked only if something is known of what it is about. */
export function hasEvidence({ alert, platform }: Pick<Known, 'alert' | 'platform'>): boolean {
  if (alert.once !== true) return true
  return ['deployment', 'aws-event'].includes(alert.kind) || logGroupsOf(alert, platform).length > 0
}
