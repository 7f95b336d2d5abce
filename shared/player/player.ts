import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { identityOf } from '../alert/identity.ts'
import { worded } from '../channels/template.ts'
import { FACTS, READERS } from '../channels/types.ts'
import { acknowledge } from '../decide/acknowledge.ts'
import type { AlertState, Others, Owed, Recipient } from '../decide/alert-state.ts'
import { matchedBy } from '../decide/by-rules.ts'
import { presentName, recipientNow } from '../decide/channel-now.ts'
import { decide } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import { isOutstanding, nextDueAt } from '../decide/due-at.ts'
import { extrasOf } from '../decide/extras.ts'
import { failed } from '../decide/failure.ts'
import type { Silences } from '../decide/in-force.ts'
import { firingOf, type NextByChange, nextByChange } from '../decide/next.ts'
import { changesToRead, nextByTime } from '../decide/next-by-time.ts'
import { askedAbout, withOthers } from '../decide/others.ts'
import { placeOf } from '../decide/place.ts'
import { type Silenced, withSilences } from '../decide/silence.ts'
import { asKnownHere, type DecidedChange, noteOf, notificationOf } from '../decide/to-send.ts'
import { claimed, look, markPassed, notified } from '../decide/turn.ts'
import { Between } from './between.ts'
import { Outages } from './outages.ts'
import { kindOf, type Sent, type Step, type Taken } from './step.ts'

/*
 * Plays what happens to alerts, and lets time pass between: the functions that decide are those of the router; the
 * table is a map, time is passed in, and a channel accepts at once what it is owed. Each alert is sent on its own:
 * digests, shared incidents, rate limits, and notices of maintenances and silences are left out. Pure.
 */

export interface Setting {
  config: Config
  /** ms since 1970. */
  startsAt: number
  /** How often the clock looks at what is due, from the start on; when absent, it is exact. */
  tickEveryMs?: number
  /** After so many messages time alone sends no more: an alert may be sent again and again. */
  most?: number
}

export interface Played {
  /** In the order of time. */
  sent: Sent[]
  /** Each step, in the order of time. */
  taken: Taken[]
  /** The rules that matched at any time, and `default` if it decided. */
  reached: string[]
  /** When it ended; and whether anything was due after that. */
  endsAt: number
  isAtRest: boolean
  /** The keys of those that fire when it ends. One-time events are none of them: they never end. */
  firing: string[]
}

/** Plays these steps, in the order of time, and what follows until a moment, which is included. */
export function play(steps: Step[], setting: Setting, until: number): Played {
  const inTime = steps.toSorted((a, b) => a.at - b.at)
  const player = new Player(setting, new Outages(inTime, until))
  for (const step of inTime) player.take(step)
  player.passUntil(until)
  const { sent, taken, reached, dueAt, firing } = player
  return { sent, taken, reached: [...reached], endsAt: until, isAtRest: dueAt === undefined, firing }
}

/** One alert. */
interface Life {
  state: AlertState
  /** Its changes that are news, by their keys. */
  changes: Map<string, DecidedChange>
  last: Alert
  /** When the clock must look at it, and when a refused delivery is tried again. */
  dueAt: number
  retryAt: number
}

const NEVER = Number.POSITIVE_INFINITY
/** What stays due is checked again each minute. */
const AGAIN_MS = 60_000
const LEASE_MS = 30_000

/** The router, stepped by hand. */
class Player {
  readonly sent: Sent[] = []
  readonly taken: Taken[] = []
  readonly reached = new Set<string>()
  readonly #lives = new Map<string, Life>()
  readonly #between = new Between({
    get: (key) => this.#lives.get(key)?.state,
    all: () => this.#lives.values().map(({ state }) => state),
  })
  /** Those for which something is due. */
  readonly #waiting = new Set<Life>()
  readonly #setting: Setting
  readonly #outages: Outages
  #rules: Config
  #silences: Silences = []
  #now: number
  #lateMs = 0
  #changes = 0

  constructor(setting: Setting, outages: Outages) {
    this.#setting = setting
    this.#rules = setting.config
    this.#now = setting.startsAt
    this.#outages = outages
  }

  /** What is due by then comes first, but for what a channel was down for. */
  take(step: Step): void {
    this.passUntil(step.kind === 'channel' ? step.at - 1 : step.at)
    const sentBefore = this.sent.length
    this.taken.push({ step, sentBefore, ...this.#do(step) })
  }

  passUntil(at: number): void {
    for (;;) {
      const life = this.#next()
      const due = life && this.#timeOf(life)
      if (life === undefined || due === undefined || due > at || this.#isEnough()) break
      this.#now = Math.max(this.#now, due)
      this.#look(life)
    }
    this.#now = Math.max(this.#now, at)
  }

  #isEnough(): boolean {
    return this.sent.length >= (this.#setting.most ?? Number.POSITIVE_INFINITY)
  }

  /** When something is due next. */
  get dueAt(): number | undefined {
    const life = this.#next()
    return life && this.#timeOf(life)
  }

  get firing(): string[] {
    return [...this.#lives].flatMap(([key, { state }]) => (state.firing && !state.once ? key : []))
  }

  #do(step: Step): Omit<Taken, 'step' | 'sentBefore'> {
    if (step.kind === 'change') return { decided: this.#route(step.alert) }
    if (step.kind === 'resolve') {
      const decided = this.#resolve(step)
      return decided ? { decided } : { refused: 'it is not known, or never open' }
    }
    if (step.kind === 'acknowledge') return this.#acknowledge(step)
    if (step.kind === 'clock') this.#lateMs = step.lateMs
    if (step.kind === 'rules') {
      this.#rules = step.config
      this.#evaluateAll()
    }
    return step.kind === 'silence' ? this.#silence(step) : {}
  }

  get #config(): Silenced {
    return withSilences(this.#rules, this.#silences)
  }

  #silence({ does }: Extract<Step, { kind: 'silence' }>): Pick<Taken, 'refused'> {
    const done = does(this.#silences, this.#date())
    if ('refused' in done) return done
    this.#silences = done.silences
    this.#evaluateAll()
    return {}
  }

  #evaluateAll(): void {
    for (const life of this.#waiting) if (life.dueAt !== NEVER) this.#evaluate(life)
  }

  #route(alert: Alert): NextByChange {
    const key = identityOf(alert)
    const before = this.#lives.get(key)
    const change = `change#${alert.changedAt}#${this.#changes++}#0`
    const others = this.#ask(key, alert, before?.state)
    const next = nextByChange(before?.state, { alert, change }, withOthers(this.#config, others), this.#date())
    const { outcome, decision, decided, firing, state } = next
    const life = before ?? { state, changes: new Map(), last: alert, dueAt: NEVER, retryAt: NEVER }
    this.#lives.set(key, life)
    this.#isReached(decided)
    if (outcome !== 'duplicate' && outcome !== 'stale') {
      life.changes.set(change, keptOf(alert, decision, firing?.since))
      if (alert.changedAt >= life.last.changedAt) life.last = alert
    }
    const freed = this.#between.freed(before?.state, state, others)
    life.state = state
    this.#deliverAll(life, next.wake)
    for (const one of freed) this.#evaluate(this.#lives.get(one) ?? life)
    return next
  }

  #ask(key: string, alert: Alert, before: AlertState | undefined): Others | undefined {
    return this.#between.ask({ key, alert, before, config: this.#config, now: this.#date() })
  }

  /** Its own clock may be ahead: it ends no earlier than its last change. */
  #resolve({ alert: key, by }: Extract<Step, { kind: 'resolve' }>): NextByChange | undefined {
    const life = this.#lives.get(key)
    if (!life || life.state.once) return undefined
    const { status: previousStatus, changedAt: last } = life.state
    const now = this.#date().toISOString()
    const changedAt = now > last ? now : last
    return this.#route({
      ...life.last,
      ...{ previousStatus, status: 'resolved', changedAt, reason: `Resolved by hand: ${by}` },
    })
  }

  #acknowledge({ alert: key, by, via = 'cli', until }: Extract<Step, { kind: 'acknowledge' }>): Pick<Taken, 'refused'> {
    const life = this.#lives.get(key)
    if (!life) return { refused: 'it is not known' }
    const said = { by, via, at: this.#date().toISOString(), ...(until !== undefined && { until }) }
    const { state, wake, refused } = acknowledge(life.state, said, this.#config, this.#date())
    life.state = state
    this.#deliverAll(life, wake)
    return refused === undefined ? {} : { refused }
  }

  #date(): Date {
    return new Date(this.#now)
  }

  #isReached({ because, rule }: Decision): void {
    for (const name of [...matchedBy(because), rule]) this.reached.add(name)
  }

  #next(): Life | undefined {
    let next: Life | undefined
    let at = NEVER
    for (const life of this.#waiting) {
      const due = this.#timeOf(life)
      if (due < at) [next, at] = [life, due]
    }
    return next
  }

  /** A refused delivery is tried again by its own message, whatever the clock does. */
  #timeOf({ dueAt, retryAt }: Life): number {
    const { startsAt, tickEveryMs } = this.#setting
    const due = dueAt + this.#lateMs
    if (tickEveryMs === undefined || due === NEVER) return Math.min(due, retryAt)
    return Math.min(startsAt + Math.ceil((due - startsAt) / tickEveryMs) * tickEveryMs, retryAt)
  }

  #look(life: Life): void {
    if (life.retryAt <= this.#now) {
      const again = Object.entries(life.state.recipients).filter(([, one]) => retryOf(one) <= this.#now)
      this.#deliverAll(
        life,
        again.map(([name]) => name),
      )
    } else this.#evaluate(life)
  }

  #evaluate(life: Life): void {
    const now = this.#date()
    const alerts = new Map(
      changesToRead(life.state, this.#config, now).flatMap((change) => {
        const kept = life.changes.get(change)
        return kept ? [[change, kept.alert]] : []
      }),
    )
    const asked = askedAbout([...alerts.values()]) ?? life.last
    const config = withOthers(this.#config, this.#ask(life.state.fingerprint, asked, life.state))
    const { state, wake, released } = nextByTime(life.state, alerts, config, now)
    for (const change of released) {
      const alert = alerts.get(change)
      if (!alert) continue
      // Held changes are sent by the rules as they are now.
      const firing = firingOf(state)
      const decided = decide(alert, this.#config, firing, now)
      this.#isReached(decided)
      life.changes.set(change, keptOf(alert, decided, firing?.since))
    }
    life.state = state
    this.#deliverAll(life, wake)
    if (life.dueAt <= this.#now) life.dueAt = this.#now + AGAIN_MS
  }

  #deliverAll(life: Life, recipients: string[]): void {
    for (const name of recipients) this.#deliver(life, name)
    // Decisions do not use the logs, and each change copies the state.
    for (const one of Object.values(life.state.recipients)) one.log = []
    const due = nextDueAt(life.state)
    life.dueAt = due === undefined ? NEVER : Date.parse(due)
    // One that could not be tried waits for the clock: its channel is not in the rules any more.
    const retries = Object.values(life.state.recipients).map(retryOf)
    life.retryAt = Math.min(NEVER, ...retries.filter((at) => at > this.#now))
    if (Math.min(life.dueAt, life.retryAt) < NEVER) this.#waiting.add(life)
    else this.#waiting.delete(life)
  }

  /** Sends a recipient all that it may be sent now. */
  #deliver(life: Life, name: string): void {
    const { channels } = this.#config
    for (;;) {
      const now = this.#date()
      const recipient = recipientNow(life.state, { recipient: name }, channels)
      const seen = look(life.state, recipient, now)
      if (seen.kind !== 'send') return
      const channel = presentName(channels, seen.one.channel)
      const settings = channels[channel]
      const kept = life.changes.get(seen.owed.change)
      // A channel that the rules do not name has no deliverer.
      if (!settings || !kept) return
      const { opensIncidents } = FACTS[settings.type]
      const owed = asKnownHere(seen.one, seen.owed, settings.type)
      if (owed.missed && opensIncidents) {
        life.state = markPassed(life.state, recipient, now)
        continue
      }
      const to = { state: life.state, name: channel, type: settings.type }
      const notification = worded(notificationOf(kept, owed, seen.one, to), settings)
      const outage = this.#outages.of(channel, this.#now)
      const token = String(this.#now)
      const claim = { token, leaseMs: LEASE_MS, incident: undefined, isRedriven: false }
      life.state = claimed(life.state, recipient, claim, now)
      if (outage) {
        const failure = this.#outages.failureOf(outage, { notification, owed, one: seen.one }, channels, this.#now)
        life.state = failed(life.state, recipient, { ...failure, token }, now)
        // Its fallback is woken by route, at once.
        if (failure.fallbackTo !== undefined) this.#evaluate(life)
        return
      }
      this.sent.push(sentOf(notification, owed, this.#now))
      const { fingerprint } = life.state
      const accepted = { fingerprint, recipient, token, place: placeOf(settings), notifiedAt: now.toISOString() }
      life.state = notified(life.state, noteOf(owed, accepted), channels)
    }
  }
}

function keptOf(alert: Alert, decided: Decision, firingSince: string | undefined): DecidedChange {
  const { severity, rule } = decided
  return { alert, severity, rule, extras: extrasOf(decided), firingSince }
}

function retryOf(one: Recipient): number {
  return one.nextTryAt !== undefined && isOutstanding(one) ? Date.parse(one.nextTryAt) : NEVER
}

function sentOf(notification: Sent['notification'], owed: Owed, at: number): Sent {
  const { channel, alert, severity, rule, fallbackFor, type } = notification
  return {
    at,
    channel,
    ...(fallbackFor && { fallbackFor: fallbackFor.channel }),
    kind: kindOf(owed),
    alert: notification.alertKey ?? identityOf(alert),
    severity,
    rule,
    notification,
    get text() {
      return READERS[type].read(notification).headline
    },
  }
}
