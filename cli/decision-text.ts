import { styleText } from 'node:util'
import type { Alert } from '../schemas/alert.ts'
import type { DecisionTrace, Line, Part, Step } from '../schemas/trace.ts'
import { place, status, time, title } from '../shared/channels/alert-text.ts'
import { clean, oneLine, shorten } from '../shared/channels/outside-text.ts'
import { minuteOf } from '../shared/decide/minute.ts'
import { furthest, isWhole } from '../shared/explain/trace.ts'
import { wrap } from './wrap.ts'

// Colour only on a terminal: `styleText` checks stdout, NO_COLOR and FORCE_COLOR.
const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text)
export const bold = style('bold')
export const dim = style('dim')
const green = style('green')
const yellow = style('yellow')
export const SEVERITY_COLOURS: Record<string, (text: string) => string> = {
  critical: style('red'),
  warning: style('yellow'),
  info: style('blue'),
}

/** A decision with its reasons: as made now, or as recorded with an alert. */
export interface Explained extends DecisionTrace {
  alert: Alert
  decision: { severity: string; rule: string; channels: string[]; because: string[] }
}

/** A decision for a person: the result first, then how it was reached. `all`: every line that was evaluated. */
export function describeDecision(explained: Explained, { width, all }: { width: number; all: boolean }): string {
  const { alert, at, firingSince, decision, parts } = explained
  const { severity, rule, channels, because } = decision
  const later = parts.filter(({ part }) => part === 'later').map(({ value }) => oneLine(value))
  const onPurpose = parts.find(({ part }) => part === 'nobody')?.value
  const nobody = later.length > 0 ? 'nobody now' : `nobody: ${oneLine(onPurpose ?? because.at(-1) ?? '')}`
  const notified = [
    channels.length > 0 ? oneLine(channels.join(', ')) : nobody,
    ...(later.length > 0 ? [`later ${later.join(', ')}`] : []),
  ].join('; ')
  const where = [oneLine(alert.resource), place(alert)].filter((text) => text && text !== title(alert)).join(', ')
  const coloured = (SEVERITY_COLOURS[severity] ?? String)(oneLine(severity))
  return [
    `${bold(title(alert))}  ${status(alert)} at ${time(alert.changedAt)}`,
    ...(where === '' ? [] : [dim(where)]),
    ...(at === alert.changedAt ? [] : [dim(`decided at ${time(at)}`)]),
    ...(firingSince ? [dim(`firing since ${time(firingSince)}`)] : []),
    ...wrap(`→ ${coloured}, by ${describeRule(rule)}, to ${notified}`, width, '', '  '),
    '',
    ...describeRules(explained, width, all),
    '',
    ...describeParts(explained, width),
    ...describeWindows(explained, all),
  ].join('\n')
}

function describeRule(rule: string): string {
  return rule === 'default' ? 'the default' : `rule "${oneLine(rule)}"`
}

function describeRules(explained: Explained, width: number, all: boolean): string[] {
  const { steps, moreSteps = 0, notLookedAt, decision, nonProduction = [] } = explained
  if (steps.length === 0) {
    const why = oneLine(decision.because[0] ?? 'there are none')
    return [bold('Rules'), ...wrap(`Not evaluated: ${why}`, width, '  ')]
  }
  const column = Math.min(30, Math.max(...steps.map(({ rule }) => rule.length))) + 2
  const lines = steps.flatMap((step) => describeStep(step, column, width, all))
  const before = moreSteps > 0 ? [dim(`  … ${moreSteps} more evaluated, not shown`)] : []
  const rest =
    notLookedAt > 0 ? [dim(`  … ${notLookedAt} more ${notLookedAt === 1 ? 'rule' : 'rules'} not evaluated`)] : []
  return [
    bold('Rules, in order'),
    ...before,
    ...lines,
    ...rest,
    ...listed('It is non-production', nonProduction, width),
  ]
}

function listed(head: string, lines: Line[], width: number): string[] {
  const column = head.length + 4
  return lines.map(
    (line, index) => (index === 0 ? `  ${head}  ` : ' '.repeat(column)) + describeLine(line, width - column),
  )
}

const MARKS = { matched: green('✓'), failed: dim('✗'), off: yellow('○') }

function describeStep(step: Step, column: number, width: number, all: boolean): string[] {
  const { rule, result, why, alternatives, of = alternatives.length, moreLines = 0 } = step
  const head = `  ${MARKS[result]} ${shorten(oneLine(rule), column - 2).padEnd(column)}`
  const room = Math.max(LEAST_ROOM, width - column - 4)
  if (result === 'off') return [`${head}matches, but is not active now: ${oneLine(why ?? '')}`]
  if (result === 'matched') {
    const more = moreLines > 0 ? [dim(`and ${moreLines} more`)] : []
    const [first = '', ...others] = [...furthest(alternatives).map((line) => describeLine(line, room)), ...more]
    return [head + first, ...others.map((line) => `${' '.repeat(column + 4)}${line}`)]
  }
  const failed = (lines: Line[]) => lines.find(({ matches }) => !matches)
  if (!all) {
    const line = failed(furthest(alternatives))
    const among = of > 1 ? ` ${dim(`(nearest of ${of})`)}` : ''
    const text = line ? describeLine(line, room - (among === '' ? 0 : among.length + 1)) : ''
    return [head + dim(text) + among]
  }
  const indent = ' '.repeat(column + 4)
  return alternatives.flat().flatMap((line, index) => {
    const colour = isWhole([line]) ? green : dim
    const [first = '', ...more] = wrap(describeLine(line, Number.POSITIVE_INFINITY), width, indent, `${indent}  `)
    return [(index === 0 ? head : indent) + colour(first.slice(indent.length)), ...more.map(colour)]
  })
}

/** `name: found "orders-api", wanted glob "billing-*"` */
function describeLine({ found, moreFound = 0, matches, ...line }: Line, room: number): string {
  const more = moreFound > 0 ? ` and ${moreFound} more` : ''
  const values = found.length === 0 ? 'none' : found.map((value) => `"${oneLine(value)}"`).join(', ') + more
  const [at, wanted] = [oneLine(line.at), oneLine(line.wanted)]
  const [before, between] = matches ? [`${at}: `, ' is '] : [`${at}: found `, ', wanted ']
  if (matches && found.length === 0) return shorten(at + (wanted === '' ? '' : `: ${wanted}`), room)
  const left = room - before.length - between.length
  // Each gets the width that the other leaves, and at least half.
  const most = Math.max(16, Math.floor(left / 2), left - wanted.length)
  return shorten(`${before}${shorten(values, most)}${between}${wanted}`, room)
}

/** A narrower column is hard to read: the words go on separate lines. */
const LEAST_ROOM = 24

function describeParts({ parts, moreParts = 0 }: Explained, width: number): string[] {
  const column = Math.min(44, Math.max(...parts.map(({ value }) => value.length))) + 2
  const lines = parts.flatMap(({ part, value, by }: Part, index) => {
    const name = parts[index - 1]?.part === part ? '' : oneLine(part)
    const start = `  ${name.padEnd(10)}${oneLine(value).padEnd(column)}`
    const isBeside = oneLine(value).length < column && width - start.length >= LEAST_ROOM
    if (isBeside) return wrap(oneLine(by), width, start, ' '.repeat(12 + column))
    return [start.trimEnd(), ...wrap(oneLine(by), width, ' '.repeat(14))]
  })
  return [bold('Origin of each value'), ...lines, ...(moreParts > 0 ? [dim(`  … and ${moreParts} more`)] : [])]
}

function describeWindows({ windows, closedWindows = 0, moreWindows = 0 }: Explained, all: boolean): string[] {
  const shown = windows.filter(({ isOpen }) => all || isOpen)
  const lines = shown.map(({ name, isOpen, until }) => {
    const when = until
      ? `${isOpen ? ' until' : ', and opens at'} ${minuteOf(oneLine(until))} UTC`
      : isOpen
        ? ''
        : ', and never opens again'
    return `  ${oneLine(name)} is ${isOpen ? 'open' : 'closed'}${when}`
  })
  const known = windows.length + closedWindows
  if (known === 0) return []
  const more = moreWindows > 0 ? [dim(`  … ${moreWindows} more not evaluated`)] : []
  return ['', bold('Windows'), ...(lines.length > 0 ? lines : [dim(`  none of ${known} is open`)]), ...more]
}

/** What each channel is sent: the first line, and the whole body if there is one. `more`: text beside the heading. */
export function describeMessages(
  head: string,
  messages: { channel: string; firstLine: string; body?: string[] }[],
  width: number,
  more = '',
): string {
  const column = Math.max(...messages.map(({ channel }) => channel.length)) + 2
  const lines = messages.flatMap(({ channel, firstLine, body }) => [
    ...wrap(oneLine(firstLine), width, `  ${channel.padEnd(column)}`, ' '.repeat(column + 2)),
    ...(body ? [...body.flatMap((line) => describeText(line, width)), ''] : []),
  ])
  return [bold(head) + more, ...(lines.length > 0 ? lines : ['  none'])].join('\n')
}

function describeText(line: string, width: number): string[] {
  const [indent = ''] = /^ */.exec(line) ?? []
  return wrap(clean(line), width, `      ${indent}`).map((one) => one.trimEnd())
}
