import { setTimeout as sleep } from 'node:timers/promises'
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { orderText } from '../../schemas/wake.ts'
import { textAttributes } from '../aws/queue.ts'
import { nameIn } from '../parse/alarm-rule.ts'
import { parseArn } from '../parse/arn.ts'
import { DRILL_ATTRIBUTE } from '../parse/drill.ts'
import { readStateWith } from '../store/alerts.ts'
import { forgetOpen, keepOpen, keepProof } from './records.ts'
import { setBack } from './set-back.ts'
import type { Drilled } from './story.ts'

/** The clients and names of the router that is drilled. */
export interface RouterPlace {
  sns: SNSClient
  sqs: SQSClient
  dynamoDb: DynamoDBClient
  cloudWatch: CloudWatchClient
  topicArn: string
  alarmsQueueUrl: string
  table: string
}

/** @param signal interrupts a drill that waits. */
export function openDrilled(place: RouterPlace, signal?: AbortSignal): Drilled {
  const { sns, sqs, dynamoDb, cloudWatch, topicArn, alarmsQueueUrl, table } = place
  return {
    topicArn,
    async publish({ message, subject }, drill) {
      const MessageAttributes = textAttributes({ [DRILL_ATTRIBUTE]: drill })
      await sns.send(new PublishCommand({ TopicArn: topicArn, Message: message, Subject: subject, MessageAttributes }))
    },
    async order(order) {
      await sqs.send(new SendMessageCommand({ QueueUrl: alarmsQueueUrl, MessageBody: orderText(order) }))
    },
    state: (key) => readStateWith(dynamoDb, table, key),
    setAlarmBack: (arn, id) => setAlarmBack(cloudWatch, arn, id, topicArn),
    keepOpen: (open) => keepOpen(dynamoDb, table, open),
    forgetOpen: (open) => forgetOpen(dynamoDb, table, open),
    async keepProofs(proofs, at) {
      for (const proof of proofs) await keepProof(dynamoDb, table, proof, at)
    },
    now: () => new Date(),
    wait: (ms) => sleep(ms, undefined, { signal }),
  }
}

/** @throws {Error} when it is not the client's: its name may be that of another. */
async function setAlarmBack(client: CloudWatchClient, arn: string, id: string, topicArn: string): Promise<string[]> {
  const [alarm, topic] = [parseArn(arn), parseArn(topicArn)]
  if (alarm?.account !== topic?.account || alarm?.region !== topic?.region) {
    throw new Error(`${arn} is not in the account and region of the router: set it to OK there`)
  }
  return (await setBack(client, { name: nameIn(arn), id, by: 'the next drill' })).firing
}
