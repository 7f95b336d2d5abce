import { paginateListTopics, SNSClient } from '@aws-sdk/client-sns'
import { clientOptions } from '../../shared/aws/client.ts'
import { someTopic } from '../../shared/drill/decided.ts'
import { parseArn } from '../../shared/parse/arn.ts'
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

/**
 * The alarms topic of a stage, by which rules know its account and region.
 * @returns `undefined`, and says so, where it can't be listed: a report is made anyway.
 */
export async function knownTopic(stage: string): Promise<string | undefined> {
  const client = new SNSClient(clientOptions)
  try {
    return await topicOf(client, stage)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const { account, region } = parseArn(someTopic()) ?? {}
    process.stderr.write(
      `The stage's account is not known (sns:ListTopics: ${why}): drills are judged as of account ${account}, ${region}.\n`,
    )
    return undefined
  } finally {
    client.destroy()
  }
}

/** The alarms topic of a stage. @throws {Error} with the name `NoSuchRouter`. */
export async function topicOf(client: SNSClient, stage: string): Promise<string> {
  const name = `alert-router-${stage}-alarms`
  for await (const { Topics = [] } of paginateListTopics({ client }, {})) {
    const found = Topics.find(({ TopicArn = '' }) => nameOf(TopicArn) === name)
    if (found?.TopicArn !== undefined) return found.TopicArn
  }
  throw Object.assign(new Error(`no topic named ${name}`), { name: 'NoSuchRouter' })
}
