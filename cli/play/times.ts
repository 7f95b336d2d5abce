import type { Alert } from '../../schemas/alert.ts'
import { oneLine } from '../../shared/channels/outside-text.ts'
import { count } from '../count.ts'
import { alertsOrWhyNot, type ReplayEvent } from '../replay/events.ts'

/** No time that an event may give is later. */
const LATEST = new Date(Date.UTC(9999, 11, 31, 23, 59, 59, 999))

/** So many events are named. */
const SHOWN = 3

/**
 * Which events are played at the time of the run, and why: as the router does on receipt, for want of a time, or because a
 * time to come means that a clock is wrong. `now`: both times by which they were parsed.
 */
export function notesOnTimes(parsed: { event: ReplayEvent; alerts: Alert[] }[], now: Date): string[] {
  const moment = now.toISOString()
  const atNow = parsed.filter(({ alerts }) => alerts.some(({ changedAt }) => changedAt === moment))
  const { ahead = [], none = [] } = Object.groupBy(atNow, ({ event }) => {
    const alerts = alertsOrWhyNot(event, { now, received: LATEST })
    const isAhead = typeof alerts !== 'string' && alerts.every(({ changedAt }) => changedAt !== moment)
    return isAhead ? 'ahead' : 'none'
  })
  return [
    ...noteOn(none, 'without a time of its own that can be read', 'without a time of their own that can be read'),
    ...noteOn(ahead, 'of a time that is still to come', 'of a time that is still to come'),
  ]
}

function noteOn(events: { event: ReplayEvent }[], ofOne: string, ofSeveral: string): string[] {
  if (events.length === 0) return []
  const files = events.slice(0, SHOWN).map(({ event }) => oneLine(event.file))
  const rest = events.length - files.length
  const which = `${files.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`
  return [`${count(events.length, 'event')} ${events.length === 1 ? ofOne : ofSeveral}, played as of now: ${which}`]
}
