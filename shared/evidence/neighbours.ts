import type { Alert } from '../../schemas/alert.ts'
import { alarmsInRule } from '../parse/alarm-rule.ts'
import type { FiringAlarm } from '../questions/ask.ts'
import { clock, type FirstQuestion, type Known, missing } from './ask-first.ts'

const SHOWN = 6
const ASK = { kind: 'alarms' as const }

/** The alarms that fire at the same time, the nearest first. */
export function neighboursOf({ alert, now }: Known): FirstQuestion {
  return {
    title: 'Other alarms that fire',
    asks: [ASK],
    says: (outcomeOf) => {
      const outcome = outcomeOf(ASK)
      if ('refused' in outcome) return { says: missing(outcome.refused), lines: [] }
      const others = outcome.data.filter(({ name }) => name !== alert.name)
      const near = others
        .map((one) => ({ one, why: relationOf(one, alert) }))
        .filter(({ why }) => why !== undefined)
        .sort((one, other) => (one.why?.order ?? 0) - (other.why?.order ?? 0))
      const rest = others.length - Math.min(SHOWN, near.length)
      const says =
        others.length === 0
          ? 'none in this account and region'
          : `${others.length} in this account and region, ${near.length} near it`
      return {
        says,
        lines: [
          ...near.slice(0, SHOWN).map(({ one: { name, since }, why }) => {
            return `${name}${since === undefined ? '' : ` since ${clock(since, now)}`} (${why?.says})`
          }),
          ...(rest > 0 && near.length > 0 ? [`and ${rest} more`] : []),
        ],
      }
    },
  }
}

interface Relation {
  order: number
  says: string
}

/** How an alarm is related to an alert. */
function relationOf(one: FiringAlarm, alert: Alert): Relation | undefined {
  if (alarmsInRule(one.rule).includes(alert.name)) return { order: 0, says: 'is made of it' }
  const children = [...alert.children.map(({ name }) => name), ...alarmsInRule(alert.alarmRule)]
  if (children.includes(one.name)) return { order: 0, says: 'it is made of this' }
  const shared = Object.entries(one.dimensions ?? {}).find(([name, value]) => alert.dimensions[name] === value)
  if (shared) return { order: 1, says: `same ${shared[0]}` }
  const values = new Set(Object.values(alert.dimensions))
  if (Object.values(one.dimensions ?? {}).some((value) => values.has(value))) return { order: 2, says: 'same name' }
  if (one.namespace !== undefined && one.namespace === alert.namespace)
    return { order: 3, says: `also ${one.namespace}` }
  return undefined
}
