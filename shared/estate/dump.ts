import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { parseArn } from '../parse/arn.ts'
import { isoTime } from '../parse/time.ts'
import type { AlarmChange, Refused } from '../questions/ask.ts'
import { type AlarmType, alarmOf, LISTS, objectsIn } from './alarm.ts'
import type { Estate, EventRule, History, Key, MuteRule, Part, Topic } from './estate.ts'
import { historyItemOf } from './past.ts'
import type { Policy, Statement } from './policy.ts'

/*
 * Reads what the AWS CLI prints: the pages of describe-alarms, and, where somebody has put them beside it, those of
 * describe-alarm-history, get-resources, get-alarm-mute-rule, get-topic-attributes and list-rules.
 */

/** What of an estate the answers of AWS hold. */
export type Described = Pick<
  Estate,
  'alarms' | 'composites' | 'history' | 'muteRules' | 'tags' | 'topics' | 'eventRules'
>

const TYPES = Object.keys(LISTS) as AlarmType[]

/**
 * @param values whole JSON values, in order: pages, lists of alarms or of pages, or single alarms.
 * @returns nothing for what holds no alarms at all.
 */
export function estateIn(values: unknown[]): Described | undefined {
  const pages = values.flatMap(pagesIn)
  if (!pages.some((page) => TYPES.some((type) => Array.isArray(page[LISTS[type]])))) return undefined
  const all = pages.flatMap((page) =>
    TYPES.flatMap((type) => objectsIn(page[LISTS[type]]).map((raw) => alarmOf(type, raw))),
  )
  return {
    // Pages of two runs may hold an alarm twice: the later counts. Who hides names or accounts, hides them alike.
    alarms: [...new Map(all.map((one) => [JSON.stringify([one.arn ?? one.raw, one.name]), one])).values()].sort(
      (one, other) => one.name.localeCompare(other.name, 'en'),
    ),
    // By default, describe-alarms prints an empty list.
    composites: all.some(({ type }) => type === 'composite')
      ? { data: 'seen' }
      : { refused: notIn('composite alarms: describe-alarms --alarm-types MetricAlarm CompositeAlarm LogAlarm') },
    history: historyIn(pages),
    muteRules: partOf(
      pages,
      'AlarmMuteRules',
      muteRuleOf,
      'cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule',
    ),
    tags: tagsIn(pages),
    topics: topicsIn(pages),
    eventRules: partOf(pages, 'EventRules', eventRuleOf, 'events:ListRules, events:ListTargetsByRule'),
  }
}

/** One of these has an alarm, however few of its fields somebody asked for; its messages and its history have none. */
const OF_ALARMS = ['StateValue', 'ActionsEnabled', 'MetricName', 'Metrics', 'AlarmRule', 'ScheduledQueryConfiguration']

function pagesIn(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(pagesIn)
  const object = asObject(value)
  if (!object) return []
  // As `--query 'MetricAlarms[0]'` prints one.
  if (object.AlarmName === undefined || !OF_ALARMS.some((key) => object[key] !== undefined)) return [object]
  const type = object.AlarmRule !== undefined ? 'composite' : object.ScheduledQueryConfiguration ? 'log' : 'metric'
  return [{ [LISTS[type]]: [object] }]
}

/** A dump holds only what somebody has asked for. */
export function notIn(needs: string): Refused {
  return { needs, why: 'the file does not say' }
}

function partOf<Of>(pages: Json[], key: string, read: (item: Json) => Of, needs: string): Part<Of[]> {
  const lists = pages.flatMap((page) => (Array.isArray(page[key]) ? [page[key]] : []))
  if (lists.length === 0) return { refused: notIn(needs) }
  return { data: lists.flatMap(objectsIn).map(read) }
}

function historyIn(pages: Json[]): Part<History> {
  const items = partOf(pages, 'AlarmHistoryItems', (item) => item, 'cloudwatch:DescribeAlarmHistory')
  if ('refused' in items) return items
  const { changes, actions } = historyOf(items.data)
  const [since = ''] = changes.map(({ at }) => at).sort()
  return { data: { changes, actions, since } }
}

/** From items of DescribeAlarmHistory. */
export function historyOf(items: Json[]): Pick<History, 'changes' | 'actions'> {
  const changes = items
    .filter(({ HistoryItemType: type }) => type === undefined || type === 'StateUpdate')
    .map(changeOf)
  const actions = items.flatMap((item): History['actions'] => {
    const { kind, alarm: name = '', at = '', action, failure } = historyItemOf(item) ?? {}
    if (kind !== 'sent' || action === undefined) return []
    return [{ name, at, action, ...(failure !== undefined && { failure }) }]
  })
  return { changes: changes.filter(({ at }) => at !== ''), actions }
}

function changeOf(item: Json): AlarmChange {
  const { oldState, newState } = asObject(json(asText(item.HistoryData) ?? '')) ?? {}
  const state = (of: unknown) => asText(asObject(of)?.stateValue) ?? 'unknown'
  return {
    name: asText(item.AlarmName) ?? '',
    at: isoTime(item.Timestamp) ?? '',
    from: state(oldState),
    to: state(newState),
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An answer of GetAlarmMuteRule. */
export function muteRuleOf(raw: Json): MuteRule {
  const schedule = asObject(asObject(raw.Rule)?.Schedule) ?? {}
  const [from, until] = [isoTime(raw.StartDate), isoTime(raw.ExpireDate)]
  return {
    name: asText(raw.Name) ?? '',
    alarms: asList(asObject(raw.MuteTargets)?.AlarmNames).flatMap((name) => asText(name) ?? []),
    expression: asText(schedule.Expression) ?? '',
    durationS: isoDurationS(asText(schedule.Duration) ?? ''),
    timezone: asText(schedule.Timezone) ?? 'UTC',
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  }
}

/** `P2DT12H` */
function isoDurationS(text: string): number {
  const [, days = 0, hours = 0, minutes = 0] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text) ?? []
  return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60
}

function tagsIn(pages: Json[]): Estate['tags'] {
  const tagged = partOf(pages, 'ResourceTagMappingList', taggedOf, 'tag:GetResources')
  return 'refused' in tagged ? tagged : { data: Object.fromEntries(tagged.data) }
}

/** An item of GetResources. */
export function taggedOf({ ResourceARN, Tags }: Json): [arn: string, tags: Record<string, string>] {
  const tags = objectsIn(Tags).flatMap(({ Key, Value }): [string, string][] => {
    const key = asText(Key)
    return key === undefined ? [] : [[key, asText(Value) ?? '']]
  })
  return [asText(ResourceARN) ?? '', Object.fromEntries(tags)]
}

function topicsIn(pages: Json[]): Estate['topics'] {
  const topics = partOf(pages, 'Topics', topicWithArn, 'sns:GetTopicAttributes')
  return 'refused' in topics ? {} : Object.fromEntries(topics.data)
}

function topicWithArn(raw: Json): [arn: string, topic: Part<Topic>] {
  const attributes = asObject(raw.Attributes)
  const arn = asText(raw.TopicArn) ?? asText(attributes?.TopicArn) ?? ''
  if (!attributes) return [arn, { data: { isThere: false, confirmed: 0, pending: 0, endpoints: [] } }]
  const key = asObject(raw.Key)
  return [arn, { data: topicOf(attributes, objectsIn(raw.Subscriptions), key && { data: keyOf(key) }) }]
}

/** From the answers of GetTopicAttributes and ListSubscriptionsByTopic. */
export function topicOf(attributes: Json, subscriptions: Json[], key: Part<Key> | undefined): Topic {
  const name = asText(attributes.KmsMasterKeyId)
  const policy = policyIn(attributes.Policy)
  const confirmed = subscriptions.filter(({ SubscriptionArn }) => asText(SubscriptionArn)?.startsWith('arn:'))
  return {
    isThere: true,
    confirmed: Math.max(asNumber(attributes.SubscriptionsConfirmed) ?? 0, confirmed.length),
    pending: asNumber(attributes.SubscriptionsPending) ?? 0,
    endpoints: confirmed.flatMap(({ Endpoint }) => asText(Endpoint) ?? []),
    ...(policy && { policy }),
    ...(name !== undefined && {
      key: isOfAws(name)
        ? { data: { name, isOfAws: true } }
        : (key ?? { refused: notIn('kms:DescribeKey, kms:GetKeyPolicy') }),
    }),
  }
}

/** By its alias: its policy lets no other service use it. */
const isOfAws = (name: string) => /(^|:)alias\/aws\//.test(name)

/** From the answers of DescribeKey and GetKeyPolicy. */
export function keyOf({ name, KeyMetadata, Policy: text }: Json): Key {
  const { Arn, KeyManager, KeyState } = asObject(KeyMetadata) ?? {}
  const policy = policyIn(text)
  const [arn, state] = [asText(Arn), asText(KeyState)]
  return {
    name: asText(name) ?? arn ?? '',
    isOfAws: KeyManager === 'AWS',
    ...(arn !== undefined && { arn }),
    ...(state !== undefined && { state }),
    ...(policy && { policy }),
  }
}

/** A policy as JSON; undefined for what is none. */
function policyIn(text: unknown): Policy | undefined {
  const { Statement: given, ...others } = asObject(json(asText(text) ?? '')) ?? {}
  const statements = objectsIn(Array.isArray(given) ? given : [given])
  return statements.length === 0 ? undefined : { ...others, Statement: statements as unknown as Statement[] }
}

/** From an item of ListRules and the targets of ListTargetsByRule. */
export function eventRuleOf({ Name, Arn, EventPattern, State, Targets }: Json): EventRule {
  const targets = objectsIn(Targets).flatMap(({ Arn: target }) => asText(target) ?? [])
  const isOn = asText(State)?.startsWith('ENABLED') ?? true
  return {
    name: asText(Name) ?? '',
    covers: isOn ? coveredBy(asObject(json(asText(EventPattern) ?? '')), parseArn(asText(Arn))) : [],
    targets,
  }
}

/**
 * Which alarms of the rule's own account and region a pattern lets fire; of one that is not read whole, maybe any.
 * @param place where the rule is: events of other accounts may come to its bus, too.
 */
function coveredBy(pattern: Json | undefined, place: ReturnType<typeof parseArn>): EventRule['covers'] {
  if (!pattern) return []
  const { source, 'detail-type': type, account, region, detail, ...others } = pattern
  const { alarmName, state, ...rest } = asObject(detail) ?? {}
  const { value, ...ofState } = asObject(state) ?? {}
  const parts = [
    isLetThrough(source, 'aws.cloudwatch'),
    isLetThrough(type, 'CloudWatch Alarm State Change'),
    isLetThrough(account, place?.account),
    isLetThrough(region, place?.region),
    isLetThrough(value, 'ALARM'),
  ]
  if (parts.includes(false)) return []
  const isOther = [others, rest, ofState].some((keys) => Object.keys(keys).length > 0)
  const isVague = (type === undefined && source === undefined) || (state !== undefined && value === undefined)
  if (isOther || isVague || parts.includes('maybe')) return 'maybe'
  if (alarmName === undefined) return 'all'
  const names = asList(alarmName)
  if (names.every((name) => typeof name === 'string')) return names
  const allBut = names.length === 1 ? prefixNotOf(names[0]) : undefined
  return allBut === undefined ? 'maybe' : { allBut }
}

/** The prefix in `{"anything-but": {"prefix": "…"}}`. */
function prefixNotOf(filter: unknown): string | undefined {
  const { 'anything-but': not, ...others } = asObject(filter) ?? {}
  const { prefix, ...rest } = asObject(not) ?? {}
  const isAlone = Object.keys({ ...others, ...rest }).length === 0
  return isAlone && typeof prefix === 'string' ? prefix : undefined
}

/** Does a part of a pattern let a value through? One of its texts or filters must (EventBridge User Guide, Event patterns). */
function isLetThrough(part: unknown, value: string | undefined): boolean | 'maybe' {
  if (part === undefined) return true
  const each = asList(part).map((one) => (value === undefined ? 'maybe' : isMatch(one, value)))
  return each.includes(true) || (each.includes('maybe') || !Array.isArray(part) ? 'maybe' : false)
}

function isMatch(filter: unknown, value: string): boolean | 'maybe' {
  if (typeof filter === 'string') return filter === value
  const { prefix, ...others } = asObject(filter) ?? {}
  return typeof prefix === 'string' && Object.keys(others).length === 0 ? value.startsWith(prefix) : 'maybe'
}
