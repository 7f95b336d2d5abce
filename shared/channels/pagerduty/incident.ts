import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import { oneLine, shorten } from '../outside-text.ts'
import { type CustomDetails, LIMITS, type PagerDutyPayload, render } from './render.ts'

/** The most alerts named in the details; the rest is counted. Each has its own line in the history. */
const NAMED = 50

/**
 * The event that opens a shared incident, adds to it, or closes it. `key` is its dedup key; `firing` counts the alerts that
 * keep it open. One alert is rendered as usual; several with the newest one's text and a line for each.
 */
export function renderIncident(notifications: Notification[], key: string, firing: number): PagerDutyPayload {
  const [newest, ...others] = newestFirst(notifications)
  if (!newest) throw new Error('an incident without alerts')
  const payload = render(newest)
  if (payload.kind === 'change') return payload
  const { data } = payload
  data.dedup_key = shorten(oneLine(key), LIMITS.dedupKey)
  // The notes come first.
  const { drill, fallback, delayed, ...details } = data.payload.custom_details
  const first: CustomDetails = {
    ...(drill !== undefined && { drill }),
    ...(fallback !== undefined && { fallback }),
    ...(delayed !== undefined && { delayed }),
  }
  const howMany = firing === 0 ? 'all resolved' : `${firing} ${firing === 1 ? 'alert' : 'alerts'} firing`
  data.payload.custom_details = { ...first, incident: `${oneLine(key)} (${howMany})`, ...details }
  if (firing > 1) {
    data.payload.summary = shorten(alertText.begun(newest, `${firing} alerts: `, data.payload.summary), LIMITS.summary)
  }
  if (others.length === 0) return payload
  data.payload.custom_details = { ...first, alerts: lines([newest, ...others]), ...data.payload.custom_details }
  return payload
}

function lines(notifications: Notification[]): string[] {
  const named = notifications
    .slice(0, NAMED)
    .map((one) => shorten(alertText.marked(one, alertText.whatAndWhere(one.alert)), 100))
  const rest = notifications.length - named.length
  return rest > 0 ? [...named, `and ${rest} more`] : named
}

function newestFirst(notifications: Notification[]): Notification[] {
  return notifications.toSorted((a, b) => b.alert.changedAt.localeCompare(a.alert.changedAt))
}
