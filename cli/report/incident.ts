import { findIncident } from '../../shared/asking/incident.ts'
import type { Incident } from '../../shared/questions/incident.ts'
import { type Span, shown } from '../../shared/questions/spans.ts'
import type { Opened } from './open.ts'

const DAY_MS = 86_400_000
/** CloudWatch keeps an alarm's history for so long. */
const INCIDENT_DAYS = 30
/** As long as a request may take. */
const TIMEOUT_MS = 20_000

/** Where an incident is looked for. */
export function searchedSpan(now: Date, since?: Date): Span {
  const from = since ?? new Date(now.getTime() - INCIDENT_DAYS * DAY_MS)
  return { from: from.toISOString(), to: now.toISOString() }
}

/** The last firing of the alarm that a name, or a part of one, means. @throws {Error} that says what fired instead. */
export async function incidentNamed(name: string, searched: Span, { context, about }: Opened): Promise<Incident> {
  const { now, platform } = context
  const asking = { ...about, accounts: platform.accounts, now: () => now, timeoutMs: TIMEOUT_MS }
  const found = await findIncident(name, searched, asking)
  if ('incident' in found) return found.incident
  if ('refused' in found) {
    const why = found.refused.map(({ needs, why: reason }) => (needs === undefined ? reason : `needs ${needs}`))
    throw new Error(`Neither CloudWatch's history of alarms nor the router's could be read: ${why.join('; ')}`)
  }
  if ('several' in found) throw new Error(`"${name}" means several alarms. Name one:\n${lines(found.several)}`)
  const when = shown(searched, platform.timezone)
  if (found.fired.length === 0) throw new Error(`No alarm has fired ${when}. Look further back: --since 60d`)
  throw new Error(`No alarm named "${name}" has fired ${when}. These have:\n${lines(found.fired)}`)
}

const lines = (names: string[]) => names.map((name) => `  ${name}`).join('\n')
