import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import type { Alert } from '../../schemas/alert.ts'
import { SEVERITIES, type Severity, type When } from '../../schemas/config.ts'
import { sourceOf } from '../alert/identity.ts'
import { unpacked } from '../aws/packed.ts'
import { projected } from '../aws/table.ts'
import { compileWhen } from '../decide/rules.ts'
import { mayBeSilenced } from '../decide/silence.ts'
import { stateIn } from '../store/alerts.ts'
import { readNewest } from './find.ts'
import { type Item, skOf, texts } from './items.ts'

/** An alert that a condition covers. */
export interface Covered {
  title: string
  severity: Severity
}

/** What a silence with a condition would hold, by what the router has recorded. */
export interface Coverage {
  /** Those that fire now, the most severe first; ISO 8601. */
  fires: (Covered & { since: string })[]
  /** Those of which channels were sent something, or would have been later: the most severe first. */
  held: (Covered & { messages: number; channels: string[] })[]
}

/**
 * What a condition covers now, and what it would have held since a time (ISO 8601). Reads the whole table. A drill, and
 * what the router says of itself, is never silenced.
 */
export async function coverageOf(client: DynamoDBClient, table: string, when: When, since: string): Promise<Coverage> {
  const covers = compileWhen(when)
  const items: Item[] = []
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      FilterExpression:
        'attribute_not_exists(drill) AND (sk BETWEEN :from AND :to OR (sk = :state AND attribute_exists(firingSince)))',
      ExpressionAttributeValues: {
        ...{ ':from': { S: `change#${since}` }, ':to': { S: 'change$' } },
        ':state': { S: 'state.2' },
      },
      ...projected(['pk', 'sk', ...ATTRIBUTES]),
    },
  )
  for await (const { Items = [] } of pages) items.push(...Items)
  const changes = items.filter((item) => skOf(item) !== 'state.2').map(changeIn)
  const newest = new Map(changes.toSorted(inTime).map(({ key, alert }) => [key, alert]))
  const fires: Coverage['fires'] = []
  for (const state of items.filter((item) => skOf(item) === 'state.2').map(stateIn)) {
    const { fingerprint, title, firing, once } = state
    if (!firing || once) continue
    const alert = newest.get(fingerprint) ?? (await readNewest(client, table, fingerprint))
    if (alert && mayBeSilenced(alert) && covers({ alert: { ...alert, status: 'firing' } })) {
      fires.push({ title, severity: firing.severity, since: firing.since })
    }
  }
  fires.sort((a, b) => bySeverity(a, b) || b.since.localeCompare(a.since))
  return { fires, held: heldOf(changes.filter(({ alert }) => mayBeSilenced(alert) && covers({ alert }))) }
}

const ATTRIBUTES = [
  'alert',
  'severity',
  'outcome',
  'channels',
  'held',
  'doc',
  'version',
  'title',
  'status',
  'changedAt',
]

interface Kept {
  key: string
  alert: Alert
  severity: Severity
  isNews: boolean
  channels: string[]
}

function changeIn(item: Item): Kept {
  const later = item.held?.L?.flatMap(({ M }) => M?.channel?.S ?? []) ?? []
  return {
    key: item.pk?.S ?? '',
    alert: JSON.parse(unpacked(item.alert) ?? '{}') as Alert,
    severity: (item.severity?.S ?? 'critical') as Severity,
    isNews: item.outcome?.S === 'sent' || item.outcome?.S === 'held',
    channels: [...texts(item.channels), ...later],
  }
}

const inTime = (one: Kept, other: Kept) => one.alert.changedAt.localeCompare(other.alert.changedAt)

/** Resolves go through. The severest of each alert's counts. */
function heldOf(changes: Kept[]): Coverage['held'] {
  const news = changes.filter(({ alert, isNews }) => isNews && alert.status !== 'resolved')
  const byAlert = Map.groupBy(news, ({ key }) => sourceOf(key))
  const all = [...byAlert.values()].map((of) => ({
    title: of.at(-1)?.alert.title ?? '',
    severity: SEVERITIES.find((one) => of.some(({ severity }) => severity === one)) ?? 'critical',
    messages: of.reduce((sum, { channels }) => sum + channels.length, 0),
    channels: [...new Set(of.flatMap(({ channels }) => channels))],
  }))
  return all.sort((a, b) => bySeverity(a, b) || b.messages - a.messages || a.title.localeCompare(b.title))
}

/** The most severe first. */
function bySeverity(one: Covered, other: Covered): number {
  return SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity)
}
