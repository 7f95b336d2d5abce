import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { Alert } from '../../schemas/alert.ts'
import type { Severity } from '../../schemas/config.ts'
import { environment } from '../aws/client.ts'
import { packed, unpacked } from '../aws/packed.ts'
import { expiry, type Item, key, projected, putIf, table } from '../aws/table.ts'
import type { AlertState, LogEntry, Mark } from '../decide/alert-state.ts'
import type { Timed } from '../decide/decision.ts'
import { type Extras, extrasOf } from '../decide/extras.ts'
import type { Outcome } from '../decide/next.ts'
import type { DecidedChange } from '../decide/to-send.ts'

/*
 * Each message about a change of an alert: its content, the decision on it, and why. A state names the change that a
 * recipient is owed; the notification is made from this.
 */

/** What few need, and takes little: who silenced what, what a digest says. */
export const RECORD_DAYS = 90

/** How long a change is kept, unless it may still be sent then: `historyDays` in serverless.yml. */
const USUAL_DAYS = 30
/** One that is held, or whose people are reminded of it, may be sent much later. */
const WAITING_DAYS = 90

/** In days. A resolve, a duplicate, and what was sent at once are of the past. */
function daysOf({ alert, decision }: Pick<NewChange, 'alert' | 'decision'>): number {
  const usual = Number(process.env.HISTORY_DAYS ?? USUAL_DAYS)
  const { held, remind, escalate, response } = decision
  const waits = held.length > 0 || [remind, escalate, response].some((one) => one !== undefined && one !== 'none')
  return waits && alert.status !== 'resolved' ? Math.max(usual, WAITING_DAYS) : usual
}

/**
 * The form of SQS and SNS message ids. The first part distinguishes messages of one moment, and every state and wake-up
 * has it.
 */
const UUID = /^([0-9a-f]{8})-[0-9a-f-]{27}$/i

/** The key of a change's item. `position`: which of the alerts in the message it is, from 0. */
export function keyOfChange({ changedAt }: Alert, messageId: string, position: number): string {
  return `change#${changedAt}#${messageId.replace(UUID, '$1')}#${position}`
}

/** The content of a change's notification, as the table has it. */
export type KeptChange = DecidedChange

export interface NewChange {
  alert: Alert
  /** Its key. */
  change: string
  decision: Timed
  outcome: Outcome
  firingSince: string | undefined
  /** The version of the rules that decided. */
  configVersion?: string | undefined
  /** Why it was decided so: `keptTrace`. */
  trace?: string | undefined
  /**
   * What recipients were sent since the previous change: kept here, because the state has no room for all of the
   * history.
   */
  earlier: Record<string, LogEntry[]>
  messageId: string
  /** Of the state that it was decided with; 0: there was none. */
  version: number
}

/**
 * Records a change, before the state that names it: so what is owed can be sent. A duplicate or stale change never
 * replaces the record of a new one of the same message; nor does a decision by an older state: an abandoned request, or
 * another invocation with the same message, may come late.
 */
export async function keepChange(fingerprint: string, kept: NewChange, now = new Date()): Promise<void> {
  const item = itemOfChange(fingerprint, kept, now)
  const isNews = kept.outcome === 'sent' || kept.outcome === 'held' || kept.outcome === 'nobody'
  const isNewer = 'attribute_not_exists(version) OR version <= :version'
  if (isNews) await putIf(isNewer, item, { ':version': item.version })
  else await putIf('attribute_not_exists(pk)', item)
}

/** What the table has of a change. */
export function itemOfChange(fingerprint: string, kept: NewChange, now: Date) {
  const { alert, change, decision, outcome, firingSince, configVersion, trace, earlier, messageId, version } = kept
  const { held, because } = decision
  return {
    ...key(fingerprint, change),
    alert: packed(JSON.stringify(alert)),
    severity: { S: decision.severity },
    rule: { S: decision.rule },
    channels: { L: decision.channels.map((channel) => ({ S: channel })) },
    ...(held.length > 0 && {
      held: {
        L: held.map(({ channel, until, why, isOpen }) => ({
          M: textsOf({ channel, ...(isOpen ? {} : { until }), why }),
        })),
      },
    }),
    because: { L: because.map((step) => ({ S: step })) },
    extras: { S: JSON.stringify(extrasOf(decision)) },
    ...(firingSince !== undefined && { firingSince: { S: firingSince } }),
    ...(configVersion !== undefined && { configVersion: { S: configVersion } }),
    ...(trace !== undefined && { trace: packed(trace) }),
    ...(Object.keys(earlier).length > 0 && { earlier: packed(JSON.stringify(earlier)) }),
    outcome: { S: outcome },
    messageId: { S: messageId },
    recordedAt: { S: now.toISOString() },
    version: { N: String(version) },
    expiresAt: expiry(now, daysOf(kept)),
  }
}

/** Held changes are sent now, by the present rules: the first decision, and what was sent by then, stay. */
export async function keepRelease(
  fingerprint: string,
  {
    change,
    decision,
    firingSince,
    configVersion,
    trace,
  }: Omit<NewChange, 'alert' | 'outcome' | 'earlier' | 'messageId' | 'version'>,
  now = new Date(),
): Promise<void> {
  const kept = await readItem(fingerprint, change)
  if (!kept) return
  const { severity, rule, channels, because } = decision
  const before = kept.channels?.L?.flatMap(({ S }) => S ?? []) ?? []
  await putIf(undefined, {
    ...kept,
    severity: { S: severity },
    rule: { S: rule },
    channels: { L: [...new Set([...before, ...channels])].map((channel) => ({ S: channel })) },
    because: { L: because.map((step) => ({ S: step })) },
    extras: { S: JSON.stringify(extrasOf(decision)) },
    ...(firingSince !== undefined && { firingSince: { S: firingSince } }),
    ...(configVersion !== undefined && { configVersion: { S: configVersion } }),
    ...(trace !== undefined && { trace: packed(trace) }),
    outcome: { S: 'sent' },
    releasedAt: { S: now.toISOString() },
  })
}

function textsOf(texts: Record<string, string>): Item {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { S: text }]))
}

/** Moves what recipients were sent since the previous change out of the state: the new change's item keeps it. */
export function takeLogs(state: AlertState, before: AlertState | undefined): Record<string, LogEntry[]> {
  const logs: Record<string, LogEntry[]> = {}
  // Recipients that were removed, or start again with this change, have logs, too.
  for (const name of new Set([...Object.keys(before?.recipients ?? {}), ...Object.keys(state.recipients)])) {
    const [earlier = [], log = []] = [before?.recipients[name]?.log, state.recipients[name]?.log]
    const isGoneOn =
      earlier.length === 0 || log.some(({ at, change }) => at === earlier[0]?.at && change === earlier[0].change)
    const all = isGoneOn ? log : [...earlier, ...log]
    if (all.length > 0) logs[name] = all
  }
  for (const one of Object.values(state.recipients)) one.log = []
  return logs
}

/** A change, by its key; `undefined` when it has expired. */
export async function readChange(fingerprint: string, change: string): Promise<KeptChange | undefined> {
  const item = await readItem(fingerprint, change)
  return item && keptChangeIn(item)
}

async function readItem(fingerprint: string, change: string): Promise<Item | undefined> {
  const { Item } = await table.send(
    new GetItemCommand({ TableName: environment('TABLE_NAME'), Key: key(fingerprint, change), ConsistentRead: true }),
  )
  return Item
}

/** An alert's changes of a span: when, as their senders say (ISO 8601, both ends included), and to which status. */
export async function changesBetween(
  fingerprint: string,
  from: string,
  to: string,
): Promise<Pick<Mark, 'at' | 'status'>[]> {
  const found: Pick<Mark, 'at' | 'status'>[] = []
  let start: Item | undefined
  do {
    const { Items = [], LastEvaluatedKey } = await table.send(
      new QueryCommand({
        TableName: environment('TABLE_NAME'),
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        // After a time comes a `#`, which is before `$`.
        ExpressionAttributeValues: {
          ':pk': { S: fingerprint },
          ':from': { S: `change#${from}` },
          ':to': { S: `change#${to}$` },
        },
        ExclusiveStartKey: start,
        ConsistentRead: true,
        ...projected(['alert']),
      }),
    )
    found.push(...Items.map((item) => keptChangeIn(item).alert).map(({ changedAt: at, status }) => ({ at, status })))
    start = LastEvaluatedKey
  } while (start !== undefined)
  return found
}

/** The newest change; `undefined` when all have expired. */
export async function readLastChange(fingerprint: string): Promise<KeptChange | undefined> {
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName: environment('TABLE_NAME'),
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :change)',
      ExpressionAttributeValues: { ':pk': { S: fingerprint }, ':change': { S: 'change#' } },
      ScanIndexForward: false,
      Limit: 1,
      ConsistentRead: true,
    }),
  )
  return Items[0] && keptChangeIn(Items[0])
}

export function keptChangeIn(item: Item): KeptChange {
  return {
    alert: JSON.parse(unpacked(item.alert) ?? '{}') as Alert,
    severity: item.severity?.S as Severity,
    rule: item.rule?.S ?? 'default',
    extras: JSON.parse(item.extras?.S ?? '{}') as Extras,
    firingSince: item.firingSince?.S,
  }
}
