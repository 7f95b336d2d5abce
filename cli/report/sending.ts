import { paginateListTopics, SNSClient } from '@aws-sdk/client-sns'
import { clientOptions } from '../../shared/aws/client.ts'
import { keyOf } from '../../shared/reports/place.ts'
import type { AskedReport } from '../../shared/reports/report.ts'
import { keep } from '../../shared/sending/archive.ts'
import { sendReport } from '../../shared/sending/send.ts'
import { archiveClient, bucketOf } from '../archive/s3.ts'

/**
 * Sends a report as the stage's own function does at its time.
 * @returns where it went, for a person.
 * @throws {Error} with the name `NoSuchRouter`.
 */
export async function sendToStage(report: AskedReport, stage: string): Promise<string> {
  const [s3, sns] = [archiveClient(), new SNSClient(clientOptions)]
  try {
    const [bucket, region, arn] = await Promise.all([bucketOf(s3, stage), s3.config.region(), topicOf(sns, stage)])
    const page = await sendReport(report, { archive: { client: s3, bucket, region }, topic: { client: sns, arn } })
    const where =
      'missing' in page
        ? `Its page could not be written: ${page.missing}.`
        : `Its page: s3://${bucket}/${keyOf(report)}.html`
    return `${where}\nPublished to ${nameOf(arn)}: the rules of stage ${stage} decide who gets it.`
  } finally {
    s3.destroy()
    sns.destroy()
  }
}

/**
 * Keeps what was asked for an incident, for its review.
 * @returns where.
 * @throws {Error} when it can't be kept.
 */
export async function keepInStage(report: AskedReport, stage: string): Promise<string> {
  const client = archiveClient()
  try {
    const [bucket, region] = await Promise.all([bucketOf(client, stage), client.config.region()])
    await keep({ client, bucket, region }, report)
    return `Kept for the review: s3://${bucket}/${keyOf(report)}.html`
  } finally {
    client.destroy()
  }
}

const nameOf = (arn: string) => arn.split(':').at(-1) ?? arn

/** The alarms topic of a stage. @throws {Error} with the name `NoSuchRouter`. */
export async function topicOf(client: SNSClient, stage: string): Promise<string> {
  const name = `alert-router-${stage}-alarms`
  for await (const { Topics = [] } of paginateListTopics({ client }, {})) {
    const found = Topics.find(({ TopicArn = '' }) => nameOf(TopicArn) === name)
    if (found?.TopicArn !== undefined) return found.TopicArn
  }
  throw Object.assign(new Error(`no topic named ${name}`), { name: 'NoSuchRouter' })
}
