import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { alarmEvent, alarmFingerprint, alarmMessage, deletedAlarm } from './alarm.ts'
import { arnText } from './arn.ts'
import { backupEvent } from './backup.ts'
import { costEvent } from './budget.ts'
import { datadogEvent } from './datadog.ts'
import { deploymentEvent } from './deployment.ts'
import type { Draft, Envelope } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { factsOf, jsonIn } from './facts.ts'
import { failedInvocation } from './failed-invocation.ts'
import { findingEvent } from './finding.ts'
import { healthEvent } from './health.ts'
import { knownEvent } from './known-events.ts'
import { alarmPage } from './links.ts'
import { mailFeedback } from './mail-events.ts'
import { otherEvent } from './other-event.ts'
import { ownEvent } from './own-event.ts'
import { prometheusMessage } from './prometheus.ts'
import { regionCode } from './region.ts'
import { isoTime } from './time.ts'

/**
 * EventBridge's events, including the form of the developer tools' notifications (`detailType`).
 * A custom event whose detail is our own event, or an alarm's message, is read as that.
 */
export function awsEvent(message: Json, envelope: Envelope): Draft[] | undefined {
  const type = asText(message['detail-type']) ?? asText(message.detailType)
  if (type === undefined) return undefined
  const text = asText(message.detail)
  const detail = asObject(message.detail) ?? asObject(jsonIn(text ?? '')) ?? { message: text }
  const source = asText(message.source)
  const isAws = source === undefined || source.startsWith('aws.')
  const event: AwsEvent = {
    type,
    source: source ?? 'aws',
    detail,
    account: asText(message.account),
    region: regionCode(asText(message.region)),
    time: isoTime(message.time),
    resources: asList(message.resources)
      .slice(0, 50)
      .map(asText)
      .filter((text) => text !== undefined)
      .map((text) => arnText(text) ?? text),
  }
  if (/^CloudWatch Alarm (?:Contributor )?State Change$/i.test(type) && asText(detail.alarmName)) {
    return alarmEvent(message, detail, envelope)
  }
  const region = event.region ?? (asText(message.region) === 'global' ? null : undefined)
  const drafts = special(event) ??
    (isInvocation(event) ? failedInvocation(detail, envelope) : undefined) ??
    alarmMessage(detail, envelope) ??
    (isAws ? undefined : (webhook(event, envelope) ?? custom(event, envelope))) ?? [otherEvent(event)]
  const all = wasDeleted(event) ? [...drafts, deletedAlarm(message, detail, envelope)] : drafts
  return all.map((draft) => ({
    ...draft,
    source: draft.source ?? event.source,
    account: draft.account ?? event.account,
    region: draft.region === undefined ? region : draft.region,
    changedAt: draft.changedAt ?? event.time,
  }))
}

/** Lambda's destination on a bus: the detail is what it sends to any other destination. */
function isInvocation({ source, type }: AwsEvent): boolean {
  return source === 'lambda' && /^Lambda Function Invocation Result\b/i.test(type)
}

function special(event: AwsEvent): Draft[] | undefined {
  const alone =
    alarmConfiguration(event) ??
    healthEvent(event) ??
    deploymentEvent(event) ??
    backupEvent(event) ??
    costEvent(event) ??
    datadogEvent(event) ??
    (event.source === 'aws.ses' ? mailFeedback(event.detail) : undefined) ??
    knownEvent(event)
  return alone ? [alone] : findingEvent(event)
}

/** Alertmanager's or Grafana's, put on the bus unchanged. */
function webhook({ account, detail }: AwsEvent, envelope: Envelope): Draft[] | undefined {
  return prometheusMessage(detail, { ...envelope, ...(account !== undefined && { account }) })
}

function custom(event: AwsEvent, envelope: Envelope): Draft[] | undefined {
  const claimed = { source: event.source, account: event.account, ...event.detail }
  return ownEvent(claimed, envelope)
}

function isConfigurationChange({ type, detail }: AwsEvent): boolean {
  return /^CloudWatch Alarm Configuration Change$/i.test(type) && asText(detail.alarmName) !== undefined
}

function operationOf({ detail }: AwsEvent): string {
  return asText(detail.operation)?.trim().toLowerCase() ?? 'change'
}

function wasDeleted(event: AwsEvent): boolean {
  return isConfigurationChange(event) && operationOf(event) === 'delete'
}

function alarmConfiguration(event: AwsEvent): Draft | undefined {
  const { detail, account, region, resources } = event
  const name = asText(detail.alarmName)
  if (!isConfigurationChange(event) || name === undefined) return undefined
  const operation = operationOf(event)
  const verb = { create: 'created', update: 'updated', delete: 'deleted' }[operation] ?? `changed (${operation})`
  const configuration = asObject(detail.configuration)
  const before = new Map(factsOf(asObject(detail.previousConfiguration)))
  const facts = factsOf(configuration).filter(([label]) => !/(?:^|\.)(?:timestamp|alarmName|id)$|Actions/.test(label))
  const changes = facts.filter(([label, value]) => before.size > 0 && before.get(label) !== value)
  return {
    kind: 'alarm-configuration',
    fingerprint: `${alarmFingerprint({ arn: resources[0], region, account, name })}#configuration`,
    name,
    title: `Alarm ${name} was ${verb}`,
    description: asText(configuration?.description),
    reason: changes.map(([label, value]) => `${label}: ${before.get(label) ?? 'nothing'} → ${value}`).join('\n'),
    resource: `${name} (alarm)`,
    alarmRule: asText(configuration?.alarmRule),
    details: { operation, state: asText(asObject(detail.state)?.value), ...Object.fromEntries(facts) },
    links: { console: alarmPage(region, name) },
  }
}
