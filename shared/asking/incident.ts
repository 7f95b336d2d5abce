import type { Outcome, Refused } from '../questions/ask.ts'
import { firedAlarms, type Incident, incidentAsks, lastIncident, meant } from '../questions/incident.ts'
import type { Span } from '../questions/spans.ts'
import { type Asking, askAll } from './ask.ts'

/** The last firing of an alarm; or why there is none: several have such a name, none has fired, nothing could be asked. */
export type FoundIncident =
  | { incident: Incident }
  | { several: string[] }
  | { fired: string[] }
  | { refused: Refused[] }

/** Finds what a name, or a part of it, means among the alarms that fired in a span. */
export async function findIncident(name: string, searched: Span, asking: Asking): Promise<FoundIncident> {
  const asks = incidentAsks(searched)
  const outcomeOf = await askAll(Object.values(asks), asking)
  const [history, alerts] = [
    outcomeOf(asks.history) as Outcome<'alarm-history'>,
    outcomeOf(asks.alerts) as Outcome<'alerts'>,
  ]
  if ('refused' in history && 'refused' in alerts) return { refused: [history.refused, alerts.refused] }
  const recorded = {
    history: 'data' in history ? history.data : [],
    alerts: 'data' in alerts ? alerts.data : [],
  }
  const names = firedAlarms(recorded)
  const [first, ...others] = meant(name, names)
  if (first === undefined) return { fired: names }
  if (others.length > 0) return { several: [first, ...others] }
  const incident = lastIncident(first, recorded)
  return incident ? { incident } : { fired: names }
}
