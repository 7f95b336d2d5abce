import type { Certificate } from './certificate.ts'
import { type Fields, type HttpAnswer, isObject, type Request } from './exchange.ts'
import { type Limit, limiter } from './limit.ts'
import { destination, type ForwardTo, type StandIn, startStandIn } from './stand-in.ts'

/** A PagerDuty incident: one for each time that an alert opened it. */
export interface Incident {
  dedupKey: string
  state: 'open' | 'acknowledged' | 'resolved'
  /** How many triggers it received. */
  triggers: number
  summary: string
}

export interface PagerDutyStandIn extends StandIn {
  /** In the order in which they opened. */
  incidents(): Incident[]
}

interface Options {
  tls: Certificate
  /** The only valid keys; by default, any of 32 characters. */
  routingKeys?: string[]
  /** The user's own server, for all or by routing key: a base URL, or the whole one up to `/v2/enqueue`. */
  forwardTo?: ForwardTo
  /** Whether a routing key that is used too often is rate limited. */
  isLimited?: boolean
}

/** About 120 a minute; the burst is not documented. */
const LIMIT: Limit = { perMinute: 120, burst: 20 }

/** PagerDuty's Events API v2, as documented: alert events, change events, and errors for what it would reject. */
export async function startPagerDuty(options: Options): Promise<PagerDutyStandIn> {
  const { tls, routingKeys, forwardTo, isLimited = false } = options
  const incidents: (Incident & { key: string })[] = []
  const waitMs = limiter(LIMIT)

  function answer(request: Request): HttpAnswer {
    if (request.bytes.length > 512 * 1024) return { status: 413, body: { message: 'Request entity too large' } }
    const isChange = request.path === '/v2/change/enqueue'
    if (request.method !== 'POST' || !(isChange || request.path === '/v2/enqueue')) {
      return { status: 404, body: { message: 'Not Found' } }
    }
    const event = request.json
    if (!isObject(event)) return invalid('JSON is invalid')
    const errors = [...keyErrors(event, routingKeys), ...(isChange ? changeErrors(event) : alertErrors(event))]
    if (errors.length > 0) return invalid(...errors)
    // PagerDuty does not say for how long.
    if (isLimited && waitMs(String(event.routing_key), Date.now()) > 0) {
      return { status: 429, body: { status: 'throttled', message: 'Too many requests' } }
    }
    if (isChange) return { status: 202, body: { status: 'success', message: 'Change event processed' } }
    const dedup_key = typeof event.dedup_key === 'string' ? event.dedup_key : crypto.randomUUID()
    follow(event, dedup_key)
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key } }
  }

  /**
   * Events are grouped by dedup key and routing key. A resolve or acknowledge without an open incident is dropped.
   */
  function follow(event: Fields, dedupKey: string): void {
    const key = `${event.routing_key} ${dedupKey}`
    const open = incidents.find((incident) => incident.key === key && incident.state !== 'resolved')
    if (event.event_action !== 'trigger') {
      if (open) open.state = event.event_action === 'resolve' ? 'resolved' : 'acknowledged'
    } else if (open) {
      open.triggers++
    } else {
      const { summary } = event.payload as Fields
      incidents.push({ key, dedupKey, state: 'open', triggers: 1, summary: String(summary) })
    }
  }

  const standIn = await startStandIn({
    tls,
    answer,
    capture: ({ path, json, bytes }) => ({
      path,
      body:
        isObject(json) && 'routing_key' in json
          ? { ...json, routing_key: '(routing key)' }
          : (json ?? bytes.toString()),
    }),
    forwardTo: ({ path, json }) => {
      const to = destination(forwardTo, String(isObject(json) ? json.routing_key : ''))
      return to && new URL(to.href.replace(/(\/v2\/enqueue)?\/*$/, '') + path)
    },
    relay: inJson,
  })
  return {
    ...standIn,
    incidents: () => incidents.map(({ key: _, ...incident }) => incident),
  }
}

/** PagerDuty always answers JSON, and its client reads nothing else. */
function inJson(answer: HttpAnswer): HttpAnswer {
  try {
    JSON.parse(String(answer.body))
    return answer
  } catch {
    return {
      ...answer,
      headers: { ...answer.headers, 'content-type': 'application/json' },
      body: { message: String(answer.body) },
    }
  }
}

function invalid(...errors: string[]): HttpAnswer {
  return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } }
}

/** What is wrong with the routing key of an event. */
export function keyErrors({ routing_key: key }: Fields, known: string[] | undefined): string[] {
  if (key === undefined) return ["'routing_key' is missing or blank"]
  if (typeof key !== 'string' || key.length !== 32) {
    return ["Length of 'routing_key' is incorrect (should be 32 characters)"]
  }
  return known === undefined || known.includes(key) ? [] : ["'routing_key' is not known"]
}

/** What is wrong with an alert event, as documented. */
export function alertErrors(event: Fields): string[] {
  const { event_action: action, dedup_key: dedupKey, payload } = event
  const errors: string[] = []
  if (action !== 'trigger' && action !== 'acknowledge' && action !== 'resolve') {
    errors.push("'event_action' is invalid (should be trigger, acknowledge or resolve)")
  }
  if (dedupKey !== undefined && (typeof dedupKey !== 'string' || dedupKey.length > 255)) {
    errors.push("Length of 'dedup_key' is incorrect (should be no more than 255 characters)")
  }
  if (action !== 'trigger' && !dedupKey) errors.push("'dedup_key' is missing or blank")
  if (action === 'trigger' || payload !== undefined) errors.push(...payloadErrors(payload))
  return [...errors, ...linkErrors(event), ...textErrors(event, ['client', 'client_url'])]
}

function payloadErrors(payload: unknown): string[] {
  if (!isObject(payload)) return ["'payload' is missing or blank"]
  const errors = [...summaryErrors(payload), ...textErrors(payload, ['component', 'group', 'class'])]
  if (typeof payload.source !== 'string' || payload.source === '') errors.push("'payload.source' is missing or blank")
  if (!['critical', 'error', 'warning', 'info'].includes(String(payload.severity))) {
    errors.push("'payload.severity' is invalid (should be critical, error, warning or info)")
  }
  return errors
}

/** What is wrong with a change event, as documented. */
export function changeErrors(event: Fields): string[] {
  if (!isObject(event.payload)) return ["'payload' is missing or blank"]
  return [...summaryErrors(event.payload), ...textErrors(event.payload, ['source']), ...linkErrors(event)]
}

function summaryErrors(payload: Fields): string[] {
  const { summary, timestamp, custom_details: details } = payload
  const errors: string[] = []
  if (typeof summary !== 'string' || summary === '') errors.push("'payload.summary' is missing or blank")
  else if (summary.length > 1024) {
    errors.push("Length of 'payload.summary' is incorrect (should be no more than 1024 characters)")
  }
  if (timestamp !== undefined && !isIsoTime(timestamp)) errors.push("'payload.timestamp' is not an ISO 8601 time")
  if (details !== undefined && !isObject(details)) errors.push("'payload.custom_details' is not an object")
  return errors
}

function isIsoTime(value: unknown): boolean {
  return (
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(value) && !Number.isNaN(Date.parse(value))
  )
}

function linkErrors({ links, images }: Fields): string[] {
  const errors: string[] = []
  if (
    links !== undefined &&
    !(Array.isArray(links) && links.every((link) => isObject(link) && URL.canParse(String(link.href))))
  ) {
    errors.push("'links' is invalid (should be a list of {href, text})")
  }
  if (images !== undefined && !(Array.isArray(images) && images.every((image) => /^https:/.test(String(image?.src))))) {
    errors.push("'images' is invalid (should be a list of {src} served via https)")
  }
  return errors
}

function textErrors(fields: Fields, names: string[]): string[] {
  return names
    .filter((name) => !['string', 'undefined'].includes(typeof fields[name]))
    .map((name) => `'${name}' is not a text`)
}
