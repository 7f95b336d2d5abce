import type { ChannelType } from '../../schemas/channel.ts'
import { FACTS } from '../channels/types.ts'
import type { AlertState, LogEntry } from './alert-state.ts'
import { isOfType } from './place.ts'

/*
 * The incidents that an alert has open: where, and by which channel. Its resolve closes them, unless their channel leads
 * elsewhere by then, or was removed. Then nothing closes them, and a person must. Pure.
 */

/** An incident: its place (shared/decide/place.ts), and the key of a shared one; an alert's own has none. */
export function incidentAt(place: string, shared: string | undefined): string {
  return shared ? `${place} ${shared}` : place
}

/** The shared incident in an `incidentAt`. */
export function sharedOf(incident: string): string | undefined {
  return /^\S+ \S+ (.+)$/s.exec(incident)?.[1]
}

/** It may be open from now on. */
export function withOpen(state: AlertState, incident: string, channel: string): AlertState {
  return { ...state, open: { ...state.open, [incident]: channel } }
}

/** These are closed. */
export function withoutOpen(state: AlertState, incidents: string[]): AlertState {
  const { open, ...rest } = state
  const left = Object.entries(open ?? {}).filter(([incident]) => !incidents.includes(incident))
  return left.length > 0 ? { ...rest, open: Object.fromEntries(left) } : rest
}

/**
 * The incidents that stay open: the alert is resolved, and no recipient that could close them is owed the resolve. An incident
 * is not among them when PagerDuty refused its resolve at the same place: that dead letter notifies a person already.
 */
export function leftOpen({ open = {}, once, firing, noData, recipients }: AlertState): string[] {
  if (once || firing || noData) return []
  const all = Object.values(recipients)
  const refusedAt = all
    .flatMap(({ dead, more = [] }) => [dead, ...more.map((mark) => mark.dead)])
    .map((one) => one?.place)
  return Object.keys(open).filter((incident) => {
    const [type] = incident.split(' ') as [ChannelType]
    // A recipient that was sent its alert in a chat can't close an incident.
    const isAwaited = all.some(({ owed, dead, notified }) => owed && !dead && isOfType(notified?.place, type))
    return !isAwaited && !refusedAt.includes(incident.split(' ', 2).join(' '))
  })
}

/** Removes incidents that a dead letter has handed to a person, and logs that. */
export function givenToPerson(state: AlertState, incidents: string[], now: Date): AlertState {
  const recipients = { ...state.recipients }
  for (const incident of incidents) {
    const channel = state.open?.[incident] ?? ''
    const name =
      Object.keys(recipients).find((one) => recipients[one]?.channel === channel) ?? Object.keys(recipients)[0]
    const one = name === undefined ? undefined : recipients[name]
    if (name === undefined || !one) continue
    const change = one.notified?.change ?? one.log.at(-1)?.change ?? ''
    const entry: LogEntry = {
      ...{ at: now.toISOString(), change, status: 'resolved', outcome: 'left open' },
      reason: describeOpen(channel, incident),
    }
    recipients[name] = { ...one, log: [...one.log, entry] }
  }
  return withoutOpen({ ...state, recipients }, incidents)
}

/** The message to a person about an incident that stays open. */
export function describeOpen(channel: string, incident: string): string {
  const shared = sharedOf(incident)
  const [which, unless] =
    shared === undefined
      ? ['an incident', '']
      : [`the shared incident "${shared}"`, ', unless other alerts in it still fire']
  return `channel "${channel}" may have left ${which} open in ${FACTS[incident.split(' ')[0] as ChannelType].vendor}: when the alert was resolved, the rules no longer led there. Close it by hand${unless}`
}
