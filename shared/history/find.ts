import { type DynamoDBClient, paginateQuery, paginateScan, type QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { distance } from 'fastest-levenshtein'
import type { Alert } from '../../schemas/alert.ts'
import type { Notification } from '../../schemas/notification.ts'
import { sourceOf } from '../alert/identity.ts'
import { unpacked } from '../aws/packed.ts'
import { projected } from '../aws/table.ts'
import { parseArn } from '../parse/arn.ts'
import type { Change, Delivery, State } from './alert-history.ts'
import { changesIn, logsIn, stateOf } from './changes.ts'
import { deliveryOf } from './earlier-form.ts'
import { type Item, skOf, timeIn } from './items.ts'

/** An alert's record in the table. */
export interface AlertHistory {
  fingerprint: string
  /** Its current state; missing if only its history is left. */
  state?: State
  /** The newest change; missing if its history has expired. */
  newest?: Alert
  /** Whether there are changes before those that are shown. */
  hasEarlier: boolean
  /**
   * The number of messages about changes in the given time that are not shown, because there are too many; missing
   * if all are shown.
   */
  unsent?: number
  /** Oldest first, read on demand. */
  changes: AsyncIterable<Change>
}

/**
 * Which changes to read: the last few, or those since a time (ISO 8601); and whether to read their traces, half of
 * the data.
 */
export interface Which {
  last?: number | undefined
  since?: string | undefined
  withTraces?: boolean
}

/** An alert's history, by its key in the table; `undefined` if there is none. */
export async function readAlertHistory(
  client: DynamoDBClient,
  table: string,
  fingerprint: string,
  which: Which,
): Promise<AlertHistory | undefined> {
  const all = { client, table, fingerprint }
  const query = which.withTraces ? all : { ...all, attributes: ATTRIBUTES }
  const item = await stateItemOf(all)
  const state = item && stateOf(item)
  const asked = which.since ?? ''
  const last = which.last === undefined ? undefined : await lastOf(query, which.last, asked)
  const newest = last?.items.at(-1) ?? (await newestOf(query))
  if (!state && !newest) return undefined
  const since = last?.since ?? asked
  const items = last?.items ?? itemsOf(query, { ...CHANGES, from: `change#${since}` })
  const sources = { state, logs: logsIn(item), earlierDeliveries: deliveriesSince(all, since) }
  return {
    fingerprint,
    ...(state && { state }),
    ...(newest && { newest: JSON.parse(unpacked(newest.alert) ?? '{}') }),
    hasEarlier: last?.hasEarlier ?? false,
    ...(asked && last?.hasEarlier && { unsent: await countBetween(all, asked, since) }),
    changes: changesIn(items, sources),
  }
}

/** An alert's current state; `undefined` if there is none. */
export async function readState(
  client: DynamoDBClient,
  table: string,
  fingerprint: string,
): Promise<State | undefined> {
  const item = await stateItemOf({ client, table, fingerprint })
  return item && stateOf(item)
}

/** In this version's form, or else in that of the previous version. */
async function stateItemOf(query: Query): Promise<Item | undefined> {
  const states: Item[] = []
  for await (const item of itemsOf(query, { from: 'state', to: 'state.2' })) states.push(item)
  return states.find((one) => skOf(one) === 'state.2') ?? states[0]
}

/** The previous version's item of a notification; `undefined` if there is none. */
export async function readDelivery(
  client: DynamoDBClient,
  table: string,
  { alert, id }: Notification,
): Promise<Delivery | undefined> {
  const sk = `delivery#${alert.changedAt}#${id}`
  for await (const item of itemsOf({ client, table, fingerprint: alert.fingerprint }, { from: sk, to: sk })) {
    return deliveryOf(item)
  }
  return undefined
}

/** `$` sorts after `#`. */
const CHANGES = { from: 'change#', to: 'change$' }

interface Query {
  client: DynamoDBClient
  table: string
  fingerprint: string
  /** The attributes to read; all, when absent. */
  attributes?: string[]
}

/** The attributes of a change, without its trace. */
const ATTRIBUTES = [
  ...['pk', 'sk', 'alert', 'severity', 'rule', 'channels', 'held', 'because', 'configVersion', 'earlier', 'outcome'],
  ...['messageId', 'position', 'recordedAt', 'releasedAt'],
]

interface Range {
  from: string
  to: string
  isBackwards?: boolean
  /** How many are read per call. */
  page?: number | undefined
}

/** An alert's items between two keys, read page by page on demand. */
async function* itemsOf({ client, table, fingerprint, attributes }: Query, range: Range): AsyncGenerator<Item> {
  const { from, to, isBackwards = false, page } = range
  const input: QueryCommandInput = {
    TableName: table,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': { S: fingerprint }, ':from': { S: from }, ':to': { S: to } },
    ConsistentRead: true,
    ScanIndexForward: !isBackwards,
    Limit: page,
    ...(attributes && projected(attributes)),
  }
  for await (const { Items = [] } of paginateQuery({ client }, input)) yield* Items
}

/** An alert's newest change; `undefined` if none is kept. */
export async function readNewest(
  client: DynamoDBClient,
  table: string,
  fingerprint: string,
): Promise<Alert | undefined> {
  const item = await newestOf({ client, table, fingerprint, attributes: ['alert'] })
  return item && (JSON.parse(unpacked(item.alert) ?? '{}') as Alert)
}

async function newestOf(query: Query): Promise<Item | undefined> {
  for await (const item of itemsOf(query, { ...CHANGES, isBackwards: true, page: 1 })) return item
  return undefined
}

/** A change has one message, seldom more. */
const PAGE = 25

/** The items of the last changes since a time, oldest first. */
async function lastOf(
  query: Query,
  most: number,
  asked: string,
): Promise<{ items: Item[]; hasEarlier: boolean; since: string }> {
  const items: Item[] = []
  const times: string[] = []
  const range = { from: `change#${asked}`, to: CHANGES.to, isBackwards: true, page: asked ? undefined : PAGE }
  for await (const item of itemsOf(query, range)) {
    const time = timeIn(skOf(item))
    if (times.at(-1) !== time) times.push(time)
    if (times.length > most) return { items: items.reverse(), hasEarlier: true, since: times.at(-2) ?? '' }
    items.push(item)
  }
  return { items: items.reverse(), hasEarlier: false, since: times.at(-1) ?? asked }
}

/** The number of change items from one time up to another. */
async function countBetween({ client, table, fingerprint }: Query, since: string, before: string): Promise<number> {
  const input: QueryCommandInput = {
    TableName: table,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ...{ ':pk': { S: fingerprint }, ':from': { S: `change#${since}` } },
      // All keys of a time start with it.
      ':to': { S: `change#${before}` },
    },
    ConsistentRead: true,
    Select: 'COUNT',
  }
  let count = 0
  for await (const { Count = 0 } of paginateQuery({ client }, input)) count += Count
  return count
}

/** The previous version's items of notifications, by the time of their change: requested in that order. */
function deliveriesSince(query: Query, since: string): (changedAt: string) => Promise<Item[]> {
  let items: AsyncGenerator<Item> | undefined
  let next: IteratorResult<Item> | undefined
  return async (changedAt) => {
    items ??= itemsOf(query, { from: `delivery#${since}`, to: 'delivery$' })
    next ??= await items.next()
    const found: Item[] = []
    while (!next.done && timeIn(skOf(next.value)) <= changedAt) {
      if (timeIn(skOf(next.value)) === changedAt) found.push(next.value)
      next = await items.next()
    }
    return found
  }
}

/** Events without a state, of one source, as one history: each is a separate alert. */
export async function readAlertHistories(
  client: DynamoDBClient,
  table: string,
  /** Newest first. */
  states: State[],
  which: Which,
): Promise<AlertHistory> {
  const { since = '', last } = which
  const inTime = states.filter(({ changedAt }) => changedAt >= since)
  const asked = inTime.slice(0, last)
  const [newest] = states
  const newestHistory = newest && (await readAlertHistory(client, table, newest.fingerprint, { last: 1 }))
  async function* changes() {
    for (const { fingerprint } of asked.toReversed()) {
      const one = await readAlertHistory(client, table, fingerprint, which)
      if (one) yield* one.changes
    }
  }
  return {
    fingerprint: sourceOf(newest?.fingerprint ?? ''),
    ...(newest && { state: { ...newest, ...newestHistory?.state } }),
    ...(newestHistory?.newest && { newest: newestHistory.newest }),
    hasEarlier: asked.length < inTime.length,
    ...(since && asked.length < inTime.length && { unsent: inTime.length - asked.length }),
    changes: changes(),
  }
}

/** The alerts that match a name: one or several; or none, with similar names. */
export interface Found {
  matches: State[]
  /** The number of alerts in the table. */
  known: number
  /** Similar names, if nothing matches. */
  similar: string[]
}

/**
 * Finds alerts by their name, or else by part of their name or fingerprint, ignoring case.
 *
 * It reads the whole table, because nothing else needs an index by name: half a read unit for each 4 KB, about $0.02
 * a gigabyte (us-east-1, on demand). Finding an alert by its fingerprint costs next to nothing.
 */
export async function findAlerts(client: DynamoDBClient, table: string, name: string): Promise<Found> {
  const items: Item[] = []
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      FilterExpression: 'sk IN (:state, :earlier)',
      ProjectionExpression: 'pk, sk, title, #status, changedAt, firingSince, drill',
      ExpressionAttributeNames: { '#status': 'status' },
      // An alert that has not changed since the previous version only has the earlier form.
      ExpressionAttributeValues: { ':state': { S: 'state.2' }, ':earlier': { S: 'state' } },
    },
  )
  for await (const { Items = [] } of pages) items.push(...Items)
  const inNewForm = new Set(items.flatMap((item) => (skOf(item) === 'state.2' ? (item.pk?.S ?? '') : [])))
  const states = items.filter((item) => skOf(item) === 'state.2' || !inNewForm.has(item.pk?.S ?? '')).map(stateOf)
  return { ...matching(states, name), known: states.length }
}

function matching(states: State[], name: string): Omit<Found, 'known'> {
  const wanted = name.toLowerCase()
  const tests: ((state: State) => boolean)[] = [
    (state) => namesOf(state).includes(name),
    (state) => namesOf(state).some((one) => one.toLowerCase() === wanted),
    (state) => [state.fingerprint, state.title].some((one) => one.toLowerCase().includes(wanted)),
  ]
  for (const test of tests) {
    const found = states.filter(test).sort((a, b) => b.changedAt.localeCompare(a.changedAt))
    // Each drill of an alert is one more with its name.
    const real = found.filter(({ drill }) => drill === undefined)
    const matches = real.length > 0 ? real : found
    if (matches.length > 0) return { matches, similar: [] }
  }
  return { matches: [], similar: similarTo(wanted, states) }
}

/** An alarm's ARN ends in its name; in a fingerprint, a contributor's id can follow after a `#`. */
function namesOf({ title, fingerprint }: State): string[] {
  const source = sourceOf(fingerprint)
  const withoutContributor = source.replace(/#[^#]*$/, '')
  const alarm = parseArn(withoutContributor)?.resource.replace(/^alarm:/, '')
  return [title, fingerprint, source, withoutContributor, ...(alarm === undefined ? [] : [alarm])]
}

function similarTo(wanted: string, states: State[]): string[] {
  const byDistance = [...new Set(states.map(({ title }) => title))]
    .map((title) => ({ title, far: distance(wanted, title.toLowerCase()) / Math.max(wanted.length, title.length) }))
    .filter(({ far }) => far < 0.5)
    .sort((a, b) => a.far - b.far)
  return byDistance.slice(0, 3).map(({ title }) => title)
}
