import type { Config } from '../../schemas/config.ts'
import {
  type AlertState,
  type LogEntry,
  nameOfFallback,
  partsOf,
  type Recipient,
} from '../../shared/decide/alert-state.ts'
import type { Item } from './aws/expressions.ts'
import { packedIn, stateIn } from './items.ts'

/*
 * History must have the outcome of every change that a channel was owed: it was sent, it was superseded, or the
 * channel was removed.
 */

/** A change that a recipient was owed at some time. */
export interface Debt {
  fingerprint: string
  recipient: string
  change: string
}

/** The outcomes that settle a debt. */
const ENDS: LogEntry['outcome'][] = ['delivered', 'overtaken', 'gone']
/** Longer logs are truncated in the middle. */
const WHOLE_LOG = 15

/** The debts in a written item. */
export function debtsIn(item: Item): Debt[] {
  const state = stateIn(item)
  return Object.entries(state?.recipients ?? {}).flatMap(([recipient, one]) =>
    marksOf(one).map((change) => ({ fingerprint: state?.fingerprint ?? '', recipient, change })),
  )
}

function marksOf({ owed, more = [] }: Recipient): string[] {
  return owed ? [owed, ...more].map(({ change }) => change) : []
}

/** Debts that disappeared without an outcome in the history. */
export function unsaidIn(items: Item[], debts: Debt[], configs: Config[]): string[] {
  const present = presentNames(configs)
  const said = new Set<string>()
  const isCut = new Set<string>()
  const keyOf = (fingerprint: string, name: string, change: string) => `${fingerprint}\n${present(name)}\n${change}`
  for (const { fingerprint, name, log } of items.flatMap(logsIn)) {
    if (log.length > WHOLE_LOG) isCut.add(fingerprint)
    for (const { of, change, outcome } of log)
      if (ENDS.includes(outcome)) said.add(keyOf(fingerprint, of ?? name, change))
  }
  for (const { fingerprint, recipient, change } of items.flatMap(debtsIn))
    said.add(keyOf(fingerprint, recipient, change))
  const unsaid = debts.filter((one) => !said.has(keyOf(one.fingerprint, one.recipient, one.change)))
  return [
    ...new Set(
      unsaid
        .filter(({ fingerprint }) => !isCut.has(fingerprint))
        .map(
          ({ fingerprint, recipient, change }) =>
            `history has no outcome for ${change} of ${fingerprint.split(':').at(-1)}, which ${recipient} was owed`,
        ),
    ),
  ]
}

/** The recorded outcomes of recipients: in the alert's state, and in later changes. */
function logsIn(item: Item): { fingerprint: string; name: string; log: LogEntry[] }[] {
  const state: Pick<AlertState, 'recipients'> | undefined = stateIn(item)
  const earlier = JSON.parse(packedIn(item.earlier) ?? '{}') as Record<string, LogEntry[]>
  const logs = [
    ...Object.entries(state?.recipients ?? {}).map(([name, { log }]) => [name, log] as const),
    ...Object.entries(earlier),
  ]
  return logs.map(([name, log]) => ({ fingerprint: String(item.pk?.S), name, log }))
}

/** One name for all names that a channel ever had, and its fallbacks'. */
function presentNames(configs: Config[]): (recipient: string) => string {
  const latest = new Map<string, string>()
  const find = (name: string): string => {
    const now = latest.get(name)
    return now === undefined ? name : find(now)
  }
  for (const { channels } of configs)
    for (const [name, { formerly = [] }] of Object.entries(channels))
      for (const old of formerly) if (find(old) !== find(name)) latest.set(find(old), find(name))
  return (recipient) => {
    const { channel, main = channel } = partsOf(recipient)
    const [name, instead] = [find(channel), find(main)]
    // A channel that became its own fallback has one name.
    return name === instead ? name : nameOfFallback(instead, name)
  }
}
