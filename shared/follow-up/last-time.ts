import type { Alert } from '../../schemas/alert.ts'
import { refusedBy } from '../asking/refused.ts'
import { environment } from '../aws/client.ts'
import { table } from '../aws/table.ts'
import type { LastTime } from '../evidence/ask-first.ts'
import { episodesIn, LAST_DAYS } from '../evidence/last-time.ts'
import type { Change } from '../history/alert-history.ts'
import { readAlertHistory } from '../history/find.ts'
import { DAY_MS } from '../questions/spans.ts'

/** Of an alarm that flaps, the last ones. */
const MOST_CHANGES = 60
/** It is read before anything is asked: what was done then is asked of CloudTrail. */
const WAIT_MS = 3_000

/** The earlier firings of an alert, from the router's own table. Never throws. */
export async function readLastTime(fingerprint: string, alert: Alert, now: Date): Promise<LastTime> {
  const late = new Promise<LastTime>((resolve) => {
    setTimeout(() => resolve({ refused: { why: 'no answer in time to dynamodb:Query' } }), WAIT_MS).unref()
  })
  return Promise.race([read(fingerprint, alert, now), late])
}

async function read(fingerprint: string, alert: Alert, now: Date): Promise<LastTime> {
  try {
    const since = new Date(now.getTime() - LAST_DAYS * DAY_MS).toISOString()
    const history = await readAlertHistory(table, environment('TABLE_NAME'), fingerprint, { since, last: MOST_CHANGES })
    const changes: Change[] = []
    if (history) for await (const change of history.changes) changes.push(change)
    return { days: LAST_DAYS, episodes: episodesIn(changes, alert), hasEarlier: history?.hasEarlier ?? false }
  } catch (error) {
    return { refused: refusedBy(error, 'dynamodb:Query') }
  }
}
