import { type DynamoDBClient, paginateQuery, paginateScan, type QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { distance } from 'fastest-levenshtein'
import type { Alert } from '../../schemas/alert.ts'
import type { Notification } from '../../schemas/notification.ts'
import { unpacked } from '../../shared/aws/packed.ts'
import { projected } from '../../shared/aws/table.ts'
import { parseArn } from '../../shared/parse/arn.ts'
import type { Change, Delivery, State } from './alert-history.ts'
import { deliveryOf } from './earlier-form.ts'
import { type Item, skOf, timeIn } from './items.ts'
import { changesIn, logsIn, stateOf } from './story.ts'

/** What the table tells of an alert. */
export interface Story {
  fingerprint: string
  /** What it is now; missing when all that is left is its past. */
  state?: State
  /** As it came last; missing when its past has expired. */
  newest?: Alert
  /** Whether there are changes before those that are told. */
  hasEarlier: boolean
  /** How many messages told of changes since the time asked for that are too many to tell; missing when all are told. */
  unsent?: number
  /** From oldest to newest, read as they are asked for. */
  changes: AsyncIterable<Change>
}

/** Which changes are read: so many of the last, or those since a time (ISO 8601); and whether with their traces, half of all. */
export interface Which {
  last?: number | undefined
  since?: string | undefined
  withTraces?: boolean
}

/** An alert's story, by its key in the table; `undefined` if nothing is known of it. */
export async function readStory(
  client: DynamoDBClient,
  table: string,
  fingerprint: string,
  which: Which,
): Promise<Story | undefined> {
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

/** What an alert is now; `undefined` if nothing is known of it. */
export async function readState(
  client: DynamoDBClient,
  table: string,
  fingerprint: string,
): Promise<State | undefined> {
  const item = await stateItemOf({ client, table, fingerprint })
  return item && stateOf(item)
}

/** In the form of this version, or where there is none, of the one before it. */
async function stateItemOf(query: Query): Promise<Item | undefined> {
  const states: Item[] = []
  for await (const item of itemsOf(query, { from: 'state', to: 'state.2' })) states.push(item)
  return states.find((one) => skOf(one) === 'state.2') ?? states[0]
}

/** What the version before this one kept of a notification; `undefined` if nothing. */
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

/** `$` follows `#`. */
const CHANGES = { from: 'change#', to: 'change$' }

interface Query {
  client: DynamoDBClient
  table: string
  fingerprint: string
  /** Those that are read; all, when absent. */
  attributes?: string[]
}

/** What is told of a change, but for its trace. */
const ATTRIBUTES = [
  ...['pk', 'sk', 'alert', 'severity', 'rule', 'channels', 'held', 'because', 'configVersion', 'earlier', 'outcome'],
  ...['messageId', 'position', 'recordedAt', 'releasedAt'],
]

interface Range {
  from: string
  to: string
  isBackwards?: boolean
  /** How many are read in one call. */
  page?: number | undefined
}

/** An alert's items between two keys, page by page as they are asked for. */
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

async function newestOf(query: Query): Promise<Item | undefined> {
  for await (const item of itemsOf(query, { ...CHANGES, isBackwards: true, page: 1 })) return item
  return undefined
}

/** A change is told by one message, seldom by more. */
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

/** How many items of changes there are from a time on, before another. */
async function countBetween({ client, table, fingerprint }: Query, since: string, before: string): Promise<number> {
  const input: QueryCommandInput = {
    TableName: table,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ...{ ':pk': { S: fingerprint }, ':from': { S: `change#${since}` } },
      // All keys of a time go on after it.
      ':to': { S: `change#${before}` },
    },
    ConsistentRead: true,
    Select: 'COUNT',
  }
  let count = 0
  for await (const { Count = 0 } of paginateQuery({ client }, input)) count += Count
  return count
}

/** What the version before this one kept of notifications, by the time of their change: asked for in that order. */
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

/** What just happened each time, of one source, as one story: each of these is an alert by itself. */
export async function readStories(
  client: DynamoDBClient,
  table: string,
  /** The newest first. */
  states: State[],
  which: Which,
): Promise<Story> {
  const { since = '', last } = which
  const inTime = states.filter(({ changedAt }) => changedAt >= since)
  const asked = inTime.slice(0, last)
  const [newest] = states
  const story = newest && (await readStory(client, table, newest.fingerprint, { last: 1 }))
  async function* changes() {
    for (const { fingerprint } of asked.toReversed()) {
      const one = await readStory(client, table, fingerprint, which)
      if (one) yield* one.changes
    }
  }
  return {
    fingerprint: sourceOf(newest?.fingerprint ?? ''),
    ...(newest && { state: { ...newest, ...story?.state } }),
    ...(story?.newest && { newest: story.newest }),
    hasEarlier: asked.length < inTime.length,
    ...(since && asked.length < inTime.length && { unsent: inTime.length - asked.length }),
    changes: changes(),
  }
}

/** The fingerprint of what just happens, without what tells one time from the others (`identityOf`). */
export function sourceOf(fingerprint: string): string {
  return fingerprint.replace(/@[\w-]{16}$/, '')
}

/** What goes by a name: one alert or several, or none and those of which the names come next. */
export interface Found {
  matches: State[]
  /** How many alerts the table knows. */
  known: number
  /** Similar names, where nothing matches. */
  similar: string[]
}

/**
 * Finds alerts by their name, else by a part of their name or fingerprint, in any case.
 *
 * It reads the whole table, since nothing else needs an index by name: half a read unit for each 4 KB, about $0.02 a
 * gigabyte (us-east-1, on demand). By its fingerprint an alert is found for next to nothing.
 */
export async function findAlerts(client: DynamoDBClient, table: string, name: string): Promise<Found> {
  const items: Item[] = []
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      FilterExpression: 'sk IN (:state, :earlier)',
      ProjectionExpression: 'pk, sk, title, #status, changedAt, firingSince',
      ExpressionAttributeNames: { '#status': 'status' },
      // Of an alert that has not changed since the version before this one there is the earlier form alone.
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
    const matches = states.filter(test).sort((a, b) => b.changedAt.localeCompare(a.changedAt))
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
