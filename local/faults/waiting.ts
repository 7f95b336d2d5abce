import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient, paginateScan, ScanCommand } from '@aws-sdk/client-dynamodb'
import { SQSClient } from '@aws-sdk/client-sqs'
import { queueVariable } from '../../shared/aws/queue-variable.ts'
import { DUE_INDEX } from '../../shared/store/due-index.ts'
import { emulated } from '../emulated.ts'
import type { Engine } from '../engine.ts'
import { depth, NOT_DELAYED } from '../router.ts'
import type { QueueName } from '../topology.ts'

/** Waits for a router's remaining work. Each wait returns what is left, as text, if it takes too long. */
export interface Waiting {
  sqs: SQSClient
  /** Until the queues are empty, one after the other. Does not wait for delayed messages. */
  emptied(queues: QueueName[], deadline: number): Promise<string[]>
  /** Also until no recipient is owed anything, whether or not a message about it is queued. */
  settled(queues: QueueName[], deadline: number): Promise<string[]>
  /** How many messages are in a queue. */
  in(queue: QueueName): Promise<number>
  /** How many alerts have something due, now or later. */
  due(): Promise<number>
  /** The alarms that are known, and whether each fires. */
  known(): Promise<Map<string, boolean>>
  close(): void
}

const POLL_MS = 100

export function waitingIn(environment: Engine['environment']): Waiting {
  const sqs = new SQSClient(emulated(environment, 'SQS'))
  const table = new DynamoDBClient(emulated(environment, 'DYNAMODB'))
  const urlOf = (queue: QueueName) => environment[`${queueVariable(queue)}_QUEUE_URL`] ?? ''

  async function emptied(queues: QueueName[], deadline: number): Promise<string[]> {
    for (const queue of queues) {
      for (;;) {
        const waiting = await depth(sqs, urlOf(queue), NOT_DELAYED)
        if (waiting === 0) break
        if (performance.now() > deadline) return [`${waiting} messages still wait in ${queue}`]
        await sleep(POLL_MS)
      }
    }
    return []
  }

  async function due(): Promise<number> {
    const { Count = 0 } = await table.send(
      new ScanCommand({ TableName: environment.TABLE_NAME, IndexName: DUE_INDEX, Select: 'COUNT' }),
    )
    return Count
  }

  return {
    sqs,
    emptied,
    async settled(queues, deadline) {
      for (;;) {
        const left = await emptied(queues, deadline)
        if (left.length > 0) return left
        const owed = await due()
        if (owed === 0) return []
        if (performance.now() > deadline) return [`${owed} alerts have something due`]
        await sleep(POLL_MS)
      }
    },
    in: (queue) => depth(sqs, urlOf(queue)),
    due,
    async known() {
      const found = new Map<string, boolean>()
      const filter = { FilterExpression: 'sk = :state', ExpressionAttributeValues: { ':state': { S: 'state.2' } } }
      for await (const { Items = [] } of paginateScan(
        { client: table },
        { TableName: environment.TABLE_NAME, ...filter },
      )) {
        for (const { pk, openShard } of Items) found.set(pk?.S ?? '', openShard !== undefined)
      }
      return found
    },
    close() {
      sqs.destroy()
      table.destroy()
    },
  }
}
