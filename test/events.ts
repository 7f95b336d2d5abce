import { alertSchema } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'

/*
 * What SNS and EventBridge hand over, and the alerts that are made of it.
 */

const topic = 'arn:aws:sns:eu-west-1:111122223333:alarms'

export const now = new Date('2026-10-01T00:00:00Z')

export function publish(message: unknown, more: object = {}) {
  const Message = typeof message === 'string' ? message : JSON.stringify(message)
  const [alert] = parse(
    { Type: 'Notification', TopicArn: topic, Timestamp: '2026-09-14T11:18:52.500Z', Message, ...more },
    { now },
  )
  return alertSchema.parse(alert)
}

export function bridge(type: string, source: string, detail: object, more: object = {}) {
  return parse({
    version: '0',
    id: '1',
    'detail-type': type,
    source,
    account: '111122223333',
    time: '2026-09-14T11:18:52Z',
    region: 'eu-west-1',
    resources: [],
    detail,
    ...more,
  })
}
