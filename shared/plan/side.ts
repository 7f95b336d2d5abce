import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { decide } from '../decide/decide.ts'
import { firingAfter, outcomeOf } from '../decide/follow.ts'
import { hold, type Timed } from '../decide/hold.ts'
import { HORIZON_MS } from '../decide/windows.ts'
import { noticesBetween, withNotices } from '../maintenance.ts'
import { parse } from '../parse/parse.ts'
import type { Past } from '../state.ts'

/** How many alerts a channel is told, by the day (UTC): `2026-11-03` → 12. */
export type Noise = Record<string, number>

/** The router by one config: what it has seen, whom it has told, and what waits for its time. */
export class Side {
  readonly #config: Config
  readonly #past = new Map<string, Past>()
  /** What comes by itself, the next first: what was held, and that a maintenance begins or is over. */
  #waiting: { alert: Alert; at: Date }[]
  readonly noise = new Map<string, Noise>()

  /** `from` and `to`: the time of the first change and of the last, ISO 8601. */
  constructor(config: Config, from: string, to: string) {
    this.#config = withNotices(config)
    this.#waiting = noticesIn(config, from, to).map((alert) => ({ alert, at: new Date(alert.changedAt) }))
  }

  /** Decides a change at its time, as `route` does; `undefined` where it is no news. Changes come in order. */
  take(alert: Alert): Timed | undefined {
    this.#bringBack(alert.changedAt)
    return this.#decide(alert, new Date(alert.changedAt))
  }

  /** After the last change: what still waits is told in its time, if that comes within the horizon of windows. */
  finish(last: string): void {
    this.#bringBack(new Date(Date.parse(last) + HORIZON_MS).toISOString())
  }

  #decide(alert: Alert, at: Date): Timed | undefined {
    const past = this.#past.get(alert.fingerprint)
    if (outcomeOf(alert, past) !== 'sent') return undefined
    const decision = hold(alert, decide(alert, this.#config, past?.firing, at), this.#config, past, at)
    const { changedAt, status, title } = alert
    const held = decision.held.map(({ channel }) => channel)
    this.#past.set(alert.fingerprint, { changedAt, status, title, held, firing: firingAfter(alert, decision, past) })
    this.#count(decision.channels, at)
    const [next] = decision.held.map(({ until }) => until).sort()
    if (next !== undefined) this.#wait(alert, new Date(next))
    return decision
  }

  #wait(alert: Alert, at: Date): void {
    this.#waiting.push({ alert, at })
    this.#waiting.sort((a, b) => a.at.getTime() - b.at.getTime())
  }

  /** All that was to wait up to that moment. */
  #bringBack(upTo: string): void {
    for (;;) {
      const [next] = this.#waiting
      if (!next || next.at.toISOString() > upTo) return
      this.#waiting.shift()
      this.#decide(next.alert, next.at)
    }
  }

  #count(channels: string[], at: Date): void {
    const day = at.toISOString().slice(0, 10)
    for (const channel of channels) {
      const noise = this.noise.get(channel) ?? {}
      noise[day] = (noise[day] ?? 0) + 1
      this.noise.set(channel, noise)
    }
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
