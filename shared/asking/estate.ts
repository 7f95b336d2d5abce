import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AlarmMuteRuleStatus,
  type CloudWatchClient,
  GetAlarmMuteRuleCommand,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  paginateListAlarmMuteRules,
} from '@aws-sdk/client-cloudwatch'
import { type EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge'
import { paginateGetResources, type ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import type { Json } from '../../schemas/loose.ts'
import { isTopic } from '../estate/actions.ts'
import { type Described, estateIn, eventRuleOf, historyOf, muteRuleOf, taggedOf } from '../estate/dump.ts'
import { coversAny, type Estate, type EventRule, type History, type MuteRule, type Part } from '../estate/estate.ts'
import type { EstateClients } from './estate-clients.ts'
import { outcomeOf } from './refused.ts'
import { askTopic } from './topics.ts'

/** At the API's own rates, so many alarms take half a minute, and nobody has more. */
const TIMEOUT_MS = 60_000
/** Everybody together may call them 9 times, and 3 times, in a second (CloudWatch User Guide, CloudWatch service quotas). */
const ALARMS_A_SECOND = 8
const HISTORY_A_SECOND = 2.5
/** They take 12 s. */
const HISTORY_PAGES = 30
const HISTORY_MS = 7 * 86_400_000
/** How many topics, rules and mute rules are asked at a time. */
const AT_ONCE = 5

/**
 * Every alarm of the account, and what else says whether it works. What is refused is part of the answer.
 * @throws {Error} when the alarms themselves can't be read.
 */
export async function askEstate(clients: EstateClients, now: Date): Promise<Described> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const clock = () => now
  const part = async <Data>(action: string, ask: () => Promise<Data>): Promise<Part<Data>> => {
    const outcome = await outcomeOf(action, clock, ask)
    return 'data' in outcome ? { data: outcome.data } : outcome
  }
  const [pages, history, muteRules, tags, eventRules] = await Promise.all([
    askPages(clients.cloudWatch, signal),
    part('cloudwatch:DescribeAlarmHistory', () => askHistory(clients.cloudWatch, now, signal)),
    part('cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule', () => askMuteRules(clients.cloudWatch, signal)),
    part('tag:GetResources', () => askTags(clients.tagging, signal)),
    part('events:ListRules, events:ListTargetsByRule', () => askEventRules(clients.events, signal)),
  ])
  const { alarms } = estateIn([{ MetricAlarms: [] }, ...pages]) as Described
  const arns = [...new Set(alarms.flatMap(({ actions }) => actions.alarm.filter(isTopic)))]
  const topics = await inGroups(arns, async (arn) => [arn, await askTopic(clients, arn, signal)] as const)
  return {
    ...{ alarms, history, muteRules, tags, eventRules },
    composites: compositesIn(alarms),
    topics: Object.fromEntries(topics),
  }
}

/** A role whose right is not on every alarm gets no composite, and no error (CloudWatch API Reference, DescribeAlarms). */
function compositesIn(alarms: Described['alarms']): Estate['composites'] {
  if (alarms.length === 0 || alarms.some(({ type }) => type === 'composite')) return { data: 'seen' }
  const why = 'AWS listed no composite alarm: there is none, or this role may not see them'
  return { refused: { needs: 'cloudwatch:DescribeAlarms on *', why } }
}

/** As the CLI would print them. */
async function askPages(client: CloudWatchClient, abortSignal: AbortSignal): Promise<unknown[]> {
  const pages: unknown[] = []
  const input = { AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const, 'LogAlarm' as const] }
  const all = paginateDescribeAlarms({ client, pageSize: 100 }, input, { abortSignal })
  for await (const page of paced(all, ALARMS_A_SECOND)) pages.push(asPrinted(page))
  return pages
}

/** Times as text. */
const asPrinted = (answer: object): Json => JSON.parse(JSON.stringify(answer))

/** The newest first: of an account with many, as far back as there is time for. */
async function askHistory(client: CloudWatchClient, now: Date, abortSignal: AbortSignal): Promise<History> {
  const from = new Date(now.getTime() - HISTORY_MS)
  const kinds = (['StateUpdate', 'Action'] as const).map((HistoryItemType) => {
    const input = {
      AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const, 'LogAlarm' as const],
      ...{ HistoryItemType, ScanBy: 'TimestampDescending' as const, StartDate: from, EndDate: now },
    }
    return paginateDescribeAlarmHistory({ client, pageSize: 100 }, input, { abortSignal })
  })
  const items: Json[] = []
  let pages = 0
  let isCut = false
  for await (const { AlarmHistoryItems = [], NextToken } of paced(inTurn(kinds), HISTORY_A_SECOND)) {
    items.push(...AlarmHistoryItems.map(asPrinted))
    isCut = ++pages === HISTORY_PAGES && NextToken !== undefined
    if (isCut) break
  }
  const read = historyOf(items)
  return { ...read, since: isCut ? (read.changes.at(-1)?.at ?? '') : from.toISOString() }
}

/** A page of each in turn: none keeps the others waiting. The last has no token. */
async function* inTurn<Page extends { NextToken?: string | undefined }>(
  all: AsyncGenerator<Page>[],
): AsyncGenerator<Page> {
  let open = all
  for (;;) {
    const [first, ...others] = open
    if (!first) return
    const { done, value } = await first.next()
    open = done || value.NextToken === undefined ? others : [...others, first]
    if (!done) yield { ...value, NextToken: open.length === 0 ? undefined : 'more' }
  }
}

/** @param Statuses of those that are wanted. */
export async function askMuteRules(
  client: CloudWatchClient,
  abortSignal: AbortSignal,
  Statuses: AlarmMuteRuleStatus[] = ['ACTIVE', 'SCHEDULED'],
): Promise<MuteRule[]> {
  const names: string[] = []
  const input = { Statuses }
  for await (const { AlarmMuteRuleSummaries = [] } of paginateListAlarmMuteRules({ client }, input, { abortSignal })) {
    names.push(
      ...AlarmMuteRuleSummaries.flatMap(
        ({ AlarmMuteRuleArn }) => /:alarm-mute-rule:(.+)$/.exec(AlarmMuteRuleArn ?? '')?.[1] ?? [],
      ),
    )
  }
  return inGroups(names, async (AlarmMuteRuleName) => {
    const answer = await client.send(new GetAlarmMuteRuleCommand({ AlarmMuteRuleName }), { abortSignal })
    return muteRuleOf(asPrinted(answer))
  })
}

/** All at once: a call for each alarm would take minutes. */
async function askTags(
  client: ResourceGroupsTaggingAPIClient,
  abortSignal: AbortSignal,
): Promise<Record<string, Record<string, string>>> {
  const tagged: [string, Record<string, string>][] = []
  const input = { ResourceTypeFilters: ['cloudwatch:alarm'], ResourcesPerPage: 100 }
  for await (const { ResourceTagMappingList = [] } of paginateGetResources({ client }, input, { abortSignal })) {
    tagged.push(...ResourceTagMappingList.map((one) => taggedOf(asPrinted(one))))
  }
  return Object.fromEntries(tagged)
}

/** Of the default bus, where AWS's own events arrive. */
export async function askEventRules(client: EventBridgeClient, abortSignal: AbortSignal): Promise<EventRule[]> {
  const rules: Json[] = []
  let NextToken: string | undefined
  do {
    const answer = await client.send(new ListRulesCommand({ Limit: 100, NextToken }), { abortSignal })
    rules.push(...(answer.Rules ?? []).map(asPrinted))
    NextToken = answer.NextToken
  } while (NextToken !== undefined)
  const covering = rules.filter((rule) => coversAny(eventRuleOf(rule).covers))
  return inGroups(covering, async (rule) => {
    const answer = await client.send(new ListTargetsByRuleCommand({ Rule: String(rule.Name) }), { abortSignal })
    return eventRuleOf({ ...rule, Targets: asPrinted(answer).Targets })
  })
}

/** Asks for no page sooner than its API takes it: waiting for what was throttled takes longer. */
async function* paced<Page extends { NextToken?: string | undefined }>(
  pages: AsyncGenerator<Page>,
  perSecond: number,
): AsyncGenerator<Page> {
  for (;;) {
    const next = Date.now() + 1_000 / perSecond
    const { done, value } = await pages.next()
    if (done) return
    yield value
    if (value.NextToken === undefined) return
    await sleep(Math.max(0, next - Date.now()))
  }
}

async function inGroups<Item, Answer>(items: Item[], ask: (item: Item) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let at = 0; at < items.length; at += AT_ONCE) {
    answers.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(ask))))
  }
  return answers
}
