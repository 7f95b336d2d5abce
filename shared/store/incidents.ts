import { createHash, randomUUID } from 'node:crypto'
import {
  type AttributeValue,
  DeleteItemCommand,
  paginateQuery,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { expiry, type Item, isMet, key, projected, table } from '../aws/table.ts'

/*
 * An incident that several alerts share: it is open as long as one of them fires. Each alert is an item of its own, so
 * that their number is unlimited; another item holds the lease for calls to the channel.
 *
 *   pk = incident#<dedup key>, sk = head             who calls the channel and until when, and when it was called last
 *   pk = incident#<dedup key>, sk = member#<alert>   an alert that keeps it open; `alert`: its key
 *
 * An alert whose own dedup key is not its key, because that is too long, is the one member of such an incident.
 */

/** As long as an alert's own state is kept. */
const INCIDENT_DAYS = 400

/**
 * An exclusive lease on an incident: a resolve for the last of its alerts must not overtake the trigger of a new one.
 */
export interface IncidentLease {
  /** When its channel was last sent that it is open (ms); 0: it is closed, or unknown. */
  notifiedAt: number
  token: string
}

/** `undefined`: another has it. The lease expires on its own. */
export async function takeIncident(
  incident: string,
  leaseMs: number,
  now = Date.now(),
): Promise<IncidentLease | undefined> {
  const token = randomUUID()
  let head: Item | undefined
  const isOurs = await isMet(
    update(incident, 'head', {
      expression: 'SET leaseUntil = :until, leaseToken = :token, expiresAt = :expiresAt',
      condition: 'attribute_not_exists(pk) OR leaseUntil < :now',
      values: {
        ':until': { N: String(now + leaseMs) },
        ':token': { S: token },
        ':now': { N: String(now) },
        ':expiresAt': expiry(new Date(now), INCIDENT_DAYS),
      },
    }).then((item) => {
      head = item
    }),
  )
  return isOurs ? { token, notifiedAt: Number(head?.notifiedAt?.N ?? 0) } : undefined
}

/**
 * Releases it. `notifiedAt`: when the channel was sent that it is open, 0 that it is closed; absent: the channel was
 * not called.
 */
export async function giveIncidentBack(
  incident: string,
  { token }: IncidentLease,
  { notifiedAt }: { notifiedAt?: number | undefined },
): Promise<void> {
  await isMet(
    update(incident, 'head', {
      expression: `SET leaseUntil = :none${notifiedAt === undefined ? '' : ', notifiedAt = :notifiedAt'}`,
      condition: 'leaseToken = :token',
      values: {
        ':none': { N: '0' },
        ':token': { S: token },
        ...(notifiedAt !== undefined && { ':notifiedAt': { N: String(notifiedAt) } }),
      },
    }),
  )
}

/** From now on the alert keeps it open. `version`: of its state at this time. */
export async function joinIncident(incident: string, alert: string, version: number, now = new Date()): Promise<void> {
  await update(incident, memberOf(alert), {
    expression: 'SET expiresAt = :expiresAt, version = :version, alert = :alert',
    values: {
      ':expiresAt': expiry(now, INCIDENT_DAYS),
      ':version': { N: String(version) },
      ':alert': { S: alert },
    },
  })
}

/** The alert no longer keeps it open. `version`: of its known state; a member that joined with a later one stays. */
export async function leaveIncident(incident: string, alert: string, version?: number): Promise<void> {
  const deletion = { TableName: environment('TABLE_NAME'), Key: key(pkOf(incident), memberOf(alert)) }
  if (version === undefined) await table.send(new DeleteItemCommand(deletion))
  else
    await isMet(
      table.send(
        new DeleteItemCommand({
          ...deletion,
          ConditionExpression: 'attribute_not_exists(version) OR version <= :version',
          ExpressionAttributeValues: { ':version': { N: String(version) } },
        }),
      ),
    )
}

/** How many alerts keep it open; counts at most `most`. */
export async function membersOf(incident: string, most: number): Promise<number> {
  const { Count = 0 } = await table.send(
    new QueryCommand({
      TableName: environment('TABLE_NAME'),
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :member)',
      ExpressionAttributeValues: { ':pk': { S: pkOf(incident) }, ':member': { S: 'member#' } },
      ConsistentRead: true,
      Select: 'COUNT',
      Limit: most,
    }),
  )
  return Count
}

/** The keys of the alerts that keep it open, at most so many. Those that joined in an earlier version are left out. */
export async function alertsOfIncident(incident: string, most: number): Promise<string[]> {
  const alerts: string[] = []
  const pages = paginateQuery(
    { client: table },
    {
      TableName: environment('TABLE_NAME'),
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :member)',
      ExpressionAttributeValues: { ':pk': { S: pkOf(incident) }, ':member': { S: 'member#' } },
      ConsistentRead: true,
      ...projected(['alert']),
    },
  )
  for await (const { Items = [] } of pages) {
    alerts.push(...Items.flatMap(({ alert }) => alert?.S ?? []))
    if (alerts.length >= most) break
  }
  return alerts.slice(0, most)
}

/** Returns the item after the update. */
async function update(
  incident: string,
  sk: string,
  change: { expression: string; condition?: string; values: Record<string, AttributeValue> },
): Promise<Item | undefined> {
  const { Attributes } = await table.send(
    new UpdateItemCommand({
      TableName: environment('TABLE_NAME'),
      Key: key(pkOf(incident), sk),
      UpdateExpression: change.expression,
      ConditionExpression: change.condition,
      ExpressionAttributeValues: change.values,
      ReturnValues: 'ALL_NEW',
    }),
  )
  return Attributes
}

/** A sort key has at most 1,024 bytes, a fingerprint more. */
function memberOf(alert: string): string {
  return `member#${createHash('sha256').update(alert).digest('base64url').slice(0, 22)}`
}

function pkOf(incident: string): string {
  return `incident#${incident}`
}
