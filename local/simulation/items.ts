import { createHash } from 'node:crypto'
import { unpacked } from '../../shared/aws/packed.ts'
import type { AlertState } from '../../shared/decide/alert-state.ts'
import { leftOpen } from '../../shared/decide/left-open.ts'
import type { Item } from './aws/expressions.ts'

/*
 * What must hold of an alert's item whenever it is written, and once nothing is left to do.
 */

/** After so many tries it is a dead letter. */
const MAX_TRIES = 30

/** The state of an alert, where an item is one. */
export function stateIn({ pk, sk, doc }: Item): AlertState | undefined {
  if (sk?.S !== 'state.2') return undefined
  return { ...(JSON.parse(packedIn(doc) ?? '{}') as AlertState), fingerprint: String(pk?.S) }
}

/** A text that is packed where it is long, as it stands on the wire. */
export function packedIn(doc: Item[string] | undefined): string | undefined {
  return unpacked(doc?.B === undefined ? (doc as { S: string }) : { B: Buffer.from(String(doc.B), 'base64') })
}

/** Whoever is owed something is found by the index, and what owes nothing is not in it. */
export function wrongIn(item: Item): string[] {
  const state = stateIn(item)
  if (!state) return []
  const recipients = Object.entries(state.recipients)
  const isLeftOpen = leftOpen(state).length > 0
  const isOwing = isLeftOpen || recipients.some(([, { owed, dead, goneSince }]) => owed && (!dead || goneSince))
  const about = state.fingerprint.split(':').at(-1)
  return [
    ...(isOwing && !item.dueAt ? [`the item of ${about} owes something, and is not in the index`] : []),
    ...(!isOwing && item.dueAt ? [`the item of ${about} owes nothing, and is in the index`] : []),
    ...recipients.flatMap(([name, { tries, log }]) => [
      ...(tries > MAX_TRIES ? [`${name} was tried ${tries} times`] : []),
      ...(log.length > 40 ? [`the log of ${name} has ${log.length} entries`] : []),
    ]),
  ]
}

/** At rest: nothing is owed but by dead letters, nobody has a lease, and only what fires is in an incident. */
export function leftIn(items: Item[], now: number): string[] {
  const states = items.flatMap((item) => stateIn(item) ?? [])
  const owing = states.flatMap(({ fingerprint, recipients }) =>
    Object.entries(recipients).flatMap(([name, { owed, dead, lease, maybe }]) => [
      ...(owed && !dead ? [`${name} is still owed something of ${fingerprint.split(':').at(-1)}`] : []),
      // Late word may still come of two names that became one, and of whoever died as they told it.
      ...(lease && (lease.until > now || !(lease.isOfOne || maybe))
        ? [
            `${name} of ${fingerprint.split(':').at(-1)} has a lease ${lease.until > now ? '' : 'that has lapsed '}at rest`,
          ]
        : []),
    ]),
  )
  const open = states
    .filter((state) => leftOpen(state).length > 0)
    .map(({ fingerprint }) => `an incident of ${fingerprint.split(':').at(-1)} stays open, and no dead letter says so`)
  return [...owing, ...open, ...ghostsIn(items, states)]
}

/** Only what fires keeps a shared incident open; or what its channel could not be told of. */
function ghostsIn(items: Item[], states: AlertState[]): string[] {
  const members = items.flatMap(({ pk, sk }) =>
    String(sk?.S).startsWith('member#') ? { incident: String(pk?.S), member: String(sk?.S) } : [],
  )
  return members.flatMap(({ incident, member }) => {
    const state = states.find(({ fingerprint }) => member === `member#${hash(fingerprint)}`)
    const isOpen =
      state?.once ||
      state?.firing ||
      state?.noData ||
      Object.values(state?.recipients ?? {}).some(({ dead, goneSince }) => dead || goneSince)
    return isOpen ? [] : [`${state?.fingerprint.split(':').at(-1)} is over, and in the incident ${incident}`]
  })
}

function hash(fingerprint: string): string {
  return createHash('sha256').update(fingerprint).digest('base64url').slice(0, 22)
}
