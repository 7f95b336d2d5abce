import { setTimeout as sleep } from 'node:timers/promises'
import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { packed, unpacked } from '../aws/packed.ts'
import { expiry, type Item, key, projected, putOrGet, table } from '../aws/table.ts'
import { together } from '../aws/together.ts'
import type { AlertState } from '../decide/alert-state.ts'
import { nextDueAt } from '../decide/due-at.ts'
import { carriedOver } from './carried.ts'
import { type KeptChange, keptChangeIn } from './changes.ts'
import { shardOf } from './due-index.ts'
import { isOpenAlarm } from './open-index.ts'

/*
 * An alert's state: one item, which is read, changed by a pure function, and written on condition that nobody else has
 * written it meanwhile (`version`); else all of that again. The state holds what is owed: a message only wakes whoever
 * sends it, and the index `due` finds what no message did.
 */

/** An alarm can fire for long: its state outlives its history. */
const STATE_DAYS = 400
/** A one-time event has only its history, and so has a drill. */
const ONCE_DAYS = 90

const STATE = 'state.2'

/** What is known of an alert; `undefined` if nothing. Those of one batch are read together. */
export const readAlert = together(async (fingerprints: string[]) => {
  const [only, ...others] = new Set(fingerprints)
  if (only === undefined || others.length === 0) return Promise.all(fingerprints.map(readAlone))
  const known = await readAlerts(fingerprints)
  return Promise.all(fingerprints.map((fingerprint) => known.get(fingerprint) ?? readAlone(fingerprint)))
})

/** The item of an earlier version (`state`) is next to it, so that one query finds either. */
async function readAlone(fingerprint: string): Promise<AlertState | undefined> {
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName: environment('TABLE_NAME'),
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :old AND :new',
      ExpressionAttributeValues: { ':pk': { S: fingerprint }, ':old': { S: 'state' }, ':new': { S: STATE } },
      ConsistentRead: true,
    }),
  )
  const now = Items.find((item) => item.sk?.S === STATE)
  if (now) return stateIn(now)
  return Items[0] && carriedOver(Items[0])
}

/** What a person is shown of an alert, without what else is known of it; `undefined` if nothing is. */
export async function readLine(
  fingerprint: string,
): Promise<{ title: string; status: string; firingSince?: string } | undefined> {
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName: environment('TABLE_NAME'),
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :old AND :new',
      ExpressionAttributeValues: { ':pk': { S: fingerprint }, ':old': { S: 'state' }, ':new': { S: STATE } },
      ConsistentRead: true,
      ...projected(['title', 'status', 'firingSince']),
    }),
  )
  // That of an earlier version comes first.
  const item = Items.at(-1)
  if (!item) return undefined
  const since = item.firingSince?.S
  return {
    title: item.title?.S ?? '',
    status: item.status?.S ?? '',
    ...(since !== undefined && { firingSince: since }),
  }
}

/** An alert's state in this version's form alone, of a table in AWS or here: for a command, which has its own client. */
export async function readStateWith(
  client: DynamoDBClient,
  name: string,
  fingerprint: string,
): Promise<AlertState | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: name, Key: key(fingerprint, STATE), ConsistentRead: true }),
  )
  return Item && stateIn(Item)
}

/** @throws {Error} naming the item, if it is not one of ours. */
export function stateIn(item: Item): AlertState {
  const state = JSON.parse(unpacked(item.doc) ?? '{}') as AlertState
  return {
    ...state,
    fingerprint: item.pk?.S ?? '',
    title: item.title?.S ?? '',
    status: item.status?.S as AlertState['status'],
    changedAt: item.changedAt?.S ?? '',
    version: Number(item.version?.N ?? 0),
    ...(item.drill?.S !== undefined && { drill: item.drill.S }),
  }
}

/** An alert to look at, and the change that it is most likely about. */
export interface Wanted {
  fingerprint: string
  change: string
}

/** DynamoDB's limit of items per call. */
const BATCH_KEYS = 100

/** The alerts and changes that a batch of messages is about, many in one call. Whatever is missing was not found. */
export async function readMany(
  wanted: Wanted[],
): Promise<{ alerts: Map<string, AlertState>; changes: Map<string, KeptChange> }> {
  const keys = new Map(
    wanted.flatMap(({ fingerprint, change }) =>
      [STATE, change].map((sk) => [`${fingerprint} ${sk}`, key(fingerprint, sk)] as const),
    ),
  )
  const items = await readItems([...keys.values()])
  const alerts = new Map<string, AlertState>()
  const changes = new Map<string, KeptChange>()
  for (const item of items) {
    if (item.sk?.S === STATE) alerts.set(item.pk?.S ?? '', stateIn(item))
    else changes.set(`${item.pk?.S} ${item.sk?.S}`, keptChangeIn(item))
  }
  return { alerts, changes }
}

/** Several alerts' states, by fingerprint. Whatever is missing was not found. */
export async function readAlerts(fingerprints: string[]): Promise<Map<string, AlertState>> {
  const items = await readItems([...new Set(fingerprints)].map((fingerprint) => key(fingerprint, STATE)))
  return new Map(items.map((item) => [item.pk?.S ?? '', stateIn(item)]))
}

/** The attributes to read: a change's trace and history are for people only, and larger than everything else. */
const OF_STATE = ['pk', 'sk', 'version', 'doc', 'title', 'status', 'changedAt', 'drill']
const OF_CHANGE = ['alert', 'severity', 'rule', 'extras', 'firingSince']
const READ = [...OF_STATE, ...OF_CHANGE]

/** A busy DynamoDB may read only a part: the rest is requested again, until the function's time ends. */
async function readItems(keys: ReturnType<typeof key>[]): Promise<Item[]> {
  const name = environment('TABLE_NAME')
  const items: Item[] = []
  let left = keys
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt > 0) await sleep(Math.random() * Math.min(1_000, 25 * 2 ** attempt))
    const now = left.slice(0, BATCH_KEYS)
    const { Responses, UnprocessedKeys } = await table.send(
      new BatchGetItemCommand({
        RequestItems: { [name]: { Keys: now, ConsistentRead: true, ...projected(READ) } },
      }),
    )
    items.push(...(Responses?.[name] ?? []))
    const again = (UnprocessedKeys?.[name]?.Keys ?? []) as ReturnType<typeof key>[]
    left = [...again, ...left.slice(now.length)]
    if (again.length < now.length) attempt = 0
    else if (attempt > MAX_ATTEMPTS) throw new Error('DynamoDB is too busy: it returned none of the requested items')
  }
  return items
}

/** With pauses that grow to a second: longer than a table is usually busy. */
const MAX_ATTEMPTS = 12

/**
 * Writes a state if nobody has written it since it was read; else returns the existing item, if DynamoDB returns one.
 */
export function writeAlert(state: AlertState, now = new Date()): Promise<'put' | Item | undefined> {
  const { version } = state
  return putOrGet(
    version === 0 ? 'attribute_not_exists(pk)' : 'version = :version',
    itemOfState(state, now),
    version === 0 ? undefined : { ':version': { N: String(version) } },
  )
}

/** What the table has of a state once it is written. */
export function itemOfState(state: AlertState, now: Date): Item {
  const { version, fingerprint, title, status, changedAt, drill, ...doc } = state
  const dueAt = nextDueAt(state)
  return {
    ...key(fingerprint, STATE),
    version: { N: String(version + 1) },
    doc: packed(JSON.stringify(doc)),
    ...(drill !== undefined && { drill: { S: drill } }),
    // As attributes of their own, for scans of all alerts.
    title: { S: title },
    status: { S: status },
    changedAt: { S: changedAt },
    ...(state.firing && { firingSince: { S: state.firing.since } }),
    ...(dueAt !== undefined && { dueAt: { S: dueAt }, dueShard: { S: shardOf(fingerprint) } }),
    ...(isOpenAlarm(state) && { openShard: { S: shardOf(fingerprint) } }),
    expiresAt: expiry(now, state.once || drill !== undefined ? ONCE_DAYS : STATE_DAYS),
  }
}

/** The next state: the same object if nothing must be written. */
export interface Changed<Result> {
  state: AlertState | undefined
  result: Result
}

/** Changes of one alert in this process wait for each other; each starts with what the one before has written. */
const turns = new Map<string, Promise<AlertState | undefined>>()

/**
 * Changes an alert's state: reads it, lets `change` compute the next one, and writes that; all of it again as often as
 * another writer was faster. `change` may be called several times: its other effects must be repeatable.
 * @param known the state as read a moment ago, to save the first read.
 * @throws {Error} when the table does not answer, or others are faster again and again.
 */
export async function changeAlert<Result>(
  fingerprint: string,
  change: (state: AlertState | undefined) => Changed<Result> | Promise<Changed<Result>>,
  known?: AlertState,
): Promise<{ state: AlertState | undefined; result: Result }> {
  const before = turns.get(fingerprint)
  const ours = (before ?? Promise.resolve(known)).then((read) => changeInTurn(fingerprint, change, read))
  const settled = ours.then(
    ({ state }) => state,
    () => undefined,
  )
  turns.set(fingerprint, settled)
  try {
    return await ours
  } finally {
    if (turns.get(fingerprint) === settled) turns.delete(fingerprint)
  }
}

const MAX_CONFLICTS = 30

async function changeInTurn<Result>(
  fingerprint: string,
  change: (state: AlertState | undefined) => Changed<Result> | Promise<Changed<Result>>,
  known: AlertState | undefined,
): Promise<{ state: AlertState | undefined; result: Result }> {
  let read = known
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
    const state: AlertState | undefined = read ?? (await readAlert(fingerprint))
    const { state: next, result } = await change(state)
    // A state carried over from an earlier version is written even if unchanged, so that it is found when it is due.
    const isAsItWas = next === state && next?.version !== 0
    if (next === undefined || isAsItWas) return { state, result }
    const written = await writeAlert(next)
    if (written === 'put') return { state: { ...next, version: next.version + 1 }, result }
    // First with what another has written meanwhile; under contention, each waits a while and reads again.
    read = written && attempt === 0 ? stateIn(written) : undefined
    if (!read) await sleep(Math.random() * Math.min(500, 20 * 2 ** attempt))
  }
  throw new Error(`${fingerprint} has too many concurrent writers`)
}
