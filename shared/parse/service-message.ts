import { asObject, asText, type Json } from '../../schemas/loose.ts'
import { arnAccount, arnText, parseArn, resourceName } from './arn.ts'
import { backupText } from './backup.ts'
import { budgetText, costMessage } from './budget.ts'
import { cacheSummary, databaseSummary } from './database-events.ts'
import { datadogText } from './datadog.ts'
import { deploymentMessage } from './deployment.ts'
import { deviceViolation } from './device.ts'
import { type Draft, type Envelope, hash } from './draft.ts'
import { asLines, type Fact, factsOf, labels } from './facts.ts'
import { mailFeedback } from './mail-events.ts'
import { regionCode } from './region.ts'
import { insight } from './security-events.ts'
import { stackText } from './stack.ts'
import { wordOf } from './summary.ts'
import { firstLine } from './text.ts'
import { isoTime } from './time.ts'

/** Messages that AWS services publish to an SNS topic directly, each in its own form. */

export function serviceText(text: string, envelope: Envelope): Draft[] | undefined {
  const draft =
    datadogText(text, envelope) ??
    stackText(text) ??
    budgetText(text, envelope) ??
    backupText(text, envelope) ??
    elasticBeanstalk(text, envelope)
  return draft && [draft]
}

export function serviceMessage(message: Json, envelope: Envelope): Draft[] | undefined {
  const records = Array.isArray(message.Records) ? message.Records.map(asObject) : []
  if (records.length > 0 && records.every((record) => asText(record?.eventSource) ?? asText(record?.EventSource))) {
    return records.map((record) => recordOf(record ?? {}))
  }
  const draft =
    deploymentMessage(message, envelope) ??
    costMessage(message, envelope) ??
    autoScaling(message, envelope) ??
    mailFeedback(message) ??
    devOpsGuru(message) ??
    databaseEvent(message, envelope) ??
    elastiCache(message, envelope) ??
    deviceViolation(message, envelope) ??
    configNotice(message)
  return draft && [draft]
}

/** S3, SES, CodeCommit and others: `{Records: [{eventSource: 'aws:s3', eventName, …}]}`. */
function recordOf(record: Json): Draft {
  const source = (asText(record.eventSource) ?? asText(record.EventSource) ?? 'aws').replace(/^aws:/, 'aws.')
  const event = asText(record.eventName) ?? asText(record.eventType) ?? 'event'
  const s3 = asObject(record.s3)
  const object = [asObject(s3?.bucket)?.name, asObject(s3?.object)?.key]
    .map(asText)
    .filter((text) => text !== undefined)
  const arn = asText(record.eventSourceARN)
  const subject = object.length > 0 ? object.join('/') : arn && resourceName(arn)
  const facts = factsOf(record)
  const service = source.replace(/^aws\./, '').toUpperCase()
  const isLost = /LostObject$/.test(event)
  return {
    kind: 'aws-event',
    fingerprint: `${source}:${subject ?? hash(asLines(facts))}`,
    name: `${service} ${event}`,
    title: [`${service} ${event}`, subject].filter(Boolean).join(': '),
    description: asLines(facts),
    changedAt: isoTime(record.eventTime),
    source,
    account: arnAccount(arn),
    region: regionCode(asText(record.awsRegion)),
    resource: subject && (object.length > 0 ? `${subject} (${service} object)` : subject),
    declaredSeverity: isLost ? 'critical' : /Fail/.test(event) ? 'error' : s3 && 'info',
    details: { ...(isLost && { class: 'data loss' }), ...Object.fromEntries(facts) },
  }
}

function autoScaling(message: Json, envelope: Envelope): Draft | undefined {
  const group = asText(message.AutoScalingGroupName)
  if (group === undefined) return undefined
  const arn = arnText(asText(message.AutoScalingGroupARN))
  const instance = asText(message.EC2InstanceId)
  const event = asText(message.Event) ?? asText(message.LifecycleTransition)
  if (event === undefined) return undefined
  // A failed action of the group fires until that action succeeds.
  const [, verb, isFailed] = /^autoscaling:EC2_INSTANCE_(LAUNCH|TERMINATE)(_ERROR)?$/.exec(event) ?? []
  const facts = factsOf(message)
  return {
    kind: 'aws-event',
    fingerprint: [arn ?? `autoscaling:${group}`, ...(verb ? [verb] : [instance, event])].filter(Boolean).join('#'),
    ...(verb && { status: isFailed ? ('firing' as const) : ('resolved' as const), once: false }),
    declaredSeverity: isFailed ? 'error' : 'info',
    name: event,
    title: `Auto Scaling group ${group}: ${asText(message.Description) ?? event}`,
    description: asLines(facts),
    reason: [isFailed && asText(message.StatusMessage), asText(message.Cause)].filter(Boolean).join('\n'),
    changedAt: isoTime(message.Time),
    source: 'aws.autoscaling',
    account: asText(message.AccountId) ?? envelope.account,
    region: regionCode(parseArn(arn)?.region),
    resource: [`${group} (Auto Scaling group)`, instance && `${instance} (instance)`].filter(Boolean).join(', '),
    details: Object.fromEntries(facts),
  }
}

/** DevOps Guru's topic: an insight is opened, updated or closed. */
function devOpsGuru(message: Json): Draft | undefined {
  const type = asText(message.MessageType)
  const summary = type === undefined ? undefined : insight(message, type === 'CLOSED_INSIGHT')
  if (!summary) return undefined
  const { title, resource, severity, status, changedAt, details, links } = summary
  const account = asText(message.AccountId)
  const region = regionCode(asText(message.Region))
  return {
    kind: 'finding',
    fingerprint: ['aws.devops-guru', account ?? '', region ?? '', 'insight', asText(message.InsightId)].join(':'),
    name: 'DevOps Guru insight',
    source: 'aws.devops-guru',
    declaredSeverity: severity,
    ...{ title, resource, status, changedAt, account, region },
    details: { ...details, message: type },
    links: links ?? {},
  }
}

/** RDS, DMS and Redshift: `{"Event Source", "Event Message", "Event ID", …}`. */
function databaseEvent(message: Json, envelope: Envelope): Draft | undefined {
  const text = asText(message['Event Message'])
  if (text === undefined) return undefined
  const kind = asText(message['Event Source'])
  const id = asText(message['Source ID']) ?? asText(message.SourceId) ?? asText(message.Resource)
  const arn = arnText(asText(message['Source ARN']))
  const about = asText(message['Event ID']) ?? asText(message['About this Event'])
  const event = /([\w-]+)\s*$/.exec(about?.slice(-200) ?? '')?.[1]
  const link = asText(message['Identifier Link'])?.split(/\s/)[0]
  const facts = factsOf(message)
  const service = /\b(dms|rds|redshift)\b/i.exec(`${event} ${link} ${about}`)?.[1]?.toLowerCase() ?? 'rds'
  const summary = databaseSummary(id ?? 'database', text, event, { service, kind, severity: asText(message.Severity) })
  return {
    kind: 'aws-event',
    fingerprint: [
      arn ?? [service, envelope.account ?? '', ...(kind ? [kind] : []), id ?? hash(envelope.topic, text)].join(':'),
      summary.identity.at(-1),
    ].join('#'),
    ...(summary.status && { status: summary.status, once: false }),
    name: event ?? envelope.subject ?? 'Database event',
    title: id ? summary.title : text,
    reason: event,
    description: text,
    changedAt: isoTime(message['Event Time']),
    source: `aws.${service}`,
    account: arnAccount(arn),
    region: regionCode(parseArn(arn)?.region) ?? regionCode(/[?&]region=([\w-]+)/.exec(link ?? '')?.[1]),
    resource: id && (kind ? `${id} (${kind})` : id),
    declaredSeverity: summary.severity,
    tags: labels(message.Tags),
    details: { ...summary.details, ...Object.fromEntries(facts) },
    links: { console: link },
  }
}

/** A single key with all the facts: `{"ElastiCache:CacheNodeReplaceComplete": "cluster-001"}`. */
function elastiCache(message: Json, envelope: Envelope): Draft | undefined {
  const key = Object.keys(message).find((name) => /^ElastiCache:\w/.test(name))
  if (key === undefined) return undefined
  const { identity, severity, ...summary } = cacheSummary(key, asText(message[key]) ?? 'unknown cluster')
  return {
    ...summary,
    kind: 'aws-event',
    fingerprint: ['elasticache', envelope.account ?? '', envelope.region ?? '', ...identity].join(':'),
    ...(summary.status && { once: false }),
    name: key,
    declaredSeverity: severity,
    description: asLines(factsOf(message)),
    source: 'aws.elasticache',
    details: Object.fromEntries(factsOf(message)),
    links: {},
  }
}

const CHANGES = new Map([
  ['CREATE', 'created'],
  ['UPDATE', 'updated'],
  ['DELETE', 'deleted'],
])

/** `ConfigurationItemChangeNotification`, `ComplianceChangeNotification`, `OversizedConfigurationItemChangeNotification`, … */
const CONFIG_MESSAGE = /^(?:Oversized)?(?:Config|Compliance)/

/** AWS Config's delivery channel: mostly changes of resources. */
function configNotice(message: Json): Draft | undefined {
  const type = asText(message.messageType)
  const item = asObject(message.configurationItem) ?? message
  const id = asText(item.resourceName) ?? asText(item.resourceId) ?? asText(message.resourceId)
  if (type === undefined || !CONFIG_MESSAGE.test(type)) return undefined
  const rule = asText(message.configRuleName)
  const subject = id ?? rule
  if (subject === undefined) return undefined
  const compliance = asText(asObject(message.newEvaluationResult)?.complianceType)
  const facts = factsOf(message)
  const account = asText(message.awsAccountId) ?? asText(item.awsAccountId)
  const region = regionCode(asText(message.awsRegion) ?? asText(item.awsRegion))
  return {
    kind: compliance ? 'finding' : 'aws-event',
    fingerprint: ['config', account ?? '', region ?? '', rule ?? type, id ?? ''].join(':'),
    status: compliance === 'COMPLIANT' || compliance === 'NOT_APPLICABLE' ? 'resolved' : 'firing',
    name: rule ?? type,
    title: compliance
      ? `Config rule${rule ? ` ${rule}` : ''}: ${id ? `${id} is ` : ''}${wordOf(compliance)}`
      : `AWS Config: ${subject} was ${CHANGES.get(asText(asObject(message.configurationItemDiff)?.changeType) ?? '') ?? 'changed'}`,
    declaredSeverity: compliance ? undefined : 'info',
    description: asLines(facts),
    changedAt: isoTime(message.notificationCreationTime),
    source: 'aws.config',
    account,
    region,
    resource: id && `${id} (${asText(item.resourceType) ?? 'resource'})`,
    details: { type, compliance, rule, ...Object.fromEntries(facts) },
  }
}

/** `Environment health has transitioned from Ok to Degraded. …`, with each fact on its own line. */
function elasticBeanstalk(text: string, envelope: Envelope): Draft | undefined {
  if (
    !/NotificationProcessId:|^Environment URL:/m.test(text) &&
    !/^AWS Elastic Beanstalk/i.test(envelope.subject ?? '')
  ) {
    return undefined
  }
  const facts = [...text.slice(0, 12_000).matchAll(/^([A-Z][A-Za-z ]{2,30}?):[ \t]+(\S.*?)[ \t]*$/gm)].map(
    ([, label = '', value = '']): Fact => [label, value],
  )
  const lines = new Map(facts)
  const environment = lines.get('Environment')
  const message = lines.get('Message') ?? firstLine(text)
  const health = /health has transitioned from (\w+) to (\w+)/i.exec(message ?? '')
  return {
    kind: 'aws-event',
    fingerprint: [
      'elasticbeanstalk',
      envelope.account ?? '',
      envelope.region ?? '',
      environment ?? hash(envelope.topic, text),
      ...(health ? ['health'] : []),
    ].join(':'),
    status: /^ok$/i.test(health?.[2] ?? '') ? 'resolved' : 'firing',
    once: !health,
    name: 'Elastic Beanstalk notification',
    title: [environment, message].filter(Boolean).join(': '),
    description: text,
    changedAt: isoTime(lines.get('Timestamp')),
    source: 'aws.elasticbeanstalk',
    resource: environment && `${environment} (environment)`,
    details: Object.fromEntries(facts.filter(([label]) => label !== 'Message')),
  }
}
