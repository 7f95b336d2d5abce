import type { Alert } from '../../schemas/alert.ts'
import type { AlertState, Counted, MutedBy, Others } from '../decide/alert-state.ts'
import { asksOthers, countedIn, countsAnything, type Fired, mostWith } from '../decide/count.ts'
import { decide } from '../decide/decide.ts'
import { mutedIn } from '../decide/inhibit.ts'
import { firingOf } from '../decide/next.ts'
import { beganAt, doesMute, freedBetween, isFree, isSource, MOST_IN_A_ROW } from '../decide/others.ts'
import type { Silenced } from '../decide/silence.ts'

/** An alert of a play, and what is known of it. */
interface About {
  key: string
  alert: Alert
  before: AlertState | undefined
  config: Silenced
  now: Date
}

/** What is known of all alerts. */
export interface Known {
  get(key: string): AlertState | undefined
  all(): Iterable<AlertState>
}

/** What the alerts of a play say to each other: as shared/route/others.ts does it, with maps as the table. */
export class Between {
  readonly #known: Known
  /** By group. */
  readonly #fired = new Map<string, Fired[]>()

  constructor(known: Known) {
    this.#known = known
  }

  /** What the others say of one now. */
  ask(about: About): Others | undefined {
    const { config, before } = about
    if (!asksOthers(config)) return before?.mutedBy || before?.waitsIn ? {} : undefined
    const mutedBy = this.#mutedBy(about)
    const counted = this.#counted(about)
    return { ...(mutedBy && { mutedBy }), ...(counted && { counted }) }
  }

  /** The keys of those that may be sent, now that one is so. */
  freed(before: AlertState | undefined, after: AlertState, others: Others | undefined): string[] {
    const groups = freedBetween(before, after)
    if (others?.counted?.isEnough && !before?.firing?.counted) groups.add(others.counted.group)
    if (groups.size === 0) return []
    return [...this.#known.all()].flatMap(({ fingerprint, waitsIn }) =>
      waitsIn?.some((one) => groups.has(one)) ? fingerprint : [],
    )
  }

  #mutedBy({ key, alert, before, config }: About): MutedBy | undefined {
    for (const { id: group, inhibition } of mutedIn(alert, config)) {
      for (const state of this.#known.all()) {
        if (state.fingerprint === key || !isSource(state, group)) continue
        if (!doesMute(this.#rowFrom(state), key, isFree(before))) continue
        return { inhibition, group, source: state.fingerprint, title: state.title }
      }
    }
    return undefined
  }

  #counted({ key, alert, before, config, now }: About): Counted | undefined {
    if (alert.status !== 'firing' || !countsAnything(config).isSo) return undefined
    const decided = decide(alert, config, before && firingOf(before), now)
    const group = countedIn(alert, decided)
    const { count } = decided
    if (!count || group === undefined) return undefined
    if (before?.firing?.counted) return { group, found: count.atLeast, isEnough: true }
    const at = beganAt(alert, before)
    const fired = this.#fired.get(group) ?? []
    if (!fired.some((one) => one.at === at && one.alert === key)) fired.push({ at, alert: key })
    this.#fired.set(group, fired)
    const found = mostWith(fired, at, count)
    return { group, found, isEnough: found >= count.atLeast }
  }

  #rowFrom(source: AlertState): AlertState[] {
    const row = [source]
    for (let last = source; last.mutedBy && row.length <= MOST_IN_A_ROW; ) {
      const next = this.#known.get(last.mutedBy.source)
      if (!next) break
      row.push(next)
      last = next
    }
    return row
  }
}
