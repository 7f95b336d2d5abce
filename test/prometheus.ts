import { type Alert, alertSchema } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'

/*
 * Alerts of Prometheus and Grafana, in the forms that Alertmanager, Amazon Managed Prometheus and Grafana send them to SNS.
 */

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:metrics'

export function publish(message: unknown, more: object = {}): Alert[] {
  const Message = typeof message === 'string' ? message : JSON.stringify(message)
  const notification = {
    Type: 'Notification',
    TopicArn: TOPIC,
    Timestamp: '2026-10-05T07:14:09.218Z',
    Message,
    ...more,
  }
  return parse(notification).map((alert) => alertSchema.parse(alert))
}

export const LABELS = {
  alertname: 'QueueStuck',
  severity: 'critical',
  namespace: 'shop',
  pod: 'cart-0',
  cluster: 'live',
}

export const ANNOTATIONS = {
  summary: 'The queue of carts is stuck',
  description: 'Nothing has left it for 10 minutes.',
  runbook_url: 'https://runbooks.example.com/queue',
  impact: 'no checkout',
}
