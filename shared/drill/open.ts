import { setTimeout as sleep } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { orderText } from '../../schemas/wake.ts'
import { textAttributes } from '../aws/queue.ts'
import { DRILL_ATTRIBUTE } from '../parse/drill.ts'
import { readStateWith } from '../store/alerts.ts'
import { forgetOpen, keepOpen, keepProof } from './records.ts'
import type { Drilled } from './story.ts'

/** The clients and names of the router that is drilled. */
export interface RouterPlace {
  sns: SNSClient
  sqs: SQSClient
  dynamoDb: DynamoDBClient
  topicArn: string
  alarmsQueueUrl: string
  table: string
}

/** @param signal interrupts a drill that waits. */
export function openDrilled(place: RouterPlace, signal?: AbortSignal): Drilled {
  const { sns, sqs, dynamoDb, topicArn, alarmsQueueUrl, table } = place
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
    keepOpen: (open) => keepOpen(dynamoDb, table, open),
    forgetOpen: (open) => forgetOpen(dynamoDb, table, open),
    async keepProofs(proofs, at) {
      for (const proof of proofs) await keepProof(dynamoDb, table, proof, at)
    },
    now: () => new Date(),
    wait: (ms) => sleep(ms, undefined, { signal }),
  }
}
