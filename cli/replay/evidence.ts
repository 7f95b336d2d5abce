import type { MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { Requests } from '../../local/engine.ts'
import type { Captured } from '../../local/stand-ins/index.ts'
import type { Config } from '../../schemas/config.ts'
import { asRead } from '../../shared/channels/slack/mrkdwn.ts'
import { readPlatform } from '../../shared/platform/read.ts'
import { json, type ReplayEvent } from './events.ts'

/** What evidence asks; the table, the topics and the secrets are the engine's. */
const ASKED = ['CLOUDWATCH', 'CLOUDWATCH_LOGS', 'CLOUDTRAIL', 'CLOUDFORMATION', 'CODEPIPELINE', 'STS']

export interface EvidenceDemo {
  environment: Record<string, string>
  /** What it watches, as JSON. */
  platform: string
  close(): Promise<void>
}

/** The demo's data in place of AWS, and in it the alarms of the events as they describe themselves. */
export async function startEvidenceDemo(rules: Config, events: ReplayEvent[]): Promise<EvidenceDemo> {
  const { demoData } = await import('../../local/demo/data.ts')
  const { ROUTER_METRICS } = await import('../../local/demo/start.ts')
  const { startAws } = await import('../../local/stand-ins/aws.ts')
  const platform = readPlatform('config/platform.yml')
  if (!platform) throw new Error('config/platform.yml: file not found. The demo is made of it')
  const now = new Date()
  const made = demoData({ platform, rules, now })
  const alarms = events.flatMap(({ text }) => alarmIn(json(text)) ?? [])
  const aws = await startAws({ data: { ...made, metricAlarms: [...made.metricAlarms, ...alarms] } })
  return {
    environment: {
      ...Object.fromEntries(
        Object.entries(aws.env).filter(([name]) => ASKED.some((service) => name.endsWith(`URL_${service}`))),
      ),
      ...{ ACCOUNT_ID: made.account, METRICS_NAMESPACE: ROUTER_METRICS },
    },
    platform: JSON.stringify(platform),
    close: () => aws.close(),
  }
}

interface Message {
  AlarmName?: string
  Trigger?: Omit<MetricAlarm, 'Metrics'> & { Metrics?: MetricAlarm['Metrics'] }
}

/** An alarm as its own message describes it. */
function alarmIn(message: unknown): MetricAlarm | undefined {
  const { AlarmName, Trigger } = (message ?? {}) as Message
  if (AlarmName === undefined || !Trigger?.Metrics) return undefined
  const { Threshold, ComparisonOperator } = Trigger
  const Metrics = JSON.parse(JSON.stringify(Trigger.Metrics), renamed) as NonNullable<MetricAlarm['Metrics']>
  return { AlarmName, Threshold, ComparisonOperator, Metrics, StateValue: 'OK' }
}

/** SNS writes a dimension as `name` and `value`. */
function renamed(_: string, value: unknown): unknown {
  const { name, value: of } = (value ?? {}) as { name?: unknown; value?: unknown }
  return typeof name === 'string' && typeof of === 'string' ? { Name: name, Value: of } : value
}

/** What followed the alerts, as Slack shows it; what PagerDuty got, where Slack got nothing. */
export function evidenceText({ slack, pagerduty }: Requests): string {
  const isEvidence = ({ notificationId }: Captured) => notificationId?.endsWith('-evidence') === true
  const ofSlack = slack.filter(isEvidence).map(({ path, body }) => [path, inSlack(body)] as const)
  const shown =
    ofSlack.length > 0
      ? ofSlack
      : pagerduty.filter(isEvidence).map(({ body }) => ['PagerDuty', inPagerDuty(body)] as const)
  if (shown.length === 0) return '\nNo evidence followed: it does for critical and warning alerts that fire.\n'
  return shown.map(([channel, text]) => `\nWhat followed, to ${channel}:\n\n${text}\n`).join('')
}

function inSlack(body: unknown): string {
  const { attachments } = body as { attachments: { blocks: { text?: { text: string } }[] }[] }
  return (attachments[0]?.blocks ?? [])
    .map(({ text }) =>
      asRead(text?.text ?? '')
        .replace(/^```\n?|\n?```$/g, '')
        .replace(/^\*(.+?)\*/, '$1'),
    )
    .join('\n')
}

function inPagerDuty(body: unknown): string {
  const { payload } = body as { payload: { summary: string; custom_details: Record<string, string[]> } }
  const details = Object.entries(payload.custom_details).map(([name, lines]) => [`${name}:`, ...lines].join('\n'))
  return [payload.summary, ...details].join('\n')
}
