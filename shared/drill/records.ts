import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { expiry, type Item, isMet, key } from '../aws/table.ts'
import type { Arrival } from './outcome.ts'

/*
 * What is known of drills, besides the alerts that they are:
 *
 *   pk = drill, sk = proof#<subject>#<channel>   when the channel last accepted a drill of the class, and what came last
 *   pk = drill, sk = run#<time>                  a run by the clock that has started
 *   pk = drill, sk = open#<id>                   a drill that has been fired, and not ended yet
 */

/** What came of a drill in a channel. */
export interface Proof extends Arrival {
  /** A class, an alarm's name, or `send`. */
  subject: string
  id: string
}

/** The item of a proof, where nothing was known before. */
export function itemOfProof(
  { subject, channel, ...what }: Pick<Proof, 'subject' | 'channel' | 'outcome' | 'tookMs' | 'why'>,
  at: Date,
): Item {
  return { ...key(PK, `proof#${subject}#${channel}`), ...valuesOf(what, at) }
}

function valuesOf({ outcome, tookMs = 0, why }: Pick<Proof, 'outcome' | 'tookMs' | 'why'>, at: Date): Item {
  const time = { S: at.toISOString() }
  return {
    ...{ lastAt: time, outcome: { S: outcome }, expiresAt: expiry(at, KEPT_DAYS) },
    ...(outcome === 'arrived' && { provenAt: time, tookMs: { N: String(tookMs) } }),
    ...(why !== undefined && { why: { S: why.slice(0, 1_000) } }),
  }
}

/** As it is kept. */
export interface KeptProof {
  subject: string
  channel: string
  /** When the channel last accepted one (ISO 8601), and how long that took. */
  provenAt?: string
  tookMs?: number
  /** When the last one ended, and what came of it. */
  lastAt: string
  outcome: string
  why?: string
}

export interface OpenDrill {
  id: string
  subject: string
  /** Its key in the table. */
  key: string
  /** When it has ended for certain (ISO 8601), unless it was killed. */
  until: string
  /** The ARN of the alarm that was set, with its account and region. */
  alarm?: string
}

const PK = 'drill'
const KEPT_DAYS = 400
/** A drill that was killed so long ago has been resolved by hand. */
const OPEN_DAYS = 30

export async function keepProof(client: DynamoDBClient, table: string, proof: Proof, at: Date): Promise<void> {
  const { subject, channel, why } = proof
  const values = valuesOf(proof, at)
  const names = Object.keys(values)
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: key(PK, `proof#${subject}#${channel}`),
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}${why === undefined ? ' REMOVE #why' : ''}`,
      ExpressionAttributeNames: Object.fromEntries(
        [...names, ...(why === undefined ? ['why'] : [])].map((name) => [`#${name}`, name]),
      ),
      ExpressionAttributeValues: Object.fromEntries(
        names.map((name) => [`:${name}`, values[name] as NonNullable<Item[string]>]),
      ),
    }),
  )
}

export async function keepOpen(client: DynamoDBClient, table: string, open: OpenDrill): Promise<void> {
  const { id, subject, key: of, until, alarm } = open
  await client.send(
    new PutItemCommand({
      TableName: table,
      Item: {
        ...key(PK, `open#${id}`),
        ...{ subject: { S: subject }, alert: { S: of }, until: { S: until } },
        ...(alarm !== undefined && { alarm: { S: alarm } }),
        expiresAt: expiry(new Date(until), OPEN_DAYS),
      },
    }),
  )
}

export async function forgetOpen(client: DynamoDBClient, table: string, { id }: OpenDrill): Promise<void> {
  await client.send(new DeleteItemCommand({ TableName: table, Key: key(PK, `open#${id}`) }))
}

/** Whether a run by the clock starts: the first of its time does. */
export async function startsRun(client: DynamoDBClient, table: string, scheduledTime: string): Promise<boolean> {
  const Item = { ...key(PK, `run#${scheduledTime}`), expiresAt: expiry(new Date(scheduledTime), OPEN_DAYS) }
  return isMet(
    client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' })),
  )
}

/** All that is known. */
export async function readDrills(
  client: DynamoDBClient,
  table: string,
  abortSignal?: AbortSignal,
): Promise<{ proofs: KeptProof[]; open: OpenDrill[] }> {
  const proofs: KeptProof[] = []
  const open: OpenDrill[] = []
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: PK } },
      ConsistentRead: true,
    },
    { abortSignal },
  )
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      const [kind, ...rest] = item.sk?.S?.split('#') ?? []
      if (kind === 'proof') proofs.push(proofIn(item, rest))
      if (kind === 'open') {
        open.push({
          id: rest.join('#'),
          subject: item.subject?.S ?? '',
          key: item.alert?.S ?? '',
          until: item.until?.S ?? '',
          ...(item.alarm?.S !== undefined && { alarm: item.alarm.S }),
        })
      }
    }
  }
  return { proofs, open }
}

/** A channel's name has no #; an alarm's may. */
function proofIn({ provenAt, tookMs, lastAt, outcome, why }: Item, parts: string[]): KeptProof {
  return {
    ...{ subject: parts.slice(0, -1).join('#'), channel: parts.at(-1) ?? '' },
    ...(provenAt?.S !== undefined && { provenAt: provenAt.S, tookMs: Number(tookMs?.N ?? 0) }),
    ...{ lastAt: lastAt?.S ?? '', outcome: outcome?.S ?? '' },
    ...(why?.S !== undefined && { why: why.S }),
  }
}
