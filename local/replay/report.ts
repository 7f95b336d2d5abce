import Table from 'cli-table3'
import pc from 'picocolors'
import type { ChannelType } from '../../schemas/notification.ts'
import { type Delivery, isHandled, type ReplayOutcome, type Routed } from './outcome.ts'

/** One JSON object a line. `because` says why in steps; a delivery that failed has an `error`. */
export function jsonLines(outcomes: ReplayOutcome[]): string {
  return outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join('')
}

const SEVERITY_COLOUR: Record<string, (text: string) => string> = {
  critical: pc.red,
  warning: pc.yellow,
  info: pc.blue,
}

/** The table: event → alert → severity → the rule that matched → each channel's outcome. */
export function table(outcomes: ReplayOutcome[], width: number): string {
  const spare = Math.max(80, Math.min(width, 200)) - 16
  const share = (part: number) => Math.floor(spare * part)
  const rows = new Table({
    head: ['event', 'alert', 'severity', 'rule', 'channels'],
    colWidths: [share(0.24), share(0.32), 11, share(0.19), share(0.25) - 11 + 16],
    wordWrap: true,
    wrapOnWordBoundary: false,
    style: { head: pc.isColorSupported ? ['bold'] : [], border: pc.isColorSupported ? ['gray'] : [], compact: true },
  })
  for (const outcome of outcomes) {
    if (!('alert' in outcome)) {
      rows.push([outcome.file, { content: pc.red(`refused: ${outcome.error}`), colSpan: 4 }])
      continue
    }
    const { alert, severity, rule } = outcome
    rows.push([
      outcome.file,
      `${alert.title}\n${pc.dim(`${alert.status}, ${alert.resource}`)}`,
      (SEVERITY_COLOUR[severity] ?? String)(severity),
      rule,
      outcome.deliveries.map(deliveryLine).join('\n') || pc.dim(`not sent: ${outcome.because.at(-1)}`),
    ])
  }
  return rows.toString()
}

function deliveryLine({ channel, status, error }: Delivery): string {
  if (status === 'delivered') return `${pc.green('✓')} ${channel}`
  if (status === 'duplicate') return `${pc.dim('=')} ${channel} ${pc.dim('(sent before)')}`
  return `${pc.red('✗')} ${channel}: ${error}`
}

/** One line of sums, for the end. */
export function summary(outcomes: ReplayOutcome[], seconds: number): string {
  const routed = outcomes.filter((outcome): outcome is Routed => 'alert' in outcome)
  const deliveries = routed.flatMap((outcome) => outcome.deliveries)
  const counts = Map.groupBy(
    deliveries.filter(({ status }) => status === 'delivered'),
    ({ channel }) => channel,
  )
  const delivered = [...counts].map(([channel, { length }]) => `${length} to ${channel}`).join(', ') || 'nothing'
  const refused = outcomes.length - routed.length
  const undelivered = deliveries.filter(({ status }) => status === 'dead-lettered').length
  const troubles = [
    ...(refused > 0 ? [pc.red(`${refused} refused`)] : []),
    ...(undelivered > 0 ? [pc.red(`${undelivered} undelivered`)] : []),
  ]
  return [`${count(routed.length, 'alert')} in ${seconds.toFixed(1)} s`, `delivered ${delivered}`, ...troubles].join(
    ' · ',
  )
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

/** What each channel received, alert by alert. */
export function received(outcomes: ReplayOutcome[]): string {
  return outcomes
    .map((outcome) => {
      if (!('alert' in outcome)) return `${pc.bold(outcome.file)}\n  ${pc.red(`refused: ${outcome.error}`)}\n`
      const { file, alert, severity, rule, because, deliveries } = outcome
      const head = `${pc.bold(`${file} → ${alert.title}`)}\n  ${severity}, by "${rule}": ${because.join('; ')}\n`
      return head + deliveries.map(receivedBy).join('')
    })
    .join('\n')
}

function receivedBy({ channel, type, status, error, request }: Delivery): string {
  const body = request === undefined ? '' : indent(bodyText(type as ChannelType, request))
  return `\n  ${pc.cyan(channel)} (${type}): ${status}${error ? ` – ${error}` : ''}\n${body}`
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

/** 0 all handled, 1 something refused or undelivered. */
export function exitCode(outcomes: ReplayOutcome[]): 0 | 1 {
  return outcomes.every(isHandled) ? 0 : 1
}
