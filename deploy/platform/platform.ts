import type { Platform } from '../../schemas/platform.ts'
import type { TemplatePart } from '../email-topics.ts'
import { alarms } from './alarms.ts'
import { burnRateAlarms } from './burn-rate.ts'
import { costWatch } from './cost.ts'
import { dashboards } from './dashboards.ts'
import { drillDeadLetters, drillSchedules, hasDrills } from './drills.ts'
import { eventRules } from './events.ts'
import { logs } from './logs.ts'
import { hasReports, reportDeadLetters, reportSchedules } from './reports.ts'

/** What a stage is deployed with to watch a platform; nothing, when it watches none. */
export function platformStack(platform: Platform | undefined): TemplatePart & { extensions?: object } {
  if (!platform) return { Resources: {}, Outputs: {} }
  const extensions = {
    ...(hasReports(platform) && reportDeadLetters),
    ...(hasDrills(platform) && drillDeadLetters),
  }
  const watching = { ...alarms(platform), ...burnRateAlarms(platform) }
  return {
    Resources: {
      ...watching,
      ...logs(platform),
      ...eventRules(platform),
      ...costWatch(platform),
      ...dashboards(platform, watching),
      ...reportSchedules(platform),
      ...drillSchedules(platform),
    },
    Outputs: {},
    ...(Object.keys(extensions).length > 0 && { extensions }),
  }
}
