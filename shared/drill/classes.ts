import complianceViolation from '../../samples/compliance-violation.json' with { type: 'json' }
import costThreshold from '../../samples/cost-threshold-budget.json' with { type: 'json' }
import dataLoss from '../../samples/data-loss-1-alarm.json' with { type: 'json' }
import dataLossOk from '../../samples/data-loss-2-ok.json' with { type: 'json' }
import deployment from '../../samples/deployment-complete.json' with { type: 'json' }
import deploymentFailed from '../../samples/deployment-failed.json' with { type: 'json' }
import healthCheck from '../../samples/health-check.json' with { type: 'json' }
import highErrorRate from '../../samples/high-error-rate-1-alarm.json' with { type: 'json' }
import highErrorRateOk from '../../samples/high-error-rate-2-ok.json' with { type: 'json' }
import maintenance from '../../samples/maintenance-scheduled.json' with { type: 'json' }
import processingLatency from '../../samples/processing-latency-1-alarm.json' with { type: 'json' }
import processingLatencyOk from '../../samples/processing-latency-2-ok.json' with { type: 'json' }
import resourceLimits from '../../samples/resource-limits-1-alarm.json' with { type: 'json' }
import securityBreach from '../../samples/security-breach-guardduty.json' with { type: 'json' }
import systemAvailability from '../../samples/system-availability-1-alarm.json' with { type: 'json' }
import systemAvailabilityOk from '../../samples/system-availability-2-ok.json' with { type: 'json' }
import usageReport from '../../samples/usage-report.json' with { type: 'json' }
import type { Alert } from '../../schemas/alert.ts'
import type { DrillClass } from '../../schemas/drill.ts'
import { parseArn } from '../parse/arn.ts'
import { DRILL_ATTRIBUTE } from '../parse/drill.ts'
import { parse } from '../parse/parse.ts'

/*
 * What a drill of each class publishes: the event of samples/ as its sender would publish it now, in the stage's own
 * account and region. So the rules decide as they would. Pure.
 */

/** What is published to the alarms topic. */
export interface Published {
  message: string
  subject?: string
}

interface Sample {
  event: object
  /** Its end, as its sender reports it; without one, the router is asked to resolve it. */
  end?: object
}

const SAMPLES: Record<DrillClass, Sample> = {
  'data-loss': { event: dataLoss, end: dataLossOk },
  'system-availability': { event: systemAvailability, end: systemAvailabilityOk },
  'security-breach': { event: securityBreach },
  'compliance-violation': { event: complianceViolation },
  'high-error-rate': { event: highErrorRate, end: highErrorRateOk },
  'processing-latency': { event: processingLatency, end: processingLatencyOk },
  'resource-limits': { event: resourceLimits },
  'cost-threshold': { event: costThreshold },
  'deployment-failed': { event: deploymentFailed },
  deployment: { event: deployment },
  maintenance: { event: maintenance },
  'usage-report': { event: usageReport },
  'health-check': { event: healthCheck },
}

/** Where and when the samples are. */
const SAMPLE = {
  account: '123456789012',
  at: '2026-11-03T06:12:00.511Z',
  regions: /\b(?:eu-west-1|us-east-1)\b|EU \(Ireland\)/g,
} as const

/** The event of a class, as of now. */
export function eventOf(drillClass: DrillClass, topicArn: string, now: Date): Published {
  return asOf(SAMPLES[drillClass].event, topicArn, now)
}

/** The event of its end, as of now; `undefined`: its sender reports none. */
export function endOf(drillClass: DrillClass, topicArn: string, now: Date): Published | undefined {
  const { end } = SAMPLES[drillClass]
  return end && asOf(end, topicArn, now)
}

/** The alert that the router reads in what is published; `drill`: as the drill of that id. */
export function alertIn({ message, subject }: Published, topicArn: string, now: Date, drill?: string): Alert {
  const MessageAttributes = drill === undefined ? {} : { [DRILL_ATTRIBUTE]: { Type: 'String', Value: drill } }
  const envelope = { Type: 'Notification', TopicArn: topicArn, Subject: subject ?? null, Message: message }
  const [alert] = parse({ ...envelope, MessageAttributes, Timestamp: now.toISOString() }, { now })
  if (!alert) throw new Error('the event of a drill gives no alert')
  return alert
}

function asOf(event: object, topicArn: string, now: Date): Published {
  const { message, subject } = messageIn(event)
  const byMs = now.getTime() - Date.parse(timeIn(message))
  // The alarms topic's are the stage's.
  const { account = '', region = '' } = parseArn(topicArn) ?? {}
  const placed = message.replaceAll(SAMPLE.account, account).replace(SAMPLE.regions, region)
  return { message: moved(placed, byMs), ...(subject !== undefined && { subject }) }
}

/** When the sample's change was; a day like that of the others, if it has no time. */
function timeIn(message: string): string {
  const later = new Date('2100-01-01')
  const [alert] = parse(message, { now: later })
  const { changedAt = SAMPLE.at } = alert ?? {}
  return changedAt === later.toISOString() ? SAMPLE.at : changedAt
}

/** What was published, where a sample has the envelope around it. */
function messageIn(event: object): Published {
  const { Records: [record] = [] } = event as { Records?: { Sns?: object }[] }
  const { Message, Subject } = (record?.Sns ?? event) as { Message?: string; Subject?: string }
  return Message === undefined
    ? { message: JSON.stringify(event) }
    : { message: Message, ...(Subject && { subject: Subject }) }
}

/** `2026-11-03T03:10:02.412+0000`, `…T04:10:03Z`, `Sun, 8 Nov 2026 02:00:00 GMT`, and in a reason `03/11/26 03:05:00`. */
const TIMES =
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|\+0000)|[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d/g

/** A text with all its times so much later, each in its own form. */
function moved(text: string, byMs: number): string {
  return text.replace(TIMES, (time) => {
    const [, day, month, year, clock] = /^(\d\d)\/(\d\d)\/(\d\d) (.*)$/.exec(time) ?? []
    const iso = year === undefined ? time.replace('+0000', 'Z') : `20${year}-${month}-${day}T${clock}Z`
    const at = new Date(Date.parse(iso) + byMs)
    const [date, rest] = [at.toISOString().slice(0, 10), at.toISOString().slice(11, 19)]
    if (year !== undefined) return `${date.slice(8)}/${date.slice(5, 7)}/${date.slice(2, 4)} ${rest}`
    if (time.endsWith('GMT')) return at.toUTCString()
    return at.toISOString().slice(0, time.includes('.') ? 23 : 19) + time.replace(/^.{19}(\.\d{3})?/, '')
  })
}
