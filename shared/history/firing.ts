import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { SEVERITIES } from '../../schemas/config.ts'
import { isInForce, type Silences } from '../decide/in-force.ts'
import { firingOf } from '../decide/next.ts'
import { silencesOn } from '../decide/silence.ts'
import { aheadOf } from '../decide/while-firing.ts'
import { stateIn } from '../store/alerts.ts'
import { readSilencesWith } from '../store/silences.ts'
import { readNewest } from './find.ts'
import type { FiringAlert, OpenAlerts } from './open-alerts.ts'

/** What fires now, and what is silenced. Reads the whole table. */
export async function openAlerts(
  client: DynamoDBClient,
  table: string,
  now: Date,
  abortSignal?: AbortSignal,
): Promise<OpenAlerts> {
  const { silences } = await readSilencesWith(client, table, abortSignal)
  const present = silences.filter((one) => isInForce(one, now))
  const found: FiringAlert[] = []
  const pages = paginateScan(
    { client },
    { TableName: table, FilterExpression: 'attribute_exists(firingSince) AND attribute_not_exists(drill)' },
    abortSignal && { abortSignal },
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
      const silenced = present.length === 0 ? [] : await silencesOf(fingerprint, present, { client, table, now })
      found.push({
        ...{ fingerprint, title, severity, rule, since, ...(acknowledged && { acknowledged }), channels, next },
        ...(silenced.length > 0 && { silenced }),
      })
    }
  }
  return { firing: found.sort(inOrder), silences: present.toSorted((a, b) => a.until.localeCompare(b.until)) }
}

function inOrder(one: FiringAlert, other: FiringAlert): number {
  const rank = ({ severity }: FiringAlert) => SEVERITIES.indexOf(severity)
  return rank(one) - rank(other) || other.since.localeCompare(one.since)
}

/** By its newest change: the state alone does not say what a condition asks for. */
async function silencesOf(
  key: string,
  silences: Silences,
  { client, table, now }: { client: DynamoDBClient; table: string; now: Date },
): Promise<NonNullable<FiringAlert['silenced']>> {
  const newest = await readNewest(client, table, key)
  const covering = newest ? silencesOn({ ...newest, status: 'firing' }, { silences }, now) : []
  return covering.map(({ id, by, until, why }) => ({ id, by, until, why }))
}
