import { refusedBy } from '../shared/asking/refused.ts'
import { askReport } from '../shared/asking/report.ts'
import { didYouMean } from '../shared/config/allowed.ts'
import { PLAYBOOKS } from '../shared/questions/playbooks.ts'
import { lastMs } from '../shared/questions/spans.ts'
import type { AskedReport } from '../shared/reports/report.ts'
import { UsageError } from './command.ts'
import type { PLAYBOOK } from './commands/playbook.ts'
import type { Given } from './frame/spec.ts'
import { incidentNamed, searchedSpan } from './report/incident.ts'
import { openAsking } from './report/open.ts'
import { printReport } from './report/print.ts'
import { keepInStage } from './report/sending.ts'
import { sinceTime } from './since.ts'

/** Of each step: what does not answer in an incident holds up nothing else. */
const STEP_MS = 20_000

export async function playbook({ options, args: [type, alarm] }: Given<typeof PLAYBOOK>): Promise<number> {
  const { title, sinceMs, steps } = playbookNamed(type)
  const now = new Date()
  const since = options.since === undefined ? undefined : sinceTime(options.since, now)
  const opened = await openAsking(options, now)
  try {
    const span = lastMs(now, since ? now.getTime() - since.getTime() : sinceMs)
    const asked = { title: `Playbook: ${title}`, sections: steps(span) }
    const incident = alarm === undefined ? undefined : await incidentNamed(alarm, searchedSpan(now), opened)
    const about = { name: type ?? '', ...opened.about, alarm: incident?.alarm, timeoutMs: STEP_MS }
    const report = await askReport(asked, { ...opened.context, days: 1 }, about)
    const code = printReport(report, options)
    const isKept = report.alarm === undefined || opened.isDemo || (await isKeptIn(opened.about.stage, report))
    return isKept ? code : 1
  } finally {
    await opened.close()
  }
}

async function isKeptIn(stage: string, report: AskedReport): Promise<boolean> {
  try {
    process.stderr.write(`${await keepInStage(report, stage)}\n`)
    return true
  } catch (error) {
    const { needs, why } = refusedBy(error, 's3:PutObject')
    process.stderr.write(`Not kept for the review: ${needs === undefined ? why : `needs ${needs}`}\n`)
    return false
  }
}

function playbookNamed(type: string | undefined) {
  const names = Object.keys(PLAYBOOKS)
  const list = `There are: ${names.join(', ')}.`
  if (type === undefined) throw new UsageError(`Give a type of incident. ${list}`)
  const found = Object.entries(PLAYBOOKS).find(([name]) => name === type)
  if (!found) throw new UsageError(`no playbook "${type}". ${didYouMean(type, names)} ${list}`)
  return found[1]
}
