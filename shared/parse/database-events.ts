import { asList, asText } from '../../schemas/loose.ts'
import { parseArn } from './arn.ts'
import { hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { nameIn, type Summary, wordOf, wordsOf } from './summary.ts'
import { isoTime } from './time.ts'

/** Events of databases and caches, from EventBridge or a topic: RDS, Redshift, DMS, ElastiCache. */

export function databaseEvent({ detail, type, source }: AwsEvent): Summary {
  const arn = asText(detail.SourceArn)
  const name = asText(detail.SourceIdentifier) ?? (arn === undefined ? 'a database' : nameIn(arn))
  const categories = asList(detail.EventCategories).map(asText)
  const message = asText(detail.Message) ?? type
  const summary = databaseSummary(name.replace(/^rds:/, ''), message, asText(detail.EventID), {
    service: source.replace(/^aws\./, ''),
    kind: asText(detail.SourceType) ?? parseArn(arn)?.resource.split(/[:/]/, 1)[0],
    severity: severityOf(categories),
  })
  return { ...summary, changedAt: isoTime(detail.Date) }
}

/** A DMS task, from EventBridge. */
export function migrationTask({ detail, resources, type }: AwsEvent): Summary {
  const link = asText(detail.resourceLink)
  const name = /#\w+Details\/([^/?]+)$/.exec(link ?? '')?.[1] ?? (resources[0] && nameIn(resources[0])) ?? 'a task'
  const summary = databaseSummary(name, asText(detail.detailMessage) ?? type, asText(detail.eventId), {
    service: 'dms',
    kind: asText(detail.type),
  })
  const isFailure = asText(detail.category) === 'Failure'
  return {
    ...summary,
    resource: `${name} (${asText(detail.type)?.toLowerCase().replaceAll('_', ' ') ?? 'task'})`,
    severity: summary.severity ?? (isFailure ? 'error' : 'info'),
    links: { console: link },
  }
}

type Phase = 'begins' | 'ends'

/**
 * The events that come in pairs, and those that resolve a problem. From the services' lists of events (USER_Events.Messages
 * of RDS, CHAP_Events of DMS).
 */
const PAIRS = new Map<string, [group: string, phase: Phase]>(
  (
    [
      ['RDS', 'shutdown', [4, 22, 87], [6, 88]],
      ['RDS', 'failover', [13, 50, 69, 72, 73], [15, 49, 51, 65, 71]],
      ['RDS', 'global failover', [181, 187], [185, 186]],
      ['RDS', 'storage', [7, 89, 221, 222, 223, 224, 225, 227], [17, 218]],
      ['RDS', 'replication', [45, 57], [46]],
      ['RDS', 'recovery', [20, 52], [21, 53]],
      ['RDS', 'patch', [26], [27]],
      ['DMS', 'task', [78], [69]],
      ['DMS', 'reading', [91, 92], [93]],
      ['DMS', 'failover', [13, 50], [15, 49, 51]],
      ['DMS', 'storage', [7], [17]],
      ['DMS', 'maintenance', [26], [27]],
    ] as const
  ).flatMap(([service, group, begins, ends]) => [
    ...begins.map((id): [string, [string, Phase]] => [eventId(service, id), [group, 'begins']]),
    ...ends.map((id): [string, [string, Phase]] => [eventId(service, id), [group, 'ends']]),
  ]),
)

/** It has stopped, or its storage is full. */
const GRAVE = new Set(['RDS-EVENT-0007', 'RDS-EVENT-0221', 'RDS-EVENT-0031', 'DMS-EVENT-0031'])
const FAILED = new Set(
  ['0022', '0035', '0036', '0069', '0187', '0202', '0223'].map((id) => `RDS-EVENT-${id}`).concat('DMS-EVENT-0078'),
)
/** For a topic's messages without a category: backups, and actions that somebody requested. */
const ROUTINE = new Set(
  [1, 2, 3, 5, 9, 11, 12, 14, 16, 17, 18, 24, 25, 33, 40, 41, 42, 86, 90, 91, 168, 169, 217, 218, 87, 88].map((id) =>
    eventId('RDS', id),
  ),
)

function eventId(service: string, id: number): string {
  return `${service}-EVENT-${String(id).padStart(4, '0')}`
}

/** From RDS's categories; an event may have several. */
function severityOf(categories: (string | undefined)[]): string | undefined {
  if (categories.includes('failure')) return 'error'
  if (
    categories.some((one) =>
      /^(?:low storage|availability|(?:global )?failover|recovery|read replica)$/.test(one ?? ''),
    )
  )
    return 'warning'
  return categories.some((one) => ROUTINE_CATEGORIES.test(one ?? '')) ? 'info' : undefined
}

const ROUTINE_CATEGORIES =
  /^(?:backup|configuration change|creation|deletion|maintenance|notification|restoration|security patching)$/

/**
 * Events of RDS, Redshift and DMS, from EventBridge or their topics. `kind` says what `name` is: a cluster and an instance may
 * share a name.
 */
export function databaseSummary(
  name: string,
  message: string,
  id: string | undefined,
  { service, kind, severity }: { service: string; kind?: string | undefined; severity?: string | undefined },
): Summary {
  const [group, phase] = PAIRS.get(id ?? '') ?? (service === 'redshift' ? warehousePair(message) : undefined) ?? []
  const isStorage = group === 'storage' && phase === 'begins'
  return {
    title: isNamedIn(message, name) ? message : `${name}: ${message}`,
    resource: `${name} (${/cluster$/i.test(kind ?? '') ? 'database cluster' : 'database'})`,
    reason: id,
    severity: phase === 'ends' ? 'info' : (gravityOf(id) ?? severity ?? (ROUTINE.has(id ?? '') ? 'info' : undefined)),
    identity: ['db', ...(kind ? [wordOf(kind)] : []), name, group ?? id ?? hash(message)],
    ...(phase && { status: phase === 'ends' ? ('resolved' as const) : ('firing' as const) }),
    details: isStorage ? { class: 'resource limits' } : id === 'RDS-EVENT-0031' ? { class: 'system down' } : {},
  }
}

/** As a whole word: `orders-2` does not name `orders`. */
function isNamedIn(message: string, name: string): boolean {
  const isPart = (character = ' ') => /[\w-]/.test(character)
  for (let at = message.indexOf(name); at >= 0; at = message.indexOf(name, at + 1)) {
    if (!isPart(message[at - 1]) && !isPart(message[at + name.length])) return true
  }
  return false
}

function gravityOf(id = ''): string | undefined {
  if (GRAVE.has(id)) return 'critical'
  return FAILED.has(id) ? 'error' : undefined
}

/** Redshift's text says what started and what ended: `Cluster … began restart at …`, `… completed restart at …`. */
function warehousePair(message: string): [string, Phase] | undefined {
  const group = /\b(restart|reboot|resize|restore|failover|upgrade|patch)\b/i.exec(message)?.[1]?.toLowerCase()
  if (group === undefined) return undefined
  if (/\b(?:completed?|finished|succeeded|successful(?:ly)?|cancell?ed)\b/i.test(message)) return [group, 'ends']
  return /\b(?:began|begins|started|initiated|in progress)\b/i.test(message) ? [group, 'begins'] : undefined
}

/** ElastiCache's name of an action, with its progress: `SnapshotFailed`, `CacheNodeReplaceStarted`. */
const CACHE_EVENT = /^ElastiCache:(\w+?)(Started|Failed|Scheduled|Rescheduled|Complete|Finished|Canceled)?\b/

/** `{"ElastiCache:CacheNodeReplaceComplete": "orders-001"}`: its one key has all the facts. */
export function cacheSummary(key: string, cluster: string): Summary {
  const [, what = '', end] = CACHE_EVENT.exec(key) ?? []
  const isOver = end === 'Complete' || end === 'Finished' || end === 'Canceled'
  // A replacement is announced by one name and carried out by another.
  const group = /^(?:Cache)?NodeReplace(?:ment)?$/.test(what) ? 'node replacement' : wordsOf(what)
  const severity = end === 'Failed' ? 'error' : group === 'node replacement' && !isOver ? 'warning' : end && 'info'
  return {
    title: `ElastiCache ${cluster}: ${wordsOf(key.replace(/^ElastiCache:/, ''))}`,
    resource: `${cluster} (cache)`,
    severity: what === 'Failover' ? 'warning' : severity,
    identity: [cluster, group],
    // A failover is only reported when it is complete.
    ...(end !== undefined && what !== 'Failover' && { status: isOver ? ('resolved' as const) : ('firing' as const) }),
  }
}
