import { asList, asObject, asText } from '../../schemas/loose.ts'
import { type Draft, type Envelope, hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'

/** Datadog monitors: its EventBridge partner events, and the messages of its SNS integration. */

const ENDS = /^(?:recovered|ok)$/i
const NO_DATA = /^(?:re-)?no data$/i

export function datadogEvent({ source, detail, account }: AwsEvent): Draft | undefined {
  if (!source.startsWith('aws.partner/datadog.com/')) return undefined
  const meta = asObject(detail.meta) ?? {}
  const monitor = asObject(meta.monitor)
  const name = asText(monitor?.name)
  if (name === undefined) return undefined
  const state = asText(asObject(meta.transition)?.trans_name) ?? asText(asObject(meta.states)?.dest_state)
  const tags = asList(detail.tags)
    .slice(0, 50)
    .map(asText)
    .filter((tag) => tag !== undefined)
  const id = asText(monitor?.id)
  return {
    ...drafted(name, state),
    // One monitor may watch many hosts: the tags identify the host.
    fingerprint: `datadog:${account ?? ''}:${id ?? name}:${hash([...tags].sort().join())}`,
    title: name,
    description: asText(monitor?.message),
    reason: asText(monitor?.query),
    declaredSeverity: severityOf(asText(detail.alert_type)),
    tags: Object.fromEntries(tags.map((tag) => /^([^:]+):(.+)$/.exec(tag)?.slice(1) ?? [tag, 'yes'])),
    details: { monitor: id, type: asText(monitor?.type), state, priority: asText(detail.priority) },
    links: { console: id && /^\d+$/.test(id) ? `https://app.datadoghq.com/monitors/${id}` : undefined },
  }
}

/** `error`, `warning`, `success`, `info` */
function severityOf(type: string | undefined): string | undefined {
  return type === 'success' ? 'info' : type
}

/** `[P2] [Triggered on {host:web-1}] Disk is full`: the subject of a notification. */
const SUBJECT =
  /^(?:\[(P[1-5])\] ?)?\[((?:Re-)?(?:Triggered|Warn|No data)|Renotify|Recovered)(?: on \{([^}]*)\})?\] (.+)$/i

export function datadogText(text: string, envelope: Envelope): Draft | undefined {
  const [, priority, state = '', scope, name] = SUBJECT.exec(envelope.subject ?? '') ?? []
  if (name === undefined) return undefined
  return {
    ...drafted(name, state),
    fingerprint: `datadog:${hash(envelope.topic, name, scope)}`,
    title: scope ? `${name} (${scope})` : name,
    description: text,
    resource: scope ?? name,
    declaredSeverity: priority ?? (/warn/i.test(state) ? 'warning' : undefined),
    details: { state },
  }
}

function drafted(name: string, state: string | undefined): Pick<Draft, 'kind' | 'name' | 'source' | 'status' | 'once'> {
  const status = ENDS.test(state ?? '') ? 'resolved' : NO_DATA.test(state ?? '') ? 'insufficient-data' : 'firing'
  return { kind: 'event', name, source: 'datadog', status, once: false }
}
