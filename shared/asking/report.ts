import type { Ask, Outcome } from '../questions/ask.ts'
import { answerTo, type Context } from '../questions/question.ts'
import type { Report } from '../questions/reports.ts'
import { type AskedReport, askedReport } from '../reports/report.ts'
import { askAll, type RouterNames } from './ask.ts'
import type { Clients } from './clients.ts'
import type { Project } from './dependencies.ts'

/** What is asked together takes no longer, whatever AWS does. */
const TIMEOUT_MS = 60_000

/** Asks all questions of a report. What fails is part of it: it never throws for AWS. */
export async function askReport(report: Report, context: Context, about: About): Promise<AskedReport> {
  const { asked } = await askReportAnd([], report, context, about)
  return asked
}

interface About {
  name: string
  stage: string
  clients: Clients
  router: RouterNames
  known?: Map<string, Outcome> | undefined
  /** Of an incident. */
  alarm?: string | undefined
  project?: Project
  timeoutMs?: number
}

/** As `askReport`, and more in the same requests: what both ask for is asked once. */
export async function askReportAnd(
  more: Ask[],
  { title, sections }: Report,
  context: Context,
  about: About,
): Promise<{ asked: AskedReport; outcomeOf: (ask: Ask) => Outcome }> {
  const { now, platform } = context
  const { name, stage, clients, router, known, alarm, project, timeoutMs = TIMEOUT_MS } = about
  const questions = sections.map((section) => ({ title: section.title, all: section.questions(context) }))
  const asks = questions.flatMap(({ all }) => all.flatMap((one) => Object.values(one.asks)))
  const outcomeOf = await askAll([...asks, ...more], {
    ...{ clients, router, known, timeoutMs, now: () => now },
    ...(project && { project }),
    accounts: platform.accounts,
  })
  const answered = questions.map((section) => ({
    title: section.title,
    answers: section.all.map((one) => answerTo(one, outcomeOf, context)),
  }))
  const at = now.toISOString()
  const of = { name, title, stage, at, timezone: platform.timezone, ...(alarm !== undefined && { alarm }) }
  return { asked: askedReport({ ...of, sections: answered }), outcomeOf }
}
