import { createHash } from 'node:crypto'
import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { table } from '../aws/table.ts'
import type { Due } from './pass.ts'

/*
 * The table's index of what is due (deploy/table.yml): the keys of each item with `dueShard` and `dueAt`, by the time at
 * which it must be evaluated. An item with nothing due is not in it.
 */

export const DUE_INDEX = 'due'

/** The values of `dueShard`. One shard would be one partition, which takes 1,000 writes a second. */
export const DUE_SHARDS = ['0', '1', '2', '3', '4', '5', '6', '7'] as const
export type DueShard = (typeof DUE_SHARDS)[number]

/** Where a query continues, as DynamoDB returned it. */
export type Position = Record<string, AttributeValue>

/** An alert's shard, by the `pk` of its item: always the same. */
export function shardOf(pk: string): DueShard {
  const byte = createHash('md5').update(pk).digest()[0] ?? 0
  return DUE_SHARDS[byte % DUE_SHARDS.length] ?? '0'
}

/**
 * Some of a shard's entries, the most overdue first, and where the next ones are; no `next`: these were the last.
 * @param upTo those that are due then or before (ISO 8601); without it, all.
 */
export async function dueIn(
  shard: DueShard,
  { upTo, from, most }: { upTo?: string | undefined; from?: Position | undefined; most: number },
): Promise<{ entries: Due[]; next?: Position | undefined }> {
  const { Items = [], LastEvaluatedKey } = await table.send(
    new QueryCommand({
      TableName: environment('TABLE_NAME'),
      IndexName: DUE_INDEX,
      KeyConditionExpression: upTo === undefined ? 'dueShard = :shard' : 'dueShard = :shard AND dueAt <= :upTo',
      ExpressionAttributeValues: { ':shard': { S: shard }, ...(upTo !== undefined && { ':upTo': { S: upTo } }) },
      ExclusiveStartKey: from,
      Limit: most,
    }),
  )
  return { entries: Items.map(({ pk, dueAt }) => ({ pk: pk?.S ?? '', dueAt: dueAt?.S ?? '' })), next: LastEvaluatedKey }
}
