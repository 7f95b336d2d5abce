import type { HttpAnswer, Request } from '../exchange.ts'
import type { Application } from './application.ts'

/** The name of the one that watches over the environment, where nothing else is said. */
export const ALARM = 'alert-router-prod-errors'

export const arnOf = (alarm: string) => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${alarm}`

/** CloudWatch leaves out what it does not know. */
export function describeAlarms(app: Application, { json }: Request): HttpAnswer {
  const { AlarmNames } = json as { AlarmNames: string[] }
  const known = AlarmNames.filter((name) => name in app.alarms)
  return { status: 200, body: { MetricAlarms: known.map((AlarmName) => ({ AlarmName, ...app.alarms[AlarmName] })) } }
}
