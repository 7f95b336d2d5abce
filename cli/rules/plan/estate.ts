import { alertsToCome } from '../../../shared/estate/judge.ts'
import { openEstate } from '../../alarms/open.ts'
import { count } from '../../count.ts'
import type { RecordedAlerts } from './recorded-alerts.ts'

/** Whose alarms they are, where it is no file. */
interface Options {
  stage?: string | undefined
  region?: string | undefined
  profile?: string | undefined
}

/**
 * Alarms that have not fired, as if each fired now.
 * @throws {UsageError | FileError} when there is no such account or file.
 */
export async function alertsOfEstate(what: string, options: Options, now = new Date()): Promise<RecordedAlerts> {
  const estate = await openEstate({ ...options, ...(what !== 'account' && { from: what }) }, now)
  const alerts = alertsToCome({ ...estate, at: now.toISOString() })
  const where = estate.from.kind === 'file' ? estate.from.name : 'the account'
  return {
    alerts,
    from: `${count(alerts.length, 'alarm')} of ${where}, as if each fired now`,
    period: undefined,
    refused: [],
  }
}
