import { asObject, asText } from '../../schemas/loose.ts'
import type { Draft, Envelope } from './draft.ts'
import { grafanaOf, type PrometheusAlert, prometheusDraft } from './prometheus.ts'

/*
 * What Alertmanager, Amazon Managed Prometheus and Grafana write for people, by their default templates: a list of those that
 * fire and one of those that are over, each alert with its labels, annotations and links on lines of their own.
 */

const SECTION = /^(?:\*\*)?(?:Alerts )?(Firing|Resolved):?(?:\*\*)?:?\s*$/i
const PAIR = /^ ?- ([\w.:/-]+) = (.*)$/
const LINE = /^(Value|Source|Silence|Dashboard|Panel): ?(.*)$/

type Part = 'labels' | 'annotations' | undefined

/** A text of these; `undefined`: it is another. */
export function prometheusText(text: string, envelope: Envelope): Draft[] | undefined {
  const alerts = alertsIn(text)
  if (alerts.length > 0)
    return alerts.map((alert) => prometheusDraft({ ...alert, sender: grafanaOf(alert.links.silence) }, envelope))
  const alone = bySubject(text, envelope)
  return alone && [prometheusDraft(alone, envelope)]
}

function alertsIn(text: string): PrometheusAlert[] {
  if (!/^ ?- alertname = /m.test(text)) return []
  const alerts: PrometheusAlert[] = []
  let status: PrometheusAlert['status'] | undefined
  let part: Part
  let value: string | undefined
  let last: { in: Record<string, string>; name: string } | undefined
  for (const line of text.split(/\r\n?|\n/)) {
    const section = SECTION.exec(line)?.[1]?.toLowerCase()
    const alert = alerts.at(-1)
    const [, word = '', rest = ''] = LINE.exec(line) ?? []
    const [, name, given = ''] = PAIR.exec(line) ?? []
    if (section) {
      status = section === 'firing' ? 'firing' : 'resolved'
      ;[part, value, last] = [undefined, undefined, undefined]
    } else if (/^Labels:\s*$/.test(line) && status) {
      alerts.push({ status, labels: {}, annotations: {}, source: 'prometheus', value, links: {} })
      ;[part, value, last] = ['labels', undefined, undefined]
    } else if (/^Annotations:\s*$/.test(line) && alert) {
      ;[part, last] = ['annotations', undefined]
    } else if (name !== undefined && part && alert) {
      alert[part][name] = given
      last = { in: alert[part], name }
    } else if (word === 'Value') {
      // Before the labels of the alert that it is of.
      ;[value, part, last] = [rest, undefined, undefined]
    } else if (word !== '' && alert) {
      Object.assign(alert.links, { [word.toLowerCase()]: rest })
      if (word === 'Silence') alert.source = 'grafana'
      ;[part, last] = [undefined, undefined]
    } else if (last && line.trim() !== '') {
      // Annotations have lines of their own.
      last.in[last.name] += `\n${line.trim()}`
    }
  }
  return alerts.filter(({ labels }) => labels.alertname !== undefined)
}

/** A body that says nothing, beside a subject and attributes of the message that do. */
function bySubject(text: string, { subject, attributes }: Envelope): PrometheusAlert | undefined {
  const [, word] = /^\[(FIRING|RESOLVED)(?::\d+)?\]/.exec(subject ?? '') ?? []
  const labels = Object.fromEntries(
    Object.entries(asObject(attributes) ?? {}).flatMap(([name, attribute]) => {
      const { Type, Value } = asObject(attribute) ?? {}
      const value = asText(Value)
      return Type === 'Binary' || value === undefined ? [] : [[name, value]]
    }),
  )
  if (word === undefined || labels.alertname === undefined) return undefined
  // A truncated message says so by attributes that are none of the alert's labels.
  const { truncated: _truncated, modified: _modified, ...own } = labels
  return {
    status: word === 'FIRING' ? 'firing' : 'resolved',
    labels: own,
    annotations: { description: text },
    source: 'prometheus',
    links: {},
  }
}
