import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import { decide } from '../decide/decide.ts'
import { recipientsOf, type Timed } from '../decide/decision.ts'
import { hold } from '../decide/hold.ts'
import { parse } from '../parse/parse.ts'
import type { EstateAlarm } from './alarm.ts'
import type { Estate } from './estate.ts'
import { messageOf } from './message.ts'

/** An alarm, and what the rules would decide if it fired now. */
export interface RoutedAlarm {
  alarm: EstateAlarm
  alert: Alert
  decision: Timed
  /** Somebody is woken, now or later. */
  isPage: boolean
}

export const tagsOf = ({ tags }: Pick<Estate, 'tags'>, { arn = '' }: EstateAlarm): Record<string, string> =>
  'data' in tags ? (tags.data[arn] ?? {}) : {}

/** The alert that an alarm will be when it fires. */
export function alertOfAlarm(estate: Pick<Estate, 'tags' | 'at'>, alarm: EstateAlarm): Alert {
  const at = new Date(estate.at)
  const [alert] = parse(messageOf(alarm, tagsOf(estate, alarm), at), { now: at })
  return alert as Alert
}

/** Decides it by the rules, as the router would at that moment. */
export function routedAlarm(estate: Pick<Estate, 'tags' | 'at'>, alarm: EstateAlarm, config: Config): RoutedAlarm {
  const alert = alertOfAlarm(estate, alarm)
  const at = new Date(estate.at)
  const decision = hold(alert, decide(alert, config, undefined, at), config, at)
  const isPage = recipientsOf(decision).some((channel) => pages(config.channels[channel]))
  return { alarm, alert, decision, isPage }
}
