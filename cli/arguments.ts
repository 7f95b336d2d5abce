import { existsSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { didYouMean } from '../shared/config/allowed.ts'
import { UsageError } from './command.ts'

/** How every command reads its options, and says what is wrong with them. */

type Options = NonNullable<ParseArgsConfig['options']>

/** Every command that looks at a stage in AWS takes these, too. */
const OF_AWS = { region: { type: 'string' }, profile: { type: 'string' } } as const

/** What such a command's help says of them. */
export const AWS_HELP = `  --region REGION  its region; without it AWS_REGION, AWS_DEFAULT_REGION or the
                   profile's
  --profile NAME   a profile of the AWS CLI; without it AWS_PROFILE, or what
                   the environment has`

/** What stands beside the options: `paths` are found from where the user is, too; `none`: there is nothing to stand there. */
export type Positionals = 'none' | 'words' | 'paths'

/**
 * Reads a command's options, and what stands beside them. One that looks at a stage takes `--region` and `--profile`, too, if
 * it does not know them itself, and the AWS clients that are made after this go by them.
 * @throws {UsageError} in plain words.
 */
export function readArguments<Of extends Options>(args: string[], options: Of, beside: Positionals) {
  const looksAtAws = 'stage' in options && !('region' in options)
  const all = looksAtAws ? { ...OF_AWS, ...options } : options
  refuseKeptByNpm(args, all)
  const problem = problemOf(args, all, beside)
  if (problem !== undefined) throw new UsageError(problem)
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { ...OF_AWS, ...options } })
  if (looksAtAws) goTo(values as { region?: string; profile?: string })
  const found = Object.entries(values).map(([name, value]) => [name, PATHS.includes(name) ? fromHere(value) : value])
  return {
    values: Object.fromEntries(found) as typeof values,
    positionals: beside === 'paths' ? positionals.map((one) => fromHere(one)) : positionals,
  }
}

/** Options that name a file or a folder. */
const PATHS = ['config', 'against', 'base', 'record', 'plan']

/** npm runs a command in the folder of package.json, wherever the user is: a path that is not there may be here. */
function fromHere<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map((one) => fromHere(one)) as Value
  const here = process.env.INIT_CWD
  if (typeof value !== 'string' || here === undefined || existsSync(value)) return value
  const path = resolve(here, value)
  return existsSync(path) ? (relative('', path) as Value) : value
}

function goTo({ region, profile }: { region?: string; profile?: string }): void {
  if (profile !== undefined) {
    process.env.AWS_PROFILE = profile
    // They would come before it.
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[name]
  }
  const wanted = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION
  if (wanted !== undefined) process.env.AWS_REGION = wanted
}

function problemOf(args: string[], options: Options, beside: Positionals): string | undefined {
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true })
  const given = new Map<string, string>()
  for (const token of tokens) {
    if (token.kind === 'positional' && beside === 'none') return `"${token.value}": only options are allowed here.`
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue } = token
    const option = Object.hasOwn(options, name) ? options[name] : undefined
    if (!option) return unknown(rawName, options)
    if (option.type === 'boolean' && value !== undefined) return `${rawName} takes no value: leave "=${value}" out.`
    if (option.type !== 'string') continue
    if (value === undefined || value === '') return `${rawName} needs a value: ${rawName} VALUE.`
    if (!inlineValue && /^-./.test(value)) {
      return `${rawName} needs a value, and "${value}" looks like an option. If it is the value, write ${rawName}=${value}.`
    }
    const before = given.get(name)
    if (before !== undefined && !option.multiple) {
      return `${rawName} is given twice, as "${before}" and as "${value}", and takes one value. Leave one out.`
    }
    given.set(name, value)
  }
  return undefined
}

function unknown(rawName: string, options: Options): string {
  const known = [...Object.keys(options), 'help'].map((name) => `--${name}`)
  return `${rawName} is no option here. ${didYouMean(rawName, known)}Allowed: ${known.join(', ')}.`
}

/**
 * `npm run rules check --strict`: npm consumes the option, and the command would run without it.
 * It shows in the environment, where whoever has it in their .npmrc for npm itself (`yes=true`) has it, too.
 */
function refuseKeptByNpm(args: string[], options: Options): void {
  const { npm_lifecycle_event: script = '', npm_lifecycle_script: line = '' } = process.env
  if (!line.includes(basename(process.argv[1] ?? ''))) return
  const kept = Object.keys(options).filter((name) => {
    const value = process.env[`npm_config_${name.replaceAll('-', '_')}`]
    return name !== 'yes' && value !== undefined && !['', 'false', 'null'].includes(value) && !isGiven(name, args)
  })
  if (kept.length === 0) return
  // What was taken off before the rest came here: `check`.
  const command = process.argv.slice(2, process.argv.length - args.length)
  const names = kept.map((name) => `--${name}${options[name]?.type === 'string' ? ' …' : ''}`)
  throw new UsageError(
    `npm has kept ${names.join(' and ')} for itself. Write -- before all that is for the command: npm run ${script} -- ${[...command, ...names].join(' ')} …`,
  )
}

function isGiven(name: string, args: string[]): boolean {
  return args.some((one) => one === `--${name}` || one.startsWith(`--${name}=`))
}

/** @throws {UsageError} for what is no whole number. */
export function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} ${text}: "${text}" is not a whole number.`)
  return Number(text)
}
