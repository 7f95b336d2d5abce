import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { identityOf } from '../shared/alert/identity.ts'
import { newState } from '../shared/decide/alert-state.ts'
import { type Failure, failed } from '../shared/decide/failure.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { nextByTime } from '../shared/decide/next-by-time.ts'
import { placeOf } from '../shared/decide/place.ts'
import { claimed, markPassed, notified } from '../shared/decide/turn.ts'
import type { Acceptance } from '../shared/deliver/settle.ts'
import { changeAlert, writeAlert } from '../shared/store/alerts.ts'
import { keepChange, keyOfChange, takeLogs } from '../shared/store/changes.ts'

type Accepted = Partial<Omit<Acceptance, 'notifiedAt'>>

/** An alert's life in the table, step by step: what the functions write, at the times that a test gives. */
export class Life {
  readonly #fingerprint: string
  readonly #config: Config
  #messages = 0

  constructor(fingerprint: string, config: Config) {
    this.#fingerprint = fingerprint
    this.#config = config
  }

  static of(alert: Alert, config: Config): Life {
    return new Life(identityOf(alert), config)
  }

  /** It is known, and nobody is owed anything. */
  async put(alert: Alert, at: Date): Promise<void> {
    await writeAlert({ ...newState(alert), fingerprint: this.#fingerprint }, at)
  }

  /** A message reports a change. Returns its key. */
  async comes(alert: Alert, at: Date): Promise<string> {
    const messageId = `message-${this.#messages++}`
    const change = keyOfChange(alert, messageId, 0)
    await changeAlert(this.#fingerprint, async (before) => {
      const next = nextByChange(before, { alert, change }, this.#config, at)
      const earlier = next.state === before ? {} : takeLogs(next.state, before)
      const { decision, outcome, firing } = next
      const version = before?.version ?? 0
      const kept = { alert, change, decision, outcome, earlier, messageId, firingSince: firing?.since, version }
      await keepChange(this.#fingerprint, { ...kept, configVersion: '8d5053093003' }, at)
      return { state: next.state, result: undefined }
    })
    return change
  }

  async #owed(recipient: string, at: Date) {
    const token = crypto.randomUUID()
    const claim = { token, leaseMs: 30_000, incident: undefined, isRedriven: true }
    const { state } = await changeAlert(this.#fingerprint, (state) => ({
      state: state && claimed(state, recipient, claim, at),
      result: undefined,
    }))
    const owed = state?.recipients[recipient]?.owed
    if (!owed) throw new Error(`${recipient} is owed nothing`)
    return { owed, token }
  }

  /** Its channel accepts it. */
  async notified(recipient: string, at: Date, accepted: Accepted = {}): Promise<void> {
    const { owed, token } = await this.#owed(recipient, at)
    const { change, status, at: changedAt, missed, update } = owed
    const more = { ...(missed && { missed }), ...(update && { update }) }
    const place = placeOf(this.#config.channels[recipient])
    const where = place === undefined ? {} : { place }
    const note = { fingerprint: this.#fingerprint, recipient, change, status, changedAt, token, ...where, ...accepted }
    await changeAlert(this.#fingerprint, (state) => ({
      state: state && notified(state, { ...note, notifiedAt: at.toISOString(), ...more }),
      result: undefined,
    }))
  }

  /** Its channel does not take it. */
  async fails(
    recipient: string,
    at: Date,
    kind: Failure['kind'],
    reason: string,
    more: Partial<Failure> = {},
  ): Promise<void> {
    const { owed, token } = await this.#owed(recipient, at)
    const failure = { token, owed, kind, reason, waitMs: 5_000, isUncertain: false, isShown: true, ...more }
    await changeAlert(this.#fingerprint, (state) => ({
      state: state && failed(state, recipient, failure, at),
      result: undefined,
    }))
  }

  /** It need not be sent anything any more. */
  async passesOver(recipient: string, at: Date): Promise<void> {
    await changeAlert(this.#fingerprint, (state) => ({
      state: state && markPassed(state, recipient, at),
      result: undefined,
    }))
  }

  /** Time passes, by these rules. `alerts`: those of the changes that are asked for, by their keys. */
  async passes(at: Date, config = this.#config, alerts = new Map<string, Alert>()): Promise<void> {
    await changeAlert(this.#fingerprint, (state) => ({
      state: state && nextByTime(state, alerts, config, at).state,
      result: undefined,
    }))
  }
}
