import { basename } from 'node:path'
import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { ChannelType } from '../../schemas/channel.ts'
import { status } from '../../shared/channels/alert-text.ts'
import { minuteOf } from '../../shared/decide/minute.ts'
import { count } from '../count.ts'
import { stacked } from '../table.ts'
import { widest, wrap } from '../wrap.ts'
import { type Delivery, isHandled, type ReplayOutcome, type Routed } from './outcome.ts'

/** One JSON object per line. `because` lists the reasons; a failed delivery has an `error`. */
export function jsonLines(outcomes: ReplayOutcome[]): string {
  return outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join('')
}

// Colour only on a terminal: `styleText` checks stdout, NO_COLOR and FORCE_COLOR.
const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text)
const red = style('red')
const yellow = style('yellow')
const blue = style('blue')
const green = style('green')
const cyan = style('cyan')
const dim = style('dim')
const bold = style('bold')
const isColoured = bold('x') !== 'x'

const SEVERITY_COLOUR: Record<string, (text: string) => string> = {
  critical: red,
  warning: yellow,
  info: blue,
}

const HEAD = ['event', 'alert', 'severity', 'rule', 'channels']
/** On a narrower terminal the cells are listed one below the other: a table would be unreadable. */
const FRAMED = 100

/** The table: event → alert → severity → the rule that matched → each channel's outcome. */
export function table(outcomes: ReplayOutcome[], width: number): string {
  const names = outcomes.map(({ file }) => basename(file))
  if (width < FRAMED) {
    const blocks = outcomes.map((outcome, index) => {
      const name = names[index] ?? ''
      if ('alert' in outcome) return stacked({ head: HEAD, rows: [[name, ...alertCells(outcome)]] }, width)
      const [what, why, colour] = unrouted(outcome)
      return stacked({ head: ['event', what], rows: [[name, colour(why)]] }, width)
    })
    return `${blocks.join('\n\n')}\n`
  }
  const event = Math.max(7, Math.min(44, widest(names) + 2))
  const rest = Math.min(width, 180) - event - 11 - 6
  const [alert, rule] = [Math.floor(rest * 0.44), Math.floor(rest * 0.22)]
  const rows = new Table({
    head: HEAD,
    colWidths: [event, alert, 11, rule, rest - alert - rule],
    wordWrap: true,
    style: { head: isColoured ? ['bold'] : [], border: isColoured ? ['gray'] : [], compact: true },
  })
  for (const [index, outcome] of outcomes.entries()) {
    const name = names[index] ?? ''
    if ('alert' in outcome) rows.push([name, ...alertCells(outcome)])
    else {
      const [what, why, colour] = unrouted(outcome)
      rows.push([name, { content: colour(`${what}: ${why}`), colSpan: 4 }])
    }
  }
  return rows.toString()
}

/** For an event without an alert: its label, the reason, and the colour. */
function unrouted(
  outcome: Exclude<ReplayOutcome, Routed>,
): [what: string, why: string, colour: (text: string) => string] {
  return 'error' in outcome ? ['rejected', outcome.error, red] : ['no alert', outcome.ignored, dim]
}

function alertCells({ alert, severity, rule, deliveries, because }: Routed): string[] {
  const { title, resource, kind, source } = alert
  const isNearlyEvent = alert.notes?.some((note) => note.startsWith('routed as plain text')) ?? false
  const what = resource === title || resource === alert.name ? status(alert) : `${status(alert)}: ${cut(resource)}`
  return [
    [
      cut(title),
      dim(what),
      // Log lines are messages too, but the router recognises them.
      ...(kind === 'message' && source !== 'aws.logs' && !isNearlyEvent ? [dim('not recognised: routed as text')] : []),
      ...(alert.notes ?? []).map((note) => yellow(`note: ${note}`)),
    ].join('\n'),
    (SEVERITY_COLOUR[severity] ?? String)(severity),
    rule,
    deliveries.map(deliveryLine).join('\n') || dim(`not sent: ${because.at(-1)}`),
  ]
}

/** A cell is an excerpt: `--show` and `--json` print everything. */
function cut(text: string): string {
  const line = text.split('\n', 1)[0] ?? ''
  return line.length > 70 ? `${line.slice(0, 69)}…` : line
}

function deliveryLine(delivery: Delivery): string {
  const { channel, status, error } = delivery
  const notes = [
    ...(delivery.fallbackFor ? [`fallback of ${delivery.fallbackFor}`] : []),
    ...(delivery.digest ? [`digest of ${delivery.digest.of}`] : []),
    ...(delivery.incident !== undefined ? ['shared incident'] : []),
    ...(status === 'superseded' && !wasHeld(delivery) ? ['overtaken'] : []),
    ...(status === 'duplicate' ? ['sent before'] : []),
  ]
  const noted = notes.length > 0 ? `${channel} ${dim(`(${notes.join(', ')})`)}` : channel
  if (status === 'delivered') return `${green('✓')} ${noted}`
  if (status === 'held') return `${yellow('○')} ${noted}: ${describeHeld(delivery)}`
  if (wasHeld(delivery)) return `${yellow('=')} ${noted}: held and never sent${reason(delivery)}`
  if (status === 'superseded' || status === 'duplicate') return `${dim('=')} ${noted}`
  return `${red('✗')} ${noted}: ${error}`
}

/** `held until 2026-12-30 03:00 UTC, outside office-hours`; `held, inhibited by …`: nobody knows when that ends. */
export function describeHeld(delivery: Delivery): string {
  const { until } = delivery
  return `held${until === undefined ? '' : ` until ${minuteOf(until)} UTC`}${reason(delivery)}`
}

function reason({ why }: Delivery): string {
  return why === undefined ? '' : `, ${why}`
}

/** It was held, and superseded before its window. */
function wasHeld({ status, until, why }: Delivery): boolean {
  return status === 'superseded' && (until ?? why) !== undefined
}

/** The totals, for the last line. */
export function summary(outcomes: ReplayOutcome[], seconds: number, width: number): string {
  const routed = outcomes.filter((outcome): outcome is Routed => 'alert' in outcome)
  const deliveries = routed.flatMap((outcome) => outcome.deliveries)
  const counts = Map.groupBy(
    deliveries.filter(({ status }) => status === 'delivered'),
    ({ channel }) => channel,
  )
  const delivered = [...counts].map(([channel, { length }]) => `${length} to ${channel}`).join(', ') || 'nothing'
  const refused = outcomes.filter((outcome) => 'error' in outcome).length
  const ignored = outcomes.length - routed.length - refused
  const undelivered = deliveries.filter(({ status }) => status === 'dead-lettered').length
  const held = deliveries.filter(({ status }) => status === 'held').length
  const neverSent = deliveries.filter(wasHeld).length
  const digests = new Set(deliveries.flatMap(({ digest }) => digest?.id ?? []))
  const inDigests = deliveries.filter(({ digest }) => digest).length
  const troubles = [
    ...(digests.size > 0 ? [`${inDigests} in ${count(digests.size, 'digest')}`] : []),
    ...(held > 0 ? [yellow(`${held} held`)] : []),
    ...(neverSent > 0 ? [yellow(`${neverSent} held and never sent`)] : []),
    ...(ignored > 0 ? [`${ignored} no alert`] : []),
    ...(refused > 0 ? [red(`${refused} rejected`)] : []),
    ...(undelivered > 0 ? [red(`${undelivered} undelivered`)] : []),
  ]
  const sums = [`${count(routed.length, 'alert')} in ${seconds.toFixed(1)} s`, `delivered ${delivered}`, ...troubles]
  return wrap(sums.join(' · '), width).join('\n')
}

/** What each channel received, alert by alert. */
export function received(outcomes: ReplayOutcome[]): string {
  return outcomes
    .map((outcome) => {
      if (!('alert' in outcome)) {
        const [what, why, colour] = unrouted(outcome)
        return `${bold(outcome.file)}\n  ${colour(`${what}: ${why}`)}\n`
      }
      const { file, alert, severity, rule, because, deliveries } = outcome
      const head = `${bold(`${file} → ${alert.title}`)}\n  ${severity}, by "${rule}": ${because.join('; ')}\n`
      return head + deliveries.map(receivedBy).join('')
    })
    .join('\n')
}

function receivedBy(delivery: Delivery): string {
  const { channel, type, error, request, digest, incident, fallbackFor } = delivery
  const body = request === undefined ? '' : indent(bodyText(type as ChannelType, request))
  const shown = request === undefined ? ', shown above' : ''
  const notes = [
    ...(digest ? [`in a digest of ${digest.of} (${digest.id})${shown}`] : []),
    ...(incident !== undefined ? [`in the shared incident "${incident}"`] : []),
    ...(fallbackFor ? [`as the fallback of ${fallbackFor}`] : []),
  ]
  const what = [inOneWord(delivery), ...notes].join(', ')
  return `\n  ${cyan(channel)} (${type}): ${what}${error ? ` – ${error}` : ''}\n${body}`
}

function inOneWord(delivery: Delivery): string {
  if (delivery.status === 'held') return describeHeld(delivery)
  return wasHeld(delivery) ? `${describeHeld(delivery)}; superseded before that, and never sent` : delivery.status
}

function bodyText(type: ChannelType, request: unknown): string {
  if (type !== 'email') return JSON.stringify(request, null, 2)
  const { subject, text } = request as { subject: string; text: string }
  return `Subject: ${subject}\n\n${text}`
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('')
}

/** 0: all handled, 1: something was rejected or undelivered. */
export function exitCode(outcomes: ReplayOutcome[]): 0 | 1 {
  return outcomes.every(isHandled) ? 0 : 1
}
