import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import type { Severity } from '../../schemas/config.ts'
import type { Acknowledged } from '../../schemas/update.ts'
import { firingOf } from '../decide/next.ts'
import { type Ahead, aheadOf } from '../decide/while-firing.ts'
import { stateIn } from '../store/alerts.ts'

/** An alert that fires now. */
export interface FiringAlert {
  fingerprint: string
  title: string
  severity: Severity
  rule: string
  /** ISO 8601 */
  since: string
  acknowledged?: Acknowledged
  /** Those that were sent it, or will be. */
  channels: string[]
  /** What happens next if nobody reacts. */
  next: Ahead[]
}

/** Those that fire now, without drills. Reads the whole table. */
export async function firingAlerts(client: DynamoDBClient, table: string): Promise<FiringAlert[]> {
  const found: FiringAlert[] = []
  const pages = paginateScan(
    { client },
    { TableName: table, FilterExpression: 'attribute_exists(firingSince) AND attribute_not_exists(drill)' },
  )
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      if (item.sk?.S !== 'state.2') continue
      const state = stateIn(item)
      const { fingerprint, title, firing, once } = state
      if (!firing || once) continue
      const { severity, rule, since, acknowledged } = firing
      const channels = firingOf(state)?.channels ?? []
      const next = aheadOf(state)
      found.push({ fingerprint, title, severity, rule, since, ...(acknowledged && { acknowledged }), channels, next })
    }
  }
  return found
}
