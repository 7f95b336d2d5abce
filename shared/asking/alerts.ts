import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { projected } from '../aws/table.ts'
import { matchedBy } from '../decide/by-rules.ts'
import type { Change } from '../history/alert-history.ts'
import { changesIn, logsIn, stateOf } from '../history/changes.ts'
import { type Item, skOf } from '../history/items.ts'
import type { RoutedAlert } from '../questions/ask.ts'

/**
 * What the router recorded of each alert since a time. It reads the whole table, half a read unit for each 4 KB: nothing
 * else needs an index by time.
 */
export async function askAlerts(
  client: DynamoDBClient,
  table: string,
  { since }: { since: string },
  abortSignal: AbortSignal,
): Promise<RoutedAlert[]> {
  const items: Item[] = []
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      FilterExpression: '(sk = :state AND changedAt >= :since) OR sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ...{ ':state': { S: 'state.2' }, ':since': { S: since } },
        ...{ ':from': { S: `change#${since}` }, ':to': { S: 'change$' } },
      },
      ...projected(ATTRIBUTES),
    },
    { abortSignal },
  )
  for await (const { Items = [] } of pages) items.push(...Items)
  const byAlert = Map.groupBy(items, ({ pk }) => pk?.S ?? '')
  const alerts = await Promise.all([...byAlert].map(([fingerprint, of]) => alertOf(fingerprint, of)))
  return alerts.filter(({ changes }) => changes.length > 0)
}

/** All of a change but its trace, which is half of the data; and a state. */
const ATTRIBUTES = [
  ...['pk', 'sk', 'alert', 'severity', 'rule', 'channels', 'held', 'earlier', 'outcome', 'messageId', 'position'],
  ...['recordedAt', 'doc', 'title', 'status', 'changedAt', 'because', 'firingSince'],
]

async function alertOf(fingerprint: string, items: Item[]): Promise<RoutedAlert> {
  const state = items.find((item) => skOf(item) === 'state.2')
  const sources = { state: state && stateOf(state), logs: logsIn(state), earlierDeliveries: () => [] }
  const ofChanges = items.filter((item) => item !== state).sort((one, other) => (skOf(one) < skOf(other) ? -1 : 1))
  const changes: Change[] = []
  // A drill never counts.
  for await (const change of changesIn(ofChanges, sources)) if (change.alert.drill === undefined) changes.push(change)
  const newest = changes.at(-1)?.alert
  return {
    ...{ fingerprint, title: newest?.title ?? sources.state?.title ?? fingerprint },
    ...(newest?.source !== undefined && { source: newest.source }),
    changes: changes.map((change) => changeOf(change, sinceOf(change, ofChanges))),
  }
}

/** Since when it had been firing: a change is recorded by one item or several. */
function sinceOf({ keys }: Change, items: Item[]): string | undefined {
  return items.find((item) => item.firingSince?.S !== undefined && keys.includes(skOf(item)))?.firingSince?.S
}

function changeOf(change: Change, firingSince: string | undefined): RoutedAlert['changes'][number] {
  const { alert, severity, rule, because, messages, deliveries } = change
  const updates = deliveries.flatMap(({ channel, updates: all = [] }) =>
    all.flatMap(({ is, at, outcome }) => (outcome === 'delivered' ? { channel, is, at } : [])),
  )
  return {
    ...{ at: alert.changedAt, status: alert.status, severity, rule, matched: matchedBy(because) },
    ...(firingSince !== undefined && { firingSince }),
    ...(alert.reason !== undefined && { reason: alert.reason }),
    isRepeated: messages.every(({ outcome }) => outcome === 'duplicate' || outcome === 'stale'),
    deliveries: deliveries.map(({ channel, status, deliveredAt: at, error: reason }) => ({
      ...{ channel, outcome: status },
      ...(at !== undefined && { at }),
      ...(reason !== undefined && { reason }),
    })),
    ...(updates.length > 0 && { updates }),
  }
}
