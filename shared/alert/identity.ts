import { createHash } from 'node:crypto'
import type { Alert } from '../../schemas/alert.ts'

/**
 * What is known of an alert lies under this: its fingerprint; of one that happens once, with what tells it from others of
 * the same fingerprint. The same one delivered again has the same. Pure.
 */
export function identityOf(alert: Alert): string {
  if (!alert.once) return alert.fingerprint
  return `${alert.fingerprint}@${hash([alert.changedAt, alert.status, contentOf(alert)], 16)}`
}

/**
 * Tells two changes of one alert apart; the same change delivered again, or by another way, has the same. An alarm has one
 * state at a time, and each way tells of it in other words; of anything else, other words at the same time are other news
 * (the pages of an event of AWS Health). Pure.
 */
export function changeIdOf(alert: Alert): string {
  const { kind, changedAt, status, title } = alert
  return hash([changedAt, status, isAlarm(kind) ? title : contentOf(alert)], 10)
}

function isAlarm(kind: Alert['kind']): boolean {
  return kind === 'alarm' || kind.endsWith('-alarm')
}

/** What it says, without what only the way it came by tells: the topic's account and region, and pages of the console. */
function contentOf(alert: Alert): unknown {
  const { fingerprint, kind, once, status, previousStatus, changedAt, source, account, region, links, ...content } =
    alert
  return { ...content, runbook: links.runbook }
}

/** Of the same data the same, in whatever order it was put together. */
function hash(data: unknown, length: number): string {
  return createHash('sha256').update(JSON.stringify(data, inOrder)).digest('base64url').slice(0, length)
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const CARRIED = /#carried-([\w-]+)#0$/

/** The `messageId` of a change that a notification of the version before told of. */
export function carriedAs(notificationId: string): string {
  return `carried-${notificationId}`
}

/** The notification that told of a change; `undefined`: it came as a message of its own. */
export function carriedBy(change: string | undefined): string | undefined {
  return CARRIED.exec(change ?? '')?.[1]
}
