import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { alarmEvent, alarmFingerprint, alarmMessage, deletedAlarm } from './alarm.ts'
import { arnText, resourceName } from './arn.ts'
import { backupEvent } from './backup.ts'
import { costEvent } from './budget.ts'
import { datadogEvent } from './datadog.ts'
import { deploymentEvent } from './deployment.ts'
import type { Draft, Envelope } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { asLines, type Fact, factsOf } from './facts.ts'
import { failedInvocation } from './failed-invocation.ts'
import { findingEvent } from './finding.ts'
import { healthEvent } from './health.ts'
import { knownEvent } from './known-events.ts'
import { alarmPage } from './links.ts'
import { mailFeedback } from './mail-events.ts'
import { ownEvent } from './own-event.ts'
import { regionCode } from './region.ts'
import { deploymentState } from './state-words.ts'
import { isoTime } from './time.ts'

/**
 * EventBridge's events, also as the developer tools' notifications write them (`detailType`).
 * A custom event whose detail is our own event, or an alarm's message, is read as that.
 */
export function awsEvent(message: Json, envelope: Envelope): Draft[] | undefined {
  const type = asText(message['detail-type']) ?? asText(message.detailType)
  if (type === undefined) return undefined
  const detail = asObject(message.detail) ?? {}
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
  const drafts = special(event) ??
    (isInvocation(event) ? failedInvocation(detail, envelope) : undefined) ??
    alarmMessage(detail, envelope) ??
    (isAws ? undefined : custom(event, envelope)) ?? [generic(event)]
  const all = wasDeleted(event) ? [...drafts, deletedAlarm(message, detail, envelope)] : drafts
  return all.map((draft) => ({
    ...draft,
    source: draft.source ?? event.source,
    account: draft.account ?? event.account,
    region: draft.region ?? event.region ?? (asText(message.region) === 'global' ? null : undefined),
    changedAt: draft.changedAt ?? event.time,
  }))
}

/** Lambda's destination on a bus: what it puts into any other, as the detail. */
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

/** Any other event, read by what most of them have: a name, a state, a reason. */
function generic(event: AwsEvent): Draft {
  const { type, detail, source, account, region } = event
  const facts = factsOf(detail)
  const subject = subjectOf(event, facts)
  const state = wordOf(detail, STATE_KEYS)
  // Pairs of events that take each other back: … Unhealthy and … Healthy, or a status that becomes healthy again.
  const currentStatus = asText(detail.currentStatus)
  const recovered = /\b(?:Healthy|Recovered|Resolved)$/i.test(type) || /^healthy$/i.test(currentStatus ?? '')
  const isOfPair = recovered || /\bUnhealthy$/i.test(type) || currentStatus !== undefined
  return {
    kind: 'aws-event',
    fingerprint: [
      source,
      account ?? '',
      region ?? '',
      type.replace(/ (?:Un)?Healthy$/i, ''),
      [event.resources[0] ?? subject, asText(detail.eventName)].filter(Boolean).join('#'),
    ].join(':'),
    status: recovered ? 'resolved' : 'firing',
    once: !isOfPair,
    name: type,
    title: [shortType(type), [subject, state].filter(Boolean).join(' ')].filter(Boolean).join(': '),
    reason: wordOf(detail, REASON_KEYS),
    description: asLines(facts),
    resource: subject,
    declaredSeverity: severityIn(detail),
    details: Object.fromEntries([
      ...(event.resources.length > 0 ? [['resources', event.resources.join(', ')]] : []),
      ...facts,
    ]),
  }
}

/** What a type says of itself in its last words is said by the state. */
function shortType(type: string): string {
  return type.replace(/(?<=\S) (?:State[ -]change|Status[ -]change|Change)?(?: ?Notification)?$/i, '') || type
}

/** As the sender claims it; what went well, or goes on, is good to know. */
function severityIn(detail: Json): string | undefined {
  if (typeof detail.severity === 'string') return detail.severity
  const state = deploymentState(wordOf(detail, STANDINGS))
  return state === undefined || state === 'failed' || state === 'stopped' ? undefined : 'info'
}

const STANDINGS = ['state', 'status', 'currentStatus', 'lastStatus', 'scanStatus', 'newState', 'jobStatus']
const STATE_KEYS = [...STANDINGS, 'build-status', 'eventName', 'event', 'operation']
const REASON_KEYS = [
  ...['reason', 'statusReason', 'status-reason', 'stoppedReason', 'message', 'Message', 'errorMessage', 'error'],
  ...['cause', 'Cause', 'StatusMessage', 'statusMessage', 'description', 'eventDescription'],
]

function wordOf(detail: Json, keys: string[]): string | undefined {
  const key = keys.find((key) => typeof detail[key] === 'string' && asText(detail[key]) !== undefined)
  return key === undefined ? undefined : asText(detail[key])
}

/** What the event is about: its resource, or what in its detail looks like a name. */
function subjectOf({ resources }: AwsEvent, facts: Fact[]): string | undefined {
  if (resources.length > 0)
    return resources.slice(0, 3).map(resourceName).join(', ') + (resources.length > 3 ? ', …' : '')
  const named = (pattern: RegExp) =>
    facts.find(([label]) => pattern.test(label) && !/^event|user|zone|type|request_?id/i.test(label))
  const who = facts.find(([label]) => /^userIdentity\.(?:userName|arn)$/.test(label))
  const fact = named(/name$/i) ?? named(/arn$/i) ?? named(/(?:^|[a-z_-])(?:id|identifier|group|resource)$/i) ?? who
  return fact && resourceName(fact[1])
}
