import type { Answer, Proposal } from '../questions/answer.ts'
import { localTime } from '../questions/local-time.ts'
import { isCommand } from '../questions/shell.ts'
import { type AskedReport, shownTime, todosOf, unknownByReason, WORDS } from './report.ts'
import { sparkline } from './sparkline.ts'

const WIDTH = 48

/** A report as Markdown; that of an incident ends with what people have to fill in. */
export function reportMarkdown(report: AskedReport): string {
  const { title, stage, at, timezone } = report
  const parts = [
    `# ${text(title)}`,
    `${text(stage)}, ${localTime(at, timezone)} (${timezone}). **${text(report.headline)}**`,
    ...list(
      'To do',
      todosOf(report).map(({ todo = '', title: about }) => `${text(todo)} (${text(about)})`),
    ),
    ...list(
      'Not checked',
      unknownByReason(report).map(
        ({ reason, answers }) => `${text(reason)}: ${answers.map(({ title: about }) => text(about)).join(', ')}`,
      ),
    ),
    ...report.sections
      .filter(({ answers }) => answers.length > 0)
      .flatMap(({ title: name, answers }) => [`## ${text(name)}`, ...answers.map((answer) => one(answer, timezone))]),
    ...(report.name === 'incident' ? TO_FILL_IN : []),
  ]
  return `${parts.join('\n\n')}\n`
}

/** What is nowhere recorded (Site Reliability Engineering, Example Postmortem). */
const TO_FILL_IN = [
  '## To fill in',
  ...['Summary', 'Impact', 'Root cause', 'What helped', 'What did not', 'Where we were lucky'].flatMap((name) => [
    `### ${name}`,
    '…',
  ]),
  '### Actions',
  ['| action | owner | until |', '|---|---|---|', '| … | … | … |'].join('\n'),
]

function list(title: string, items: string[]): string[] {
  return items.length === 0 ? [] : [`## ${title}`, items.map((item, at) => `${at + 1}. ${item}`).join('\n')]
}

function one(answer: Answer, timezone: string): string {
  const { title, verdict, says, bound, compared = [], items = [], table, line, proposals = [], source } = answer
  const word = WORDS[verdict] === '' ? '' : ` (${WORDS[verdict]})`
  const from =
    source.from === undefined || source.to === undefined
      ? ''
      : `, ${shownTime(source.from, timezone)} to ${shownTime(source.to, timezone)}`
  return [
    `**${text(title)}**${word}: ${text(says)}${bound === undefined ? '' : `; good: ${text(bound)}`}`,
    ...[items, compared].flatMap((all) => (all.length > 0 ? [all.map((item) => `- ${text(item)}`).join('\n')] : [])),
    ...(line && line.points.length > 1 ? [`\`${sparkline(line, WIDTH)}\``] : []),
    ...(table ? [tableOf(table)] : []),
    ...proposals.map(proposalOf),
    ...(source.incomplete === undefined ? [] : [`Not complete: ${text(source.incomplete)}`]),
    `<sub>${text(source.query)}${from}</sub>`,
  ].join('\n\n')
}

function tableOf({ head, rows }: NonNullable<Answer['table']>): string {
  const row = (cells: string[]) => `| ${cells.map(text).join(' | ')} |`
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n')
}

/** The command stands alone, to be copied. */
function proposalOf({ command, effect, saving, risk, back }: Proposal): string {
  // In a block, a command is not escaped: it is one line, which ends no block.
  const code = (given: string) => `\n\n\`\`\`sh\n${given}\n\`\`\``
  return [
    `Proposal: ${text(effect)}${code(command)}`,
    ...(saving === undefined ? [] : [`Saves: ${text(saving)}`]),
    `Risk: ${text(risk)}`,
    `Back: ${isCommand(back) ? code(back).trimStart() : text(back)}`,
  ].join('\n\n')
}

/** Text of AWS stays text: no HTML, no markup, no end of a table's cell. */
const text = (given: string) =>
  given
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|]/g, '\\$&')
