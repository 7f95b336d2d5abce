import type { AlertStatus } from '../../schemas/alert.ts'
import type { AlertState } from '../decide/alert-state.ts'
import type { EstateAlarm } from '../estate/alarm.ts'
import type { Contributor, HistoryItem } from '../estate/past.ts'

/** All that is known of one alert of CloudWatch. */
export interface Seen {
  fingerprint: string
  name: string
  /** As CloudWatch describes it now; absent: it knows none of this name. */
  alarm?: EstateAlarm | undefined
  /** A time series of its own: as it fires, or that it does not, or that CloudWatch does not say. */
  contributor?: Contributor | 'quiet' | 'unknown' | undefined
  /** What the table says. */
  state?: AlertState | undefined
  /** Of the alarm, the newest first. */
  history: HistoryItem[]
  /** The changes that the router has received, around those that CloudWatch sent. */
  received: Received[]
}

export interface Received {
  /** When it happened, ISO 8601. */
  at: string
  status: AlertStatus
}

/** What sends to the router. */
export interface SendsToUs {
  /** Is this action the router? */
  isUs(action: string): boolean
  /** EventBridge hands the router each of its changes. */
  isSentByEvents(alarm: Pick<EstateAlarm, 'name'>): boolean
}

/** What is known beside it. */
export interface Around extends SendsToUs {
  /** Why CloudWatch keeps an alarm quiet, if it does. */
  quietBy(alarm: EstateAlarm): string | undefined
  /** The role sees every alarm: one that it does not see, is not there. */
  seesAll: boolean
  now: Date
}

/** A time in one of CloudWatch's answers may differ a little from that in another. */
const SAME_MS = 5_000

export const isSame = (one: string, other: string): boolean => Math.abs(Date.parse(one) - Date.parse(other)) <= SAME_MS

/** Does it send the router that it fires? */
export const leadsToUs = (alarm: EstateAlarm, { isUs, isSentByEvents }: SendsToUs): boolean =>
  alarm.actions.alarm.some(isUs) || isSentByEvents(alarm)

/** Did CloudWatch send this to the router, or try to: by an action, or to EventBridge, which has each change? */
export function isSentToUs({ kind, action, alarm }: HistoryItem, { isUs, isSentByEvents }: SendsToUs): boolean {
  return kind === 'sent' ? action !== undefined && isUs(action) : kind === 'changed' && isSentByEvents({ name: alarm })
}
