import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { FACTS } from '../channels/types.ts'
import { decide } from '../decide/decide.ts'

/**
 * A drill of a one-time event has an end where a channel, or its fallback, opens an incident for it: nobody but the drill
 * would close that. Pure.
 */
export function withEnd(alert: Alert, config: Config, now: Date): Alert {
  if (alert.drill === undefined || !alert.once || alert.status === 'resolved') return alert
  const { channels } = decide(alert, config, undefined, now)
  const all = channels.flatMap((name) => [name, config.channels[name]?.fallback ?? []].flat())
  const opens = (name: string) => {
    const { type } = config.channels[name] ?? {}
    return type !== undefined && FACTS[type].opensIncidents
  }
  if (!all.some(opens)) return alert
  const { once: _once, ...rest } = alert
  return rest
}
