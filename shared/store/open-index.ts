import { QueryCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { table } from '../aws/table.ts'
import type { AlertState } from '../decide/alert-state.ts'
import { parseArn } from '../parse/arn.ts'
import { DUE_SHARDS, type DueShard, type Position } from './due-index.ts'

/*
 * The table's index of CloudWatch alarms that have not ended (deploy/table.yml): the keys of each item with `openShard`, in
 * as many shards as the index of what is due, for the same reason.
 */

export const OPEN_INDEX = 'open'

/** Does CloudWatch know whether it still fires, or still has no data? Nothing of a drill, which ends what it has fired. */
export function isOpenAlarm({ fingerprint, firing, noData, once, drill }: AlertState): boolean {
  if (drill !== undefined) return false
  return !once && (firing !== undefined || noData !== undefined) && isOfAlarm(fingerprint)
}

const isOfAlarm = (fingerprint: string): boolean => {
  const arn = parseArn(fingerprint)
  return arn?.service === 'cloudwatch' && arn.resource.startsWith('alarm:')
}

/** The fingerprints of all of them. The index may be some seconds behind the table. */
export async function openAlarms(): Promise<string[]> {
  return (await Promise.all(DUE_SHARDS.map(openIn))).flat()
}

async function openIn(shard: DueShard): Promise<string[]> {
  const found: string[] = []
  let from: Position | undefined
  do {
    const { Items = [], LastEvaluatedKey } = await table.send(
      new QueryCommand({
        TableName: environment('TABLE_NAME'),
        IndexName: OPEN_INDEX,
        KeyConditionExpression: 'openShard = :shard',
        ExpressionAttributeValues: { ':shard': { S: shard } },
        ExclusiveStartKey: from,
      }),
    )
    found.push(...Items.flatMap(({ pk }) => pk?.S ?? []))
    from = LastEvaluatedKey
  } while (from !== undefined)
  return found
}
