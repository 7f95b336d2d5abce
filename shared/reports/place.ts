import { localDay } from '../questions/local-time.ts'
import type { AskedReport } from './report.ts'

/*
 * Where reports are kept in the archive bucket, beside the copies of what was received (deploy/archive.yml).
 */

/** Of an alarm: what was asked while it fired, and its reviews. Its name may hold anything. */
export const folderOfIncident = (alarm: string): string => `incidents/${encodeURIComponent(alarm)}/`

/**
 * `reports/daily/2026-11-27`, by the day where the platform's people are: a later one of the day replaces it. What is
 * about an incident is in its folder, each by its time: `incidents/data-loss/2026-11-27T06:30:00.000Z system-down`.
 */
export function keyOf(report: Pick<AskedReport, 'name' | 'at' | 'timezone' | 'alarm'>): string {
  const { name, at, timezone, alarm } = report
  return alarm === undefined ? `reports/${name}/${localDay(at, timezone)}` : `${folderOfIncident(alarm)}${at} ${name}`
}

/** The name and the time in a key of `keyOf`, of an incident. */
export function placeIn(key: string): { name: string; at: string } | undefined {
  const [, at, name] = /\/([^/ ]+) ([\w-]+)\.json$/.exec(key) ?? []
  return at === undefined || name === undefined ? undefined : { name, at }
}
