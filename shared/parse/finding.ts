import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { resourceName } from './arn.ts'
import { type Draft, hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { factsOf, labels } from './facts.ts'
import { consolePage, encode } from './links.ts'
import { securityHub } from './security-hub.ts'
import { withCause, wordOf } from './summary.ts'
import { isoTime } from './time.ts'

/** Findings of AWS's security services: GuardDuty, Security Hub, Inspector, Macie, Access Analyzer, Config. */
export function findingEvent(event: AwsEvent): Draft[] | undefined {
  const { type, source, detail } = event
  if (/^GuardDuty Finding$/i.test(type)) return [guardDuty(event)]
  const findings = asList(detail.findings)
    .map(asObject)
    .filter((finding) => finding !== undefined)
  if ((source === 'aws.securityhub' || /^(?:Security Hub )?Findings? /i.test(type)) && findings.length > 0) {
    return findings.map((finding) => securityHub(event, finding))
  }
  if (/^Config Rules Compliance Change$/i.test(type)) return [configRule(event)]
  const isFinding = /\bFinding\b/i.test(type) || /Malware Protection .*Result/i.test(type)
  const isFinder = ['aws.inspector2', 'aws.inspector', 'aws.macie', 'aws.access-analyzer', 'aws.guardduty'].includes(
    source,
  )
  return isFinding && isFinder ? [other(event)] : undefined
}

function guardDuty({ detail, region, account, time }: AwsEvent): Draft {
  const service = asObject(detail.service) ?? {}
  const action = asObject(service.action) ?? {}
  const id = asText(detail.id)
  const type = asText(detail.type)
  const owner = asText(detail.accountId) ?? account
  const severity = asNumber(detail.severity)
  return {
    kind: 'finding',
    fingerprint:
      asText(detail.arn) ??
      `guardduty:${owner ?? ''}:${region ?? ''}:finding/${id ?? hash(type, asText(detail.title))}`,
    status: service.archived === true ? 'resolved' : 'firing',
    name: type ?? 'GuardDuty finding',
    title: asText(detail.title) ?? type ?? 'GuardDuty finding',
    description: asText(detail.description),
    changedAt: isoTime(detail.updatedAt) ?? isoTime(service.eventLastSeen) ?? time,
    source: 'aws.guardduty',
    account: owner,
    resource: resourceIn(asObject(detail.resource)) ?? resourceInTitle(asText(detail.title)),
    tags: labels(tagsIn(detail.resource)),
    declaredSeverity: severity === undefined ? asText(detail.severity) : guardDutyLabel(severity),
    details: {
      type,
      severity: asText(detail.severity),
      resourceType: asText(asObject(detail.resource)?.resourceType),
      action: asText(action.actionType),
      count: asText(service.count),
      firstSeen: asText(service.eventFirstSeen),
      lastSeen: asText(service.eventLastSeen),
      ...Object.fromEntries(
        factsOf(action)
          .filter(([label]) => /ipAddressV4|countryName|domain|localPortDetails|\.api$|asnOrg/i.test(label))
          .slice(0, 12),
      ),
    },
    links: { console: id && consolePage(region, `/guardduty/home?region=${region}#/findings?fId=${encode(id)}`) },
  }
}

/** AWS's severity bands. */
function guardDutyLabel(severity: number): string {
  if (severity >= 9) return 'critical'
  if (severity >= 7) return 'high'
  if (severity >= 4) return 'medium'
  return severity >= 1 ? 'low' : 'informational'
}

function configRule({ detail, account, region }: AwsEvent): Draft {
  const rule = asText(detail.configRuleName) ?? 'Config rule'
  const resource = asText(detail.resourceId) ?? 'unknown resource'
  const compliance = asText(asObject(detail.newEvaluationResult)?.complianceType)
  const owner = asText(detail.awsAccountId) ?? account
  return {
    kind: 'finding',
    fingerprint: `config:${owner ?? ''}:${region ?? ''}:${rule}:${resource}`,
    status: compliance === 'COMPLIANT' || compliance === 'NOT_APPLICABLE' ? 'resolved' : 'firing',
    name: rule,
    title: `Config rule ${rule}: ${resource} is ${(compliance ?? 'changed').toLowerCase().replaceAll('_', ' ')}`,
    reason: asText(asObject(detail.newEvaluationResult)?.annotation),
    changedAt: isoTime(asObject(detail.newEvaluationResult)?.resultRecordedTime),
    source: 'aws.config',
    account: owner,
    resource: `${resource} (${asText(detail.resourceType) ?? 'resource'})`,
    details: { type: asText(detail.messageType), compliance, rule, resourceType: asText(detail.resourceType) },
  }
}

function other(event: AwsEvent): Draft {
  const { type: eventType, source, detail, account, resources } = event
  const severity = asObject(detail.severity)
  const id = asText(detail.findingArn) ?? asText(detail.arn) ?? asText(detail.id) ?? asText(detail.findingId)
  const status = asText(detail.status) ?? asText(detail.scanStatus)
  const scanned = asObject(detail.s3ObjectDetails)
  const object = scanned && [scanned.bucketName, scanned.objectKey].map(asText).filter(Boolean).join('/')
  const result = asText(asObject(detail.scanResultDetails)?.scanResultStatus)
  const found = asList(detail.resources)
    .map((resource) => asText(asObject(resource)?.id))
    .filter((text) => text !== undefined)
  const resource =
    (object && `${object} (S3 object)`) ??
    imageIn(detail) ??
    (found.length > 0 ? found.slice(0, 5).map(resourceName).join(', ') : undefined) ??
    resourceIn(asObject(detail.resourcesAffected)) ??
    (asText(detail.resource) && resourceName(String(detail.resource))) ??
    (resources.length > 0 ? resources.map(resourceName).join(', ') : undefined)
  const title =
    (source === 'aws.access-analyzer' ? accessTitle(detail, resource) : undefined) ??
    (result === undefined ? undefined : malwareTitle(detail, object || 'an object', result)) ??
    [asText(detail.title) ?? eventType, resource].filter(Boolean).join(': ')
  const facts = factsOf(detail)
  const declaredSeverity = asText(severity?.description) ?? asText(severity?.label) ?? asText(detail.severity)
  return {
    kind: 'finding',
    fingerprint: id?.startsWith('arn:') ? id : `${source}:${account ?? ''}:${id ?? hash(eventType, resource)}`,
    status: isOver(detail, status) ? 'resolved' : 'firing',
    name: asText(detail.type) ?? eventType,
    title,
    reason: vulnerability(detail) ?? asText(detail.error) ?? threatsIn(detail),
    description: asText(detail.description) ?? facts.map((fact) => fact.join(': ')).join('\n'),
    changedAt: isoTime(detail.updatedAt),
    account: asText(detail.awsAccountId) ?? asText(detail.accountId) ?? account,
    resource,
    declaredSeverity,
    details: {
      type: asText(detail.type) ?? eventType,
      severity: declaredSeverity,
      status,
      scanResult: result,
      ...Object.fromEntries(facts.filter(([label]) => !SHOWN_ELSEWHERE.test(label)).slice(0, 30)),
    },
  }
}

/** Facts that the alert has elsewhere. */
const SHOWN_ELSEWHERE = /^(?:title|description|awsAccountId|accountId|findingArn|schemaVersion|partition)$/

function isOver(detail: Json, status = ''): boolean {
  if (asText(asObject(detail.scanResultDetails)?.scanResultStatus) === 'NO_THREATS_FOUND') return true
  return /^(?:CLOSED|RESOLVED|ARCHIVED|SUPPRESSED)$/i.test(status) || [detail.isDeleted, detail.archived].includes(true)
}

function threatsIn(detail: Json): string | undefined {
  const threats = asList(asObject(detail.scanResultDetails)?.threats).slice(0, 5).map(asObject)
  return (
    threats
      .map((threat) => asText(threat?.name))
      .filter(Boolean)
      .join(', ') || undefined
  )
}

/** GuardDuty's result for a scanned object. */
function malwareTitle(detail: Json, object: string, result: string): string {
  if (result === 'THREATS_FOUND') return withCause(`Malware in ${object}`, threatsIn(detail))
  return `Malware scan of ${object}: ${wordOf(result)}`
}

/** Inspector: `score 9.8, exploit available, fixed in 2.1.4`. */
function vulnerability(detail: Json): string | undefined {
  const score = asText(detail.inspectorScore)
  const packages = asList(asObject(detail.packageVulnerabilityDetails)?.vulnerablePackages).map(asObject)
  const fixed = [...new Set(packages.map((one) => asText(one?.fixedInVersion)))].filter(
    (version) => version !== undefined && version !== 'NotAvailable',
  )
  const isExploited = asText(detail.exploitAvailable) === 'YES'
  const path = asObject(asObject(detail.networkReachabilityDetails)?.openPortRange)
  const ports = [...new Set([path?.begin, path?.end].map(asText))].filter(Boolean).join('-')
  const parts = [
    score && `score ${score}`,
    isExploited && 'exploit available',
    fixed.length > 0
      ? `fixed in ${fixed.slice(0, 3).join(', ')}`
      : asText(detail.fixAvailable) === 'NO' && 'no fix available',
    ports && `open to the network: port ${ports}`,
  ]
  return parts.filter(Boolean).join(', ') || undefined
}

/** `amazon/amazon-ecs-sample:latest (ECR image)`: its ARN is a hash. */
function imageIn(detail: Json): string | undefined {
  const image = asObject(asObject(asObject(asList(detail.resources)[0])?.details)?.awsEcrContainerImage)
  const repository = asText(image?.repositoryName)
  return repository && `${[repository, asText(asList(image?.imageTags)[0])].filter(Boolean).join(':')} (ECR image)`
}

/** A finding about external access, or about unused access. */
function accessTitle(detail: Json, resource: string | undefined): string | undefined {
  const kind = asText(detail.findingType)
  if (resource === undefined) return undefined
  if (kind?.startsWith('Unused')) {
    return `${resource}: ${kind.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ')}`
  }
  if (asText(detail.error)) return `${resource} cannot be analyzed: ${asText(detail.error)}`
  const who = factsOf(detail.principal, 3).map(([, value]) => resourceName(value))
  const may = asList(detail.action).slice(0, 3).map(asText).filter(Boolean).join(', ')
  const to = asText(detail.isPublic) === 'true' ? 'anyone' : who.join(', ') || 'somebody outside'
  return `${resource} is open to ${to}${may ? `: ${may}` : ''}`
}

/** Where GuardDuty and Macie name the affected resource, best first. */
const RESOURCE_KEYS = [
  /instanceDetails\.instanceId$/,
  /s3(?:BucketDetails(?:\[\d+\])?|Bucket)\.name$/,
  /(?:eksCluster|ecsCluster|container)Details\.name$/,
  /functionName$/,
  /dbInstanceIdentifier$/,
  /userName$/,
  /principalId$/,
  /(?:name|id|arn)$/i,
]

function resourceIn(resource: Json | undefined): string | undefined {
  const facts = factsOf(resource)
  for (const key of RESOURCE_KEYS) {
    const fact = facts.find(([label]) => key.test(label))
    const label = /s3Bucket/i.test(fact?.[0] ?? '') ? 'S3 bucket' : fact?.[0].replace(/^.*\./, '')
    if (fact) return `${fact[1]} (${asText(resource?.resourceType) ?? label})`
  }
  return undefined
}

function resourceInTitle(title: string | undefined): string | undefined {
  const name = /\b(?:i-[0-9a-z]+|arn:\S+)/.exec(title ?? '')?.[0]
  return name && resourceName(name)
}

function tagsIn(resource: unknown): unknown {
  const details = Object.values(asObject(resource) ?? {}).map(asObject)
  return details.find((part) => part && Array.isArray(part.tags))?.tags
}
