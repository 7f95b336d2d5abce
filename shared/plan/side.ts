import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { AlertState } from '../decide/alert-state.ts'
import { nextDueAt } from '../decide/alert-state.ts'
import type { Timed } from '../decide/decision.ts'
import { identityOf } from '../decide/identity.ts'
import { noticesBetween, withNotices } from '../decide/maintenance.ts'
import { type Next, nextByChange, nextByTime } from '../decide/next.ts'
import { HORIZON_MS } from '../decide/windows.ts'
import { parse } from '../parse/parse.ts'

/** How many alerts a channel is told, by the day (UTC): `2026-11-03` → 12. */
export type Noise = Record<string, number>

/** The router by one config: what it has seen, whom it has told, and what waits for its time. Every channel takes all at once. */
export class Side {
  readonly #config: Config
  readonly #states = new Map<string, AlertState>()
  /** By the alert's key and the change's: what is to be decided anew. */
  readonly #alerts = new Map<string, Map<string, Alert>>()
  /** Whose time comes, and when. */
  readonly #due = new Map<string, string>()
  /** That a maintenance begins or is over, the next first. */
  readonly #notices: Alert[]
  #changes = 0
  readonly noise = new Map<string, Noise>()

  /** `from` and `to`: the time of the first change and of the last, ISO 8601. */
  constructor(config: Config, from: string, to: string) {
    this.#config = withNotices(config)
    this.#notices = noticesIn(config, from, to)
  }

  /** Decides a change at its time, as `route` does; `undefined` where it is no news. Changes come in order. */
  take(alert: Alert): Timed | undefined {
    this.#passUntil(alert.changedAt)
    return this.#decide(alert)
  }

  /** After the last change: what still waits is told in its time, if that comes within the horizon of windows. */
  finish(last: string): void {
    this.#passUntil(new Date(Date.parse(last) + HORIZON_MS).toISOString())
  }

  #decide(alert: Alert): Timed | undefined {
    const key = identityOf(alert)
    const at = new Date(alert.changedAt)
    const change = String(this.#changes++)
    const next = nextByChange(this.#states.get(key), { alert, change }, this.#config, at)
    if (next.outcome === 'duplicate' || next.outcome === 'stale') return undefined
    const alerts = this.#alerts.get(key) ?? new Map()
    this.#alerts.set(key, alerts.set(change, alert))
    this.#tell(key, next, at)
    return next.decision
  }

  /** Who is woken is told, and knows. */
  #tell(key: string, { state, wake }: Next, at: Date): void {
    for (const name of wake) {
      const one = state.recipients[name]
      if (!one?.owed) continue
      this.#count(one.channel, at)
      const { change, at: changedAt, status } = one.owed
      state.recipients[name] = {
        channel: one.channel,
        tries: 0,
        waits: 0,
        log: [],
        told: { change, at: changedAt, status, toldAt: at.toISOString() },
      }
    }
    this.#states.set(key, state)
    const due = nextDueAt(state)
    if (due !== undefined) this.#due.set(key, due)
    else {
      this.#due.delete(key)
      this.#alerts.delete(key)
    }
  }

  /** All whose time comes up to that moment, in order. */
  #passUntil(upTo: string): void {
    for (;;) {
      const [key, at = '9'] = [...this.#due].reduce<[string?, string?]>(
        (a, b) => (a[1] !== undefined && a[1] <= b[1] ? a : b),
        [],
      )
      const [notice] = this.#notices
      if (notice && notice.changedAt <= upTo && notice.changedAt <= at) {
        this.#notices.shift()
        this.#decide(notice)
      } else if (key !== undefined && at <= upTo) this.#look(key, new Date(at))
      else return
    }
  }

  #look(key: string, at: Date): void {
    const state = this.#states.get(key)
    if (!state) return
    this.#due.delete(key)
    this.#tell(key, nextByTime(state, this.#alerts.get(key) ?? new Map(), this.#config, at), at)
  }

  #count(channel: string, at: Date): void {
    const day = at.toISOString().slice(0, 10)
    const noise = this.noise.get(channel) ?? {}
    noise[day] = (noise[day] ?? 0) + 1
    this.noise.set(channel, noise)
  }
}

const DAY_MS = 86_400_000

/** The notices that `route` would have given in that time, in their order. */
function noticesIn(config: Config, from: string, to: string): Alert[] {
  if (!config.maintenance?.length) return []
  const notices: Alert[] = []
  // A day at a time: older ones it would not have given.
  for (let after = Date.parse(from); after < Date.parse(to); after += DAY_MS) {
    const upTo = new Date(Math.min(after + DAY_MS, Date.parse(to)))
    notices.push(...noticesBetween(config, new Date(after), upTo).flatMap((event) => parse(event, { now: upTo })))
  }
  return notices.sort((a, b) => a.changedAt.localeCompare(b.changedAt))
}
