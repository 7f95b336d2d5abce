import { createHmac, randomUUID } from 'node:crypto'
import type { Sent } from './function-url.ts'

/*
 * A subscription to PagerDuty's webhooks v3, as documented: each event is signed by each secret of the subscription, sent again
 * for 48 hours after a timeout, a 429 or a 5xx while later events of its incident wait, and dropped after any other 4xx. After
 * three drops in a row the subscription is disabled for a day, and what it still had to send is gone. Time is passed in.
 */

const HOUR_MS = 3_600_000
const RETRY_FOR_MS = 48 * HOUR_MS
const DISABLED_FOR_MS = 24 * HOUR_MS
const DROPS = 3
/** How long it waits before it tries again is not documented. */
const RETRY_AFTER_MS = 60_000

/** Sends one request: the status that it was answered with, or none in time. */
export type Post = (request: Sent) => Promise<number | 'timeout'>

interface Pending {
  id: string
  /** The incident. */
  of: string
  body: string
  since: number
  nextAt: number
}

export class WebhookSubscription {
  readonly dropped: string[] = []
  disabledUntil = 0
  #pending: Pending[] = []
  #dropsInRow = 0
  readonly #post: Post
  readonly #secrets: () => string[]

  constructor(post: Post, secrets: () => string[]) {
    this.#post = post
    this.#secrets = secrets
  }

  /** An event has happened; returns its id. */
  happened(event: WebhookEvent, now: number): string {
    if (now < this.disabledUntil) return event.id
    const { data } = event
    const of = data.type === 'incident' ? data.id : data.incident?.id
    this.#pending.push({ id: event.id, of: of ?? '', body: JSON.stringify({ event }), since: now, nextAt: now })
    return event.id
  }

  /** Sends what is due. */
  async run(now: number): Promise<void> {
    const held = new Set<string>()
    for (const one of [...this.#pending]) {
      if (now < this.disabledUntil || !this.#pending.includes(one)) continue
      if (held.has(one.of) || one.nextAt > now) {
        held.add(one.of)
        continue
      }
      const status = await this.#post(signedWebhook(one.body, this.#secrets()))
      if (!this.#settle(one, status, now)) held.add(one.of)
    }
  }

  /** How many it has still to send. */
  get waiting(): number {
    return this.#pending.length
  }

  /** @returns is it settled, so that the incident's next one may be sent? */
  #settle(one: Pending, status: number | 'timeout', now: number): boolean {
    const isAgain = status === 'timeout' || status === 429 || status >= 500
    if (isAgain && now - one.since < RETRY_FOR_MS) {
      one.nextAt = now + RETRY_AFTER_MS
      return false
    }
    this.#pending = this.#pending.filter((other) => other !== one)
    if (!isAgain && status < 300) {
      this.#dropsInRow = 0
      return true
    }
    this.dropped.push(one.id)
    if (++this.#dropsInRow < DROPS) return true
    this.#dropsInRow = 0
    this.disabledUntil = now + DISABLED_FOR_MS
    this.dropped.push(...this.#pending.map(({ id }) => id))
    this.#pending = []
    return true
  }
}

/** A body as it is signed and sent. */
export function signedWebhook(body: string, secrets: string[], path = '/pagerduty'): Sent {
  const signatures = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`)
  return {
    path,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'PagerDuty-Webhook/V3.0',
      'X-PagerDuty-Signature': signatures.join(','),
      'X-Webhook-Id': randomUUID(),
      'X-Webhook-Subscription': 'PABC123',
    },
    body,
  }
}

// biome-ignore lint/suspicious/noExplicitAny: events differ by type, and tests spoil them
type Json = any

export interface WebhookEvent {
  id: string
  event_type: string
  resource_type: string
  occurred_at: string
  agent: Json
  client: Json
  data: Json
}

/** A person who uses PagerDuty. */
export const BOB = { id: 'PUSER1', type: 'user_reference', summary: 'Bob Ray', self: null, html_url: null }
/** What our own events come back by. */
export const INTEGRATION = { id: 'PINT', type: 'inbound_integration_reference', summary: 'Events API V2' }

/** An event of an incident. On a service that creates alerts, `incident_key` is null. */
export function incidentEvent(
  type: string,
  { id = 'PGR0VU2', incidentKey = null as string | null, at = '2026-11-27T10:00:00.000Z', ...changes }: Json = {},
): WebhookEvent {
  return {
    id: randomUUID(),
    event_type: `incident.${type}`,
    resource_type: 'incident',
    occurred_at: at,
    agent: BOB,
    client: { name: 'PagerDuty' },
    data: {
      ...{ id, type: 'incident', self: `https://api.pagerduty.com/incidents/${id}`, number: 2, status: type },
      ...{ incident_key: incidentKey, created_at: at, title: 'orders-cpu', urgency: 'high', resolve_reason: null },
      service: { id: 'PF9KMXH', type: 'service_reference', summary: 'API Service' },
      assignees: [{ ...BOB, summary: 'Cara Lee' }],
    },
    ...changes,
  }
}

/** A note on an incident: of the incident itself it has a reference alone. */
export function noteEvent(content: string, { id = 'PGR0VU2', ...changes }: Json = {}): WebhookEvent {
  return {
    ...incidentEvent('annotated'),
    data: {
      ...{ type: 'incident_note', id: 'PNOTE', content, trimmed: false },
      incident: { id, type: 'incident_reference', summary: 'orders-cpu' },
    },
    ...changes,
  }
}
