import { askReport } from '../shared/asking/report.ts'
import { didYouMean } from '../shared/config/allowed.ts'
import { incidentReport } from '../shared/questions/incident.ts'
import type { Context } from '../shared/questions/question.ts'
import { REPORTS, type Report } from '../shared/questions/reports.ts'
import { USUAL_DAYS } from '../shared/questions/spans.ts'
import type { AskedReport } from '../shared/reports/report.ts'
import { UsageError } from './command.ts'
import type { REPORT } from './commands/report.ts'
import type { Given } from './frame/spec.ts'
import { incidentNamed, searchedSpan } from './report/incident.ts'
import { type Opened, openAsking } from './report/open.ts'
import { checkOut, printReport } from './report/print.ts'
import { knownTopic, sendToStage } from './report/sending.ts'
import { pastTime } from './since.ts'

const DAY_MS = 86_400_000
/** So long the router keeps the history of alerts, unless the stack says more (`historyDays`). */
const MOST_DAYS = 30

export async function report({ options, args: [name, alarm] }: Given<typeof REPORT>): Promise<number> {
  const wanted = reportNamed(name, alarm)
  checkOut(options.out)
  const now = new Date()
  const since = options.since === undefined ? undefined : pastTime(options.since, now)
  const isOfShift = 'isOfShift' in wanted
  if (since && !('isOfDays' in wanted || isOfShift || wanted.name === 'incident')) {
    throw new UsageError(`--since is for ${namesWithSince().join(', ')} and incident: ${name} has a span of its own`)
  }
  if (options.demo && options.send) {
    throw new UsageError('--send with --demo: nobody may get a report of made-up data. Use --out with --demo.')
  }
  if (options.send && options.stage === undefined) {
    throw new UsageError('--send needs a stage, as in --stage prod: there, rules decide who gets it.')
  }
  const days = since ? daysSince(since, now) : USUAL_DAYS
  const opened = await openAsking(options, now, isOfShift)
  try {
    const about = { name: wanted.name, ...opened.about }
    const topicArn = wanted.name === 'maintenance' && !opened.isDemo ? await knownTopic(opened.about.stage) : undefined
    const context = {
      ...{ ...opened.context, days },
      ...(isOfShift && since && { since: since.toISOString() }),
      ...(topicArn !== undefined && { topicArn }),
    }
    const asked =
      wanted.name === 'incident'
        ? await review(alarm ?? '', since, opened, context)
        : await askReport(wanted as Report, context, about)
    const code = printReport(asked, options)
    const output = options.json ? process.stderr : process.stdout
    if (options.send) output.write(`${await sendToStage(asked, opened.about.stage)}\n`)
    return code
  } finally {
    await opened.close()
  }
}

const namesWithSince = () =>
  Object.entries(REPORTS).flatMap(([name, one]) => ('isOfDays' in one || 'isOfShift' in one ? [name] : []))

/** Whole days: they are compared with as many before. */
function daysSince(since: Date, now: Date): number {
  const days = Math.ceil((now.getTime() - since.getTime()) / DAY_MS)
  if (days >= 1 && days <= MOST_DAYS) return days
  throw new UsageError(`--since: a report is about 1 to ${MOST_DAYS} days, and this would be ${days}`)
}

function reportNamed(
  name: string | undefined,
  alarm: string | undefined,
): (Report & { name: string }) | { name: 'incident' } {
  const names = [...Object.keys(REPORTS), 'incident']
  const list = `There are: ${names.join(', ')}.`
  if (name === undefined) throw new UsageError(`Give a report. ${list}`)
  if (name === 'incident') {
    if (alarm === undefined) throw new UsageError('Give the alarm, as in "report incident data-loss".')
    return { name }
  }
  const found = Object.entries(REPORTS).find(([one]) => one === name)
  if (!found) throw new UsageError(`no report "${name}". ${didYouMean(name, names)} ${list}`)
  if (alarm !== undefined) throw new UsageError(`${name} is about the whole platform: leave out "${alarm}"`)
  return { name: found[0], ...found[1] }
}

/** The review of an alarm's last firing. @throws {Error} that says what fired instead. */
async function review(name: string, since: Date | undefined, opened: Opened, context: Context): Promise<AskedReport> {
  const searched = searchedSpan(context.now, since)
  const incident = await incidentNamed(name, searched, opened)
  const wanted = incidentReport(incident, searched, { now: context.now, hasArchive: !opened.isDemo })
  return askReport(wanted, context, { name: 'incident', alarm: incident.alarm, ...opened.about })
}
