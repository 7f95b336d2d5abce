import { didYouMean } from '../shared/config/allowed.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { errorText, UsageError } from './command.ts'
import { COMMANDS, FAMILIES, SPECS } from './commands.ts'
import { describeExitCodes, helpOf, listOf } from './frame/help.ts'
import { nameIn, readLine } from './frame/parse.ts'
import { widthOf } from './wrap.ts'

/** Runs the arguments after `alert-router`, and returns the exit code. Never throws. */
export async function main(argv: string[]): Promise<number> {
  try {
    return await run(argv)
  } catch (error) {
    process.stderr.write(`${errorText(error, howToHelp(argv))}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

async function run(argv: string[]): Promise<number> {
  const topic = helpAsked(argv)
  if (topic !== undefined) return say(helpFor(topic))
  const read = readLine(SPECS, argv)
  switch (read.asked) {
    case 'command': {
      const command = COMMANDS.find(({ spec }) => spec === read.spec)
      return command?.run(read.given) ?? 1
    }
    case 'version':
      return say((await import('./version.ts')).versionText())
    case 'help':
      return say(helpFor(nameIn(SPECS, argv).split(' ')))
    case 'nothing':
      process.stderr.write(helpFor(nameIn(SPECS, argv).split(' ')))
      return 2
  }
}

/** `help rules check`, and also `rules help check`. */
function helpAsked(argv: string[]): string[] | undefined {
  const words = argv.filter((one) => !one.startsWith('-'))
  const [first, second] = words
  if (first === 'help') return words.slice(1)
  const isFamily = FAMILIES.some(({ name }) => name === first)
  return isFamily && second === 'help' ? [first as string, ...words.slice(2)] : undefined
}

/** @throws {UsageError} for an unknown name. */
function helpFor(words: string[]): string {
  const width = widthOf(process.stdout, 80, 80)
  const name = words.join(' ')
  if (name === '') return listOf(SPECS, width)
  if (name === 'exit-codes') return describeExitCodes(width)
  const spec = SPECS.find((one) => one.name === name)
  if (spec) return helpOf(spec, width)
  const family = FAMILIES.find((one) => one.name === name)
  if (family) {
    const of = SPECS.filter((one) => one.name.startsWith(`${name} `))
    return listOf(of, width, family)
  }
  const names = [...SPECS, ...FAMILIES].map((one) => one.name)
  throw new UsageError(`Unknown command "${name}". ${didYouMean(name, [...names, 'exit-codes'])}`.trimEnd())
}

function howToHelp(argv: string[]): string {
  return commandLine(`${nameIn(SPECS, argv)} --help`.trimStart())
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}
