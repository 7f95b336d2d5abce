import { styleText } from 'node:util'
import { clean } from '../../shared/channels/outside-text.ts'
import type { Answer, Proposal, Verdict } from '../../shared/questions/answer.ts'
import { localTime } from '../../shared/questions/local-time.ts'
import { isCommand, partsOf } from '../../shared/questions/shell.ts'
import { type AskedReport, todosOf, unknownByReason, WORDS } from '../../shared/reports/report.ts'
import { sparkline } from '../../shared/reports/sparkline.ts'
import { fitting } from '../table.ts'
import { columns, wrap } from '../wrap.ts'

// Colour only on a terminal: `styleText` checks stdout, NO_COLOR and FORCE_COLOR.
const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text)
const bold = style('bold')
const dim = style('dim')
const COLOUR: Record<Verdict, (text: string) => string> = {
  bad: style('red'),
  good: style('green'),
  shown: (text) => text,
  'no data': style('yellow'),
  'not checked': style('yellow'),
}

/** The longest of the words, and a blank. */
const WORD_WIDTH = 12
const LINE_WIDTH = 48

/** A report for a person at a terminal. */
export function reportText(given: AskedReport, width: number): string {
  const report = printable(given)
  const { title, stage, at, timezone } = report
  const parts = [
    [bold(`${title}, ${stage}`), dim(`${localTime(at, timezone)} (${timezone})`), bold(report.headline)].join('\n'),
    ...list(
      'To do',
      todosOf(report).map(({ title: about, todo = '' }) => `${todo} (${about})`),
      width,
    ),
    ...list(
      'Not checked',
      unknownByReason(report).map(
        ({ reason, answers }) => `${reason}: ${answers.map(({ title: about }) => about).join(', ')}`,
      ),
      width,
    ),
    ...report.sections
      .filter(({ answers }) => answers.length > 0)
      .map(({ title: name, answers }) => [bold(name), ...answers.flatMap((one) => answerLines(one, width))].join('\n')),
  ]
  return `${parts.join('\n\n')}\n`
}

function list(title: string, items: string[], width: number): string[] {
  if (items.length === 0) return []
  const lines = items.flatMap((item, at) => wrap(item, width, `${at + 1}. `.padStart(5), '     '))
  return [[bold(title), ...lines].join('\n')]
}

function answerLines(answer: Answer, width: number): string[] {
  const { title, verdict, says, bound, compared = [], items = [], line, table, source } = answer
  const indent = ' '.repeat(2 + WORD_WIDTH)
  const [head = '', ...more] = wrap(
    `${title}: ${says}${bound === undefined ? '' : ` (good: ${bound})`}`,
    width,
    indent,
    `${indent}  `,
  )
  const word = COLOUR[verdict](WORDS[verdict].padEnd(WORD_WIDTH))
  return [
    `  ${word}${head.slice(indent.length)}`,
    ...more,
    ...items.flatMap((text) => wrap(text, width, `${indent}- `, `${indent}  `)),
    ...compared.flatMap((text) => wrap(text, width, `${indent}  `)).map(dim),
    ...(line && line.points.length > 1
      ? [`${indent}  ${sparkline(line, Math.min(LINE_WIDTH, width - indent.length - 2))}`]
      : []),
    ...(table
      ? fitting(table, width - indent.length - 2)
          .split('\n')
          .map((row) => `${indent}  ${row}`)
      : []),
    ...(answer.proposals ?? []).flatMap((one) => proposalLines(one, width, `${indent}  `)),
    ...(source.incomplete === undefined
      ? []
      : wrap(`Not complete: ${source.incomplete}`, width, `${indent}  `).map(dim)),
  ]
}

/** What a person may do: the command stands alone, to be copied. */
function proposalLines({ command, effect, saving, risk, back }: Proposal, width: number, indent: string): string[] {
  const inner = `${indent}  `
  const words = (text: string, name: string) =>
    isCommand(text)
      ? [`${inner}${name}:`, ...commandLines(text, width, `${inner}  `)]
      : wrap(`${name}: ${text}`, width, inner, `${inner}  `)
  return [
    ...wrap(`Proposal: ${effect}`, width, indent, inner),
    ...commandLines(command, width, inner),
    ...(saving === undefined ? [] : words(saving, 'saves')),
    ...words(risk, 'risk'),
    ...words(back, 'back'),
  ]
}

/** A command that is too long goes on in the next line, as a shell reads it. */
function commandLines(command: string, width: number, indent: string): string[] {
  const lines: string[] = []
  for (const part of partsOf(command, width - columns(indent) - 4)) {
    const longer = `${lines.at(-1) ?? ''} ${part}`.trimStart()
    const fits = columns(`${indent}  ${longer} \\`) <= width
    if (lines.length > 0 && fits) lines[lines.length - 1] = longer
    else lines.push(part)
  }
  return lines.map((line, at) => `${indent}${at === 0 ? '' : '  '}${line}${at < lines.length - 1 ? ' \\' : ''}`)
}

/** Names and log lines are from outside: in a terminal, they may move its cursor and set its title. */
function printable(report: AskedReport): AskedReport {
  const cleaned = (_: string, value: unknown) => (typeof value === 'string' ? clean(value) : value)
  return JSON.parse(JSON.stringify(report), cleaned)
}
