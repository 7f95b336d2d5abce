import { userInfo } from 'node:os'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { urlOf } from '../../local/dead-letters.ts'
import { clientOptions } from '../../shared/aws/client.ts'
import { durationMs } from '../../shared/decide/duration.ts'
import { openDrilled, type RouterPlace } from '../../shared/drill/open.ts'
import type { Drilled } from '../../shared/drill/story.ts'
import { SIGNALS, UsageError } from '../command.ts'
import { topicOf } from '../report/sending.ts'
import { chooseRouter, type Router } from '../which-router.ts'

/** A router that is drilled, and how to stop. */
export interface Drilling {
  router: Router
  place: RouterPlace
  drilled: Drilled
  isInterrupted(): boolean
  close(): void
}

/** @throws {UsageError | Error} when there is no such router. */
export async function openDrilling(stage: string | undefined): Promise<Drilling> {
  const router = await chooseRouter(stage)
  const clients = {
    sns: new SNSClient(clientOptions),
    sqs: new SQSClient(clientOptions),
    dynamoDb: new DynamoDBClient(clientOptions),
    cloudWatch: new CloudWatchClient(clientOptions),
  }
  const { sns, sqs, dynamoDb } = clients
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  const close = () => {
    for (const signal of SIGNALS) process.off(signal, interrupt)
    for (const client of Object.values(clients)) client.destroy()
  }
  try {
    const [topicArn, alarmsQueueUrl, table] = await Promise.all([
      stage === undefined ? (process.env.ALARMS_TOPIC_ARN ?? '') : topicOf(sns, stage),
      urlOf(sqs, router.prefix, 'alarms'),
      router.tableName(dynamoDb),
    ])
    const place = { ...clients, topicArn, alarmsQueueUrl, table }
    // Once: a second Ctrl-C exits at once.
    for (const signal of SIGNALS) process.once(signal, interrupt)
    const drilled = openDrilled(place, stop.signal)
    return { router, place, drilled, isInterrupted: () => stop.signal.aborted, close }
  } catch (error) {
    close()
    throw error
  }
}

/** @throws {UsageError} */
export function timeoutMs(text: string): number {
  if (!/^[1-9]\d{0,4}[smh]$/.test(text)) throw new UsageError(`--timeout ${text}: write how long, as in 90s or 10m`)
  return durationMs(text)
}

export const whoAmI = () => userInfo().username
