import { setTimeout as sleep } from 'node:timers/promises'
import { type AttributeValue, DynamoDBClient, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb'
import { SQSClient } from '@aws-sdk/client-sqs'
import { unpacked } from '../../shared/aws/packed.ts'
import { queueVariable } from '../../shared/aws/queue-variable.ts'
import type { AlertState } from '../../shared/decide/alert-state.ts'
import type { Silences } from '../../shared/decide/in-force.ts'
import { DUE_INDEX } from '../../shared/store/due-index.ts'
import { presentOf, readSilencesWith } from '../../shared/store/silences.ts'
import { emulated } from '../emulated.ts'
import type { Engine } from '../engine.ts'
import { depth, NOT_DELAYED } from '../router.ts'
import type { QueueName } from '../topology.ts'

/** Waits for a router's remaining work. Each wait returns what is left, as text, if it takes too long. */
export interface Waiting {
  sqs: SQSClient
  /** Until the queues are empty, one after the other. Does not wait for delayed messages. */
  emptied(queues: QueueName[], deadline: number): Promise<string[]>
  /**
   * Also until no recipient is owed anything, whether or not a message about it is queued. `upTo`: what is due later, such as a
   * reminder, is not waited for.
   */
  settled(queues: QueueName[], deadline: number, upTo?: () => Date): Promise<string[]>
  /** How many messages are in a queue. */
  in(queue: QueueName): Promise<number>
  /** How many alerts have something due, now or later. */
  due(): Promise<number>
  /** The alarms that are known, and whether each fires. */
  known(): Promise<Map<string, boolean>>
  /** The keys of the alerts that somebody has acknowledged. */
  acknowledged(): Promise<Set<string>>
  /** Makes or ends silences in one write, as the router writes them. */
  changeSilences(change: (silences: Silences) => Silences): Promise<void>
  close(): void
}

type Item = Record<string, AttributeValue>

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

  async function due(upTo?: Date): Promise<number> {
    const only = upTo && {
      FilterExpression: 'dueAt <= :upTo',
      ExpressionAttributeValues: { ':upTo': { S: upTo.toISOString() } },
    }
    const all = { TableName: environment.TABLE_NAME, IndexName: DUE_INDEX, Select: 'COUNT', ...only } as const
    let found = 0
    for await (const { Count = 0 } of paginateScan({ client: table }, all)) found += Count
    return found
  }

  return {
    sqs,
    emptied,
    async settled(queues, deadline, upTo) {
      for (;;) {
        const left = await emptied(queues, deadline)
        if (left.length > 0) return left
        const owed = await due(upTo?.())
        if (owed === 0) return []
        if (performance.now() > deadline) return [`${owed} alerts have something due`]
        await sleep(POLL_MS)
      }
    },
    in: (queue) => depth(sqs, urlOf(queue)),
    due: () => due(),
    async known() {
      const all = await statesIn(table, environment.TABLE_NAME)
      return new Map(all.map(({ pk, openShard }) => [pk?.S ?? '', openShard !== undefined]))
    },
    async acknowledged() {
      const isSo = ({ doc }: Item) =>
        (JSON.parse(unpacked(doc) ?? '{}') as Partial<AlertState>).firing?.acknowledged !== undefined
      return new Set((await statesIn(table, environment.TABLE_NAME)).filter(isSo).map(({ pk }) => pk?.S ?? ''))
    },
    async changeSilences(change) {
      const TableName = environment.TABLE_NAME ?? ''
      const { silences, version, moved } = await readSilencesWith(table, TableName)
      const Item = presentOf({ silences: change(silences), version: version + 1, moved: moved + 1 })
      await table.send(new PutItemCommand({ TableName, Item }))
    },
    close() {
      sqs.destroy()
      table.destroy()
    },
  }
}

/** The states of all alerts. */
async function statesIn(client: DynamoDBClient, TableName: string | undefined): Promise<Item[]> {
  const found: Item[] = []
  const filter = { FilterExpression: 'sk = :state', ExpressionAttributeValues: { ':state': { S: 'state.2' } } }
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ...filter })) found.push(...Items)
  return found
}
