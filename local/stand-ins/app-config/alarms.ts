import type { HttpAnswer, Request } from '../exchange.ts'
import type { Application } from './application.ts'

/** The default name of the alarm that monitors the environment. */
export const ALARM = 'alert-router-prod-errors'

export const arnOf = (alarm: string) => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${alarm}`

/** CloudWatch omits unknown names. */
export function describeAlarms(app: Application, { json }: Request): HttpAnswer {
  const { AlarmNames } = json as { AlarmNames: string[] }
  const known = AlarmNames.filter((name) => name in app.alarms)
  return { status: 200, body: { MetricAlarms: known.map((AlarmName) => ({ AlarmName, ...app.alarms[AlarmName] })) } }
}
