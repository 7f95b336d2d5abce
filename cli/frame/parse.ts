import { Argument, Command, CommanderError, Option } from 'commander'
import { UsageError } from '../command.ts'
import { goTo } from './aws.ts'
import { refuseKeptByNpm } from './npm.ts'
import { wholeNumber } from './numbers.ts'
import { fromHere } from './paths.ts'
import type { Given, Option as OptionSpec, Spec } from './spec.ts'

/** Parses a command line with commander, from the command specs. */

export type Read<Of extends Spec> =
  | { asked: 'command'; spec: Of; given: Given<Spec> }
  | { asked: 'help' | 'version' }
  /** A family, such as `rules`, was given without a command. */
  | { asked: 'nothing' }

/**
 * Parses a command line.
 * @throws {UsageError} with a plain message.
 */
export function readLine<Of extends Spec>(specs: readonly Of[], argv: string[]): Read<Of> {
  const meant = specs.find((spec) => spec.name === nameIn(specs, argv))
  if (meant) refuseKeptByNpm(meant, argv)
  let read: Read<Of> | undefined
  const program = programOf(specs, argv, (spec, given) => {
    read = { asked: 'command', spec, given }
  })
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.version') return { asked: 'version' }
    if (error.code === 'commander.helpDisplayed') return { asked: 'help' }
    if (error.code === 'commander.help') return { asked: 'nothing' }
    throw error
  }
  return read ?? { asked: 'nothing' }
}

function programOf<Of extends Spec>(
  specs: readonly Of[],
  argv: string[],
  onRead: (spec: Of, given: Given<Spec>) => void,
): Command {
  const program = general(new Command('alert-router'))
  for (const spec of specs) {
    const words = spec.name.split(' ')
    const name = words.pop() as string
    const parent = words.reduce((above, word) => {
      const known = above.commands.find((one) => one.name() === word)
      if (known) return known
      const family = general(new Command(word))
      above.addCommand(family)
      return family
    }, program)
    parent.addCommand(commandOf(name, spec, argv, onRead))
  }
  return program
}

function commandOf<Of extends Spec>(
  name: string,
  spec: Of,
  argv: string[],
  onRead: (spec: Of, given: Given<Spec>) => void,
): Command {
  const command = general(new Command(name), spec)
  for (const [option, of] of Object.entries(spec.options)) command.addOption(optionOf(option, of, argv))
  for (const { name, what, many, ask } of spec.args ?? []) {
    const term = many ? `${name}...` : name
    command.addArgument(new Argument(ask ? `<${term}>` : `[${term}]`, what))
  }
  return command.action(() => {
    const options = Object.fromEntries(
      command.options
        .filter((option) => Object.hasOwn(spec.options, option.name()))
        .map((option) => [option.name(), optionValue(command.getOptionValue(option.attributeName()), spec, option)]),
    )
    if ('stage' in spec.options || 'profile' in spec.options) goTo(options as { region?: string; profile?: string })
    if (command.optsWithGlobals().color === false) withoutColour()
    const path = spec.args?.find(({ kind }) => kind === 'path')
    if (path && command.args.includes('')) throw new UsageError(`${path.name}: the name is empty ("").`)
    onRead(spec, {
      options: options as Given<Spec>['options'],
      args: path ? command.args.map(fromHere) : command.args,
    })
  })
}

/** The options of every command. */
function general(command: Command, spec?: Spec): Command {
  return command
    .exitOverride((error) => {
      throw error.exitCode === 0 || error.code === 'commander.help' ? error : inOurWords(error, command, spec)
    })
    .configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} })
    .version('', '-V, --version')
    .helpCommand(false)
    .option('--no-color')
}

function optionOf(name: string, of: OptionSpec, argv: string[]): Option {
  const flag = `--${name}`
  const option = new Option(of.value === undefined ? flag : `${flag} <${of.value}>`, of.what)
  option.conflicts([...(of.conflicts ?? [])].map(camelCase))
  if (of.value === undefined) return option
  let before: string | undefined
  if (of.many) option.default([])
  else if (of.default !== undefined) option.default(of.default)
  return option.argParser((value: string, previous: unknown) => {
    if (value === '') throw new UsageError(`${flag} needs a value: ${flag} ${of.value}.`)
    if (/^-./.test(value) && !argv.includes(`${flag}=${value}`)) {
      throw new UsageError(
        `${flag} needs a value, and "${value}" looks like an option. If it is the value, write ${flag}=${value}.`,
      )
    }
    if (before !== undefined && !of.many) {
      throw new UsageError(
        `${flag} is given twice, as "${before}" and as "${value}", and takes one value. Leave one out.`,
      )
    }
    before = value
    if (of.choices && !of.choices.includes(value)) {
      throw new UsageError(`${flag} ${value}: must be one of ${of.choices.join(', ')}.`)
    }
    if (of.kind === 'number') return wholeNumber(flag, value, of.least)
    return of.many ? [...(previous as string[]), value] : value
  })
}

function optionValue(value: unknown, { options }: Spec, option: Option): unknown {
  const { kind, value: term } = options[option.name()] ?? {}
  if (term === undefined) return value === true
  if (kind !== 'path') return value
  return Array.isArray(value) ? value.map(fromHere) : typeof value === 'string' ? fromHere(value) : value
}

/** `styleText` reads the environment. */
function withoutColour(): void {
  process.env.NO_COLOR = '1'
  delete process.env.FORCE_COLOR
}

/** Commander's error as a sentence that says what to do. */
function inOurWords(error: CommanderError, command: Command, spec: Spec | undefined): UsageError {
  const said = sentence(error.message)
  const [first = ''] = /(?<=').*?(?=')/.exec(error.message) ?? []
  const known = command.options.find((option) => first.startsWith(`${option.long}=`))
  switch (error.code) {
    case 'commander.unknownOption':
      if (known) return new UsageError(`${known.long} takes no value: leave "${first.slice(known.long?.length)}" out.`)
      return new UsageError(said)
    case 'commander.optionMissingArgument':
      return new UsageError(`${first.replace(/ .*/, '')} needs a value: ${first.replace(/[<>]/g, '')}.`)
    case 'commander.missingArgument':
      return new UsageError(spec?.args?.find(({ name }) => name === first)?.ask ?? said)
    case 'commander.excessArguments': {
      const excess = command.args.slice(spec?.args?.length ?? 0)
      return new UsageError(`"${excess.join(' ')}": ${spec?.beside ?? 'only options are allowed here'}.`)
    }
    default:
      return new UsageError(said)
  }
}

/** `error: unknown command 'chek'\n(Did you mean check?)` → `Unknown command "chek". Did you mean "check"?` */
function sentence(message: string): string {
  const [what = '', hint] = message.replace(/^error: /, '').split('\n')
  const said = `${what[0]?.toUpperCase()}${what.slice(1)}`.replace(/'(\S*?)( <.*?>)?'/g, '"$1"').replace(/\.?$/, '.')
  const meant = hint && /mean (?:one of )?(.*)\?/.exec(hint)?.[1]
  return meant
    ? `${said} Did you mean ${meant
        .split(', ')
        .map((one) => `"${one}"`)
        .join(' or ')}?`
    : said
}

/** The command that the first words of a command line name: `rules check`, `rules`, or nothing. */
export function nameIn(specs: readonly Spec[], argv: string[]): string {
  const end = argv.indexOf('--')
  const words = argv.slice(0, end < 0 ? undefined : end).filter((one) => !one.startsWith('-'))
  const isKnown = (name: string) => specs.some((spec) => spec.name === name || spec.name.startsWith(`${name} `))
  const names = words.map((_, index) => words.slice(0, index + 1).join(' '))
  return names.findLast(isKnown) ?? ''
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
