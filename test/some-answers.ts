import type { Answer } from '../shared/questions/answer.ts'
import type { Ask, Found, Outcome } from '../shared/questions/ask.ts'
import { answerTo, type Context, type Question } from '../shared/questions/question.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'

/** Thursday, 07:30 in Berlin. */
const NOW = new Date('2026-11-26T06:30:00Z')
export const CONTEXT: Context = {
  platform: shippedPlatform(),
  rules: SHIPPED_RULES,
  days: 7,
  now: NOW,
  routerMetrics: 'alert-router/prod',
}

/** What was asked came to this. */
export const found = <Kind extends Ask['kind']>(data: Found[Kind]): Outcome =>
  ({ data, asOf: NOW.toISOString() }) as Outcome

/** The answer to the question with this id, where each ask comes to what `outcome` says. */
export function answer(questions: Question[], id: string, outcome: (ask: Ask) => Outcome): Answer {
  const one = questions.find((asked) => asked.id === id)
  if (!one) throw new Error(`no question ${id}: there are ${questions.map((asked) => asked.id).join(', ')}`)
  return answerTo(one, outcome, CONTEXT)
}
