import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { Decision, Firing, Timed } from '../decide/decision.ts'

/** A decision and its inputs. */
export interface Decided {
  alert: Alert
  config: Config
  firing: Firing | undefined
  /** The result of `decide`. */
  decided: Decision
  /** The result of `hold` on that. */
  decision: Timed
  /** When it was decided. */
  at: Date
}
