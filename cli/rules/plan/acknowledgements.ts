import type { Config } from '../../../schemas/config.ts'
import { refusedBy } from '../../../shared/asking/refused.ts'
import { clientOptions } from '../../../shared/aws/client.ts'
import type { Acknowledgement } from '../../../shared/plan/side.ts'
import type { RoutedAlert } from '../../../shared/questions/ask.ts'
import { chooseRouter } from '../../which-router.ts'
import type { RecordedAlerts } from './recorded-alerts.ts'

/** Reading a whole table takes a while. */
const TIMEOUT_MS = 60_000

/** Who acknowledged what, as far as that is recorded. */
export interface KnownAcknowledgements {
  acknowledgements: Acknowledgement[]
  /** Why they are not known, for a person; absent if they are, or if nothing depends on them. */
  unknown?: string
}

/**
 * The acknowledgements of recorded alerts, by the table of their stage: the archive has only what was received. It is read only
 * where an acknowledgement changes what follows, as that reads the whole table.
 */
export async function acknowledgementsOf(
  { period }: RecordedAlerts,
  stage: string | undefined,
  configs: Config[],
): Promise<KnownAcknowledgements> {
  if (!period || !configs.some(isFollowedUp)) return { acknowledgements: [] }
  if (stage === undefined) return { acknowledgements: [], unknown: 'events have none' }
  const router = await chooseRouter(stage)
  // Loading these takes longer than a plan.
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb')
  const { askAlerts } = await import('../../../shared/asking/alerts.ts')
  const client = new DynamoDBClient(clientOptions)
  try {
    const table = await router.tableName(client)
    const recorded = await askAlerts(client, table, { since: period.from }, AbortSignal.timeout(TIMEOUT_MS))
    return { acknowledgements: acknowledgementsIn(recorded) }
  } catch (error) {
    const { needs, why } = refusedBy(error, 'dynamodb:ListTables and dynamodb:Scan')
    return { acknowledgements: [], unknown: needs === undefined ? why : `needs ${needs} (${why})` }
  } finally {
    client.destroy()
  }
}

/** As the router sent them. What several channels were sent comes as often: a repetition changes nothing. */
function acknowledgementsIn(alerts: RoutedAlert[]): Acknowledgement[] {
  return alerts.flatMap(({ fingerprint: alert, changes }) =>
    changes.flatMap(({ updates = [] }) =>
      updates.flatMap(({ is, at }) =>
        is === 'acknowledged' || is === 'unacknowledged' ? { alert, at, isOver: is === 'unacknowledged' } : [],
      ),
    ),
  )
}

/** Does anything remind of an alert that nobody has acknowledged, or escalate it? */
function isFollowedUp({ rules, severities, ...file }: Config): boolean {
  return [file, ...Object.values(severities), ...rules].some(({ remind, escalate }) =>
    [remind, escalate].some((one) => one !== undefined && one !== 'none'),
  )
}
