import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { clientOptions } from '../../../shared/aws/client.ts'
import type { Silences } from '../../../shared/decide/in-force.ts'
import { keptSilences } from '../../../shared/store/silences.ts'
import type { Router } from '../../which-router.ts'

/** The silences that a router keeps: also those that have ended, as an event may be of that time. */
export async function silencesOf(router: Router): Promise<Silences> {
  const client = new DynamoDBClient(clientOptions)
  try {
    return await keptSilences(client, await router.tableName(client))
  } finally {
    client.destroy()
  }
}
