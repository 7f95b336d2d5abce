import type { AlertStatus } from '../schemas/alert.ts'
import {
  type LogEntry,
  type Mark,
  type Notified,
  newRecipient,
  type Owed,
  type Recipient,
} from '../shared/decide/alert-state.ts'
import type { Waiting } from '../shared/decide/waiting.ts'
import { timeOf } from './life.ts'

/** What recipients of an alert received, and are owed. */
export const mark = (status: AlertStatus, minute: number, change = `${status} ${minute}`): Mark => ({
  change,
  at: timeOf(minute),
  status,
})
export const received = (status: AlertStatus, minute: number, more: object = {}): Notified => ({
  ...mark(status, minute),
  notifiedAt: timeOf(20),
  ...more,
})
export const held = (of: Owed, minute = 40): Owed => ({ ...of, until: timeOf(minute) })
/** An episode that ended before it could be sent. */
export const whole = (of: Owed): Owed => ({ ...of, missed: true })
export const DEAD = { at: timeOf(1), reason: 'no' }
export const dead = (of: Owed): Waiting => ({ ...of, dead: DEAD })

/** It is owed these, in this order. */
export const owing = (...waiting: Waiting[]): Partial<Recipient> => {
  const [first, ...more] = waiting
  if (!first) return {}
  const { dead, ...owed } = first
  return { owed, ...(dead && { dead }), ...(more.length > 0 && { more }) }
}

export const recipient = (channel: string, more: Partial<Recipient> = {}): Recipient => ({
  ...newRecipient(channel),
  ...more,
})

/** The line in its log that it was not sent this. */
export const overtaken = ({ change, status }: Mark, minute = 30): LogEntry => ({
  at: timeOf(minute),
  change,
  status,
  outcome: 'overtaken',
})
