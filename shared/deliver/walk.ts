import { DUE_SHARDS, type DueShard, dueIn } from '../store/due-index.ts'
import type { Begun } from '../store/last-run.ts'
import type { Due } from '../store/pass.ts'
import { AHEAD_MS, againMessage, dueMessages, isOfAll } from './due.ts'
import { sendAll } from './send-all.ts'

/** How many entries are read and announced before that is recorded. */
const PAGE = 100

/** A pass that has not read any shard yet. */
export function begin(pass: Omit<Begun, 'left'>): Begun {
  return { ...pass, left: Object.fromEntries(DUE_SHARDS.map((shard) => [shard, null])) }
}

/**
 * Continues a pass over the index while `mayGoOn`, and records in it how far it is: an entry counts as announced once
 * its message is stored. When one shard fails, the others continue.
 * @param due called with the time of each shard's most overdue entry (ISO 8601).
 * @returns is it done?
 * @throws {Error} the first failure, once all shards have ended.
 */
export async function walk(pass: Begun, mayGoOn: () => boolean, due: (at: string) => void): Promise<boolean> {
  let notified = 0
  const messagesOf = (entry: Due) => [
    ...dueMessages(entry, pass, new Date()),
    ...(isOfAll(pass) ? [againMessage(entry, pass, notified++)] : []),
  ]
  const upTo = new Date(Date.parse(pass.at) + AHEAD_MS).toISOString()
  const bound = isOfAll(pass) ? {} : { upTo }

  async function walkShard(shard: DueShard): Promise<void> {
    while (shard in pass.left && mayGoOn()) {
      const { entries, next } = await dueIn(shard, { ...bound, from: pass.left[shard] ?? undefined, most: PAGE })
      if (entries[0]) due(entries[0].dueAt)
      await sendAll(entries.flatMap(messagesOf))
      if (next === undefined) delete pass.left[shard]
      else pass.left[shard] = next
    }
  }

  const outcomes = await Promise.allSettled(DUE_SHARDS.map(walkShard))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
  return Object.keys(pass.left).length === 0
}
