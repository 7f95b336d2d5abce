import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { factsOf } from './facts.ts'
import { HIDDEN } from './secret-value.ts'
import { firstText, nameIn, type Summary, withCause, wordsOf } from './summary.ts'
import { isoTime } from './time.ts'

/** Who did what in an account, and what needs attention: sign-ins, calls, keys, certificates, advice. */

export function trustedAdvisor({ detail }: AwsEvent): Summary {
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
      : `${/^Service Limits$/i.test(check) && where ? `${check} of ${where}` : check}: ${usage ?? subject ?? CHECK_STATES.get(status ?? '') ?? 'an item'}`,
    resource: subject ?? `${check} (check)`,
    reason:
      asText(item.Reason) ?? ([item['Fraud Type'], item.Location].map(asText).filter(Boolean).join(', ') || usage),
    severity: status === 'ERROR' ? (isExposed ? 'critical' : 'error') : status === 'WARN' ? 'warning' : 'info',
    identity: ['check', check, id ?? hash(asText(item['Access Key ID']), subject, asText(item.Region))],
    status: status === 'OK' ? 'resolved' : 'firing',
    details: isExposed ? { class: 'security breach' } : limit === undefined ? {} : { class: 'resource limits' },
  }
}

/** In the words of Trusted Advisor's page. */
const CHECK_STATES = new Map([
  ['ERROR', 'action recommended'],
  ['WARN', 'investigation recommended'],
  ['OK', 'no problem found'],
])

/** What an item is about: its name, or otherwise its first fact. */
function firstOf(item: Json): string | undefined {
  const facts = factsOf(item).filter(
    ([label, value]) => !/status|region|reason|time|date/i.test(label) && value !== HIDDEN,
  )
  const fact = facts.find(([label]) => /\b(?:name|id|arn)$/i.test(label)) ?? facts[0]
  return fact && nameIn(fact[1])
}

export function devOpsGuru({ detail, type }: AwsEvent): Summary | undefined {
  return insight(detail, /closed/i.test(type))
}

/** DevOps Guru, from EventBridge or its topic. */
export function insight(detail: Json, isClosed: boolean): Summary | undefined {
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
    changedAt: isoTime(isClosed ? detail.EndTime : undefined),
    details: { type: of('InsightType'), severity: of('InsightSeverity') },
    links: { console: of('InsightUrl') },
  }
}

interface SignInEvent {
  did: string
  couldNot: string
  /** The severity if root did it. */
  ofRoot: 'critical' | 'warning' | 'info'
}

/** From CloudTrail's list of sign-in events. A check for MFA precedes each sign-in that needs it. */
const SIGN_IN_EVENTS = new Map<string, SignInEvent>([
  [
    'ConsoleLogin',
    { did: 'signed in to the console', couldNot: 'failed to sign in to the console', ofRoot: 'critical' },
  ],
  ['CheckMfa', { did: 'was asked for MFA at sign-in', couldNot: 'failed the MFA check at sign-in', ofRoot: 'info' }],
  ['SwitchRole', { did: 'switched', couldNot: 'failed to switch', ofRoot: 'warning' }],
  ['ExitRole', { did: 'switched back', couldNot: 'failed to switch back', ofRoot: 'info' }],
  ['RenewRole', { did: 'stays in a role', couldNot: 'failed to stay in a role', ofRoot: 'info' }],
  [
    'PasswordRecoveryRequested',
    { did: 'asked for a new password', couldNot: 'failed to ask for a new password', ofRoot: 'warning' },
  ],
  [
    'PasswordRecoveryCompleted',
    { did: 'set a new password by recovery', couldNot: 'failed to recover the password', ofRoot: 'critical' },
  ],
  ['PasswordUpdated', { did: 'changed the password', couldNot: 'failed to change the password', ofRoot: 'critical' }],
  ['EmailUpdated', { did: 'changed the email address', couldNot: 'failed to change the address', ofRoot: 'critical' }],
])

export function consoleSignIn({ detail }: AwsEvent): Summary {
  const who = asObject(detail.userIdentity) ?? {}
  const isRoot = asText(who.type) === 'Root'
  const extra = asObject(detail.additionalEventData) ?? {}
  const event = asText(detail.eventName) ?? 'ConsoleLogin'
  const name = isRoot ? 'Root' : nameOfUser(who, extra)
  const isFailure = asText(asObject(detail.responseElements)?.[event]) === 'Failure'
  const { did, couldNot, ofRoot } = SIGN_IN_EVENTS.get(event) ?? otherSignInEvent(event)
  const role = event === 'SwitchRole' ? roleIn(who, extra) : undefined
  const withoutMfa = event === 'ConsoleLogin' && asText(extra.MFAUsed) === 'No'
  const from = asText(detail.sourceIPAddress)
  const more = [role && ` to the role ${role}`, withoutMfa && ' without MFA', from && ` from ${from}`]
  return {
    title: `${name} ${isFailure ? couldNot : did}${more.filter(Boolean).join('')}`,
    resource: name,
    reason: asText(detail.errorMessage),
    severity: isRoot ? ofRoot : 'info',
    identity: ['sign-in', name, asText(detail.eventID) ?? asText(detail.eventTime)],
    changedAt: isoTime(detail.eventTime),
    details: isRoot && ofRoot === 'critical' ? { class: 'security breach' } : {},
  }
}

function otherSignInEvent(event: string): SignInEvent {
  const what = wordsOf(event)
  return { did: `at sign-in: ${what}`, couldNot: `failed at sign-in: ${what}`, ofRoot: 'warning' }
}

/**
 * CloudTrail hides an unknown user name: it may be a password in the wrong field. A person who switches to a role is named by
 * the account and role that they come from.
 */
function nameOfUser(who: Json, { SwitchFrom }: Json): string {
  const before = asText(SwitchFrom)
  if (before !== undefined) return nameIn(before)
  const name = asText(who.userName)
  if (name === 'HIDDEN_DUE_TO_SECURITY_REASONS') return 'Somebody'
  return name ?? nameIn(asText(who.arn) ?? 'Somebody')
}

/** The event in the account that the person leaves names the role; the one in the other account, the role's session. */
function roleIn(who: Json, extra: Json): string | undefined {
  const role = asText(extra.SwitchTo) ?? (asText(who.type) === 'AssumedRole' ? asText(who.arn) : undefined)
  return role && nameIn(role).replace(/\/[^/]*$/, '')
}

/** An API call recorded by CloudTrail: who called what, on which resource, and whether it was denied. */
export function apiCall({ detail, resources, source }: AwsEvent): Summary {
  const who = asObject(detail.userIdentity) ?? {}
  const arn = asText(who.arn)
  const isRoot = asText(who.type) === 'Root'
  // For an assumed role, the session's name says who it is.
  const name = isRoot ? 'Root' : (asText(who.userName) ?? (arn && nameIn(arn)) ?? asText(who.invokedBy) ?? 'AWS')
  const call = asText(detail.eventName) ?? 'a call'
  const error = firstText(detail, ['errorCode', 'errorMessage'])
  // Any other field of a request may contain a secret, or a text that somebody wrote.
  const named = factsOf(asObject(detail.requestParameters) ?? {}, 20).find(
    ([label, value]) => /(?:name|id|arn)$/i.test(label) && value !== HIDDEN,
  )
  const subject = resources[0] ?? named?.[1]
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

/** A certificate that expires fires until a valid one is available. */
export function certificate({ detail, resources, type }: AwsEvent): Summary {
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

export function encryptionKey({ detail, resources, type }: AwsEvent): Summary {
  const key = asText(detail['key-id']) ?? (resources[0] && nameIn(resources[0])) ?? 'without an id'
  const what = /Deletion/i.test(type) ? 'was deleted' : /Expiration/i.test(type) ? 'lost its material: it expired' : ''
  return {
    title: `KMS key ${key} ${what || 'was rotated'}`,
    resource: `${key} (key)`,
    severity: what ? 'warning' : 'info',
    identity: ['key', key, type],
  }
}

/** The counts of an image's scan, and what Inspector covers or no longer covers. */
export function scan({ detail, resources, type }: AwsEvent): Summary {
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

/** A query for a name on a list of Route 53's DNS firewall. */
export function dnsFirewall({ detail, type }: AwsEvent): Summary {
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

export function supportCase({ detail }: AwsEvent): Summary {
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
