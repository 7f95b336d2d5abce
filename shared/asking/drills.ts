import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { readDrills } from '../drill/records.ts'
import type { ProvenDrill } from '../questions/ask.ts'

/** When each channel last accepted a drill of each class. */
export async function askDrills(
  client: DynamoDBClient,
  table: string,
  abortSignal: AbortSignal,
): Promise<ProvenDrill[]> {
  return (await readDrills(client, table, abortSignal)).proofs
}
