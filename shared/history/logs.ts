import { unpacked } from '../aws/packed.ts'
import type { AlertState, LogEntry } from '../decide/alert-state.ts'
import { type Item, skOf, timeIn } from './items.ts'

/** What happened to a recipient, and for which change. */
export interface Entry extends LogEntry {
  recipient: string
  /** The newest change when it was recorded: for a superseded one, the change that superseded it. */
  by?: { at: string; status: string }
}

/**
 * What happened after a change of an alert is recorded with the next change that arrived, whichever that was, and
 * after the last change in the alert's state. Here it is looked up by the change that it is about.
 */
export class Logs {
  readonly #entries = new Map<string, Entry[]>()

  /** Adds the entries of the state. */
  addState({ recipients }: Pick<AlertState, 'recipients'>): void {
    for (const [name, { log }] of Object.entries(recipients)) this.#add(name, log)
  }

  /** Adds what a change's item recorded about earlier changes. */
  addEarlier(item: Item): void {
    const text = unpacked(item.earlier)
    if (text === undefined) return
    const isOvertaker = text.includes('"overtaken"')
    const by = isOvertaker
      ? { at: timeIn(skOf(item)), status: JSON.parse(unpacked(item.alert) ?? '{}').status }
      : undefined
    const earlier = JSON.parse(text) as Record<string, LogEntry[]>
    for (const [name, log] of Object.entries(earlier)) this.#add(name, log, by)
  }

  #add(name: string, log: LogEntry[], by?: Entry['by']): void {
    for (const entry of log) {
      // Nobody else holds this object: it was just read.
      const one = entry as Entry
      one.recipient = entry.of ?? name
      if (by && entry.outcome === 'overtaken') one.by = by
      const about = this.#entries.get(entry.change)
      if (about) about.push(one)
      else this.#entries.set(entry.change, [one])
    }
  }

  /** Removes and returns the entries of a change, in order of time. */
  take(change: string): Entry[] {
    const entries = this.#entries.get(change)
    if (!entries) return []
    this.#entries.delete(change)
    return once(entries).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  }

  /** The number of changes with entries that were not taken. */
  get size(): number {
    return this.#entries.size
  }
}

/** An entry may be recorded twice, if the state could not be written after its change. The last record counts. */
function once(entries: Entry[]): Entry[] {
  if (entries.length === 1) return entries
  const byWhat = new Map<string, Entry>()
  for (const entry of entries) {
    const { recipient, at, outcome, status, reason } = entry
    const what = `${recipient}\n${at}\n${outcome}\n${status}\n${reason}`
    const known = byWhat.get(what)
    if (!known || (known.times ?? 1) < (entry.times ?? 1)) byWhat.set(what, entry)
  }
  return [...byWhat.values()]
}
