import type { Platform } from '../../schemas/platform.ts'
import { durationMs } from '../decide/duration.ts'
import type { Backups } from './ask.ts'
import { duration } from './figure.ts'
import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { ageS, DAY_MS } from './spans.ts'

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

function judged(found: Backups, wanted: Platform['backups'][string], now: Date, timezone: string) {
  const { resource, maxAge, restoredWithin } = wanted
  const bound = `at most ${duration(durationMs(maxAge) / 1_000)} old, restored within ${duration(durationMs(restoredWithin) / 1_000)}`
  const isIt = ({ arn }: { arn: string }) => names(arn, resource)
  const [it, ...others] = found.resources.filter(isIt)
  if (others.length > 0) return several(resource, found.resources.filter(isIt), bound)
  if (it?.lastAt === undefined) {
    return {
      verdict: 'bad' as const,
      says: 'AWS Backup has none',
      bound,
      todo: `Back up ${resource}: AWS Backup knows no backup of it`,
    }
  }
  const { lastAt } = it
  const failures = found.failed.filter(isIt)
  const proof = found.restored
    .filter(isIt)
    .map(({ at }) => at)
    .sort()
    .at(-1)
  const todos = todosOf({ age: ageS(now, lastAt), lastAt, failures, proof }, wanted, now)
  const todo = todos.join('; ')
  return {
    verdict: todos.length > 0 ? ('bad' as const) : ('good' as const),
    says: `${duration(ageS(now, lastAt))} old; ${proof === undefined ? 'no restore on record' : `restored ${duration(ageS(now, proof))} ago`}`,
    bound,
    ...(todos.length > 0 && { todo: `${todo.charAt(0).toUpperCase()}${todo.slice(1)}` }),
    ...(failures.length > 0 && {
      table: {
        head: ['failed', 'state', 'why', 'since then'],
        rows: failures.map(({ at, state, why = '' }) => [
          Number.isNaN(Date.parse(at)) ? at : localTime(at, timezone),
          state,
          why,
          isSince(at, lastAt) ? '' : 'backed up',
        ]),
      },
    }),
  }
}

interface Known {
  /** Seconds. */
  age: number
  lastAt: string
  failures: Backups['failed']
  proof: string | undefined
}

function todosOf(known: Known, { maxAge, restoredWithin }: Platform['backups'][string], now: Date): string[] {
  const { age, lastAt, failures, proof } = known
  // What failed before the last good backup is history.
  const count = failures.filter(({ at }) => isSince(at, lastAt)).length
  const isOld = age * 1_000 > durationMs(maxAge)
  const isUnproved = proof === undefined || ageS(now, proof) * 1_000 > durationMs(restoredWithin)
  return [
    ...(isOld ? [`back it up: the last one is ${duration(age)} old`] : []),
    ...(count > 0 ? [`find out why ${count === 1 ? 'a backup' : `${count} backups`} failed`] : []),
    ...(isUnproved ? ['restore it once, to a copy: nobody knows whether it works'] : []),
  ]
}

/** A time that AWS does not give counts. */
const isSince = (at: string, lastAt: string) => !(Date.parse(at) <= Date.parse(lastAt))

function several(resource: string, all: Backups['resources'], bound: string) {
  return {
    verdict: 'bad' as const,
    says: `${resource} stands for ${all.length} resources`,
    bound,
    todo: `Write more of the ARN, under backups: ${resource} stands for ${all.length} resources`,
    table: { head: ['resource'], rows: all.map(({ arn }) => [arn]) },
  }
}

const SEPARATOR = /^[:/]?$/

/** Whether a text is an ARN, or a part of it that begins and ends where a part of the ARN does. */
function names(arn: string, part: string): boolean {
  const isEdge = (at: number) => SEPARATOR.test(arn.charAt(at))
  for (let at = arn.indexOf(part); at >= 0; at = arn.indexOf(part, at + 1)) {
    const end = at + part.length
    if ((isEdge(at - 1) || isEdge(at)) && (isEdge(end) || isEdge(end - 1))) return true
  }
  return false
}
