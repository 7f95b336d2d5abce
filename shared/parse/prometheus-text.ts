import { SEVERITIES } from '../../schemas/config.ts'
import type { Json } from '../../schemas/loose.ts'
import { claimedSeverity, SEVERITY_WORDS, severityOfWord } from '../alert/severity-word.ts'
import { type Draft, type Envelope, hash } from './draft.ts'
import { asLines, factsOf } from './facts.ts'
import { withoutUrlSecrets } from './known-secrets.ts'
import { grafanaOf, type PrometheusAlert, prometheusDraft, SUBJECTS } from './prometheus.ts'
import { firstLine } from './text.ts'

/*
 * What Alertmanager, Amazon Managed Prometheus and Grafana write for people. Their default templates list the firing alerts
 * and the resolved ones, each with its labels, annotations and links on separate lines. With a custom template it is a text of
 * any form under their subject, `[FIRING:2] …` or `[RESOLVED] …`. People write `[RESOLVED]`, too, and nobody would see a
 * person's text that was read as a resolve: so it must look like theirs elsewhere as well.
 */

/** One of these texts; `undefined`: it is another. */
export function prometheusText(text: string, envelope: Envelope): Draft[] | undefined {
  const headline = headlineIn(envelope.subject ?? firstLine(text))
  const alerts = alertsIn(text, headline?.status)
  if (alerts.length > 0) return alerts.map((alert) => prometheusDraft(alert, envelope))
  if (!headline) return undefined
  const shown = withoutUrlSecrets(text)
  const pairs = shown.split(/\r\n?|\n/).flatMap(pairIn)
  if (!isTheirs(headline, pairs, envelope) && !CUT_WEBHOOK.test(text)) return undefined
  const alone = byHeadline(headline, pairs, shown, envelope)
  return alone && [prometheusDraft(alone, envelope)]
}

/** Custom JSON under their subject. */
export function prometheusJson(message: Json, envelope: Envelope): Draft[] | undefined {
  const headline = headlineIn(envelope.subject)
  if (!headline) return undefined
  const facts = factsOf(message)
  const isWebhook = Object.hasOwn(message, 'receiver') && Object.hasOwn(message, 'alerts')
  if (!isTheirs(headline, facts, envelope) && !isWebhook) return undefined
  const alone = byHeadline(headline, facts, asLines(facts), envelope)
  return alone && [prometheusDraft(alone, envelope)]
}

/** The start of an Alertmanager webhook whose end was cut off. */
const CUT_WEBHOOK = /^\s*\{\s*"receiver"\s*:/

/**
 * No person writes a count, or names the `alertname`; and few who end with parentheses (`[RESOLVED] Outage (ticket 123)`) put
 * a severity there, or on a separate line.
 */
function isTheirs(headline: Headline, facts: [string, string][], { attributes }: Envelope): boolean {
  if (headline.isCounted || attributes?.alertname !== undefined) return true
  if (facts.some(([name]) => /(?:^|\.)alertname$/.test(name))) return true
  return headline.hasLabels && worseSeverity(headline.common, facts).severity !== undefined
}

const SECTION = /^(?:\*\*)?(?:Alerts )?(Firing|Resolved):?(?:\*\*)?:?\s*$/i
/** A name may be any text, in Grafana and since Prometheus 3. */
const PAIR = /^ ?- (\S.*?) =(?: (.*))?$/
/** An annotation's lines may contain lists, too. */
const LIST_ITEM = /^- (?![\w.:/-]+ =)/
const VALUE = /^Value: ?(.*)$/
const LINK = /^(Source|Silence|Dashboard|Panel): ?((?:https?:|[/[]).*)?$/

type Status = 'firing' | 'resolved'

/** @param otherwise the state of alerts without a known heading; without it they are left out. */
function alertsIn(text: string, otherwise: Status | undefined): PrometheusAlert[] {
  if (!/^ ?- alertname = /m.test(text)) return []
  const lines = text.split(/\r\n?|\n/)
  const starts = lines.flatMap((_, at) => (isStart(lines, at) ? [at] : []))
  let status = otherwise
  let end = 0
  return starts.flatMap((start, index) => {
    // Its state is in the last heading between the previous alert and its labels.
    const before = lines.slice(end, start)
    const section = before.findLast((line) => SECTION.test(line))
    if (section) status = /resolved/i.test(section) ? 'resolved' : 'firing'
    const block = lines.slice(start + 1, starts[index + 1])
    const links = firstLink(block)
    // Its lines end with its last link, or if it has none, with its last annotation.
    end = start + 2 + block.findLastIndex((line) => (links === -1 ? PAIR : LINK).test(line))
    const value = VALUE.exec(before.findLast((line) => line.trim() !== '') ?? '')?.[1]
    return status ? [{ ...alertIn(block, links), status, value }] : []
  })
}

/** Do an alert's labels begin here? They include its name; a list of labels without one is part of a text. */
function isStart(lines: string[], at: number): boolean {
  if (!/^Labels:\s*$/.test(lines[at] ?? '')) return false
  for (let next = at + 1; PAIR.test(lines[next] ?? ''); next++)
    if (/^ ?- alertname = /.test(lines[next] ?? '')) return true
  return false
}

/** Links come last. A line that looks like one before a label or an annotation belongs to an annotation. */
function firstLink(block: string[]): number {
  const last = block.findLastIndex((line) => PAIR.test(line))
  return block.findIndex((line, at) => at > last && LINK.test(line))
}

function alertIn(block: string[], from: number): Omit<PrometheusAlert, 'status'> {
  const facts = factsIn(from === -1 ? withoutHeading(block) : block.slice(0, from))
  const links: Record<string, string> = {}
  for (const line of from === -1 ? [] : block.slice(from)) {
    const [, name, url = ''] = LINK.exec(line) ?? []
    if (name) links[name.toLowerCase()] = url
  }
  const source = links.silence === undefined ? 'prometheus' : 'grafana'
  return { ...facts, source, links, sender: grafanaOf(links.silence) }
}

/** Without what belongs to the next alert. */
function withoutHeading(block: string[]): string[] {
  const isOfNext = (line: string) => line.trim() === '' || SECTION.test(line) || VALUE.test(line)
  return block.slice(0, block.findLastIndex((line) => !isOfNext(line)) + 1)
}

function factsIn(lines: string[]): Pick<PrometheusAlert, 'labels' | 'annotations'> {
  const facts: Pick<PrometheusAlert, 'labels' | 'annotations'> = { labels: {}, annotations: {} }
  let part: keyof typeof facts = 'labels'
  let last: string | undefined
  for (const line of lines) {
    const isOfValue = part === 'annotations' && LIST_ITEM.test(line)
    const [, name, value = ''] = (!isOfValue && PAIR.exec(line)) || []
    if (name !== undefined) {
      last = unquoted(name)
      facts[part][last] = value
    } else if (/^Annotations:\s*$/.test(line)) {
      part = 'annotations'
      last = undefined
    } else if (last !== undefined && line.trim() !== '') {
      // An annotation may have several lines.
      facts[part][last] += `\n${line.trim()}`
    }
  }
  return facts
}

/** PromQL quotes a name that is not an identifier; templates do not. */
function unquoted(name: string): string {
  return /^".+"$/.test(name) ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name
}

/** `[FIRING:2] DiskFull live (critical db-1)`: the values of the labels it is grouped by, and of those that all share. */
interface Headline {
  status: Status
  /** Everything but the state and the count. */
  whole: string
  group: string
  common: string[]
  isCounted: boolean
  /** It ends with parentheses. */
  hasLabels: boolean
}

const HEADLINE = /^\s*\[(?:FIRING(:\d+)(?:, RESOLVED:\d+)?|RESOLVED(:\d+)?)\](.*)/

/** Parentheses up to the end, possibly nested; Alertmanager cuts off a subject that is too long. */
const LABELS = /^\((?:[^()]*(?:\([^()]*\)[^()]*)*\)|[^)]*(?:…|\.\.\.))$/

function headlineIn(text: string | undefined): Headline | undefined {
  const [, firing, resolved, rest] = HEADLINE.exec(text ?? '') ?? []
  if (rest === undefined) return undefined
  const whole = rest.trim().replace(/\s+/g, ' ')
  const at = whole.search(/(?:^| )\(/)
  const group = at === -1 ? whole : whole.slice(0, at)
  const labels = at === -1 ? '' : whole.slice(at).trimStart()
  return {
    ...{ status: firing === undefined ? 'resolved' : 'firing', whole, group },
    common: labels.replace(/^\(/, '').replace(/\)$/, '').split(' ').filter(Boolean),
    isCounted: (firing ?? resolved) !== undefined,
    hasLabels: LABELS.test(labels),
  }
}

/**
 * A group as a whole: its body may say anything, and something else each time, so each of its messages is a change. Its
 * identity is the whole headline, because the labels in parentheses may be all that distinguishes two clusters. If the
 * message's attributes are its labels, they say more than the subject.
 */
function byHeadline(
  headline: Headline,
  pairs: [string, string][],
  text: string,
  envelope: Envelope,
): PrometheusAlert | undefined {
  const { status, whole, group, common } = headline
  // A truncated message says so in attributes that are not labels of the alert.
  const { truncated: _truncated, modified: _modified, ...attributes } = envelope.attributes ?? {}
  const alert = { status, source: 'prometheus', links: {} }
  if (attributes.alertname !== undefined) {
    return {
      ...alert,
      labels: { ...attributes, ...worseSeverity(common, Object.entries(attributes)) },
      annotations: { description: text },
      fingerprint: hash(whole, ...Object.entries(attributes).sort().flat()),
    }
  }
  const said = Object.fromEntries(pairs.filter(([name]) => KNOWN.has(name)).reverse())
  const { alertname = common[0], summary = '', runbook_url = '', ...labels } = said
  if (!group && alertname === undefined) return undefined
  return {
    ...alert,
    labels: { ...labels, ...worseSeverity(common, pairs), alertname: group || (alertname ?? '') },
    annotations: { summary, runbook_url, description: text },
    fingerprint: hash(whole),
    changedAt: envelope.at ?? envelope.now,
  }
}

/** The labels and annotations read from lines of a custom text: any other may be part of a sentence. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['alertname', 'summary', 'runbook_url', 'namespace', 'cluster', 'region', 'environment', 'team'],
  ...SUBJECTS,
])

function pairIn(line: string): [string, string][] {
  const [, name, value] = /^[ \t*-]*(\w+)\**[ \t]*[:=]\**[ \t]*(\S.*)$/.exec(line) ?? []
  return name !== undefined && value !== undefined ? [[name, value.trim()]] : []
}

const WORDS: ReadonlySet<string> = new Set(Object.values(SEVERITY_WORDS).flat())

/**
 * The worse severity of the headline's labels and the body, so that neither lowers the other. A label must be a severity as a
 * whole: `low-latency` is not. Words in the body that are not a severity (`severity: see the wiki`) are ignored.
 */
function worseSeverity(common: string[], pairs: [string, string][]): { severity?: string } {
  const labels = common.filter((label) => WORDS.has(label.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')))
  const saidBy = (name: string) => pairs.flatMap(([one, value]) => (one === name ? value : []))
  const named = ['severity', 'priority'].map((name) => worst(saidBy(name).map(claimedSeverity)))
  const said = [...named, worst(saidBy('level'))].find((claim) => claim !== undefined)
  const severity = worst(said === undefined ? labels : [...labels, said])
  return severity === undefined ? {} : { severity }
}

function worst(claims: string[]): string | undefined {
  return SEVERITIES.flatMap((severity) => claims.find((claim) => severityOfWord(claim) === severity) ?? [])[0]
}
