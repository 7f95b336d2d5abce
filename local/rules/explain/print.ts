import { styleText } from 'node:util'
import { place, status, time, title } from '../../../shared/channels/in-words.ts'
import { clean, oneLine, shorten } from '../../../shared/channels/outside-text.ts'
import { messageInWords } from '../../../shared/explain/message.ts'
import type { Part, Step, Story, WindowNow } from '../../../shared/explain/story.ts'
import { furthest, isWhole, type Line } from '../../../shared/explain/trace.ts'
import { wrap } from '../wrap.ts'

// Colour only on a terminal: `styleText` looks at stdout, NO_COLOR and FORCE_COLOR.
const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text)
const bold = style('bold')
const dim = style('dim')
const green = style('green')
const yellow = style('yellow')
const SEVERITY = { critical: style('red'), warning: style('yellow'), info: style('blue') }

/** The story for a person: how it ended first, then how it came to it. `all`: every line that was tried, and whole messages. */
export function storyInWords(story: Story, { width, all }: { width: number; all: boolean }): string {
  const { alert, decision } = story
  const { severity, rule, channels, held } = decision
  const told = [
    channels.length > 0 ? channels.join(', ') : 'nobody now',
    ...(held.length > 0 ? [`later ${held.map(({ channel }) => channel).join(', ')}`] : []),
  ].join('; ')
  const where = [oneLine(alert.resource), place(alert)].filter((text) => text && text !== title(alert)).join(', ')
  return [
    `${bold(title(alert))}  ${status(alert)} at ${time(alert.changedAt)}`,
    ...(where === '' ? [] : [dim(where)]),
    ...(story.at === alert.changedAt ? [] : [dim(`decided at ${time(story.at)}`)]),
    ...(story.firingSince ? [dim(`firing since ${time(story.firingSince)}`)] : []),
    ...wrap(`→ ${SEVERITY[severity](severity)}, by ${ruleInWords(rule)}, to ${told}`, width, '', '  '),
    '',
    ...rulesInWords(story, width, all),
    '',
    ...partsInWords(story, width),
    ...windowsInWords(story.windows, all),
    '',
    ...messagesInWords(story, width, all),
  ].join('\n')
}

function ruleInWords(rule: string): string {
  return rule === 'default' ? 'the default' : `rule "${rule}"`
}

function rulesInWords(
  { steps, notLookedAt, decision, nonProduction = [] }: Story,
  width: number,
  all: boolean,
): string[] {
  if (steps.length === 0) {
    return [bold('Rules'), ...wrap(`Not asked: ${decision.because[0] ?? 'there are none'}`, width, '  ')]
  }
  const column = Math.min(30, Math.max(...steps.map(({ rule }) => rule.length))) + 2
  const lines = steps.flatMap((step) => stepInWords(step, column, width, all))
  const rest =
    notLookedAt > 0
      ? [dim(`  … ${notLookedAt} later ${notLookedAt === 1 ? 'rule is' : 'rules are'} not looked at`)]
      : []
  return [bold('Rules, in order'), ...lines, ...rest, ...listed('It is non-production', nonProduction, width)]
}

function listed(head: string, lines: Line[], width: number): string[] {
  const column = head.length + 4
  return lines.map(
    (line, index) => (index === 0 ? `  ${head}  ` : ' '.repeat(column)) + lineInWords(line, width - column),
  )
}

const MARKS = { matched: green('✓'), failed: dim('✗'), off: yellow('○') }

function stepInWords(step: Step, column: number, width: number, all: boolean): string[] {
  const { rule, result, why, alternatives } = step
  const head = `  ${MARKS[result]} ${shorten(rule, column - 2).padEnd(column)}`
  const room = width - column - 4
  if (result === 'off') return [`${head}matches, and holds at other times: it is ${why}`]
  if (result === 'matched') {
    const [first = '', ...more] = furthest(step).map((line) => lineInWords(line, room))
    return [head + first, ...more.map((line) => `${' '.repeat(column + 4)}${line}`)]
  }
  const failed = (lines: Line[]) => lines.find(({ matches }) => !matches)
  if (!all) {
    const line = failed(furthest(step))
    const among = alternatives.length > 1 ? ` ${dim(`(nearest of ${alternatives.length})`)}` : ''
    const text = line ? lineInWords(line, room - (among === '' ? 0 : among.length + 1)) : ''
    return [head + dim(text) + among]
  }
  const indent = ' '.repeat(column + 4)
  return alternatives.flat().flatMap((line, index) => {
    const colour = isWhole([line]) ? green : dim
    const [first = '', ...more] = wrap(lineInWords(line, Number.POSITIVE_INFINITY), width, indent, `${indent}  `)
    return [(index === 0 ? head : indent) + colour(first.slice(indent.length)), ...more.map(colour)]
  })
}

/** `name: found "orders-api", wanted glob "billing-*"` */
function lineInWords({ at, found, wanted, matches }: Line, room: number): string {
  const values = found.length === 0 ? 'none' : found.map((value) => `"${oneLine(value)}"`).join(', ')
  const [before, between] = matches ? [`${at}: `, ' is '] : [`${at}: found `, ', wanted ']
  if (matches && found.length === 0) return shorten(at + (wanted === '' ? '' : `: ${wanted}`), room)
  const left = room - before.length - between.length
  // Each has what the other leaves it, and at least half.
  const most = Math.max(16, Math.floor(left / 2), left - wanted.length)
  return shorten(`${before}${shorten(values, most)}${between}${wanted}`, room)
}

function partsInWords({ parts }: Story, width: number): string[] {
  const column = Math.min(44, Math.max(...parts.map(({ value }) => value.length))) + 2
  const lines = parts.flatMap(({ part, value, by }: Part, index) => {
    const name = parts[index - 1]?.part === part ? '' : part
    const start = `  ${name.padEnd(10)}${value.padEnd(column)}`
    return wrap(by, width, start, ' '.repeat(12 + column))
  })
  return [bold('What set it'), ...lines]
}

function windowsInWords(windows: WindowNow[], all: boolean): string[] {
  const shown = windows.filter(({ isOpen }) => all || isOpen)
  const lines = shown.map(({ name, isOpen, until }) => {
    const when = until
      ? `${isOpen ? ' until' : ', and opens at'} ${until.slice(0, 16).replace('T', ' ')} UTC`
      : isOpen
        ? ''
        : ', and never opens again'
    return `  ${name} is ${isOpen ? 'open' : 'closed'}${when}`
  })
  if (windows.length === 0) return []
  return ['', bold('Windows'), ...(lines.length > 0 ? lines : [dim(`  none of ${windows.length} is open`)])]
}

function textInWords(line: string, width: number): string[] {
  const [indent = ''] = /^ */.exec(line) ?? []
  return wrap(clean(line), width, `      ${indent}`).map((one) => one.trimEnd())
}

function messagesInWords({ notifications }: Story, width: number, all: boolean): string[] {
  if (notifications.length === 0) return [bold('Messages'), '  none']
  const column = Math.max(...notifications.map(({ channel }) => channel.length)) + 2
  const lines = notifications.flatMap((notification) => {
    const { headline, body } = messageInWords(notification)
    const head = `  ${notification.channel.padEnd(column)}`
    const first = oneLine(headline)
    if (!all) return wrap(first, width, head, ' '.repeat(column + 2))
    return [
      ...wrap(first, width, head, ' '.repeat(column + 2)),
      ...body.flatMap((line) => textInWords(line, width)),
      '',
    ]
  })
  return [bold('Messages') + (all ? '' : dim('  (--all: whole)')), ...lines]
}
