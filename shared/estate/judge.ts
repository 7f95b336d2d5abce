import type { Alert } from '../../schemas/alert.ts'
import { type Config, SEVERITIES, type Severity } from '../../schemas/config.ts'
import { oneLine } from '../channels/outside-text.ts'
import { isOfAutoScaling, isOfRouter, isTopic, namedIn, type Reach, reachOf } from './actions.ts'
import type { EstateAlarm } from './alarm.ts'
import { actionFailed } from './checks/actions.ts'
import { evaluationBroken, flapping, lostData, neverHadData, percentOver100, stuckInAlarm } from './checks/data.ts'
import { duplicate } from './checks/duplicates.ts'
import { mutedForWeeks } from './checks/mutes.ts'
import {
  actionsDisabled,
  isUnsaid,
  noOkAction,
  notPointedAtUs,
  onlyDefault,
  reachesNobody,
  rulesNotifyNobody,
} from './checks/reach.ts'
import { childGone, isPart, missingChildren, noOwner, noRunbook } from './checks/tidy.ts'
import { deadTopic, keyUnusable, noSubscription, topicRefuses } from './checks/topics.ts'
import { notIn } from './dump.ts'
import type { Estate, Part, Topic } from './estate.ts'
import { type Finding, HARMS, type KindId, type NotChecked } from './finding.ts'
import { edited } from './fix.ts'
import type { Check, Judged } from './judged.ts'
import { tagsPassedOn } from './message.ts'
import { alertOfAlarm, type RoutedAlarm, routedAlarm } from './routed.ts'
import { rulesThatWait } from './unknown-fields.ts'
import { isWhole, missingIn } from './whole.ts'

const CHECKS: Record<KindId, Check> = {
  'reaches-nobody': reachesNobody,
  'not-pointed-at-us': notPointedAtUs,
  'rules-notify-nobody': rulesNotifyNobody,
  'actions-disabled': actionsDisabled,
  'muted-for-weeks': mutedForWeeks,
  'dead-topic': deadTopic,
  'no-subscription': noSubscription,
  'topic-refuses': topicRefuses,
  'key-unusable': keyUnusable,
  'action-failed': actionFailed,
  'never-had-data': neverHadData,
  'lost-data': lostData,
  'evaluation-broken': evaluationBroken,
  'percent-over-100': percentOver100,
  'child-gone': childGone,
  'no-ok-action': noOkAction,
  'stuck-in-alarm': stuckInAlarm,
  flapping,
  duplicate,
  'only-default': onlyDefault,
  'no-runbook': noRunbook,
  'no-owner': noOwner,
}

/** All that is known of an estate before anything fires. */
export interface Judgement {
  alarms: RoutedAlarm[]
  /** Those that send what they find to somebody, or should. */
  senders: RoutedAlarm[]
  /** Auto Scaling's own, and the router's: nobody decides about them by rules, so they are not judged. */
  apart: { scaling: EstateAlarm[]; router: EstateAlarm[] }
  /** The worst first; each kind together, the alarms by name. */
  findings: Finding[]
  notChecked: NotChecked[]
}

/** Decides every alarm by the rules, and finds what is wrong with it. Pure. */
export function judgeEstate(estate: Estate, config: Config): Judgement {
  const apart = { scaling: estate.alarms.filter(isOfAutoScaling), router: estate.alarms.filter(isOfRouter) }
  const own = estate.alarms.filter(isJudged)
  const reach = reachOf(estate)
  const all = own.map((alarm) => routedAlarm(estate, alarm, config))
  const senders = all.filter(({ alarm }) => sends(alarm, reach))
  const named = namedIn(estate.alarms)
  const judged: Judged = { estate, config, at: new Date(estate.at), reach, all, senders, named }
  const ids = Object.keys(CHECKS) as KindId[]
  const findings = withCommands(
    ids.flatMap((id) => CHECKS[id](judged).sort(byName)),
    estate,
  )
  return {
    alarms: all,
    senders,
    apart,
    // Sorting keeps the order of the kinds.
    findings: findings.sort((one, other) => HARMS.indexOf(one.harm) - HARMS.indexOf(other.harm)),
    notChecked: notCheckedIn(judged),
  }
}

const isJudged = (alarm: EstateAlarm) => !isOfAutoScaling(alarm) && !isOfRouter(alarm)

/** What has no action of its own may speak by a composite. */
const sends = (alarm: EstateAlarm, reach: Reach) => alarm.actions.alarm.length > 0 || !reach.isSentByComposite(alarm)

/** The alerts that an estate's alarms will be, each as if it fired at that moment. Pure. */
export function alertsToCome(estate: Estate): Alert[] {
  const reach = reachOf(estate)
  return estate.alarms
    .filter((alarm) => isJudged(alarm) && sends(alarm, reach))
    .map((alarm) => alertOfAlarm(estate, alarm))
}

/** What changes an alarm's actions is one command for all its findings: a second would undo the first. */
function withCommands(findings: Finding[], estate: Estate): Finding[] {
  const edits = Map.groupBy(
    findings.filter((one) => one.edits.length > 0),
    ({ alarm }) => alarm,
  )
  const fixes = new Map(
    [...edits].map(([alarm, of]) => {
      const all = of.flatMap((one) => one.edits)
      return [alarm, edited(alarm, all, missingIn(estate, alarm))]
    }),
  )
  return findings.map((one) => {
    const fix = one.edits.length === 0 ? undefined : fixes.get(one.alarm)
    return fix ? { ...one, ...fix, commands: [...fix.commands, ...one.commands] } : one
  })
}

const byName = ({ alarm: one }: Finding, { alarm: other }: Finding) => one.name.localeCompare(other.name, 'en')

/** By the rules. */
const DECIDED: KindId[] = ['only-default', 'rules-notify-nobody']

/** What could not be read: nobody may take it for fine. */
function notCheckedIn(judged: Judged): NotChecked[] {
  const { estate, all } = judged
  const of = (part: Part<unknown>, ids: KindId[], alarms?: number): NotChecked[] =>
    'refused' in part ? [{ ids, refused: part.refused, ...(alarms !== undefined && { alarms }) }] : []
  const noRouter = { needs: '--stage or --topic', why: 'nobody has said where alarms should go' }
  return [
    ...(estate.router ? [] : [{ ids: ['not-pointed-at-us' as const], isOpen: true as const, refused: noRouter }]),
    ...of(estate.composites, ['reaches-nobody', 'child-gone']).map((one) => ({ ...one, isOpen: true as const })),
    ...childrenNotChecked(judged),
    ...of(estate.muteRules, ['muted-for-weeks']),
    ...of(estate.history, ['action-failed', 'flapping']),
    ...of(estate.tags, ['no-owner'], withoutOwner(judged)),
    ...of(estate.tags, DECIDED, all.filter(({ alarm }) => tagsPassedOn(alarm.raw, {}) !== undefined).length),
    ...of(estate.eventRules, ['reaches-nobody', 'no-ok-action']),
    ...topicsNotChecked(judged),
    ...actionsNotChecked(judged),
    ...rulesNotChecked(judged),
  ].filter(({ alarms }) => alarms !== 0)
}

const MOST_NAMES = 5

/** A file with some alarms of its account: whether the others are there, nobody can know. */
function childrenNotChecked(judged: Judged): NotChecked[] {
  const those = isPart(judged) ? missingChildren(judged) : []
  const names = [...new Set(those.flatMap(({ missing }) => missing))]
  const more = names.length > MOST_NAMES ? [`${names.length - MOST_NAMES} more`] : []
  const why = `not in this file: ${[...names.slice(0, MOST_NAMES).map(oneLine), ...more].join(', ')}`
  return [{ ids: ['child-gone'], alarms: those.length, refused: { needs: 'all alarms of the account', why } }]
}

/** Whoever wrote a file may have asked for some fields alone. */
function actionsNotChecked({ estate, all }: Judged): NotChecked[] {
  const without = (key: 'AlarmActions' | 'OKActions') => all.filter(({ alarm }) => isUnsaid(estate, alarm, key)).length
  return [
    { ids: ['reaches-nobody'], alarms: without('AlarmActions'), refused: notIn('AlarmActions of each alarm') },
    { ids: ['no-ok-action'], alarms: without('OKActions'), refused: notIn('OKActions of each alarm') },
    {
      ids: ['duplicate'],
      alarms: all.filter(({ alarm }) => alarm.type === 'metric' && !isWhole(estate, alarm)).length,
      refused: notIn('all fields of each alarm'),
    },
  ]
}

/** Rules that ask for what an alarm has only when it fires: then they may decide otherwise. */
function rulesNotChecked({ config }: Judged): NotChecked[] {
  const names = rulesThatWait(config).map((name) => `"${name}"`)
  if (names.length === 0) return []
  const why = `${names.join(', ')} ${names.length === 1 ? 'asks' : 'ask'} for a reason, a child, an observed value or a time`
  return [{ ids: DECIDED, isOpen: true, refused: { needs: 'the alarm to fire', why } }]
}

/** Those in whose tags an owner may be: as if there were no tags. */
function withoutOwner(judged: Judged): number {
  return noOwner({ ...judged, estate: { ...judged.estate, tags: { data: {} } } }).length
}

/** An account's are all asked. */
const UNREAD = notIn('sns:GetTopicAttributes, sns:ListSubscriptionsByTopic')
const NO_POLICY = {
  needs: 'sns:GetTopicAttributes',
  why: 'the attributes of the topic have no policy that can be read',
}

function topicsNotChecked({ estate, all }: Judged): NotChecked[] {
  const missing = all.flatMap(({ alarm }) =>
    alarm.actions.alarm
      .filter(isTopic)
      .flatMap((arn) => missingOf(Object.hasOwn(estate.topics, arn) ? estate.topics[arn] : undefined)),
  )
  const alike = Map.groupBy(missing, (one) => JSON.stringify(one))
  return [...alike.values()].flatMap((those) => (those[0] ? [{ ...those[0], alarms: those.length }] : []))
}

const OF_TOPICS: KindId[] = ['dead-topic', 'no-subscription', 'topic-refuses', 'key-unusable']

function missingOf(topic: Part<Topic> | undefined): Pick<NotChecked, 'ids' | 'refused'>[] {
  if (!topic) return [{ ids: OF_TOPICS, refused: UNREAD }]
  if ('refused' in topic) return [{ ids: OF_TOPICS, refused: topic.refused }]
  const { isThere, policy, key } = topic.data
  return [
    ...(isThere && !policy ? [{ ids: ['topic-refuses' as const], refused: NO_POLICY }] : []),
    ...(key && 'refused' in key ? [{ ids: ['key-unusable' as const], refused: key.refused }] : []),
  ]
}

/** The findings of one kind and harm, in their order. */
export function groupsOf(findings: Finding[]): { id: KindId; harm: Finding['harm']; findings: Finding[] }[] {
  return [...Map.groupBy(findings, ({ id, harm }) => `${harm} ${id}`).values()].flatMap((those) => {
    const [first] = those
    return first ? [{ id: first.id, harm: first.harm, findings: those }] : []
  })
}

/** Alarms that the rules decide alike. */
export interface Destination {
  severity: Severity
  rule: string
  channels: string[]
  later: string[]
  /** Why a rule notifies nobody. */
  nobody?: string
  alarms: EstateAlarm[]
}

/** Where alarms would go, the most severe first. */
export function destinationsOf(senders: RoutedAlarm[]): Destination[] {
  const alike = Map.groupBy(senders, ({ decision: { severity, rule, channels, held, nobody } }) =>
    JSON.stringify([severity, rule, channels, held.map(({ channel }) => channel), nobody]),
  )
  return [...alike.values()]
    .flatMap((those): Destination[] => {
      const [first] = those
      if (!first) return []
      const { severity, rule, channels, held, nobody } = first.decision
      return [
        {
          severity,
          rule,
          channels,
          later: held.map(({ channel }) => channel),
          ...(nobody && { nobody: nobody.reason }),
          alarms: those.map(({ alarm }) => alarm),
        },
      ]
    })
    .sort(
      (one, other) =>
        SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
        other.alarms.length - one.alarms.length,
    )
}
