import type { Config } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { Owed, Recipient } from '../decide/alert-state.ts'
import { durationMs } from '../decide/duration.ts'
import type { Failure } from '../decide/failure.ts'
import { fallbackOf } from '../decide/stand-in.ts'
import type { Step } from './step.ts'

/**
 * A deliverer tries after 1, 2, 4 and 8 s; the fifth failure in a row opens the channel's circuit, and the attempt
 * after that, 16 s later, notifies the fallback (shared/deliver/).
 */
const CIRCUIT_OPEN_AFTER_MS = 31_000

/** A channel accepts nothing, from one moment until another. */
interface Outage {
  channel: string
  from: number
  to: number
}

/** When channels accept nothing, and what follows. Retries that fail again are left out. */
export class Outages {
  readonly #all: Outage[] = []
  /** Since when deliveries have failed. */
  readonly #failingSince = new Map<Outage, number>()

  /** By the steps of a play, in the order of time. One that has no end lasts until then. */
  constructor(steps: Step[], until: number) {
    for (const step of steps) {
      if (step.kind !== 'channel') continue
      const { at, channel, isDown } = step
      const last = this.of(channel, at)
      if (isDown && !last) this.#all.push({ channel, from: at, to: until + 1 })
      else if (!isDown && last) last.to = at
    }
  }

  of(channel: string, now: number): Outage | undefined {
    return this.#all.find((one) => one.channel === channel && one.from <= now && now < one.to)
  }

  /** It is tried again when its fallback must be notified, and when the channel is back. */
  failureOf(
    outage: Outage,
    { notification, owed, one }: { notification: Notification; owed: Owed; one: Recipient },
    channels: Config['channels'],
    now: number,
  ): Omit<Failure, 'token'> {
    const { channel, to } = outage
    const { patience = '10m', ...settings } = channels[channel] ?? {}
    const since = this.#failingSince.get(outage) ?? now
    this.#failingSince.set(outage, since)
    const impatientAt = (one.failingSince === undefined ? now : Date.parse(one.failingSince)) + durationMs(patience)
    const fallbackAt = Math.min(since + CIRCUIT_OPEN_AFTER_MS, impatientAt)
    const fallback = fallbackOf({ notification, owed, fallbackTo: one.fallbackTo }, settings, channels)
    const isTime = fallback !== undefined && fallbackAt <= now
    const nextAt = fallback === undefined || isTime ? to : Math.min(to, fallbackAt)
    return {
      owed,
      kind: 'failed',
      reason: `${channel} is down`,
      waitMs: nextAt - now,
      isUncertain: false,
      isShown: true,
      ...(isTime && { fallbackTo: fallback }),
    }
  }
}
