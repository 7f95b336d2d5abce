import { setTimeout as sleep } from 'node:timers/promises'
import { BatchGetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { packed, unpacked } from '../aws/packed.ts'
import { expiry, type Item, key, projected, putOrGet, table } from '../aws/table.ts'
import type { AlertState } from '../decide/alert-state.ts'
import { nextDueAt } from '../decide/due-at.ts'
import { carriedOver } from './carried.ts'
import { type KeptChange, keptChangeIn } from './changes.ts'
import { shardOf } from './due-index.ts'

/*
 * An alert's state: one item, which is read, changed by a pure function, and written on the condition that nobody else has
 * written it meanwhile (`version`); else all of that once more. What is written says what is to be done: a message only
 * wakes up whoever does it, and the index `due` brings back what no message did.
 */

/** An alarm can fire for long: its state outlives what we tell of its past. */
const STATE_DAYS = 400
/** Of what has no life only its past is told. */
const ONCE_DAYS = 90

const STATE = 'state.2'

/**
 * What is known of an alert; `undefined` if nothing. What an earlier version has written (`state`) lies beside it, so that
 * one query finds either.
 */
export async function readAlert(fingerprint: string): Promise<AlertState | undefined> {
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

/** @throws {Error} naming the item, when it is none of ours. */
export function stateIn(item: Item): AlertState {
  const state = JSON.parse(unpacked(item.doc) ?? '{}') as AlertState
  return {
    ...state,
    fingerprint: item.pk?.S ?? '',
    title: item.title?.S ?? '',
    status: item.status?.S as AlertState['status'],
    changedAt: item.changedAt?.S ?? '',
    version: Number(item.version?.N ?? 0),
  }
}

/** What is to be looked at: an alert, and the change that it is most likely about. */
export interface Wanted {
  fingerprint: string
  change: string
}

/** DynamoDB reads so many items in one call at the most. */
const BATCH_KEYS = 100

/** Alerts and changes, many in one call: what a batch of messages is about. What is not among them was not found. */
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

/** What is read of either: a change's trace and past are for people alone, and larger than all else. */
const OF_STATE = ['pk', 'sk', 'version', 'doc', 'title', 'status', 'changedAt']
const OF_CHANGE = ['alert', 'severity', 'rule', 'extras', 'firingSince']
const READ = [...OF_STATE, ...OF_CHANGE]

/** DynamoDB may read a part only, when it is busy: the rest is asked for again, until the function's time is over. */
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
    else if (attempt > MAX_ATTEMPTS) throw new Error('DynamoDB reads nothing of what it is asked for: it is busy')
  }
  return items
}

/** With pauses between them that grow to a second, longer than most moments in which a table is busy. */
const MAX_ATTEMPTS = 12

/** Writes a state if nobody has written it since it was read; else gives what is there, as far as DynamoDB tells. */
export function writeAlert(state: AlertState, now = new Date()): Promise<'put' | Item | undefined> {
  const { version, fingerprint, title, status, changedAt, ...doc } = state
  const dueAt = nextDueAt(state)
  return putOrGet(
    version === 0 ? 'attribute_not_exists(pk)' : 'version = :version',
    {
      ...key(fingerprint, STATE),
      version: { N: String(version + 1) },
      doc: packed(JSON.stringify(doc)),
      // By themselves, for who looks through all alerts.
      title: { S: title },
      status: { S: status },
      changedAt: { S: changedAt },
      ...(state.firing && { firingSince: { S: state.firing.since } }),
      ...(dueAt !== undefined && { dueAt: { S: dueAt }, dueShard: { S: shardOf(fingerprint) } }),
      expiresAt: expiry(now, state.once ? ONCE_DAYS : STATE_DAYS),
    },
    version === 0 ? undefined : { ':version': { N: String(version) } },
  )
}

/** What becomes of a state: the same object, when nothing is to be written. */
export interface Changed<Result> {
  state: AlertState | undefined
  result: Result
}

/** Who changes an alert in this process waits for the one before, and takes what that one has written. */
const turns = new Map<string, Promise<AlertState | undefined>>()

/**
 * Changes an alert's state: reads it, lets `change` make the next of it, and writes that, once more from the start as often
 * as another was faster. `change` may be called several times; what it does to anything but the state must be repeatable.
 * @param known as it was read a moment ago, to save the first read.
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
    // What an earlier version has written is written anew, so that it is found when it is due.
    const isAsItWas = next === state && next?.version !== 0
    if (next === undefined || isAsItWas) return { state, result }
    const written = await writeAlert(next)
    if (written === 'put') return { state: { ...next, version: next.version + 1 }, result }
    // At first with what another has written meanwhile; of many who write at once, each waits a while and reads anew.
    read = written && attempt === 0 ? stateIn(written) : undefined
    if (!read) await sleep(Math.random() * Math.min(500, 20 * 2 ** attempt))
  }
  throw new Error(`${fingerprint} is changed by too many at once`)
}
