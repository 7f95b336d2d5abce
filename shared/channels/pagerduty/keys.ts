import { createHash } from 'node:crypto'
import type { Destination } from '../channel.ts'

/*
 * The integration keys of a channel: its secret has one, or several, one a line. An incident goes by one of them, always the
 * same: PagerDuty drops a resolve that comes by another key than its trigger (Events API v2, Send an Alert Event). Pure.
 */

const MAX_KEYS = 10
/** As PagerDuty gives them. */
const KEY = /^[A-Za-z0-9]{32}$/

/**
 * The key for what is `about` an incident, by its dedup key, and which lane it is. One key is as it was stored, and no lane.
 * Of several, each incident has the one that a hash of both prefers (rendezvous hashing): one more key takes its part of them,
 * and the others keep theirs.
 * @throws {Error} naming the secret and the line that is no key, never what is in it.
 */
export function keyFor(text: string, about: string, secretName: string): Pick<Destination, 'target' | 'lane'> {
  const keys = keysIn(text, secretName)
  if (keys.length <= 1) return { target: keys[0] ?? text }
  const preferred = keys
    .map((target) => ({ target, lane: laneOf(target) }))
    .map((one) => ({ ...one, weight: hash(`${one.lane} ${about}`) }))
    .reduce((a, b) => (a.weight >= b.weight ? a : b))
  return { target: preferred.target, lane: preferred.lane }
}

/** Each once. A text of one line is not judged here: PagerDuty is. */
function keysIn(text: string, secretName: string): string[] {
  const lines = text.split('\n').map((line, n) => ({ key: line.trim(), at: n + 1 }))
  const written = lines.filter(({ key }) => key !== '')
  if (written.length <= 1) return written.map(({ key }) => key)
  const wrong = written.find(({ key }) => !KEY.test(key))
  const how = `Put one integration key on a line, at most ${MAX_KEYS}, and nothing else`
  if (wrong) {
    throw new Error(
      `the secret "${secretName}" of several keys: line ${wrong.at} is not an integration key, which has 32 letters and digits. ${how}`,
    )
  }
  const keys = [...new Set(written.map(({ key }) => key))]
  if (keys.length > MAX_KEYS) throw new Error(`the secret "${secretName}" has ${keys.length} keys. ${how}`)
  return keys
}

/** Names a key where it must not be read: in the table. */
const laneOf = (key: string) => hash(key).slice(0, 8)

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
