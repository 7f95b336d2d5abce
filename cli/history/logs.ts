import { unpacked } from '../../shared/aws/packed.ts'
import type { AlertState, LogEntry } from '../../shared/decide/alert-state.ts'
import { type Item, skOf, timeIn } from './items.ts'

/** What happened to a recipient, and what it was about. */
export interface Entry extends LogEntry {
  recipient: string
  /** The change that was news when it was written down: of what was overtaken, what it was overtaken by. */
  by?: { at: string; status: string }
}

/**
 * What happened since a change of an alert is kept with the next one that came, whatever that was, and since the last one in
 * its state: here it is found by the change that it is about.
 */
export class Logs {
  readonly #entries = new Map<string, Entry[]>()

  /** What the state tells of. */
  addState({ recipients }: Pick<AlertState, 'recipients'>): void {
    for (const [name, { log }] of Object.entries(recipients)) this.#add(name, log)
  }

  /** What a change's item tells of what was before it. */
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
      // It is ours alone: it was read a moment ago.
      const one = entry as Entry
      one.recipient = entry.of ?? name
      if (by && entry.outcome === 'overtaken') one.by = by
      const about = this.#entries.get(entry.change)
      if (about) about.push(one)
      else this.#entries.set(entry.change, [one])
    }
  }

  /** What happened of a change, in time order. Who has taken it does not find it again. */
  take(change: string): Entry[] {
    const entries = this.#entries.get(change)
    if (!entries) return []
    this.#entries.delete(change)
    return once(entries).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  }

  /** Of how many changes something is known that nobody has taken. */
  get size(): number {
    return this.#entries.size
  }
}

/** The same may be kept twice: by a state that could not be written after its change was. What had happened by the last counts. */
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
