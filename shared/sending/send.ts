import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { refusedBy } from '../asking/refused.ts'
import { clientOptions, inTime } from '../aws/client.ts'
import { type Page, reportEvent } from '../reports/event.ts'
import type { AskedReport } from '../reports/report.ts'
import { type Archive, keep, pageUrl } from './archive.ts'

/** The router's alarms topic. */
export interface Topic {
  client: SNSClient
  arn: string
}

export function openTopic(arn: string): Topic {
  return { client: inTime(new SNSClient(clientOptions)), arn }
}

/**
 * Keeps a report's page, then publishes its event to the router. Without a page, the event says why.
 * @throws {Error} when SNS does not accept the event.
 */
export async function sendReport(report: AskedReport, to: { archive: Archive; topic: Topic }): Promise<Page> {
  const page = await pageOf(report, to.archive)
  const Message = JSON.stringify(reportEvent(report, page))
  await to.topic.client.send(new PublishCommand({ TopicArn: to.topic.arn, Message }))
  return page
}

async function pageOf(report: AskedReport, archive: Archive): Promise<Page> {
  try {
    await keep(archive, report)
    return { url: pageUrl(archive, report) }
  } catch (error) {
    const { needs, why } = refusedBy(error, 's3:PutObject')
    return { missing: needs === undefined ? why : `it needs ${needs} (${why})` }
  }
}
