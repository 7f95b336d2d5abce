import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { Decision, Firing, Timed } from '../decide/decision.ts'

/** A decision that was made, and all that it was made from. */
export interface Decided {
  alert: Alert
  config: Config
  firing: Firing | undefined
  /** What `decide` said of it. */
  decided: Decision
  /** What `hold` made of that, or the same. */
  decision: Timed
  /** When it was. */
  at: Date
}
