import type { Alert } from '../../schemas/alert.ts'
import type { Config, Severity } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { Acknowledged } from '../../schemas/update.ts'
import type { Owed } from '../decide/alert-state.ts'
import type { Silences } from '../decide/in-force.ts'
import type { NextByChange } from '../decide/next.ts'
import type { Silenceable } from '../decide/silencing.ts'

/** Something happens, at a moment in ms since 1970. Of one moment, in the order given. */
export type Step = { at: number } & (
  | {
      /** A change of an alert arrives. It happened at its `changedAt`. */
      kind: 'change'
      alert: Alert
    }
  | {
      /** A person resolves the alert with this key. */
      kind: 'resolve'
      alert: string
      by: string
    }
  | {
      /** A person acknowledges the alert with this key: until it ends, or `until` (ISO 8601). */
      kind: 'acknowledge'
      alert: string
      by: string
      /** Where: on the command line, when absent. */
      via?: Acknowledged['via']
      until?: string
    }
  | {
      /** A person makes a silence, extends it, or ends it. What is refused there changes nothing. */
      kind: 'silence'
      does: (silences: Silences, now: Date) => Silenceable
    }
  | {
      /** Other rules are active from now on. */
      kind: 'rules'
      config: Config
    }
  | {
      /** From now on a channel accepts nothing; or it does again. */
      kind: 'channel'
      channel: string
      isDown: boolean
    }
  | {
      /** From now on the clock is so late: what is due is noticed that much later. */
      kind: 'clock'
      lateMs: number
    }
)

/** What a message is about. `missed`: an episode that had ended before it could be sent, as a whole. */
export const KINDS_OF_MESSAGE = [
  'firing',
  'resolved',
  'no data',
  'missed',
  'reminder',
  'escalation',
  'acknowledged',
  'unacknowledged',
  'note',
  'calmed',
] as const
export type KindOfMessage = (typeof KINDS_OF_MESSAGE)[number]

/** A message that a channel accepted, about one alert. */
export interface Sent {
  at: number
  channel: string
  /** The channel that had failed, if it is that one's fallback. */
  fallbackFor?: string
  kind: KindOfMessage
  /** The alert's key. */
  alert: string
  severity: Severity
  rule: string
  /** All of it, with the channel's own templates. */
  notification: Notification
  /** Its first line, as people see it. */
  readonly text: string
}

/** A step, and what the rules decided on it, if it is a change; or why nothing followed it. */
export interface Taken {
  step: Step
  /** How many messages had been sent before it. */
  sentBefore: number
  decided?: Pick<NextByChange, 'outcome' | 'decision' | 'decided'>
  refused?: string
}

const OF_STATUS = { firing: 'firing', resolved: 'resolved', 'insufficient-data': 'no data' } as const

export function kindOf({ status, missed, update }: Pick<Owed, 'status' | 'missed' | 'update'>): KindOfMessage {
  if (update) return update.is
  return missed ? 'missed' : OF_STATUS[status]
}
