import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { resourceName } from './arn.ts'
import { type Draft, hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { labels } from './facts.ts'
import { consolePage } from './links.ts'
import { regionCode } from './region.ts'
import { isoTime } from './time.ts'

/** In either of Security Hub's formats: its own (ASFF), or OCSF since 2025. */
export function securityHub({ type: eventType, detail, account, region, time }: AwsEvent, finding: Json): Draft {
  const cloud = asObject(finding.cloud)
  const owner = asText(finding.AwsAccountId) ?? asText(asObject(cloud?.account)?.uid) ?? account
  const info = asObject(finding.finding_info) ?? {}
  const id = asText(finding.Id) ?? asText(info.uid)
  const title = asText(finding.Title) ?? asText(info.title) ?? 'Security Hub finding'
  const product = asText(finding.ProductArn)
  const fields = asObject(finding.ProductFields) ?? {}
  const compliance = asText(asObject(finding.Compliance)?.Status) ?? asText(asObject(finding.compliance)?.status)
  const workflow = asText(asObject(finding.Workflow)?.Status) ?? asText(finding.status)
  const recordState = asText(finding.RecordState)
  const resources = [...asList(finding.Resources), ...asList(finding.resources)].map(asObject)
  const closed = [workflow, recordState, compliance].some((word) =>
    /^(?:RESOLVED|SUPPRESSED|ARCHIVED|PASSED)$/i.test(word ?? ''),
  )
  const isClosed = closed || /^close$/i.test(asText(finding.activity_name) ?? '')
  const declaredSeverity = securityHubLabel(finding, fields)
  return {
    kind: 'finding',
    fingerprint: id?.startsWith('arn:') ? id : [product ?? 'securityhub', id ?? hash(title, owner)].join('/'),
    status: isClosed ? 'resolved' : 'firing',
    name: asText(finding.GeneratorId) ?? title,
    title,
    description: asText(finding.Description) ?? asText(info.desc),
    changedAt: isoTime(finding.UpdatedAt) ?? isoTime(info.modified_time_dt) ?? isoTime(info.modified_time) ?? time,
    source: 'aws.securityhub',
    account: owner,
    region: regionCode(asText(finding.Region) ?? asText(cloud?.region)) ?? region,
    resource: resources
      .slice(0, 5)
      .map((resource) => asText(resource?.Id) ?? asText(resource?.uid))
      .filter((text) => text !== undefined)
      .map(resourceName)
      .join(', '),
    tags: labels(resources[0]?.Tags),
    declaredSeverity,
    details: {
      type:
        asList(finding.Types).map(asText).filter(Boolean).join(', ') ||
        asList(info.types).map(asText).filter(Boolean).join(', '),
      severity: declaredSeverity,
      compliance,
      workflow,
      recordState,
      product: asText(finding.ProductName) ?? asText(fields['aws/securityhub/ProductName']),
      generator: asText(finding.GeneratorId),
      action: asText(detail.actionName),
      event: eventType,
      remediation: asText(asObject(asObject(finding.Remediation)?.Recommendation)?.Text),
      resourceType: asText(resources[0]?.Type) ?? asText(resources[0]?.type),
    },
    links: {
      console: consolePage(region, `/securityhub/home?region=${region}#/findings`),
      runbook: asText(asObject(asObject(finding.Remediation)?.Recommendation)?.Url),
    },
  }
}

function securityHubLabel(finding: Json, fields: Json): string | undefined {
  const severity = asObject(finding.Severity)
  const label = asText(severity?.Label) ?? asText(finding.severity) ?? asText(fields['aws/securityhub/SeverityLabel'])
  if (label !== undefined) return label
  const normalized = asNumber(severity?.Normalized)
  if (normalized === undefined) return asText(severity?.Original)
  if (normalized >= 90) return 'critical'
  if (normalized >= 70) return 'high'
  if (normalized >= 40) return 'medium'
  return normalized >= 1 ? 'low' : 'informational'
}
