import type { AlertState } from '../../shared/decide/alert-state.ts'
import type { Item } from './aws/expressions.ts'

/*
 * What must hold of an alert's item whenever it is written, and once nothing is left to do.
 */

/** After so many tries it is a dead letter. */
const MOST_TRIES = 30

function stateIn({ sk, doc }: Item): AlertState | undefined {
  return sk?.S === 'state.2' ? (JSON.parse(String(doc?.S ?? '{}')) as AlertState) : undefined
}

/** Whoever is owed something is found by the index, and what owes nothing is not in it. */
export function wrongIn(item: Item): string[] {
  const state = stateIn(item)
  if (!state) return []
  const recipients = Object.entries(state.recipients)
  const isOwing = recipients.some(([, { owed, dead, goneSince }]) => owed && (!dead || goneSince))
  const about = state.fingerprint.split(':').at(-1)
  return [
    ...(isOwing && !item.dueAt ? [`the item of ${about} owes something, and is not in the index`] : []),
    ...(!isOwing && item.dueAt ? [`the item of ${about} owes nothing, and is in the index`] : []),
    ...recipients.flatMap(([name, { tries, log }]) => [
      ...(tries > MOST_TRIES ? [`${name} was tried ${tries} times`] : []),
      ...(log.length > 40 ? [`the log of ${name} has ${log.length} entries`] : []),
    ]),
  ]
}

/** At rest: nothing is owed but by dead letters, nobody has a lease, and only what fires is in an incident. */
export function leftIn(items: Item[], now: number): string[] {
  const states = items.flatMap((item) => stateIn(item) ?? [])
  const owing = states.flatMap(({ fingerprint, recipients }) =>
    Object.entries(recipients).flatMap(([name, { owed, dead, lease }]) => [
      ...(owed && !dead ? [`${name} is still owed something of ${fingerprint.split(':').at(-1)}`] : []),
      ...(lease
        ? [
            `${name} of ${fingerprint.split(':').at(-1)} has a lease ${lease.until > now ? '' : 'that has lapsed '}at rest`,
          ]
        : []),
    ]),
  )
  return owing
}
