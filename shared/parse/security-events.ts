import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { factsOf } from './facts.ts'
import { isoTime } from './time.ts'
import { firstText, nameIn, type Told, withCause, wordsOf } from './told.ts'

/** Who has done what in an account, and what is not as it should be: sign-ins, calls, keys, certificates, advice. */

export function trustedAdvisor({ detail }: AwsEvent): Told {
  const check = asText(detail['check-name']) ?? 'Trusted Advisor'
  const item = asObject(detail['check-item-detail']) ?? {}
  const id = asText(detail.resource_id)
  const status = asText(detail.status)?.toUpperCase()
  const user = asText(item['User Name (IAM or Root)']) ?? asText(item['IAM User'])
  const where = [item.Service, item['Limit Name']].map(asText).filter(Boolean).join(' ')
  const subject = user ?? (id && nameIn(id)) ?? (where || undefined) ?? firstOf(item)
  const isExposed = /^Exposed Access Keys$/i.test(check)
  const [used, limit] = [item['Current Usage'], item['Limit Amount']].map(asText)
  const usage = limit === undefined ? undefined : `${used ?? '?'} of ${limit} in ${asText(item.Region) ?? 'a region'}`
  return {
    title: isExposed
      ? `Exposed access key of ${subject ?? 'an unknown user'}`
      : `${check}: ${usage ?? subject ?? 'an item'}`,
    resource: subject,
    reason:
      asText(item.Reason) ?? ([item['Fraud Type'], item.Location].map(asText).filter(Boolean).join(', ') || usage),
    severity: status === 'ERROR' ? (isExposed ? 'critical' : 'error') : status === 'WARN' ? 'warning' : 'info',
    identity: ['check', check, id ?? hash(asText(item['Access Key ID']), subject, asText(item.Region))],
    status: status === 'OK' ? 'resolved' : 'firing',
    details: isExposed ? { class: 'security breach' } : limit === undefined ? {} : { class: 'resource limits' },
  }
}

function firstOf(item: Json): string | undefined {
  return factsOf(item).find(([label]) => !/status|region|reason|time|date/i.test(label))?.[1]
}

export function devOpsGuru({ detail, type }: AwsEvent): Told | undefined {
  return insight(detail, /closed/i.test(type))
}

/** Of DevOps Guru, by EventBridge or by its topic. */
export function insight(detail: Json, isClosed: boolean): Told | undefined {
  const of = (name: string) => asText(detail[name]) ?? asText(detail[name[0]?.toLowerCase() + name.slice(1)])
  const id = of('InsightId')
  if (id === undefined) return undefined
  const stacks = asList(
    asObject(asObject(detail.ResourceCollection ?? detail.resourceCollection)?.cloudFormation)?.stackNames,
  )
  const names = stacks.map(asText).filter((name) => name !== undefined)
  return {
    title: of('InsightDescription') ?? of('InsightName') ?? `${of('InsightType') ?? 'An'} insight of DevOps Guru`,
    resource: names.length > 0 ? `${names.slice(0, 5).join(', ')} (stack)` : undefined,
    severity: of('InsightSeverity'),
    identity: ['insight', id],
    status: isClosed ? 'resolved' : 'firing',
    kind: 'finding',
    changedAt: isoTime(isClosed ? detail.EndTime : undefined) ?? undefined,
    details: { type: of('InsightType') },
    links: { console: of('InsightUrl') },
  }
}

export function consoleSignIn({ detail }: AwsEvent): Told {
  const who = asObject(detail.userIdentity) ?? {}
  const isRoot = asText(who.type) === 'Root'
  const name = isRoot ? 'Root' : (asText(who.userName) ?? nameIn(asText(who.arn) ?? 'somebody'))
  const extra = asObject(detail.additionalEventData) ?? {}
  const isFailure = asText(asObject(detail.responseElements)?.ConsoleLogin) === 'Failure'
  const withoutMfa = asText(extra.MFAUsed) === 'No' ? ' without MFA' : ''
  const from = asText(detail.sourceIPAddress)
  const verb = isFailure ? 'failed to sign in' : 'signed in'
  return {
    title: `${name} ${verb} to the console${withoutMfa}${from ? ` from ${from}` : ''}`,
    resource: name,
    reason: asText(detail.errorMessage),
    severity: isRoot ? 'critical' : 'info',
    identity: ['sign-in', name, asText(detail.eventID) ?? asText(detail.eventTime)],
    changedAt: isoTime(detail.eventTime),
    details: isRoot ? { class: 'security breach' } : {},
  }
}

/** A call that CloudTrail tells of: who called what, on what, and whether it was refused. */
export function apiCall({ detail, resources, source }: AwsEvent): Told {
  const who = asObject(detail.userIdentity) ?? {}
  const arn = asText(who.arn)
  const isRoot = asText(who.type) === 'Root'
  // Of a role that somebody has assumed, the name of the session says who.
  const name = isRoot ? 'Root' : (asText(who.userName) ?? (arn && nameIn(arn)) ?? asText(who.invokedBy) ?? 'AWS')
  const call = asText(detail.eventName) ?? 'a call'
  const error = firstText(detail, ['errorCode', 'errorMessage'])
  const facts = factsOf(asObject(detail.requestParameters) ?? {}, 20)
  const subject = resources[0] ?? facts.find(([label]) => /(?:name|id|arn)$/i.test(label))?.[1] ?? facts[0]?.[1]
  const on = subject === undefined ? undefined : nameIn(subject)
  const from = asText(detail.sourceIPAddress)
  return {
    title: withCause(
      `${name} ${error ? 'was refused' : 'called'} ${call}${on && on.length <= 100 ? ` on ${on}` : ''}`,
      error,
    ),
    resource: on ?? `${source.replace(/^aws\./, '')} (service)`,
    reason: [error, asText(detail.errorMessage)].filter((text, at, all) => text && all.indexOf(text) === at).join(': '),
    severity: isRoot ? 'warning' : undefined,
    identity: ['call', call, asText(detail.eventID) ?? hash(name, on, asText(detail.eventTime))],
    changedAt: isoTime(detail.eventTime),
    details: { by: name, from },
  }
}

/** A certificate that runs out fires until there is one again. */
export function certificate({ detail, resources, type }: AwsEvent): Told {
  const arn = resources[0]
  const name = asText(detail.CommonName) ?? asText(detail.DomainName) ?? (arn && nameIn(arn)) ?? 'without a name'
  const days = asNumber(detail.DaysToExpiry)
  const isOver = /Certificate Available$/i.test(type)
  const isExpired = /Certificate Expired$/i.test(type)
  const what = isOver
    ? 'is available'
    : isExpired
      ? 'has expired'
      : days === undefined
        ? wordsOf(type.replace(/^ACM Certificate /i, ''))
        : `expires in ${days} ${days === 1 ? 'day' : 'days'}`
  return {
    title: `Certificate ${name} ${what}`,
    resource: `${name} (certificate)`,
    reason: firstText(detail, ['RenewalStatusReason', 'Action']),
    severity: isOver ? 'info' : isExpired ? 'critical' : 'warning',
    identity: ['certificate', arn ?? name],
    status: isOver ? 'resolved' : 'firing',
    details: isExpired ? { class: 'system down' } : {},
  }
}

export function encryptionKey({ detail, resources, type }: AwsEvent): Told {
  const key = asText(detail['key-id']) ?? (resources[0] && nameIn(resources[0])) ?? 'without an id'
  const what = /Deletion/i.test(type) ? 'was deleted' : /Expiration/i.test(type) ? 'lost its material: it expired' : ''
  return {
    title: `KMS key ${key} ${what || 'was rotated'}`,
    resource: `${key} (key)`,
    severity: what ? 'warning' : 'info',
    identity: ['key', key, type],
  }
}

/** What a scan of an image counts, and what Inspector can see or no longer sees. */
export function scan({ detail, resources, type }: AwsEvent): Told {
  const named = firstText(detail, ['repository-name', 'resource-id']) ?? resources[0] ?? 'an image'
  const tags = asList(detail['image-tags']).map(asText).filter(Boolean)
  const name = [nameIn(named), tags[0]].filter(Boolean).join(':')
  const coverage = asObject(detail.scanStatus)
  const state = asText(coverage?.statusCodeValue) ?? asText(detail['scan-status'])
  const counts = Object.entries(asObject(detail['finding-severity-counts']) ?? {})
    .filter(([label, count]) => !/^total$/i.test(label) && asNumber(count) !== undefined)
    .map(([label, count]) => `${asText(count)} ${label.toLowerCase()}`)
  const isBlind = state === 'INACTIVE' || state === 'FAILED'
  const scanner = type.startsWith('Inspector2') ? 'Inspector' : 'ECR'
  const what = coverage ? (isBlind ? 'no longer scans' : 'scans') : isBlind ? 'could not scan' : 'scanned'
  const found = counts.slice(0, 5).join(', ')
  return {
    title: withCause(`${scanner} ${what} ${name}`, isBlind ? asText(coverage?.reason) : found),
    resource: name,
    reason: asText(coverage?.reason) ?? found,
    severity: isBlind ? 'warning' : 'info',
    identity: ['scan', named, ...tags, coverage ? 'coverage' : asText(detail['image-digest'])],
    ...(coverage && { status: isBlind ? ('firing' as const) : ('resolved' as const) }),
  }
}

/** A query for a name that a firewall of Route 53 knows. */
export function dnsFirewall({ detail, type }: AwsEvent): Told {
  const query = asText(detail['query-name'])?.replace(/\.$/, '') ?? 'a name'
  const instance = asList(detail.resources)
    .map((one) => asText(asObject(asObject(one)?.['instance-details'])?.id))
    .find((id) => id !== undefined)
  const who = instance ?? asText(detail['src-addr']) ?? 'somebody'
  return {
    title: `DNS Firewall ${/Block/i.test(type) ? 'blocked' : 'alerts of'} ${query}, asked by ${who}`,
    resource: who,
    reason: asText(detail['firewall-protection']) ?? asText(detail['firewall-rule-action']),
    identity: ['dns', query, who],
  }
}

export function supportCase({ detail }: AwsEvent): Told {
  const id = firstText(detail, ['display-id', 'case-id']) ?? 'without an id'
  const event = wordsOf(asText(detail['event-name']) ?? 'updated')
  const by = asText(detail.origin)
  return {
    title: `Support case ${id}: ${event}${by ? ` by ${by === 'CUSTOMER' ? 'you' : by}` : ''}`,
    resource: `${id} (case)`,
    severity: 'info',
    identity: ['case', id, asText(detail['communication-id']) ?? event],
  }
}
