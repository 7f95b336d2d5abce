import { createHash } from 'node:crypto'
import type { Alert } from '../../schemas/alert.ts'

/**
 * The key of an alert's state: its fingerprint; for a one-off alert, plus a hash that distinguishes it from others with the
 * same fingerprint. A redelivered alert has the same key. Pure.
 */
export function identityOf(alert: Alert): string {
  // A drill is an alert of its own: it never touches the state of the real one. Its id says which, also of one-off alerts.
  if (alert.drill !== undefined) return `${alert.fingerprint}${endOf(alert.drill)}`
  if (!alert.once) return alert.fingerprint
  return `${alert.fingerprint}@${hash([alert.changedAt, alert.status, contentOf(alert)], 16)}`
}

/** The fingerprint in the key of an alert's state; of a drill, without its id. */
export function fingerprintOf(key: string, drill: string | undefined): string {
  return drill !== undefined && key.endsWith(endOf(drill)) ? key.slice(0, -endOf(drill).length) : key
}

/** The fingerprint in the key of an event without a state: without the part that differs each time. */
export function sourceOf(key: string): string {
  return key.replace(/@[\w-]{16}$/, '')
}

/** The id of the drill that a key is of; `undefined`: of none. */
export function drillInKey(key: string): string | undefined {
  return /#drill-([\w-]+)$/.exec(key)?.[1]
}

const endOf = (drill: string) => `#drill-${drill}`

/**
 * Identifies a change of an alert; the same change has the same id when redelivered, or received by another route. An alarm has
 * one state at a time, worded differently on each route. For anything else, different text at the same time is a different
 * change (the pages of an AWS Health event). Pure.
 */
export function changeIdOf(alert: Alert): string {
  const { kind, changedAt, status, title } = alert
  return hash([changedAt, status, isAlarm(kind) ? title : contentOf(alert)], 10)
}

function isAlarm(kind: Alert['kind']): boolean {
  return kind === 'alarm' || kind.endsWith('-alarm')
}

/** Its content, without what depends on the route: the topic's account and region, and links to the console. */
function contentOf(alert: Alert): unknown {
  const { fingerprint, kind, once, status, previousStatus, changedAt, source, account, region, links, ...content } =
    alert
  return { ...content, runbook: links.runbook }
}

/** Does not depend on the order of keys. */
function hash(data: unknown, length: number): string {
  return createHash('sha256').update(JSON.stringify(data, inOrder)).digest('base64url').slice(0, length)
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const CARRIED = /#carried-([\w-]+)#0$/

/** The `messageId` of a change carried by a notification of the previous version. */
export function carriedAs(notificationId: string): string {
  return `carried-${notificationId}`
}

/** The notification that carried a change; `undefined` if the change arrived as its own message. */
export function carriedBy(change: string | undefined): string | undefined {
  return CARRIED.exec(change ?? '')?.[1]
}

/** The `messageId` of a person's resolve. */
export const byHandAs = (changedAt: string): string => `by-hand-${changedAt}`

/** Was a change made by a person? By the key of its item. */
export const isByHand = (change: string): boolean => change.includes('#by-hand-')
