import { type AwsStandIn, startAws } from '../stand-ins/aws.ts'
import { type DemoOptions, demoData } from './data.ts'

export { TABLE_NAME as ROUTER_TABLE } from '../topology.ts'
export { DEMO_PROJECT } from './dependencies.ts'
export { FAULTS } from './faults.ts'
export { ROUTER_METRICS } from './router.ts'

/** The demo's platform in AWS, behind the real clients: its `env` leads them there. */
export function startDemo(options: DemoOptions): Promise<AwsStandIn> {
  return startAws({ data: demoData(options), now: () => options.now.getTime() })
}
