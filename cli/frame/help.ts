import { styleText } from 'node:util'
import { commandLine } from '../../shared/config/command-line.ts'
import { wrap } from '../wrap.ts'
import { type Argument, EXIT_CODES, type Group, type Option, type Spec } from './spec.ts'

/** The text of --help, generated from the command specs. */

/** A family of commands with a common first word: `rules`. */
export interface Family {
  name: string
  about: string
}

/** In the order of the help text. */
export const GROUPS: Group[] = ['Try', 'Rules', 'Platform', 'Deploy', 'Operate', 'Work on the router', 'More']

/** Options of every command. */
export const GENERAL: Readonly<Record<string, Option>> = {
  color: { what: 'Disable colours, as NO_COLOR=1 does' },
  help: { what: 'Show this text' },
}

/** `--stage STAGE`, `-h, --help`. */
export function flagsOf(name: string, { value }: Option): string {
  if (name === 'help') return '-h, --help'
  if (name === 'color') return '--no-color'
  return `--${name}${value === undefined ? '' : ` ${value}`}`
}

/** An option's description, with its default and allowed values. */
export function whatOf({ what, default: usual, many, env, conflicts, choices }: Option): string {
  const more = [
    ...(choices ? [`one of ${choices.join(', ')}`] : []),
    ...(usual === undefined ? [] : [`default: ${usual}`]),
    ...(many ? ['repeatable'] : []),
    ...(conflicts ? [`not with ${conflicts.map((name) => `--${name}`).join(', ')}`] : []),
    ...(env ? [`env: ${env}`] : []),
  ]
  return more.length === 0 ? what : `${what} (${more.join('; ')})`
}

/** `[options] [EVENT...]` */
export function usageOf({ args = [], options }: Spec): string {
  const names = args.filter(({ isHidden }) => !isHidden).map(argumentTerm)
  return [...(Object.keys(options).length > 0 ? ['[options]'] : []), ...names].join(' ')
}

function argumentTerm({ name, many, ask }: Argument): string {
  // These are the words of one name, not several alerts.
  const term = many && !ask ? `${name}...` : name
  return ask ? term : `[${term}]`
}

export function helpOf(spec: Spec, width: number): string {
  const shown = (spec.args ?? []).filter(({ isHidden }) => !isHidden)
  const options = { ...spec.options, ...GENERAL }
  return page([
    paragraphs(spec.about ?? spec.summary, width),
    section('usage', wrap(commandLine(`${spec.name} ${usageOf(spec)}`).trimEnd(), width, '  ', '    ')),
    ...(shown.length > 0
      ? [
          section(
            'arguments',
            table(
              shown.map(({ name, what }) => [name, what]),
              width,
            ),
          ),
        ]
      : []),
    section(
      'options',
      table(
        Object.entries(options).map(([name, one]) => [flagsOf(name, one), whatOf(one)]),
        width,
      ),
    ),
    ...(spec.notes ? [section('notes', paragraphs(spec.notes, width, '  '))] : []),
    ...(spec.json ? [section('json', paragraphs(spec.json, width, '  '))] : []),
    section('examples', examplesIn(spec.examples, width)),
    section('exit codes', table(exitsOf(spec), width)),
  ])
}

/** Its exit codes, with the command's own descriptions if it has some. */
export function exitsOf({ exits = {} }: Spec): [string, string][] {
  const codes = [0, 1, 2, 3] as const
  return codes
    .filter((code) => code !== 3 || exits[3] !== undefined)
    .map((code) => [String(code), exits[code] ?? EXIT_CODES[code]])
}

/** Every command, or those of a family. */
export function listOf(specs: readonly Spec[], width: number, family?: Family): string {
  const name = family ? `${family.name} COMMAND` : 'COMMAND'
  const of = (group: Group) => specs.filter((spec) => spec.group === group)
  const entries = (some: readonly Spec[]) => some.map(({ name, summary }): [string, string] => [name, summary])
  const term = Math.max(...specs.map((spec) => spec.name.length))
  return page([
    paragraphs(family?.about ?? ABOUT, width),
    section('usage', [`  ${commandLine(`${name} [options]`)}`]),
    ...(family
      ? [section('commands', table(entries(specs), width))]
      : GROUPS.filter((group) => of(group).length > 0).map((group) =>
          section(group, table(entries(of(group)), width, term)),
        )),
    ...(family
      ? []
      : [
          section(
            'options',
            table(
              [
                ['-V, --version', "Show the router's version, its commit, and the version of the rules"],
                ...Object.entries(GENERAL).map(([name, one]): [string, string] => [flagsOf(name, one), whatOf(one)]),
              ],
              width,
              term,
            ),
          ),
          section('examples', examplesIn(EXAMPLES, width)),
        ]),
    paragraphs(
      family
        ? `Run "${commandLine(`help ${family.name} ${specs[0]?.name.split(' ')[1]}`)}" for the usage of a command.`
        : MORE,
      width,
    ),
  ])
}

const ABOUT = 'Routes AWS alarms to PagerDuty, Slack and email, by rules that you keep in git.'
const MORE = `Run "${commandLine('help COMMAND')}" for the usage of a command, "${commandLine('help exit-codes')}" for the exit codes. With --json, most commands print only JSON.`
const EXAMPLES = [
  ['replay', 'where each sample is sent, and why'],
  ['rules check', 'find mistakes in your rules'],
  ['history orders-errors --stage prod', 'why did it page me?'],
] as const

/** The text of `help exit-codes`. */
export function describeExitCodes(width: number): string {
  return page([
    paragraphs('The exit codes are the same for every command.', width),
    section('exit codes', table(Object.entries(EXIT_CODES), width)),
    paragraphs('A file that is missing, cannot be read, or does not hold what it should is a failure: 1.', width),
    paragraphs(
      'A script that only needs success or failure can test for 0. The --help of a command says what 0 and 1 mean for it.',
      width,
    ),
  ])
}

function page(sections: string[][]): string {
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function section(title: string, lines: string[]): string[] {
  return [styleText('bold', title.toUpperCase()), ...lines]
}

/** Terms in a column, and their descriptions beside it; below it if the terminal is narrow. */
function table(entries: readonly (readonly [string, string])[], width: number, least = 0): string[] {
  const column = Math.min(Math.max(least, ...entries.map(([term]) => term.length)), Math.floor(width / 2) - 4)
  const indent = ' '.repeat(column + 4)
  return entries.flatMap(([term, what]) => {
    if (term.length > column) return [`  ${term}`, ...wrap(what, width, indent)]
    const [first = '', ...rest] = wrap(what, width, indent)
    return [`  ${term.padEnd(column)}  ${first.trimStart()}`, ...rest]
  })
}

function examplesIn(examples: Spec['examples'], width: number): string[] {
  const commands = examples.map(([line]) => `  ${commandLine(line)}`)
  const column = Math.max(...commands.map((command) => command.length))
  const isWide = examples.every(([, what]) => column + what.length + 4 <= width)
  return examples.flatMap(([, what], index) => {
    const command = commands[index] as string
    return isWide ? [`${command.padEnd(column)}  # ${what}`] : [`  # ${what}`, ...shellLines(command, width)]
  })
}

/** A command line that is too long continues on the next line. */
function shellLines(command: string, width: number): string[] {
  const lines = wrap(command, width - 2, '  ', '    ')
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line))
}

/** Wraps paragraphs and lists; lines that start with blanks stay as they are. */
function paragraphs(text: string, width: number, indent = ''): string[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return ['']
    if (line.startsWith(' ')) return [indent + line]
    return line.startsWith('- ') ? wrap(line, width, indent, `${indent}  `) : wrap(line, width, indent)
  })
}
