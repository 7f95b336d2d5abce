import type { Alert, AlertStatus } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import type { Note } from '../schemas/wake.ts'
import { checkConfig } from '../shared/config/check.ts'
import { acknowledge, unacknowledge } from '../shared/decide/acknowledge.ts'
import type { AlertState, Owed } from '../shared/decide/alert-state.ts'
import { failed } from '../shared/decide/failure.ts'
import { compareMarks } from '../shared/decide/marks.ts'
import { type NextByChange, nextByChange } from '../shared/decide/next.ts'
import { nextByTime } from '../shared/decide/next-by-time.ts'
import { claimed, look, markPassed, notified } from '../shared/decide/turn.ts'
import { firing } from './alert-samples.ts'

/** An alert's life without AWS: how changes, and channels that accept or refuse, update its state. */
export const config = checkConfig({
  channels: {
    pager: { type: 'pagerduty', secret: 'pager' },
    critical: { type: 'slack', secret: 'critical' },
    chat: { type: 'slack', secret: 'chat' },
    quiet: { type: 'slack', secret: 'quiet', mute: { from: '22:00', to: '06:00' } },
  },
  severities: {
    critical: { channels: ['pager', 'critical'] },
    warning: { channels: ['chat'] },
    info: { channels: ['quiet'] },
  },
  rules: [
    { name: 'no data', when: { status: 'insufficient-data' }, severity: 'warning' },
    { name: 'warning', when: { description: 'warning' }, severity: 'warning' },
    { name: 'quiet', when: { description: 'quiet' }, severity: 'info' },
  ],
  default: { severity: 'critical' },
})

export type Kind = 'critical' | 'warning' | 'quiet'
export const timeOf = (minute: number) => new Date(Date.UTC(2026, 10, 3, 10, minute)).toISOString()

/** A change at a minute; `kind`: the channels that the rules notify. */
export function changeOf(status: AlertStatus, minute: number, kind: Kind = 'critical'): Alert {
  return { ...firing.alert, status, changedAt: timeOf(minute), description: kind }
}

export class Life {
  state: AlertState | undefined
  now = new Date(timeOf(60))
  readonly #alerts = new Map<string, Alert>()
  readonly #last: Record<string, Owed> = {}
  #changes = 0
  #tokens = 0
  readonly #rules: Config
  /** What each channel shows: the last message that reached it. */
  readonly shown: Record<string, AlertStatus> = {}
  readonly messages: string[] = []

  constructor(rules = config) {
    this.#rules = rules
  }

  comes(alert: Alert, change = `c${this.#changes++}`): NextByChange {
    this.#alerts.set(change, alert)
    const next = nextByChange(this.state, { alert, change }, this.#rules, this.now)
    this.state = next.state
    return next
  }

  /** Its time has come. */
  looks(rules = this.#rules): void {
    if (this.state) this.state = nextByTime(this.state, this.#alerts, rules, this.now).state
  }

  /** A person works on it, for some minutes or until it ends; or no longer. */
  acknowledged(minutes?: number): void {
    const until = minutes === undefined ? {} : { until: new Date(this.now.getTime() + minutes * 60_000).toISOString() }
    const said = { by: 'ann', via: 'cli', at: this.now.toISOString(), ...until } as const
    if (this.state) this.state = acknowledge(this.state, said, this.#rules, this.now).state
  }

  unacknowledged(): void {
    const said = { by: 'ann', at: this.now.toISOString() }
    if (this.state) this.state = unacknowledge(this.state, said, this.#rules, this.now).state
  }

  /** A deliverer processes a recipient; `lost`: the message arrives, but the answer does not; `crash`: nothing is recorded. */
  deliver(name: string, outcome: 'yes' | 'no' | 'lost' | 'crash' = 'yes'): void {
    this.now = new Date(this.now.getTime() + 60_000)
    const seen = look(this.state, name, this.now)
    if (!this.state || seen.kind !== 'send') return
    const { one } = seen
    const isPager = one.channel === 'pager'
    if (isPager && seen.owed.missed && !one.maybe) {
      this.state = markPassed(this.state, name, this.now)
      return
    }
    const { missed, ...end } = seen.owed
    const owed: Owed = isPager ? end : seen.owed
    const token = `t${this.#tokens++}`
    const claim = { token, leaseMs: 30_000, incident: undefined, isRedriven: false }
    this.state = claimed(this.state, name, claim, this.now)
    if (outcome !== 'no') {
      // A missed episode has its own times, and reverts nothing.
      const last = this.#last[name]
      if (!owed.missed || !last || compareMarks(owed, last) > 0) {
        this.shown[name] = owed.status
        this.#last[name] = owed
      }
      this.messages.push(`${name}: ${owed.missed ? 'missed' : owed.status}`)
    }
    if (outcome === 'yes') this.state = notified(this.state, this.#note(name, owed, token))
    if (outcome === 'no' || outcome === 'lost') {
      const isUncertain = outcome === 'lost'
      const failure = { token, owed, kind: 'failed', reason: 'x', waitMs: 0, isUncertain, isShown: true } as const
      this.state = failed(this.state, name, failure, this.now)
    }
  }

  deliverAll(): void {
    for (const name of Object.keys(this.state?.recipients ?? {})) this.deliver(name)
  }

  /** What each is owed, as text. */
  owed(): Record<string, string> {
    const all = Object.entries(this.state?.recipients ?? {}).flatMap(([name, { owed }]) =>
      owed ? [[name, [owed.status, owed.missed && 'missed', owed.until && 'held'].filter(Boolean).join(' ')]] : [],
    )
    return Object.fromEntries(all)
  }

  #note(recipient: string, { change, at, status, missed, update }: Owed, token: string): Note {
    const { fingerprint = '' } = this.state ?? {}
    const notifiedAt = this.now.toISOString()
    const more = { ...(missed && { missed }), ...(update && { update }) }
    return { fingerprint, recipient, change, changedAt: at, status, notifiedAt, token, ...more }
  }
}
