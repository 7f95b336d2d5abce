import { firingAlarms } from './alarms.ts'
import { awsHealth, changesIn, stacksIn } from './changes.ts'
import { dataLogs, errorPatterns } from './lines.ts'
import { availability, durationsNow, errorsNow, figuresNow } from './now.ts'
import type { Report } from './reports.ts'
import { earlier, HOUR_MS, type Span } from './spans.ts'

/** What to look at, in this order, when something is wrong: it only reads. */
export interface Playbook {
  title: string
  /** How far it looks back, unless somebody says otherwise. */
  sinceMs: number
  steps(span: Span): Report['sections']
}

export const PLAYBOOKS = {
  'system-down': {
    title: 'System down',
    sinceMs: HOUR_MS,
    steps: (span) => [
      { title: 'What does not answer', questions: (context) => availability(context, span) },
      { title: 'Which alarms fire', questions: firingAlarms },
      { title: 'Is it AWS', questions: (context) => awsHealth(context, day(span)) },
      { title: 'What was deployed', questions: (context) => stacksIn(context, day(span)) },
      { title: 'Who changed what', questions: (context) => changesIn(context, span) },
      { title: 'What fails', questions: (context) => errorsNow(context, span) },
    ],
  },
  'high-error-rate': {
    title: 'High error rate',
    sinceMs: HOUR_MS,
    steps: (span) => [
      { title: 'What fails', questions: (context) => errorsNow(context, span) },
      { title: 'How', questions: (context) => errorPatterns(context, span) },
      { title: 'Is it slow, too', questions: (context) => durationsNow(context, span) },
      { title: 'What was deployed', questions: (context) => stacksIn(context, day(span)) },
      { title: 'Who changed what', questions: (context) => changesIn(context, span) },
      { title: 'Which alarms fire', questions: firingAlarms },
    ],
  },
  'data-quality': {
    title: 'Data quality',
    sinceMs: 4 * HOUR_MS,
    steps: (span) => [
      { title: 'Figures', questions: (context) => figuresNow(context, span) },
      { title: 'Data', questions: (context) => dataLogs(context, span) },
      { title: 'What fails', questions: (context) => errorsNow(context, span) },
      { title: 'What was deployed', questions: (context) => stacksIn(context, day(span)) },
      { title: 'Who changed what', questions: (context) => changesIn(context, span) },
    ],
  },
} as const satisfies Record<string, Playbook>
export type PlaybookName = keyof typeof PLAYBOOKS

/** A deployment may show its effect hours later. */
const day = (span: Span): Span => ({ from: earlier(span, 24 * HOUR_MS).from, to: span.to })
