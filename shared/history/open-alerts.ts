import type { Severity } from '../../schemas/config.ts'
import type { Silence } from '../../schemas/silence.ts'
import type { Acknowledged } from '../../schemas/update.ts'
import type { Ahead } from '../decide/while-firing.ts'

/** An alert that fires now. */
export interface FiringAlert {
  fingerprint: string
  title: string
  severity: Severity
  rule: string
  /** ISO 8601 */
  since: string
  acknowledged?: Acknowledged
  /** Those that were sent it, or will be. */
  channels: string[]
  /** What happens next if nobody reacts. */
  next: Ahead[]
  /** The silences that cover it now. */
  silenced?: Pick<Silence, 'id' | 'by' | 'until' | 'why'>[]
}

/** What the router knows of now. */
export interface OpenAlerts {
  /** What fires, without drills: the most severe first, and of these the newest. */
  firing: FiringAlert[]
  /** Those in force, the one that ends first on top. */
  silences: Silence[]
}
