import { commandLine } from '../../shared/config/command-line.ts'
import { wrap } from '../wrap.ts'
import { exitsOf, flagsOf, GENERAL, GROUPS, usageOf, whatOf } from './help.ts'
import { EXIT_CODES, type Spec } from './spec.ts'

/** docs/cli.md, made of what the commands say of themselves. */
export function referenceOf(specs: readonly Spec[]): string {
  const groups = GROUPS.map((group) => ({ group, of: specs.filter((spec) => spec.group === group) }))
  return `${[
    '<!-- Written by "npx alert-router reference" from cli/commands/. -->',
    '# Commands',
    `\`${commandLine('COMMAND')}\` runs a command, in a clone of the router as in a repository that depends on it; \`${commandLine('help COMMAND')}\` says what stands here. Every command also takes:`,
    table(
      ['Option', ''],
      Object.entries(GENERAL).map(([name, one]) => [code(flagsOf(name, one)), whatOf(one)]),
    ),
    'Options may stand before or after what else is on the line. Most commands take `--json`: JSON is then all that is on stdout.',
    '## Exit codes',
    table(['Code', 'Of every command'], Object.entries(EXIT_CODES)),
    ...groups.flatMap(({ group, of }) => (of.length === 0 ? [] : [`## ${group}`, ...of.map(sectionOf)])),
  ].join('\n\n')}\n`
}

function sectionOf(spec: Spec): string {
  const shown = (spec.args ?? []).filter(({ isHidden }) => !isHidden)
  const rows = [
    ...shown.map(({ name, what }) => [code(name), what]),
    ...Object.entries(spec.options).map(([name, one]) => [code(flagsOf(name, one)), whatOf(one)]),
  ]
  return [
    `### ${spec.name}`,
    plain(spec.about ?? spec.summary),
    fenced('sh', [
      `${commandLine(`${spec.name} ${usageOf(spec)}`).trimEnd()}`,
      ...spec.examples.map(([line, what]) => `${commandLine(line)}  # ${what}`),
    ]),
    ...(spec.isOfClone ? ['Only in a clone of the router.'] : []),
    ...(rows.length > 0 ? [table(['', ''], rows)] : []),
    ...(spec.notes ? [plain(spec.notes)] : []),
    ...(spec.json ? ['What `--json` prints:', fenced('', wrap(spec.json, 100))] : []),
    `Exit codes: ${exitsOf(spec)
      .map(([exit, what]) => `${exit} ${what}`)
      .join(' ')}`,
  ].join('\n\n')
}

/** Lines that begin with blanks are code. */
function plain(text: string): string {
  return text
    .split('\n\n')
    .map((block) =>
      block.startsWith('  ')
        ? fenced(
            '',
            block.split('\n').map((line) => line.slice(2)),
          )
        : escaped(block),
    )
    .join('\n\n')
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map((cell) => escaped(cell))))].join(
    '\n',
  )
}

/** What Markdown would take for its own. */
function escaped(text: string): string {
  return text.replace(/[|<]/g, (sign) => (sign === '|' ? '\\|' : '&lt;'))
}

function code(text: string): string {
  return `\`${text}\``
}

function fenced(language: string, lines: string[]): string {
  return [`\`\`\`${language}`, ...lines, '```'].join('\n')
}
