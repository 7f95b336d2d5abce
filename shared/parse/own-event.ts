import type { AlertStatus } from '../../schemas/alert.ts'
import { EVENT_FIELDS, eventSchema, type OwnEvent } from '../../schemas/event.ts'
import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { HEARTBEAT } from '../observe/heartbeat.ts'
import type { Draft, Envelope } from './draft.ts'
import { ownWords, topicName } from './draft.ts'
import { factsOf, labels } from './facts.ts'
import { webLink } from './links.ts'
import { misspelt, noWord, unknownSeverity, unknownStatus } from './notes.ts'
import { regionCode } from './region.ts'
import { deploymentState } from './state-words.ts'
import { isoTime } from './time.ts'

export function isOwnEvent(message: Json): boolean {
  return eventIn(message) !== undefined
}

function eventIn(message: Json): OwnEvent | undefined {
  return typeof message.title === 'string' ? eventSchema.safeParse(message).data : undefined
}

/** Our own documented event. Misspelt and extra fields are kept as details. */
export function ownEvent(message: Json, envelope: Envelope): Draft[] | undefined {
  const event = eventIn(message)
  if (!event) return undefined
  const source = event.source ?? topicName(envelope.topic) ?? 'unknown'
  const isDeployment = event.class?.trim().toLowerCase() === 'deployment'
  const status = statusOf(event.status)
  const extras = Object.fromEntries(Object.entries(message).filter(([key]) => !EVENT_FIELDS.has(key)))
  const details = Object.fromEntries(factsOf(event.details))
  const { known, others } = linksIn(event.links)
  const state = asText(message.state) ?? details.state
  return [
    {
      kind: isDeployment ? 'deployment' : 'event',
      fingerprint: fingerprintOf(event, source, envelope),
      status: status ?? 'firing',
      once: !isOurs(source, envelope) && (isDeployment ? status === undefined : hasNoLife(event)),
      name: event.id,
      title: event.title,
      description: event.description ?? event.message,
      reason: event.description === undefined ? undefined : event.message,
      changedAt: isoTime(event.time),
      source,
      account: event.account,
      region: regionCode(event.region),
      tags: { environment: event.environment, ...labels(event.tags) },
      resource: event.resource ?? event.id,
      declaredSeverity: event.severity,
      notes: [
        ...misspelt(message),
        ...unknownSeverity(event.severity),
        ...noWord(message, 'severity'),
        ...noWord(message, 'status'),
        // A deployment's status may be any word: a deployment never resolves.
        ...unknownStatus(isDeployment || status !== undefined ? undefined : event.status),
      ],
      details: {
        class: event.class,
        environment: event.environment,
        status: status === undefined ? event.status : undefined,
        region: regionCode(event.region) === undefined ? event.region : undefined,
        ...(isDeployment
          ? { state: deploymentState(state ?? event.status) ?? stateIn(event.title), rawState: state }
          : {}),
        ...withoutKey(details, isDeployment ? 'state' : undefined),
        ...withoutKey(Object.fromEntries(factsOf(extras)), isDeployment ? 'state' : undefined),
        ...others,
      },
      links: { ...known, runbook: known.runbook ?? event.runbook },
    },
  ]
}

/** The router's own events have no account: rules recognise them by their fingerprint. */
const OURS = /^alert-router\./

/**
 * The router puts its own events into its own queue, where nobody else may send. Only the heartbeat takes the whole path,
 * through the topic. Other events with such a source that arrive there are treated like anybody's.
 */
function isOurs(source: string, { topic }: Envelope): boolean {
  return OURS.test(source) && (topic === undefined || source === HEARTBEAT.source)
}

/**
 * Without an id it is the title and the resource: `Disk full` on one host does not resolve it on another. The same source
 * and id in two accounts are two alerts: one does not resolve the other. The account is the event's (EventBridge always has
 * one), or the topic's, if the topic belongs to the sender. A firing and its resolve must name the same account.
 */
function fingerprintOf(event: OwnEvent, source: string, envelope: Envelope): string {
  const { id, title, account, resource, environment } = event
  const what =
    id ??
    [title, resource, environment]
      .filter(Boolean)
      .map((text) => ownWords(`${text}`))
      .join('#')
  const isRouter = isOurs(source, envelope)
  const fingerprint = `event:${OURS.test(source) && !isRouter ? `"${source}"` : source}:${what}`
  const owner = isRouter ? undefined : (account?.trim() ?? envelope.sender)
  return owner === undefined ? fingerprint : `${fingerprint}#${owner}`
}

/** Nothing could resolve it. */
function hasNoLife({ id, status }: OwnEvent): boolean {
  return id === undefined && status === undefined
}

const STATUS_WORDS: Record<string, AlertStatus> = {
  firing: 'firing',
  alarm: 'firing',
  alert: 'firing',
  open: 'firing',
  failed: 'firing',
  resolved: 'resolved',
  ok: 'resolved',
  closed: 'resolved',
  recovered: 'resolved',
  healthy: 'resolved',
  insufficient_data: 'insufficient-data',
  'insufficient-data': 'insufficient-data',
}

function statusOf(given: string | undefined): AlertStatus | undefined {
  const word = given?.trim().toLowerCase() ?? ''
  return Object.hasOwn(STATUS_WORDS, word) ? STATUS_WORDS[word] : undefined
}

/** A deploy script puts the result in its title. */
function stateIn(title: string): string | undefined {
  if (/\bfail|\berror|roll(?:ed|ing)? ?back/i.test(title)) return 'failed'
  if (/\bcomplete|\bsucce|\bfinish|\bdone\b|\bdeployed\b|\breleased\b/i.test(title)) return 'succeeded'
  return /\bstart|\bbegin|\bdeploying\b/i.test(title) ? 'started' : undefined
}

const BUTTONS = new Set(['console', 'logs', 'runbook', 'dashboard'])

/** `{name: url}`, or a list of URLs or of `{text, href}`. */
function linksIn(given: unknown) {
  const list = asList(given).map((item, index): [string, unknown] => {
    const link = asObject(item)
    const name = asText(link?.text) ?? asText(link?.name) ?? asText(link?.title) ?? `link ${index + 1}`
    return [name, link ? (link.href ?? link.url) : item]
  })
  const known: Record<string, string> = {}
  const others: Record<string, string> = {}
  for (const [name, value] of list.length > 0 ? list : Object.entries(asObject(given) ?? {})) {
    const url = webLink(asText(value))
    if (url === undefined) continue
    if (BUTTONS.has(name.toLowerCase())) known[name.toLowerCase()] = url
    else others[name] = url
  }
  return { known, others }
}

function withoutKey(facts: Record<string, string>, key: string | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).filter(([label]) => label !== key))
}
