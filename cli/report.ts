import { writeFileSync } from 'node:fs'
import { askAll } from '../shared/asking/ask.ts'
import { closeClients, openClients } from '../shared/asking/clients.ts'
import { FileError } from '../shared/config/problem.ts'
import { readPlatform } from '../shared/platform/read.ts'
import { answerTo, type Context } from '../shared/questions/question.ts'
import { REPORTS, type Report } from '../shared/questions/reports.ts'
import { reportPage } from '../shared/reports/html.ts'
import { type AskedReport, askedReport, notChecked, todosOf } from '../shared/reports/report.ts'
import { UsageError } from './command.ts'
import type { REPORT } from './commands/report.ts'
import { goTo } from './frame/aws.ts'
import type { Given } from './frame/spec.ts'
import { reportText } from './report/terminal.ts'
import { stageName } from './rules/live/place.ts'
import { widthOf } from './wrap.ts'

/** What is asked together takes no longer, whatever AWS does. */
const TIMEOUT_MS = 60_000

export async function report({ options, args: [name] }: Given<typeof REPORT>): Promise<number> {
  const { stage, platform: file, out, json } = options
  const wanted = reportNamed(name)
  if (stage === undefined) throw new UsageError('Give a stage, as in --stage prod.')
  const platform = readPlatform(file)
  if (!platform) throw new FileError(`${file}: file not found. Write what is watched there: docs/platform.md`)
  goTo(options)
  const now = new Date()
  const context: Context = {
    platform,
    now,
    routerMetrics: `alert-router/${stageName(stage)}`,
  }
  const done = await asked(wanted, context, stage)
  if (out !== undefined) written(out, reportPage(done))
  process.stdout.write(json ? `${JSON.stringify(done)}\n` : reportText(done, widthOf(process.stdout)))
  return todosOf(done).length + notChecked(done).length > 0 ? 1 : 0
}

function reportNamed(name: string | undefined): Report & { name: string } {
  const names = Object.keys(REPORTS)
  const found = Object.entries(REPORTS).find(([one]) => one === name)
  if (!found)
    throw new UsageError(
      `${name === undefined ? 'Give a report' : `no report "${name}"`}. There are: ${names.join(', ')}.`,
    )
  return { name: found[0], ...found[1] }
}

async function asked(
  { name, title, sections }: Report & { name: string },
  context: Context,
  stage: string,
): Promise<AskedReport> {
  const { now, platform } = context
  const clients = openClients()
  const questions = sections.map((section) => ({ title: section.title, all: section.questions(context) }))
  const asks = questions.flatMap(({ all }) => all.flatMap((one) => Object.values(one.asks)))
  try {
    const outcomeOf = await askAll(asks, { clients, now: () => new Date(), timeoutMs: TIMEOUT_MS })
    const answered = questions.map((section) => ({
      title: section.title,
      answers: section.all.map((one) => answerTo(one, outcomeOf, now)),
    }))
    return askedReport({ name, title, stage, at: now.toISOString(), timezone: platform.timezone, sections: answered })
  } finally {
    closeClients(clients)
  }
}

function written(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new FileError(`--out ${path}: cannot write it: ${(error as Error).message}`)
  }
}
