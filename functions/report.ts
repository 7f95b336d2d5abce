import middy from '@middy/core'
import * as z from 'zod'
import type { Platform } from '../schemas/platform.ts'
import { closeClients, openClients } from '../shared/asking/clients.ts'
import { askReportAnd } from '../shared/asking/report.ts'
import { environment } from '../shared/aws/client.ts'
import { within } from '../shared/aws/deadline.ts'
import { liveConfig } from '../shared/live-config/live.ts'
import { rulesIn } from '../shared/live-config/load.ts'
import { log } from '../shared/observe/log.ts'
import { publish } from '../shared/observe/metrics.ts'
import { packagedPlatform } from '../shared/platform/packaged.ts'
import { dayAsks, dayValues } from '../shared/questions/day-values.ts'
import type { Context } from '../shared/questions/question.ts'
import { REPORTS, type Report } from '../shared/questions/reports.ts'
import { USUAL_DAYS } from '../shared/questions/spans.ts'
import type { AskedReport } from '../shared/reports/report.ts'
import { kept, openArchive } from '../shared/sending/archive.ts'
import { openTopic, sendReport } from '../shared/sending/send.ts'

const platform = packagedPlatform() as Platform

const rules = liveConfig(rulesIn)

/** As the schedules give it (deploy/platform/reports.ts). Without a time, as when a person invokes it, it is now. */
const input = z.object({ report: z.string(), scheduledTime: z.iso.datetime().optional() })

/** Kept of a run's time for what follows the questions: the page and the event. */
const RESERVE_MS = 40_000

/**
 * Asks a report, keeps its page, and hands it to the router, which decides who gets it. Another attempt of the same run
 * sends what the first has kept, word for word: the router knows it by that, and nobody is notified twice.
 */
async function run(event: unknown, remainingMs: () => number): Promise<void> {
  const { report: name, scheduledTime } = input.parse(event)
  const wanted = (REPORTS as Record<string, Report>)[name]
  if (!wanted) throw new Error(`no report "${name}": there are ${Object.keys(REPORTS).join(', ')}`)
  const now = scheduledTime === undefined ? new Date() : new Date(scheduledTime)
  const archive = openArchive(environment('ARCHIVE_BUCKET'), environment('AWS_REGION'))
  const topic = openTopic(environment('ALARMS_TOPIC_ARN'))
  const report =
    (await kept(archive, { name, at: now.toISOString(), timezone: platform.timezone })) ??
    (await ask(name, wanted, now, remainingMs() - RESERVE_MS))
  const page = await sendReport(report, { archive, topic })
  const about = { report: name, headline: report.headline, ...page }
  if ('missing' in page) log.error('report.page_failed', 'a report is sent without its page', about)
  else log.info('report.sent', 'a report is sent', about)
}

async function ask(name: string, wanted: Report, now: Date, timeoutMs: number): Promise<AskedReport> {
  const { config } = await rules.current()
  const routerMetrics = environment('METRICS_NAMESPACE')
  const context: Context = {
    platform,
    rules: config,
    now,
    days: USUAL_DAYS,
    routerMetrics,
    region: environment('AWS_REGION'),
    topicArn: environment('ALARMS_TOPIC_ARN'),
  }
  const isDaily = name === 'daily'
  const clients = openClients()
  const router = {
    table: async () => environment('TABLE_NAME'),
    archive: async () => environment('ARCHIVE_BUCKET'),
  }
  const about = { name, stage: environment('STAGE'), clients, router, timeoutMs }
  try {
    const { asked, outcomeOf } = await askReportAnd(isDaily ? dayAsks(context) : [], wanted, context, about)
    const values = isDaily ? dayValues(context, outcomeOf) : []
    for (const { namespace, metric, unit, dimensions, value, at } of values) {
      publish(namespace, { [metric]: { value, unit } }, { now: at, dimensions })
    }
    return asked
  } finally {
    closeClients(clients)
  }
}

/** EventBridge Scheduler invokes it, asynchronously. */
export const handler = middy<unknown, void>().handler((event, context) =>
  within(context.getRemainingTimeInMillis(), () => run(event, () => context.getRemainingTimeInMillis())),
)
