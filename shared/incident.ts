import { createHash, randomUUID } from 'node:crypto'
import { type AttributeValue, ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { environment } from './aws.ts'
import { NotYet } from './not-yet.ts'
import { expiry, key, table } from './table.ts'

/** As long as an alert's own state is kept. */
const INCIDENT_DAYS = 400

/** An incident that several alerts share: it is open as long as one of them fires. */
export interface SharedIncident {
  channel: string
  /** Its dedup key. */
  key: string
}

/** Whoever tells of it is done by then. */
const BUSY_WAIT_MS = 1_000

/**
 * Runs `tell` while nobody else tells the channel of this incident: a resolve for the last of its alerts must not follow
 * the trigger of a new one. The claim lapses by itself after `leaseMs`.
 * @throws {NotYet} when another has it; else what `tell` throws.
 */
export async function withIncident<Result>(
  incident: SharedIncident,
  leaseMs: number,
  tell: () => Promise<Result>,
): Promise<Result> {
  const token = { S: randomUUID() }
  const now = Date.now()
  const isOurs = await update(incident, {
    expression: 'SET leaseUntil = :until, leaseToken = :token, expiresAt = :expiresAt',
    condition: 'attribute_not_exists(pk) OR leaseUntil < :now',
    values: {
      ':until': { N: String(now + leaseMs) },
      ':token': token,
      ':now': { N: String(now) },
      ':expiresAt': expiry(new Date(now), INCIDENT_DAYS),
    },
  })
  if (!isOurs) throw new NotYet('another function is telling the channel of this incident', BUSY_WAIT_MS)
  try {
    return await tell()
  } finally {
    await update(incident, {
      expression: 'SET leaseUntil = :none',
      condition: 'leaseToken = :token',
      values: { ':none': { N: '0' }, ':token': token },
    })
  }
}

/** What is known of a shared incident. */
export interface IncidentState {
  /** How many alerts keep it open. */
  firing: number
  /** When its channel was last told that it is open (ms); 0: it is not. */
  toldAt: number
}

/** Notes who keeps the incident open, and who no longer does. Within `withIncident` only. */
export async function changeMembers(
  incident: SharedIncident,
  { firing, resolved }: { firing: string[]; resolved: string[] },
): Promise<IncidentState> {
  let item: Awaited<ReturnType<typeof update>>
  // One expression can't add to a set and take from it.
  for (const [action, fingerprints] of [['ADD', firing] as const, ['DELETE', resolved] as const]) {
    if (fingerprints.length === 0) continue
    item = await update(incident, {
      expression: `${action} members :members`,
      values: { ':members': { SS: [...new Set(fingerprints.map(shortId))] } },
    })
  }
  return { firing: item?.members?.SS?.length ?? 0, toldAt: Number(item?.toldAt?.N ?? 0) }
}

/** After the channel has said yes: it knew of every alert that had joined by `at` (ms); 0: it knows that it is over. */
export async function markTold(incident: SharedIncident, at: number): Promise<void> {
  await update(incident, { expression: 'SET toldAt = :at', values: { ':at': { N: String(at) } } })
}

/** An incident of which its channel was told is left alone for so long: people know, and one call can speak for many. */
const REST_MS = 15_000

/** Who of those that fire is told of now. */
export interface JoinTurn<One> {
  /** A call that was made after they had joined spoke for them. */
  spokenFor: One[]
  told: One[]
  /** The channel was told of the incident a moment ago: the next call, after `waitMs`, speaks for them. */
  waiting: One[]
  waitMs: number
}

/** Decides it. Pure. `failingSince`: the notification has come before, and had to wait. */
export function joinTurn<One extends { joinedAt: number; failingSince: string | undefined }>(
  firing: One[],
  { toldAt }: IncidentState,
  now: number,
): JoinTurn<One> {
  const isSpokenFor = ({ joinedAt, failingSince }: One) =>
    failingSince !== undefined && 0 < joinedAt && joinedAt < toldAt
  const spokenFor = firing.filter(isSpokenFor)
  const news = firing.filter((one) => !isSpokenFor(one))
  const waitMs = Math.max(0, toldAt + REST_MS - now)
  return { spokenFor, waitMs, ...(waitMs > 0 ? { told: [], waiting: news } : { told: news, waiting: [] }) }
}

/** An item holds 400 KB: some thousands of fingerprints would not fit. */
function shortId(fingerprint: string): string {
  return createHash('sha256').update(fingerprint).digest('base64url').slice(0, 16)
}

/** The item after it; `undefined` when the condition did not hold. */
async function update(
  { channel, key: name }: SharedIncident,
  change: { expression: string; condition?: string; values: Record<string, AttributeValue> },
): Promise<Record<string, AttributeValue> | undefined> {
  try {
    const { Attributes = {} } = await table.send(
      new UpdateItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: key(`incident#${channel}#${name}`, 'members'),
        UpdateExpression: change.expression,
        ConditionExpression: change.condition,
        ExpressionAttributeValues: change.values,
        ReturnValues: 'ALL_NEW',
      }),
    )
    return Attributes
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined
    throw error
  }
}
