import { createHash } from 'node:crypto'
import { unpacked } from '../../shared/aws/packed.ts'
import type { AlertState } from '../../shared/decide/alert-state.ts'
import { leftOpen } from '../../shared/decide/left-open.ts'
import type { Item } from './aws/expressions.ts'

/*
 * Invariants of an alert's item, at every write, and at rest.
 */

/** After this many attempts it is a dead letter. */
const MAX_TRIES = 30

/** The state of an alert, if the item has one. */
export function stateIn({ pk, sk, doc }: Item): AlertState | undefined {
  if (sk?.S !== 'state.2') return undefined
  return { ...(JSON.parse(packedIn(doc) ?? '{}') as AlertState), fingerprint: String(pk?.S) }
}

/** A text that is compressed if it is long, in wire format. */
export function packedIn(doc: Item[string] | undefined): string | undefined {
  return unpacked(doc?.B === undefined ? (doc as { S: string }) : { B: Buffer.from(String(doc.B), 'base64') })
}

/** The index contains exactly the items that owe something. */
export function wrongIn(item: Item): string[] {
  const state = stateIn(item)
  if (!state) return []
  const recipients = Object.entries(state.recipients)
  const isLeftOpen = leftOpen(state).length > 0
  const isOwing = isLeftOpen || recipients.some(([, { owed, dead, goneSince }]) => owed && (!dead || goneSince))
  const about = state.fingerprint.split(':').at(-1)
  return [
    ...(isOwing && !item.dueAt ? [`the item of ${about} owes something, but is not in the index`] : []),
    ...(!isOwing && !isPlanned(state) && item.dueAt ? [`the item of ${about} owes nothing, but is in the index`] : []),
    ...recipients.flatMap(([name, { tries, log }]) => [
      ...(tries > MAX_TRIES ? [`${name} had ${tries} attempts`] : []),
      ...(log.length > 40 ? [`the log of ${name} has ${log.length} entries`] : []),
    ]),
  ]
}

/** Time alone changes it while it fires. */
function isPlanned({ firing, flapping }: AlertState): boolean {
  if (flapping) return true
  const { remind, escalate, response, acknowledged } = firing ?? {}
  return [remind, escalate, response, acknowledged?.until].some((one) => one !== undefined)
}

/** Does it wait for nothing but the next reminder? */
export function onlyReminds(item: Item): boolean {
  const { firing, flapping, recipients = {} } = stateIn(item) ?? {}
  const { remind, escalate = [], escalated = 0, response, acknowledged } = firing ?? {}
  const isQuiet = Object.values(recipients).every(({ owed, dead, lease }) => (!owed || dead) && !lease)
  return remind !== undefined && !flapping && !response && !acknowledged && escalated >= escalate.length && isQuiet
}

/** At rest: only dead letters owe something, nobody has a lease, and only firing alerts are in an incident. */
export function leftIn(items: Item[], now: number): string[] {
  const states = items.flatMap((item) => stateIn(item) ?? [])
  const owing = states.flatMap(({ fingerprint, recipients }) =>
    Object.entries(recipients).flatMap(([name, { owed, dead, lease, maybe }]) => [
      ...(owed && !dead ? [`${name} is still owed something about ${fingerprint.split(':').at(-1)}`] : []),
      // Two names that became one, or a function that died during a delivery, may still report late.
      ...(lease && (lease.until > now || !(lease.isOfOne || maybe))
        ? [
            `${name} of ${fingerprint.split(':').at(-1)} has a lease ${lease.until > now ? '' : 'that has lapsed '}at rest`,
          ]
        : []),
    ]),
  )
  const open = states
    .filter((state) => leftOpen(state).length > 0)
    .map(({ fingerprint }) => `an incident of ${fingerprint.split(':').at(-1)} stays open without a dead letter`)
  return [...owing, ...open, ...ghostsIn(items, states)]
}

/** Only a firing alert keeps a shared incident open, or one whose resolve could not be delivered. */
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
    return isOpen ? [] : [`${state?.fingerprint.split(':').at(-1)} is resolved, but in the incident ${incident}`]
  })
}

function hash(fingerprint: string): string {
  return createHash('sha256').update(fingerprint).digest('base64url').slice(0, 22)
}
