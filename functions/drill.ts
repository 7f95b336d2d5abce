import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import middy from '@middy/core'
import * as z from 'zod'
import type { DrillClass } from '../schemas/drill.ts'
import type { Platform } from '../schemas/platform.ts'
import { clientOptions, environment } from '../shared/aws/client.ts'
import { newDrillId } from '../shared/drill/ids.ts'
import { openDrilled } from '../shared/drill/open.ts'
import { readDrills, startsRun } from '../shared/drill/records.ts'
import { type Drilled, type DrillOutcome, drillClass, endOpen, hasArrived, hasEnded } from '../shared/drill/story.ts'
import { log } from '../shared/observe/log.ts'
import { measure } from '../shared/observe/metrics.ts'
import { packagedPlatform } from '../shared/platform/packaged.ts'

const platform = packagedPlatform() as Platform

/** As the schedule gives it (deploy/platform/drills.ts). Without a time, as when a person invokes it, it is now. */
const input = z.object({ scheduledTime: z.iso.datetime().optional() })

/** How long a channel is waited for: a fallback's patience, and some. */
const FOLLOWED_MS = 8 * 60_000
/** Kept of the function's time: its end is followed for a minute, and recorded. */
const RESERVE_MS = 100_000

const clients = {
  sns: new SNSClient(clientOptions),
  sqs: new SQSClient(clientOptions),
  dynamoDb: new DynamoDBClient(clientOptions),
  cloudWatch: new CloudWatchClient(clientOptions),
}

/**
 * Fires the drills of the file, at once, and follows them. What does not arrive is a metric, on which an alarm notifies
 * the operator past the router.
 */
async function run(event: unknown, remainingMs: number): Promise<void> {
  const { scheduledTime } = input.parse(event ?? {})
  const { drills } = platform
  if (!drills) throw new Error('config/platform.yml has no drills')
  const table = environment('TABLE_NAME')
  if (scheduledTime !== undefined && !(await startsRun(clients.dynamoDb, table, scheduledTime))) {
    log.info('drill.repeated', 'not run: it has been started before', { scheduledTime })
    return
  }
  const place = { topicArn: environment('ALARMS_TOPIC_ARN'), alarmsQueueUrl: environment('ALARMS_QUEUE_URL'), table }
  const drilled = openDrilled({ ...clients, ...place })
  await endEarlier(table, drilled)
  const timeoutMs = Math.max(0, Math.min(FOLLOWED_MS, remainingMs - RESERVE_MS))
  const ended = await Promise.allSettled(drills.classes.map((name) => runOne(name, timeoutMs, drilled)))
  const failed = ended.filter((one) => one.status === 'rejected')
  const missed = ended.filter((one) => one.status === 'fulfilled' && !hasEnded(one.value)).length
  measure({ DrillsMissed: missed + failed.length })
  for (const { reason } of failed) log.error('drill.missed', 'a drill failed', { reason: String(reason) })
  if (failed[0]) throw failed[0].reason
}

async function endEarlier(table: string, drilled: Drilled): Promise<void> {
  const { firing, failed } = await endOpen((await readDrills(clients.dynamoDb, table)).open, drilled)
  for (const one of firing) log.error('drill.missed', 'an alarm that a drill had set really fires', one)
  for (const { open, why } of failed) log.error('drill.missed', 'an earlier drill could not be ended', { open, why })
}

async function runOne(name: DrillClass, timeoutMs: number, drilled: Drilled): Promise<DrillOutcome> {
  const outcome = await drillClass(name, { id: newDrillId(drilled.now()), timeoutMs }, drilled)
  const { subject, id, key: fingerprint, arrivals = [], unresolved } = outcome
  const about = { drill: subject, id, fingerprint, channels: arrivals, unresolved }
  if (hasEnded(outcome)) log.info('drill.ended', 'the drill arrived', about)
  else if (hasArrived(outcome)) log.error('drill.missed', 'the drill arrived, and its end did not', about)
  else log.error('drill.missed', 'the drill did not arrive in every channel', about)
  return outcome
}

/** EventBridge Scheduler invokes it, asynchronously. */
export const handler = middy<unknown, void>().handler((event, context) =>
  run(event, context.getRemainingTimeInMillis()),
)
