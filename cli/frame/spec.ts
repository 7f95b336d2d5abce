/*
 * A command's spec, as data: parsing, help, completion and docs/cli.md are generated from it. It is loaded for every
 * command line, so it imports nothing slow; the code of a command is loaded when it runs (cli/commands.ts).
 */

/** An option. Without `value` it is a switch. */
export interface Option {
  /** The placeholder for its value in the help: `PATH`. */
  value?: string
  /** A `path` is resolved from the user's folder, a `number` is whole and not negative; the default is text. */
  kind?: 'path' | 'number'
  /** Its description: sentences, the last without a full stop. */
  what: string
  default?: string | number
  /** It may be given several times. */
  many?: true
  /** Of a number: the smallest that makes sense. Default: 0. */
  least?: number
  /** The allowed values. */
  choices?: readonly string[]
  /** Names of the options that it excludes. */
  conflicts?: readonly string[]
  /** The environment variable that is used without it. */
  env?: string
}

/** A positional argument. */
export interface Argument {
  /** In capitals: `EVENT`. */
  name: string
  what: string
  kind?: 'path'
  many?: true
  /** The message when it is missing; without this it is optional. */
  ask?: string
  /** Accepted, but not shown in the help: what a shell makes of `--against events/*`. */
  isHidden?: true
}

/** The heading of a command in the help text. */
export type Group = 'Try' | 'Rules' | 'Platform' | 'Deploy' | 'Operate' | 'Work on the router' | 'More'

export interface Spec {
  /** As typed: `replay`, `rules check`. */
  name: string
  group: Group
  /** One line of at most 56 columns, for the list of all commands. */
  summary: string
  /** A longer description, in paragraphs; lines that start with blanks stay as they are. */
  about?: string
  args?: readonly Argument[]
  /** The hint for an unexpected argument: `give the rules as --config PATH`. */
  beside?: string
  options: Readonly<Record<string, Option>>
  /** Shown after the options. */
  notes?: string
  /** Command lines without `npx alert-router`, each with its purpose. */
  examples: readonly (readonly [line: string, what: string])[]
  /** The output of --json. */
  json?: string
  /** Its exit codes, where they mean more than EXIT_CODES says. */
  exits?: Partial<Record<0 | 1 | 2 | 3, string>>
  /** Needs the router's sources and tests: an installed router does not have this command. */
  isOfClone?: true
}

/** Checks a spec, and keeps its exact type, which determines the type of the arguments. */
export function spec<const Of extends Spec>(of: Of): Of {
  return of
}

type One<Of> = Of extends { kind: 'number' }
  ? number
  : Of extends { choices: readonly (infer Choice)[] }
    ? Choice
    : string
type ValueOf<Of> = Of extends { value: string }
  ? Of extends { many: true }
    ? One<Of>[]
    : Of extends { default: string | number }
      ? One<Of>
      : One<Of> | undefined
  : boolean

/** A command's input: its options by name, and its arguments. */
export interface Given<Of extends Spec> {
  options: { [Name in keyof Of['options']]: ValueOf<Of['options'][Name]> }
  args: string[]
}

/** The exit codes of every command. */
export const EXIT_CODES = {
  0: 'Success; it found no problem.',
  1: 'It found a problem, or failed; the message says which.',
  2: 'Wrong usage; the message says how to write it. Nothing was done.',
  3: 'Something differs (only with --detailed-exitcode).',
  130: 'Interrupted by Ctrl-C.',
} as const
