import type { OpenFindings } from './ask.ts'
import { type Context, type Question, question } from './question.ts'

/** Open findings of high severity: the goal is none. Each service is a question: one that is off hides nothing of the other. */
export function security({ platform }: Context): Question[] {
  const kpi = Object.values(platform.kpis).find(({ ask }) => ask === 'high-severity-findings')
  const { what = 'Security findings of high severity', atMost = 0 } = kpi ?? {}
  return [
    question({
      id: 'findings GuardDuty',
      title: `${what}: GuardDuty`,
      asks: { findings: { kind: 'guardduty' } },
      answer: ({ findings }) => judged(findings, atMost),
    }),
    question({
      id: 'findings Security Hub',
      title: `${what}: Security Hub`,
      asks: { findings: { kind: 'security-hub' } },
      answer: ({ findings }) => judged(findings, atMost),
    }),
  ]
}

function judged({ count, examples }: OpenFindings, most: number) {
  const isGood = count <= most
  return {
    verdict: isGood ? ('good' as const) : ('bad' as const),
    says: count === 0 ? 'none' : String(count),
    bound: most === 0 ? 'none' : `at most ${most}`,
    ...(!isGood && { todo: `Look into the findings: ${examples.join('; ')}` }),
  }
}
