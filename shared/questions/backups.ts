import type { Platform } from '../../schemas/platform.ts'
import { durationMs } from '../decide/duration.ts'
import type { Backups } from './ask.ts'
import { duration } from './figure.ts'
import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { ageS } from './spans.ts'

const DAY_MS = 86_400_000
/** AWS Backup lists jobs of 30 days (AWS Backup API Reference, ListBackupJobs). */
const LISTED_DAYS = 30

/** How old each backup is, which failed, and whether a restore has proved it. */
export function backups({ platform, now }: Context): Question[] {
  const since = new Date(now.getTime() - LISTED_DAYS * DAY_MS).toISOString()
  return Object.entries(platform.backups).map(([name, wanted]) =>
    question({
      id: `backup ${name}`,
      title: `Backup of ${name}`,
      asks: { backups: { kind: 'backups', since } },
      answer: ({ backups: found }) => judged(found, wanted, now, platform.timezone),
    }),
  )
}

function judged(
  { resources, failed, restored }: Backups,
  wanted: Platform['backups'][string],
  now: Date,
  timezone: string,
) {
  const { resource, maxAge, restoredWithin } = wanted
  const bound = `at most ${duration(durationMs(maxAge) / 1_000)} old, restored within ${duration(durationMs(restoredWithin) / 1_000)}`
  const isIt = ({ arn }: { arn: string }) => arn.includes(resource)
  const last = resources.find(isIt)?.lastAt
  if (last === undefined) {
    return {
      verdict: 'bad' as const,
      says: 'AWS Backup has none',
      bound,
      todo: `Back up ${resource}: AWS Backup knows no backup of it`,
    }
  }
  const age = ageS(now, last)
  const failures = failed.filter(isIt)
  const proof = restored
    .filter(isIt)
    .map(({ at }) => at)
    .sort()
    .at(-1)
  const isOld = age * 1_000 > durationMs(maxAge)
  const isUnproved = proof === undefined || ageS(now, proof) * 1_000 > durationMs(restoredWithin)
  const todos = [
    ...(isOld ? [`back it up: the last one is ${duration(age)} old`] : []),
    ...(failures.length > 0
      ? [`find out why ${failures.length === 1 ? 'a backup' : `${failures.length} backups`} failed`]
      : []),
    ...(isUnproved ? ['restore it once, to a copy: nobody knows whether it works'] : []),
  ]
  const todo = todos.join('; ')
  return {
    verdict: todos.length > 0 ? ('bad' as const) : ('good' as const),
    says: `${duration(age)} old; ${proof === undefined ? 'no restore on record' : `restored ${duration(ageS(now, proof))} ago`}`,
    bound,
    ...(todos.length > 0 && { todo: `${todo.charAt(0).toUpperCase()}${todo.slice(1)}` }),
    ...(failures.length > 0 && {
      table: {
        head: ['failed', 'state', 'why'],
        rows: failures.map(({ at, state, why = '' }) => [localTime(at, timezone), state, why]),
      },
    }),
  }
}
