import { createHash } from 'node:crypto'
import type { Alert } from '../../../schemas/alert.ts'
import type { Notification } from '../../../schemas/notification.ts'
import { identityOf } from '../../alert/identity.ts'
import * as alertText from '../alert-text.ts'
import { clean, factLines, oneLine, shorten } from '../outside-text.ts'
import { textOf, titleOf } from '../template.ts'
import { webLinks } from '../web-links.ts'

/** The event for PagerDuty, without the routing key: `send` adds it, so no payload ever holds a secret. */
export type PagerDutyPayload = { kind: 'event'; data: PagerDutyEvent } | { kind: 'change'; data: PagerDutyChange }

export interface PagerDutyEvent {
  event_action: 'trigger' | 'acknowledge' | 'resolve'
  dedup_key: string
  payload: {
    summary: string
    source: string
    severity: 'critical' | 'warning' | 'info'
    timestamp?: string
    component: string
    group: string
    class: string
    custom_details: CustomDetails
  }
  links: PagerDutyLink[]
  client: string
  client_url?: string
}

export interface PagerDutyChange {
  payload: { summary: string; source: string; timestamp?: string; custom_details: CustomDetails }
  links: PagerDutyLink[]
}

interface PagerDutyLink {
  href: string
  text: string
}

/** In reading order: what, where, why, then the rest. */
export type CustomDetails = Record<string, string | string[] | Record<string, string>>

export const LIMITS = {
  summary: 1024,
  dedupKey: 255,
  /** PagerDuty's limit is 512 KB, including the routing key and the JSON around it. */
  bodyBytes: 500_000,
  source: 1024,
  /** Our own limit: keeps the columns of the incident page readable. */
  column: 255,
} as const

/** The length of each text in the details: full, then shorter while the event is too big. */
const TEXT_LENGTHS = [Number.MAX_SAFE_INTEGER, 500]
const MIN_TEXT = 100

/**
 * A trigger, a resolve, or, for a successful deployment, a change event: it pages nobody and is shown beside incidents.
 * Missing data triggers too, with the same key as the alarm's own trigger.
 */
export function render(notification: Notification): PagerDutyPayload {
  for (const textLength of TEXT_LENGTHS) {
    const payload = renderWith(notification, textLength)
    if (Buffer.byteLength(JSON.stringify(payload.data)) <= LIMITS.bodyBytes) return payload
  }
  return renderWith(notification, MIN_TEXT)
}

function renderWith(notification: Notification, textLength: number): PagerDutyPayload {
  const { alert, severity } = notification
  const source = shorten(oneLine(alert.resource) || alertText.title(alert), LIMITS.source)
  const links = webLinks(alert).map(({ label, url }) => ({ href: url, text: label }))
  const core = {
    summary: withNote(
      alertText.marked(notification, titleOf(notification) ?? summary(notification)),
      alertText.notesInShort(notification),
    ),
    source,
    ...(Number.isNaN(Date.parse(alert.changedAt)) ? {} : { timestamp: alert.changedAt }),
    custom_details: customDetails(notification, textLength),
  }
  if (isFinishedDeployment(notification)) return { kind: 'change', data: { payload: core, links } }
  const console = links.find(({ text }) => text === 'Alarm' || text === 'Console')?.href
  return {
    kind: 'event',
    data: {
      event_action: actionOf(notification),
      dedup_key: dedupKey(notification.alertKey ?? identityOf(alert)),
      payload: {
        ...core,
        severity,
        component: shorten(source, LIMITS.column),
        group: shorten(group(alert), LIMITS.column),
        class: shorten(oneLine(alert.metric ?? '') || alert.kind, LIMITS.column),
      },
      links,
      client: 'alert-router',
      ...(console === undefined ? {} : { client_url: console }),
    },
  }
}

function actionOf({ alert, update }: Notification): PagerDutyEvent['event_action'] {
  if (alert.status === 'resolved') return 'resolve'
  return update?.is === 'acknowledged' ? 'acknowledge' : 'trigger'
}

/** What the phone reads out: the alarm, the resource, and why. */
function summary(notification: Notification): string {
  const { alert } = notification
  const what = alertText.whatAndWhere(alert)
  if (alert.status === 'insufficient-data') return `No data: ${what}`
  if (alert.status === 'resolved') return `Resolved: ${what}`
  const why = alertText.condition(alert) ?? oneLine(alert.reason ?? '')
  return why === '' ? what : `${what}: ${why}`
}

/** The note is never cut: it names the channel that may have missed the alert. */
function withNote(summary: string, note: string | undefined): string {
  if (note === undefined) return shorten(summary, LIMITS.summary)
  return `${shorten(summary, LIMITS.summary - note.length - 3)} (${note})`
}

/** Groups alarms by account and region; without both, by namespace or sender. */
function group(alert: Alert): string {
  const where = [alert.account, alert.region].filter(Boolean).join('/')
  return oneLine(where || alert.namespace || alert.source) || 'unknown'
}

/** A fingerprint that is too long keeps its start, for people, and gets a hash of the whole: the same key every time. */
export function dedupKey(fingerprint: string): string {
  if (fingerprint.length <= LIMITS.dedupKey) return fingerprint.toWellFormed()
  const hash = createHash('sha256').update(fingerprint).digest('hex')
  return `${shorten(fingerprint.toWellFormed(), LIMITS.dedupKey - hash.length - 1)}#${hash}`
}

function customDetails(notification: Notification, textLength: number): CustomDetails {
  const { alert, severity, rule } = notification
  const text = (value: string | undefined) => shorten(clean(value ?? ''), textLength)
  const facts = (values: Record<string, string>) =>
    Object.fromEntries(
      factLines(values).map(([label, value]) => [shorten(label, textLength), shorten(value, textLength)]),
    )
  const details: CustomDetails = {
    drill: alertText.drillNote(notification) ?? '',
    fallback: notification.fallbackFor ? alertText.fallbackNote(notification.fallbackFor) : '',
    delayed: alertText.missedNotes(notification).join(' '),
    response: alertText.updateNotes(notification).join(' '),
    text: text(textOf(notification)),
    what: text(alert.title),
    [alertText.statusLabel(alert).toLowerCase()]: alertText.statusChange(alert),
    resource: text(alert.resource),
    condition: text(alertText.condition(alert)),
    why: text(alert.reason),
    description: text(alert.description),
    [alertText.timeLabel(alert).toLowerCase()]: alertText.time(alert.changedAt),
    fired_for: alertText.firedFor(notification) ?? '',
    account: text(alert.account),
    region: text(alert.region),
    metric: text(alertText.metric(alert)),
    expression: text(alert.expression),
    missing_data: alertText.missingData(alert) ?? '',
    triggered_by: alertText.children(alert).map((name) => shorten(name, textLength)),
    alarm_rule: text(alert.alarmRule),
    details: facts(alert.details),
    dimensions: facts(alert.dimensions),
    tags: facts(alert.tags),
    labels: facts(notification.labels ?? {}),
    severity,
    rule: text(rule),
    notes: (alert.notes ?? []).map((note) => shorten(note, textLength)),
  }
  return Object.fromEntries(Object.entries(details).filter(([, value]) => Object.keys(value).length > 0))
}

/** CodePipeline and CodeDeploy say SUCCEEDED or SUCCESS, CloudFormation CREATE_COMPLETE, UPDATE_COMPLETE, … */
const FINISHED = /^(succeeded|success|successful|completed?|(create|update|import|delete)_complete)$/i

/** Sent as a change event: it pages nobody and belongs to no incident. */
export function isFinishedDeployment({ alert, severity }: Notification): boolean {
  if (alert.kind !== 'deployment' || severity !== 'info') return false
  return Object.entries(alert.details).some(([label, value]) => /^(state|status)$/i.test(label) && FINISHED.test(value))
}

/** The action and the summary: `trigger, critical: …`. */
export function firstLine({ kind, data }: PagerDutyPayload): string {
  const what = 'event_action' in data ? `${data.event_action}, ${data.payload.severity}` : kind
  return `${what}: ${data.payload.summary}`
}
