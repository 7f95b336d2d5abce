import { createHash, randomUUID } from 'node:crypto'
import { type AttributeValue, ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { environment } from './aws.ts'
import { expiry, key, table } from './table.ts'

/** As long as an alert's own state is kept. */
const INCIDENT_DAYS = 400

/** An incident that several alerts share: it is open as long as one of them fires. */
export interface SharedIncident {
  channel: string
  /** Its dedup key. */
  key: string
}

/** Another function tells the channel of this incident at the moment. */
export class IncidentBusy extends Error {}

/**
 * Runs `tell` while nobody else tells the channel of this incident: a resolve for the last of its alerts must not follow
 * the trigger of a new one. The claim lapses by itself after `leaseMs`.
 * @throws {IncidentBusy} when another has it; else what `tell` throws.
 */
export async function withIncident(
  incident: SharedIncident,
  leaseMs: number,
  tell: () => Promise<void>,
): Promise<void> {
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
  if (!isOurs) throw new IncidentBusy('another function is telling the channel of this incident')
  try {
    await tell()
  } finally {
    await update(incident, {
      expression: 'SET leaseUntil = :none',
      condition: 'leaseToken = :token',
      values: { ':none': { N: '0' }, ':token': token },
    })
  }
}

/** Notes who keeps the incident open, and who no longer does. Gives how many still do. Within `withIncident` only. */
export async function changeMembers(
  incident: SharedIncident,
  { firing, resolved }: { firing: string[]; resolved: string[] },
): Promise<number> {
  let members = 0
  // One expression can't add to a set and take from it.
  for (const [action, fingerprints] of [['ADD', firing] as const, ['DELETE', resolved] as const]) {
    if (fingerprints.length === 0) continue
    const after = await update(incident, {
      expression: `${action} members :members`,
      values: { ':members': { SS: [...new Set(fingerprints.map(shortId))] } },
    })
    members = after?.members?.SS?.length ?? 0
  }
  return members
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
