import type { Config } from '../../schemas/config.ts'
import type { DrillClass } from '../../schemas/drill.ts'
import { decide } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import { alertIn, eventOf } from './classes.ts'

/** The alarms topic of some account, where nobody says which: the rules are asked for that account and region. */
export const someTopic = (region = 'eu-west-1'): string => `arn:aws:sns:${region}:123456789012:alert-router-alarms`

/** What the rules do with the event of a class. Pure. */
export function decidedOf(
  drillClass: DrillClass,
  rules: Config,
  { topicArn = someTopic(), now }: { topicArn?: string | undefined; now: Date },
): Decision {
  return decide(alertIn(eventOf(drillClass, topicArn, now), topicArn, now), rules, undefined, now)
}
