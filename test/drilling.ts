import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { vi } from 'vitest'
import { openDrilled } from '../shared/drill/open.ts'
import type { Drilled } from '../shared/drill/story.ts'
import { DRILL_ATTRIBUTE } from '../shared/parse/drill.ts'
import type { RouterByHand } from './router-by-hand.ts'

/** The topic and the queue of the router that is stepped by hand are in one account. */
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms'

/** That router, as drills reach it: while a drill waits, the router works, and time passes. */
export function drilledByHand(router: RouterByHand): Drilled & { close(): void } {
  const clients = {
    sns: new SNSClient({}),
    sqs: new SQSClient({}),
    dynamoDb: new DynamoDBClient({}),
    cloudWatch: new CloudWatchClient({}),
  }
  const place = {
    ...clients,
    topicArn: TOPIC,
    alarmsQueueUrl: process.env.ALARMS_QUEUE_URL ?? '',
    table: process.env.TABLE_NAME ?? '',
  }
  return {
    ...openDrilled(place),
    publish: (published, drill) => router.publish(published, { [DRILL_ATTRIBUTE]: { Type: 'String', Value: drill } }),
    async wait(ms) {
      vi.setSystemTime(Date.now() + ms)
      await router.work()
    },
    close() {
      for (const one of Object.values(clients)) one.destroy()
    },
  }
}
