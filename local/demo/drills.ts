import type { Config } from '../../schemas/config.ts'
import type { DrillClass } from '../../schemas/drill.ts'
import { DRILL_CLASSES } from '../../schemas/drill.ts'
import type { Item } from '../../shared/aws/table.ts'
import { decide } from '../../shared/decide/decide.ts'
import { alertIn, eventOf } from '../../shared/drill/classes.ts'
import { itemOfProof } from '../../shared/drill/records.ts'
import type { FaultTimes } from './faults.ts'
import type { Noise } from './noise.ts'

const DAY_MS = 86_400_000
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alert-router-prod-alarms'

/** Days ago; a class that is not named was never drilled. */
const DRILLED: Partial<Record<DrillClass, number>> = {
  'data-loss': 26,
  'system-availability': 26,
  'compliance-violation': 26,
  'cost-threshold': 61,
}

/** What the router has recorded of drills: of one class none, and of a channel none in two months. */
export function drillsOf(rules: Config, { now }: FaultTimes, noise: Noise): Item[] {
  return DRILL_CLASSES.flatMap((subject) => {
    const days = DRILLED[subject]
    if (days === undefined) return []
    const at = new Date(now - days * DAY_MS)
    const { channels } = decide(alertIn(eventOf(subject, TOPIC, at), TOPIC, at), rules, undefined, at)
    return channels.map((channel, index) => {
      const tookMs = Math.round(800 + 4_000 * noise(at.getTime() + index))
      return itemOfProof({ subject, channel, outcome: 'arrived', tookMs }, at)
    })
  })
}
