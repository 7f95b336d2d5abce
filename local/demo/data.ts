import type { Config } from '../../schemas/config.ts'
import type { Platform } from '../../schemas/platform.ts'
import type { AwsData } from '../stand-ins/aws/data.ts'
import { alarmsOf } from './alarms.ts'
import { backupsOf } from './backups.ts'
import { capacityOf } from './capacity.ts'
import { changesOf } from './changes.ts'
import { costOf } from './cost.ts'
import { drillsOf } from './drills.ts'
import { faultTimes } from './faults.ts'
import { logsOf } from './logs.ts'
import { metricsOf } from './metrics.ts'
import { noiseOf } from './noise.ts'
import { patchesOf } from './patches.ts'
import { placeOf } from './place.ts'
import { activityOf, clockOf } from './rhythm.ts'
import { routedOf } from './routed.ts'
import { securityOf } from './security.ts'
import { servicesOf } from './services.ts'
import { silencesOf } from './silences.ts'

export interface DemoOptions {
  platform: Platform
  /** The router's. */
  rules: Config
  /** The data ends here. */
  now: Date
  /** Another seed, other numbers; the faults are the same. */
  seed?: number
  region?: string
}

/**
 * Five weeks of a platform in AWS, with the faults of `FAULTS`: what a report has to find. The same options give the same;
 * values are computed when they are asked for.
 */
export function demoData({ platform, rules, now, seed = 1, region = 'eu-west-1' }: DemoOptions): AwsData {
  const clock = clockOf(platform.timezone)
  const times = faultTimes(now, clock)
  const course = { times, clock, activity: activityOf(clock), noise: noiseOf(seed, '') }
  const [services, place] = [servicesOf(platform), placeOf(region)]
  const cost = costOf(times, seed, region)
  const alarms = alarmsOf(platform, times, place)
  return {
    account: place.account,
    metrics: metricsOf(platform, services, course, seed, cost.costOf),
    ...alarms,
    alertItems: [
      ...routedOf(alarms, rules, place, noiseOf(seed, 'router')),
      ...drillsOf(rules, times, noiseOf(seed, 'drills')),
      ...silencesOf(times),
    ],
    ...logsOf(platform, services, course, seed),
    ...cost,
    ...backupsOf(services, times, place),
    ...securityOf(times, place),
    ...changesOf(services, times, place),
    ...capacityOf(services, times, place),
    ...patchesOf(times),
  }
}
