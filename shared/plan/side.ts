import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { identityOf } from '../alert/identity.ts'
import { acknowledge, unacknowledge } from '../decide/acknowledge.ts'
import type { AlertState, Owed } from '../decide/alert-state.ts'
import type { Timed } from '../decide/decision.ts'
import { nextDueAt } from '../decide/due-at.ts'
import { withoutPlan } from '../decide/extras.ts'
import { noticesBetween, withNotices } from '../decide/maintenance.ts'
import { knowsOfIt } from '../decide/marks.ts'
import { type Next, nextByChange } from '../decide/next.ts'
import { nextByTime } from '../decide/next-by-time.ts'
import { askedAbout, withOthers } from '../decide/others.ts'
import { placeOf } from '../decide/place.ts'
import { noteOf } from '../decide/to-send.ts'
import { notified } from '../decide/turn.ts'
import { waitingOf } from '../decide/waiting.ts'
import { HORIZON_MS } from '../decide/windows.ts'
import { parse } from '../parse/parse.ts'
import { Between } from '../player/between.ts'

/** How many alerts a channel is sent, by day (UTC): `2026-11-03` → 12. */
export type AlertVolume = Record<string, number>

/** Somebody has acknowledged an alert; or nobody works on it any more. */
export interface Acknowledgement {
  /** The alert's key. */
  alert: string
  /** When it was said, ISO 8601. */
  at: string
  /** It has expired, or was taken back. */
  isOver: boolean
}

/** A decided change, and its outcome. */
export interface Taken {
  decision: Timed
  /** When each channel is sent it, ISO 8601. Once the side has finished, a held channel missing here is never sent it. */
  sentAt: Map<string, string>
}

/**
 * The router with one config: the changes seen, the channels notified, and what is held. Every channel accepts at once.
 */
export class Side {
  readonly #config: Config
  readonly #states = new Map<string, AlertState>()
  readonly #between = new Between({ get: (key) => this.#states.get(key), all: () => this.#states.values() })
  /** By the alert's key and the change's: alerts to decide again. */
  readonly #alerts = new Map<string, Map<string, Alert>>()
  /** By the alert's key: held changes. */
  readonly #held = new Map<string, Taken[]>()
  /** By the alert's key: when it is due. */
  readonly #due = new Map<string, string>()
  /** By the alert's key: somebody has acknowledged it, whom these rules had not sent it yet. */
  readonly #early = new Set<string>()
  /** Notices that a maintenance starts or ended, the next first. */
  readonly #notices: Alert[]
  #changes = 0
  readonly volume = new Map<string, AlertVolume>()

  /** `from` and `to`: the period, ISO 8601. */
  constructor(config: Config, from: string, to: string) {
    this.#config = withNotices(config)
    this.#notices = noticesIn(config, from, to)
  }

  /** Decides a change at its time, as `route` does; `undefined` for a duplicate. Changes must be in order. */
  take(alert: Alert): Taken | undefined {
    this.#passUntil(alert.changedAt)
    return this.#decide(alert)
  }

  /**
   * Hears what people said of an alert, in the order of changes. Who acknowledged it before these rules have sent it to anybody
   * does so once they have.
   */
  hear({ alert: key, at, isOver }: Acknowledgement): void {
    this.#passUntil(at)
    const state = this.#states.get(key)
    this.#early.delete(key)
    if (!state) return
    if (isOver) this.#send(key, unacknowledge(state, { by: SOMEBODY, at }, this.#config, new Date(at)), new Date(at))
    else this.#acknowledge(key, state, new Date(at))
  }

  #acknowledge(key: string, state: AlertState, at: Date): void {
    const isSent = Object.values(state.recipients).some(knowsOfIt)
    if (state.firing && !isSent) this.#early.add(key)
    if (!isSent) return
    this.#early.delete(key)
    const said = { by: SOMEBODY, via: 'cli', at: at.toISOString() } as const
    this.#send(key, acknowledge(state, said, this.#config, at), at)
  }

  /** After the last change: sends what is still held, if its time comes within the horizon of windows. */
  finish(last: string): void {
    // How long it goes on firing is not recorded: nobody is reminded of it any more.
    for (const [key, state] of this.#states)
      this.#keep(key, { ...state, ...(state.firing && { firing: withoutPlan(state.firing) }) })
    // Nor is it when what explains another ends.
    for (const [key, { mutedBy }] of this.#states) if (mutedBy) this.#due.delete(key)
    this.#passUntil(new Date(Date.parse(last) + HORIZON_MS).toISOString())
  }

  #decide(alert: Alert): Taken | undefined {
    const key = identityOf(alert)
    const at = new Date(alert.changedAt)
    const change = String(this.#changes++)
    const before = this.#states.get(key)
    const others = this.#between.ask({ key, alert, before, config: this.#config, now: at })
    const next = nextByChange(before, { alert, change }, withOthers(this.#config, others), at)
    if (next.outcome === 'duplicate' || next.outcome === 'stale') return undefined
    const alerts = this.#alerts.get(key) ?? new Map()
    this.#alerts.set(key, alerts.set(change, alert))
    const taken: Taken = { decision: next.decision, sentAt: new Map() }
    for (const channel of next.decision.channels) taken.sentAt.set(channel, alert.changedAt)
    // A resolved alert that was never sent needs no message any more.
    if (alert.status === 'resolved') this.#held.delete(key)
    this.#send(key, next, at)
    if (next.decision.held.length > 0) this.#held.set(key, [...(this.#held.get(key) ?? []), taken])
    for (const freed of this.#between.freed(before, next.state, others)) this.#look(freed, at)
    return taken
  }

  /** Sends every woken recipient what is due now, and records it. */
  #send(key: string, next: Next, at: Date): void {
    let { state } = next
    for (const name of next.wake) {
      const one = state.recipients[name]
      if (!one) continue
      for (const owed of waitingOf(one).filter(({ until }) => until === undefined)) {
        if (!isOfPeople(owed)) this.#isSent(key, one.channel, at)
        const place = placeOf(this.#config.channels[one.channel])
        const accepted = { fingerprint: key, recipient: name, token: '', place, notifiedAt: at.toISOString() }
        state = notified(state, noteOf(owed, accepted))
      }
      // Decisions do not use the log, and each change copies the state.
      const after = state.recipients[name]
      if (after) state = { ...state, recipients: { ...state.recipients, [name]: { ...after, log: [] } } }
    }
    if (!state.firing) this.#early.delete(key)
    this.#keep(key, state)
    if (this.#early.has(key)) this.#acknowledge(key, state, at)
  }

  #keep(key: string, state: AlertState): void {
    this.#states.set(key, state)
    const due = nextDueAt(state)
    if (due !== undefined) this.#due.set(key, due)
    else {
      this.#due.delete(key)
      // An acknowledgement may end: then there are reminders again.
      if (!state.firing) this.#alerts.delete(key)
    }
  }

  /** Handles everything due until then, in order. */
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
    const alerts = this.#alerts.get(key) ?? new Map<string, Alert>()
    const alert = askedAbout([...alerts.values()])
    const others = alert && this.#between.ask({ key, alert, before: state, config: this.#config, now: at })
    this.#send(key, nextByTime(state, alerts, withOthers(this.#config, others), at), at)
  }

  #isSent(key: string, channel: string, at: Date): void {
    // A newer change of a firing alert also covers earlier held ones.
    const waiting = this.#held.get(key) ?? []
    for (const { decision, sentAt } of waiting) {
      const isHeld = decision.held.some((held) => held.channel === channel)
      if (isHeld && !sentAt.has(channel)) sentAt.set(channel, at.toISOString())
    }
    const isWaiting = ({ decision, sentAt }: Taken) => decision.held.some((held) => !sentAt.has(held.channel))
    if (waiting.length > 0) this.#held.set(key, waiting.filter(isWaiting))
    this.#count(channel, at)
  }

  #count(channel: string, at: Date): void {
    const day = at.toISOString().slice(0, 10)
    const volume = this.volume.get(channel) ?? {}
    volume[day] = (volume[day] ?? 0) + 1
    this.volume.set(channel, volume)
  }
}

/** The history does not say who. */
const SOMEBODY = 'somebody'

/** What people say of an alert is no message of the rules. */
const isOfPeople = ({ update }: Owed) => update?.is === 'acknowledged' || update?.is === 'unacknowledged'

const DAY_MS = 86_400_000

/** The notices that `route` would have sent in that period, in order. */
function noticesIn(config: Config, from: string, to: string): Alert[] {
  if (!config.maintenance?.length) return []
  const notices: Alert[] = []
  // A day at a time: it would not have sent older ones.
  for (let after = Date.parse(from); after < Date.parse(to); after += DAY_MS) {
    const upTo = new Date(Math.min(after + DAY_MS, Date.parse(to)))
    notices.push(...noticesBetween(config, new Date(after), upTo).flatMap((event) => parse(event, { now: upTo })))
  }
  return notices.sort((a, b) => a.changedAt.localeCompare(b.changedAt))
}
