import { createHash } from 'node:crypto'
import { type Alert, LIMITS } from '../../schemas/alert.ts'
import { severityWord } from '../alert/severity-word.ts'
import { withoutKnownForms } from './known-secrets.ts'
import { webLink } from './links.ts'
import { withoutKnownSecrets, withoutSecrets } from './secrets.ts'
import { block, clean, line, nameLine } from './text.ts'
import { isAhead } from './time.ts'

/** Facts from the envelopes, used when the message itself lacks them. */
export interface Envelope {
  /** The SNS topic's ARN. */
  topic?: string
  subject?: string
  /** When it was sent, in normal form. */
  at?: string
  account?: string
  /** The account of its topic, if that differs from the outer one: then it identifies the sender. */
  sender?: string
  region?: string
  /** A message's attributes that are texts, by their names. */
  attributes?: Record<string, string>
  /** The id of the drill that it was published as: by the outermost SNS message alone, never by one inside it. */
  drill?: string
  /** The last resort for a time, in normal form. */
  now: string
  /** The latest time at which it may have arrived: a clock that is ahead of that is wrong. */
  received: string
}

type Facts = Record<string, string | undefined>

/** An alert as a reader returns it: texts of any length, facts that may be missing. */
export interface Draft
  extends Partial<
    Omit<Alert, 'kind' | 'fingerprint' | 'once' | 'region' | 'dimensions' | 'tags' | 'details' | 'links'>
  > {
  kind: Alert['kind']
  fingerprint: string
  /** Overrides what is usual for its kind (`ONCE`). Ignored for a resolve: whatever resolves is not a one-time event. */
  once?: boolean
  /** `null`: it has no region, so the topic's region would mislead. */
  region?: string | null
  dimensions?: Facts
  tags?: Facts
  details?: Facts
  links?: Facts
}

/** Kinds that never resolve. */
const ONCE: ReadonlySet<Alert['kind']> = new Set([
  'message',
  'subscription',
  'deployment',
  'backup',
  'budget',
  'alarm-configuration',
  'aws-event',
])

/** The only place where a draft becomes an alert: texts are cleaned and bounded, and required fields are filled. */
export function alertOf(draft: Draft, envelope: Envelope): Alert {
  const one = (text: string | undefined, limit: number) => (text === undefined ? '' : nameLine(text, limit))
  const { status = 'firing', once = ONCE.has(draft.kind) } = draft
  // A title that is only the name is cleaned like the name.
  const title = draft.title === draft.name ? '' : line(draft.title ?? '', LIMITS.title)
  const name = one(draft.name, LIMITS.name) || line(draft.title ?? '', LIMITS.name) || draft.kind.replaceAll('-', ' ')
  return {
    fingerprint: fingerprint(draft.fingerprint),
    kind: draft.kind,
    status,
    once: (once && status === 'firing') || undefined,
    repeats: draft.repeats,
    drill: draft.drill ?? envelope.drill,
    previousStatus: draft.previousStatus,
    name,
    title: title || one(draft.name, LIMITS.title) || name,
    description: (draft.description && block(draft.description, LIMITS.description)) || undefined,
    reason: (draft.reason && block(draft.reason, LIMITS.reason)) || undefined,
    changedAt: timeOf(draft.changedAt, envelope),
    source: one(draft.source, LIMITS.fact) || topicName(envelope.topic) || 'unknown',
    account: one(draft.account ?? envelope.account, LIMITS.fact) || undefined,
    region: draft.region === null ? undefined : (draft.region ?? envelope.region),
    namespace: one(draft.namespace, LIMITS.fact) || undefined,
    metric: one(draft.metric, LIMITS.fact) || undefined,
    expression: one(draft.expression, LIMITS.reason) || undefined,
    dimensions: facts(draft.dimensions, ROOM.dimensions, nameLine),
    tags: facts(draft.tags, ROOM.tags, nameLine),
    resource: one(draft.resource, LIMITS.fact) || name,
    threshold: draft.threshold && {
      ...draft.threshold,
      operator: one(draft.threshold.operator, LIMITS.fact) || undefined,
      unit: one(draft.threshold.unit, LIMITS.fact) || undefined,
      statistic: one(draft.threshold.statistic, LIMITS.fact) || undefined,
      missingData: one(draft.threshold.missingData, LIMITS.fact) || undefined,
    },
    children: childrenOf(draft.children ?? []),
    alarmRule: one(draft.alarmRule, LIMITS.reason) || undefined,
    declaredSeverity: severityWord(line(draft.declaredSeverity ?? '', LIMITS.fact)) || undefined,
    details: facts(draft.details, ROOM.details, line),
    notes: draft.notes && draft.notes.length > 0 ? draft.notes.slice(0, 5).map((note) => line(note, 300)) : undefined,
    links: {
      console: link(draft.links?.console),
      logs: link(draft.links?.logs),
      runbook: link(draft.links?.runbook),
      dashboard: link(draft.links?.dashboard),
    },
  }
}

/** For everyone who sees the alert. */
function link(given: string | undefined): string | undefined {
  return webLink(given && withoutKnownForms(given))
}

/**
 * When it changed. A time later than the receipt means that a clock is wrong, so the receipt is used. Otherwise every change
 * before that time would be stale, and one such event would silence its alert.
 */
function timeOf(summary: string | undefined, { at, now, received }: Envelope): string {
  if (summary === undefined) return at ?? now
  return isAhead(summary, at ?? received) ? (at ?? received) : summary
}

/**
 * The most characters of all facts together: many long ones would not fit in an SNS message (256 KiB), where a character takes
 * up to three bytes.
 */
const ROOM = { details: 16_000, dimensions: 10_000, tags: 10_000, children: 10_000 }

function facts(given: Facts = {}, room: number, shown: typeof line): Record<string, string> {
  const kept: Record<string, string> = {}
  let count = 0
  let left = room
  for (const [label, value] of Object.entries(given)) {
    if (count >= LIMITS.facts) break
    const key = nameLine(label, LIMITS.fact)
    const text = value === undefined ? '' : shown(value, LIMITS.fact)
    if (key === '' || key === '__proto__' || text === '') continue
    left -= key.length + text.length
    if (left < 0) break
    kept[key] = text
    count++
  }
  return kept
}

function childrenOf(given: Alert['children']): Alert['children'] {
  let left = ROOM.children
  const children = given.slice(0, LIMITS.facts).map(({ name, arn, status }) => ({
    name: nameLine(name, LIMITS.name) || 'unnamed',
    arn: (arn && nameLine(arn, LIMITS.fact)) || undefined,
    status,
  }))
  return children.filter(({ name, arn = '' }) => {
    left -= name.length + arn.length
    return left >= 0
  })
}

/**
 * Cleaned, with its spaces unchanged, so that an alarm's ARN stays the alarm's ARN. A secret that is known by its form is
 * replaced by its hash.
 */
function fingerprint(given: string): string {
  const summary = clean(given).replaceAll('\n', ' ').trim()
  const text = withHash(withoutKnownSecrets(summary), summary)
  if (text === '') return `unnamed:${hash(given)}`
  if (Buffer.byteLength(text) <= LIMITS.fingerprintBytes) return text
  const end = `#${hash(text)}`
  return `${startOf(text, LIMITS.fingerprintBytes - end.length)}${end}`
}

/** As many whole characters as fit in this many bytes. */
function startOf(text: string, bytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes))
  return text.slice(0, read)
}

/** The sender's own text, used as an id: a secret in it is replaced by its hash. */
export function ownWords(text: string): string {
  return withHash(withoutSecrets(text), text)
}

function withHash(shown: string, text: string): string {
  return shown === text ? text : `${shown}#${hash(text)}`
}

/** A short hash that is the same for the same texts. */
export function hash(...texts: (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32)
}

/** A topic's name from its ARN. */
export function topicName(topic: string | undefined): string | undefined {
  const name = topic?.slice(topic.lastIndexOf(':') + 1)
  return name === undefined ? undefined : nameLine(name, LIMITS.name) || undefined
}
