import type { AlertStatus } from '../../schemas/alert.ts'
import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { bestClaim, claimedSeverity } from '../alert/severity-word.ts'
import { type Draft, type Envelope, hash } from './draft.ts'
import { labels } from './facts.ts'
import { webLink } from './links.ts'
import { isOwnEvent } from './own-event.ts'
import { isoTime } from './time.ts'

/*
 * Prometheus alerts: Alertmanager's webhook (version 4), Grafana's similar one, and Grafana's old one. The texts that
 * Alertmanager, Amazon Managed Prometheus and Grafana write are read in prometheus-text.ts. Each entry of a group is a
 * separate alert with its own status: a group fires as long as one of its alerts does.
 */

/** The data of one alert, from any of the formats. */
export interface PrometheusAlert {
  status: AlertStatus
  labels: Record<string, string>
  annotations: Record<string, string>
  /** `prometheus` or `grafana`. */
  source: string
  /** The sender's id for its labels. */
  fingerprint?: string | undefined
  /**
   * The address of the Alertmanager or Grafana that sent it, with Grafana's
   * organisation: two senders know nothing of each other's alerts.
   */
  sender?: string | undefined
  /** When it changed; missing if the sender does not say. Such senders repeat it while it fires. */
  changedAt?: string | undefined
  value?: string | undefined
  links: {
    panel?: string | undefined
    dashboard?: string | undefined
    source?: string | undefined
    silence?: string | undefined
  }
  details?: Record<string, string | undefined>
  notes?: string[]
}

/** A group of alerts, as Alertmanager and Grafana send it. Our own event may contain similar lists. */
export function isPrometheus(message: Json): boolean {
  return !isOwnEvent(message) && entriesIn(message).length > 0
}

/** Alertmanager's and Grafana's webhooks. */
export function prometheusMessage(message: Json, envelope: Envelope): Draft[] | undefined {
  if (isOwnEvent(message)) return undefined
  return group(message, envelope) ?? oldGrafana(message, envelope)
}

function group(message: Json, envelope: Envelope): Draft[] | undefined {
  const entries = entriesIn(message)
  if (entries.length === 0) return undefined
  const common = ofGroup(message, asList(message.alerts).length - entries.length)
  return entries.map((entry) => prometheusDraft(alertIn(entry, message, common), envelope))
}

/** An alert without a state has the group's. */
function entriesIn(message: Json): Json[] {
  const entries = asList(message.alerts).flatMap((entry) => {
    const object = asObject(entry)
    return object && asObject(object.labels) ? [object] : []
  })
  return [message, ...entries].some((one) => isStatus(one.status)) ? entries : []
}

type OfGroup = Pick<PrometheusAlert, 'sender' | 'details' | 'notes'>

/** The alerts of a group. An unreadable one does not affect the others. */
function ofGroup(message: Json, unreadable: number): OfGroup {
  const left = Number(asText(message.truncatedAlerts) ?? 0)
  return {
    sender: sender(addressOf(message.externalURL), asText(message.orgId)),
    details: {
      receiver: asText(message.receiver),
      ...(left > 0 && { truncated: `${left} more alerts of this group are not in the message` }),
    },
    ...(unreadable > 0 && { notes: [`${unreadable} more in this group cannot be read: each alert needs "labels"`] }),
  }
}

function alertIn(entry: Json, message: Json, common: OfGroup): PrometheusAlert {
  const status = isStatus(entry.status) ? entry.status : message.status
  const isOver = asText(status)?.toLowerCase() === 'resolved'
  const isOfGrafana = Object.hasOwn(message, 'orgId') || Object.hasOwn(entry, 'silenceURL')
  return {
    ...common,
    status: isOver ? 'resolved' : 'firing',
    labels: labels(entry.labels),
    annotations: labels(entry.annotations),
    source: isOfGrafana ? 'grafana' : 'prometheus',
    fingerprint: asText(entry.fingerprint),
    // While it fires, its end is in year 1, or when it expires.
    changedAt: isOver ? (endOf(entry) ?? isoTime(entry.startsAt)) : isoTime(entry.startsAt),
    value: valuesIn(entry),
    links: {
      panel: asText(entry.panelURL),
      dashboard: asText(entry.dashboardURL),
      source: asText(entry.generatorURL),
      silence: asText(entry.silenceURL),
    },
  }
}

/** Host and path of an Alertmanager or a Grafana, from its external URL; none if that is not configured. */
function addressOf(given: unknown, withoutPage = (path: string) => path): string | undefined {
  const text = asText(given) ?? ''
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return undefined
  const path = withoutPage(url.pathname).replace(/\/$/, '')
  return path === '' && WITH_PORT.test(text) ? undefined : `${url.host}${path}`
}

/**
 * Alertmanager's default is its host's name and the port that it listens on, which differs between replicas.
 * https://github.com/prometheus/alertmanager/blob/main/cmd/alertmanager/main.go (`extURL`)
 */
const WITH_PORT = /^\s*http:\/\/[^/?#]*:\d+\s*(?:[/?#]|$)/i

/** What precedes these in a page's URL is Grafana's address, even if that has a path. */
const PAGE = /\/(?:alerting|d|d-solo|dashboard)(?:\/.*)?$/

/** Grafana's address and organisation, from the URL of a page. */
export function grafanaOf(page: string | undefined): string | undefined {
  const address = addressOf(page, (path) => path.replace(PAGE, ''))
  return sender(address, URL.parse(page ?? '')?.searchParams.get('orgId'))
}

function sender(address: string | undefined, organisation: string | null | undefined): string | undefined {
  return [address, organisation && `org ${organisation}`].filter(Boolean).join(' ') || undefined
}

function isStatus(given: unknown): boolean {
  return /^(?:firing|resolved)$/i.test(asText(given) ?? '')
}

function endOf({ startsAt, endsAt }: Json): string | undefined {
  const [begin, end] = [isoTime(startsAt), isoTime(endsAt)]
  return end !== undefined && (begin === undefined || end >= begin) ? end : undefined
}

/** `A=2.41, B=17`; otherwise as Grafana wrote it. */
function valuesIn({ values, valueString }: Json): string | undefined {
  const all = Object.entries(labels(values)).map(([name, value]) => `${name}=${value}`)
  return all.length > 0 ? all.join(', ') : asText(valueString)
}

const OLD_STATES: Record<string, AlertStatus> = {
  alerting: 'firing',
  ok: 'resolved',
  no_data: 'insufficient-data',
  paused: 'insufficient-data',
  pending: 'firing',
}

/** Grafana's alerts before version 9: `{"ruleName", "ruleId", "state": "alerting", "evalMatches", "tags"}`. */
function oldGrafana(message: Json, envelope: Envelope): Draft[] | undefined {
  const name = asText(message.ruleName)
  const status = OLD_STATES[asText(message.state)?.toLowerCase() ?? '']
  if (name === undefined || status === undefined || !Object.hasOwn(message, 'ruleId')) return undefined
  const matches = asList(message.evalMatches).slice(0, 10).map(asObject)
  const values = matches.flatMap((match) => {
    const [metric, value] = [asText(match?.metric), asText(match?.value)]
    return value === undefined ? [] : `${metric ?? 'value'}=${value}`
  })
  const place = [asText(message.orgId), asText(message.dashboardId), asText(message.ruleId)].filter(Boolean).join('/')
  const alert: PrometheusAlert = {
    status,
    labels: { alertname: name, ...labels(message.tags) },
    annotations: { summary: asText(message.message) ?? '' },
    source: 'grafana',
    fingerprint: place || undefined,
    sender: grafanaOf(asText(message.ruleUrl)),
    value: values.join(', ') || undefined,
    links: { panel: asText(message.ruleUrl) },
  }
  return [prometheusDraft(alert, envelope)]
}

const SUMMARIES = ['summary', 'message', 'title']
const RUNBOOKS = ['runbook_url', 'runbook', 'playbook_url', 'playbook']

/** Labels that name the resource, the most specific first. */
export const SUBJECTS = [
  ...['pod', 'persistentvolumeclaim', 'deployment', 'statefulset', 'daemonset', 'job_name', 'cronjob', 'instance'],
  ...['instance_id', 'node', 'host', 'hostname', 'device', 'container', 'queue', 'topic', 'service', 'app', 'job'],
]

/**
 * One alert. Its labels (or the sender's id for them) and its sender are its identity, so that the same labels in two clusters,
 * each with its own Alertmanager, are two alerts. Replicas of one Alertmanager share an external URL, or have the default,
 * which counts as none.
 */
export function prometheusDraft(alert: PrometheusAlert, envelope: Envelope): Draft {
  const { status, labels, annotations, source, changedAt, value, links, details, notes, sender } = alert
  // If there is no data, or the query failed, Grafana's alert name is not the rule's.
  const name = (/^Datasource(?:NoData|Error)$/.test(labels.alertname ?? '') && labels.rulename) || labels.alertname
  const title = name ?? first(annotations, SUMMARIES) ?? 'Prometheus alert'
  const summary = first(annotations, SUMMARIES)
  const known = new Set([...SUMMARIES, ...RUNBOOKS, 'description'])
  return {
    kind: 'prometheus-alarm',
    fingerprint: [
      `prometheus:${envelope.account ?? ''}:${title}:${alert.fingerprint ?? hashOf(labels)}`,
      ...(sender === undefined ? [] : [sender]),
    ].join('#'),
    status,
    repeats: changedAt === undefined || undefined,
    name: title,
    title,
    reason: [summary === title ? undefined : summary, value && `Value: ${value}`].filter(Boolean).join('\n'),
    description: annotations.description ?? summary,
    changedAt,
    source,
    region: /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(labels.region ?? '') ? labels.region : undefined,
    tags: labels,
    resource: resourceIn(labels) ?? title,
    declaredSeverity: severityIn(labels) ?? severityIn(annotations),
    notes,
    details: {
      ...details,
      ...Object.fromEntries(Object.entries(annotations).filter(([label]) => !known.has(label))),
      state: labels.alertname !== title ? labels.alertname : undefined,
      value,
      silence: webLink(links.silence),
      source: webLink(links.source),
    },
    links: {
      console: webLink(links.panel) ?? webLink(links.dashboard) ?? webLink(links.source),
      runbook: first(annotations, RUNBOOKS) ?? first(labels, RUNBOOKS),
      dashboard: webLink(links.dashboard),
    },
  }
}

/** `level` may count something else: a bare number there is not a severity. */
function severityIn({ severity, priority, level }: Record<string, string>): string | undefined {
  const named = [severity, priority].map(asText)
  return bestClaim([...named.map((claim) => claim && claimedSeverity(claim)), asText(level)])
}

/** `payments/ledger-wal-0 in orders-live`. */
function resourceIn(labels: Record<string, string>): string | undefined {
  const subject = first(labels, SUBJECTS)
  const inside = [labels.namespace, subject].filter(Boolean).join('/')
  const where = labels.cluster && labels.cluster !== subject ? labels.cluster : undefined
  if (!inside) return where
  return where ? `${inside} in ${where}` : inside
}

function first(texts: Record<string, string>, names: string[]): string | undefined {
  const name = names.find((one) => asText(texts[one]) !== undefined)
  return name && texts[name]
}

/** The same for the same labels in any order. */
function hashOf(labels: Record<string, string>): string {
  return hash(...Object.entries(labels).sort().flat())
}
