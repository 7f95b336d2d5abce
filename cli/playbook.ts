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
import { type Opened, openAsking } from './report/open.ts'
import { checkOut, printReport } from './report/print.ts'
import { keepInStage } from './report/sending.ts'
import { pastTime } from './since.ts'

/** Of each step: what does not answer in an incident holds up nothing else. */
const STEP_MS = 20_000

export async function playbook({ options, args: [type, alarm] }: Given<typeof PLAYBOOK>): Promise<number> {
  const { title, sinceMs, steps } = playbookNamed(type)
  checkOut(options.out)
  const now = new Date()
  const since = options.since === undefined ? undefined : pastTime(options.since, now)
  const opened = await openAsking(options, now)
  try {
    const span = lastMs(now, since ? now.getTime() - since.getTime() : sinceMs)
    const asked = { title: `Playbook: ${title}`, sections: steps(span) }
    const about = { name: type ?? '', ...opened.about, timeoutMs: STEP_MS }
    // An alarm that is not found must not keep its people waiting.
    const [found, of] = await Promise.all([
      askReport(asked, { ...opened.context, days: 1 }, about),
      alarm === undefined ? ({} as Named) : alarmNamed(alarm, now, opened),
    ])
    const report: AskedReport = { ...found, ...(of.alarm !== undefined && { alarm: of.alarm }) }
    const code = printReport(report, options)
    if (of.why !== undefined) process.stderr.write(`Not kept for the review: ${of.why}\n`)
    const isKept =
      alarm === undefined ||
      opened.isDemo ||
      (report.alarm !== undefined && (await isKeptIn(opened.about.stage, report)))
    return isKept && of.why === undefined ? code : 1
  } finally {
    await opened.close()
  }
}

/** The alarm that a name means; or why there is none. */
interface Named {
  alarm?: string
  why?: string
}

async function alarmNamed(name: string, now: Date, opened: Opened): Promise<Named> {
  try {
    return await incidentNamed(name, searchedSpan(now), opened)
  } catch (error) {
    return { why: (error as Error).message }
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
