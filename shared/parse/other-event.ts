import { asObject, asText, type Json } from '../../schemas/loose.ts'
import { claimedSeverity } from '../alert/severity-word.ts'
import { arnText, resourceName } from './arn.ts'
import type { Draft } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { asLines, type Fact, factsOf, jsonIn } from './facts.ts'
import { withoutUrlSecrets } from './known-secrets.ts'
import { HIDDEN } from './secret-value.ts'
import { deploymentState } from './state-words.ts'
import { withoutArns } from './summary.ts'
import { firstLine } from './text.ts'

/** Any other EventBridge event, read by the fields that most have: a name, a state, a reason. */
export function otherEvent(event: AwsEvent): Draft {
  const { type, detail, source, account, region, resources } = event
  const facts = factsOf(detail)
  const fields = fieldsOf(detail)
  const subject = subjectOf(event, facts)
  const about = wordIn(fields, ABOUT)
  const phase = isOfAws(source) ? phaseOf(type, fields) : undefined
  return {
    kind: 'aws-event',
    fingerprint: [
      source,
      account ?? '',
      region ?? '',
      phase === undefined ? type : type.replace(BEGIN_OF_TYPE, '').replace(END_OF_TYPE, ''),
      [resources[0] ?? subject, about, wordIn(fields, ['alarmid', 'alertid']), asText(detail.eventName)]
        .filter(Boolean)
        .join('#'),
    ].join(':'),
    status: phase === 'ends' ? 'resolved' : 'firing',
    once: phase === undefined,
    name: type,
    title: titleOf(type, subject, about, fields),
    reason: reasonOf(detail),
    description: asLines(facts),
    resource: subject,
    declaredSeverity: severityIn(event, fields),
    details: { resources: resources.join(', '), ...Object.fromEntries(facts) },
  }
}

/** Fields by name, in lower case and without separators: `statusreason` for `status-reason`. */
type Fields = Map<string, unknown>

function fieldsOf(detail: Json): Fields {
  const fields: Fields = new Map()
  for (const [key, value] of Object.entries(detail)) {
    const name = key.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
    if (!fields.has(name)) fields.set(name, value)
  }
  return fields
}

const ALARM_STANDINGS = ['alarmstate', 'alertstate', 'alarmstatus', 'alertstatus']
const STANDINGS = [
  ...['state', 'status', 'currentstatus', 'currentstate', 'laststatus', 'scanstatus', 'newstate', 'newstatus'],
  ...['jobstatus', 'statuscode', ...ALARM_STANDINGS],
]
const STATES = [...STANDINGS, 'buildstatus', 'eventname', 'event', 'operation']
/** Keys that say which of a resource's alarms it is. */
const ABOUT = ['alerttype', 'alarmtype', 'alertname', 'alarmname']
const SEVERITIES = ['severity', 'severitylabel', 'severitylevel']

/** Where senders give the reason, best first: an error comes before any other message, and a code is better than nothing. */
const REASONS = [
  ...['failuremessage', 'failurereason', 'failuredescription', 'errormessage', 'errorreason', 'errordescription'],
  ...['reason', 'statusreason', 'stoppedreason', 'statereason', 'statechangereason', 'statusmessage', 'statemessage'],
  ...[
    'statedetails',
    'statusdetails',
    'errordetails',
    'errordetail',
    'failuredetails',
    'message',
    'detailmessage',
    'eventmessage',
  ],
  ...['error', 'errors', 'failure', 'failures', 'exception', 'cause', 'failurecause', 'description'],
  ...['eventdescription', 'failurecode', 'errorcode', 'failuretype', 'errortype', 'reasoncode'],
]
const CODES = ['code', 'errorcode', 'failurecode', 'errortype', 'type']

/** The first of these fields that has a word; for `{value, reason}`, the value. */
function wordIn(fields: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields.get(name)
    const object = asObject(value)
    const word = object ? wordIn(fieldsOf(object), ['value', 'name', 'code', 'label', 'state', 'status']) : value
    if (typeof word === 'string' && asText(word) !== undefined) return word
  }
  return undefined
}

/** The reason, whatever the sender calls that field. */
export function reasonOf(detail: Json): string | undefined {
  const reason = reasonIn(fieldsOf(detail), 0)
  return reason && withoutUrlSecrets(reason)
}

/** Also searches an error, a status or a state that is an object, or JSON: `{code, message}`, `{value, reason}`. */
function reasonIn(fields: Fields, depth: number): string | undefined {
  for (const name of REASONS) {
    const cause = reasonWithin(fields.get(name), depth)
    if (cause !== undefined) return cause
  }
  for (const name of [...STANDINGS, 'result']) {
    const object = asObject(fields.get(name))
    const cause = object && depth < DEEPEST ? reasonIn(fieldsOf(object), depth + 1) : undefined
    if (cause !== undefined) return cause
  }
  return undefined
}

const DEEPEST = 2

function reasonWithin(value: unknown, depth: number): string | undefined {
  const one: unknown = Array.isArray(value) ? value[0] : value
  const object = asObject(one) ?? (typeof one === 'string' ? asObject(jsonIn(one)) : undefined)
  if (object === undefined) return typeof one === 'string' ? asText(one) : undefined
  if (depth >= DEEPEST) return undefined
  const fields = fieldsOf(object)
  const parts = [wordIn(fields, CODES), reasonIn(fields, depth + 1)]
  return [...new Set(parts.filter((part) => part !== undefined))].join(': ') || undefined
}

function titleOf(type: string, subject: string | undefined, about: string | undefined, fields: Fields): string {
  const title = wordIn(fields, ['title'])
  const state = wordIn(fields, STATES)
  const isSaid = state !== undefined && type.toLowerCase().endsWith(state.toLowerCase())
  const said = title ?? [about, isSaid ? undefined : state].filter(Boolean).join(' ')
  const what = firstLine(withoutArns(said))
  const parts =
    title === undefined && about === undefined ? [[subject, what].filter(Boolean).join(' ')] : [subject, what]
  return [shortType(type), ...parts].filter(Boolean).join(': ')
}

/** What a type says of itself in its last words is said by the state. */
function shortType(type: string): string {
  return type.replace(/(?<=\S) (?:State[ -]change|Status[ -]change|Change)?(?: ?Notification)?$/i, '') || type
}

/** An event of anybody else, a partner's too, happens once: a `Payment Cleared` ends nothing. */
function isOfAws(source: string): boolean {
  return /^aws(?:$|\.(?!partner\/))/.test(source)
}

const BEGIN_OF_TYPE = / (?:Unhealthy|Open)$/i
const END_OF_TYPE = / (?:Healthy|Recovered|Resolved|Closed)$/i
/** States of any resource. Each that fires has one that resolves it: otherwise the alert would stay open forever. */
const BEGINS = /^(?:open|firing|unhealthy)$/i
const ENDS = /^(?:closed|resolved|healthy)$/i
/** States of alarms, which may mean something else for other resources. */
const ALARM_BEGINS = /^(?:set|alarm|in[ _-]?alarm|active|opened|open|raised|triggered|firing|unhealthy)$/i
const ALARM_ENDS = /^(?:cleared|clear|ok|closed|inactive|normal|resolved|recovered|healthy)$/i

/**
 * Pairs of events of which one resolves the other: … Unhealthy and … Healthy, SET and CLEARED, a status that is healthy again.
 * An event that says both counts as neither.
 */
function phaseOf(type: string, fields: Fields): 'begins' | 'ends' | undefined {
  const alarm = wordIn(fields, ALARM_STANDINGS) ?? ''
  const standing = wordIn(fields, STANDINGS) ?? ''
  const ends = END_OF_TYPE.test(type) || ALARM_ENDS.test(alarm) || ENDS.test(standing)
  const begins = BEGIN_OF_TYPE.test(type) || ALARM_BEGINS.test(alarm) || BEGINS.test(standing)
  if (ends !== begins) return ends ? 'ends' : 'begins'
  return ends || wordIn(fields, ['currentstatus']) === undefined ? undefined : 'begins'
}

/**
 * The sender's severity; a failure is an error. Success and progress are `info` only for AWS's events: another sender may
 * report a problem with something that is `running` or `pending`.
 */
function severityIn({ type, source, detail }: AwsEvent, fields: Fields): string | undefined {
  const claimed = isOfAws(source) || !saysOver(detail) ? wordIn(fields, SEVERITIES) : undefined
  if (claimed !== undefined) return claimedSeverity(claimed)
  const state = deploymentState(wordIn(fields, STANDINGS))
  if (state === 'failed' || /\b(?:Failed|Failure|Unsuccessful|Error)$/i.test(type)) return 'error'
  return state === undefined || state === 'stopped' || !isOfAws(source) ? undefined : 'info'
}

const OVER = /^(?:resolved|recovered|closed|cleared|ok|healthy)$/i

/**
 * Does a custom event or message say that something ended? Only its sender knows which alert that was, so it resolves none;
 * but its severity was the alert's.
 */
export function saysOver(detail: Json): boolean {
  const fields = fieldsOf(detail)
  return STANDINGS.some((name) => OVER.test(wordIn(fields, [name])?.trim() ?? ''))
}

/** What the event is about: its resource, or a fact of its detail that looks like a name. */
function subjectOf({ resources }: AwsEvent, facts: Fact[]): string | undefined {
  if (resources.length > 0)
    return resources.slice(0, 3).map(resourceName).join(', ') + (resources.length > 3 ? ', …' : '')
  const shown = facts.filter(([, value]) => value !== HIDDEN)
  const named = shown.filter(([label]) => !/^event|user|account|zone|type|request_?id/i.test(label))
  const [name, ...others] = named.filter(([label]) => /name$/i.test(label))
  if (name !== undefined) return nameWith(name, others)
  const who = shown.find(([label]) => /^userIdentity\.(?:userName|arn)$/.test(label))
  const arn = named.find(([label, value]) => /arn$/i.test(label) && arnText(value))
  const fact = arn ?? named.find(([label]) => isId(label)) ?? who
  return fact && resourceName(fact[1])
}

/** `id`, `jobId`, `job_id` or the like, but not `paid`. */
function isId(label: string): boolean {
  const word = label.split(/[_-]|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/).at(-1) ?? ''
  return /^(?:id|uid|uuid|guid)$/i.test(word) || /(?:^|[a-z_-])(?:identifier|group|resource)$/i.test(label)
}

/** `sales/orders`: a table is named with its database if both are in the same object. */
function nameWith([label, value]: Fact, others: Fact[]): string {
  if (/(?:^|\.)name$/i.test(label)) return resourceName(value)
  const place = label.replace(/[^.]*$/, '')
  const beside = others.filter(([other]) => other.replace(/[^.]*$/, '') === place).map(([, name]) => name)
  return [...new Set([value, ...beside])].slice(0, 3).map(resourceName).join('/')
}
