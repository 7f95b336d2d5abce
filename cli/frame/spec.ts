/*
 * What a command says of itself, as data: parsing, help, completion and docs/cli.md are made of it. It is loaded for every
 * command line and every Tab, so it imports nothing that takes time; what runs is loaded when it runs (cli/commands.ts).
 */

/** An option. Without `value` it is a switch. */
export interface Option {
  /** What stands for its value in the help: `PATH`. */
  value?: string
  /** A `path` is found from where the user is, a `number` is whole and not negative; else it is a text. */
  kind?: 'path' | 'number'
  /** What it does, in sentences without a final stop where there is one alone. */
  what: string
  default?: string | number
  /** It can be given several times. */
  many?: true
  /** The values that are allowed. */
  choices?: readonly string[]
  /** Options that do not go with it, by their names. */
  conflicts?: readonly string[]
  /** The variable that stands in for it. */
  env?: string
}

/** What stands beside the options. */
export interface Argument {
  /** In capitals: `EVENT`. */
  name: string
  what: string
  kind?: 'path'
  many?: true
  /** What is asked when it is missing; without this it need not be there. */
  ask?: string
  /** Taken, but not told: what a shell makes of `--against events/*`. */
  isHidden?: true
}

/** Where a command stands in the list of all. */
export type Group = 'Try' | 'Rules' | 'Deploy' | 'Operate' | 'Work on the router' | 'More'

export interface Spec {
  /** As it is typed: `replay`, `rules check`. */
  name: string
  group: Group
  /** One line, of at most 56 columns: it stands in the list of all commands. */
  summary: string
  /** More of what it does, in paragraphs; lines that begin with blanks stay as they are. */
  about?: string
  args?: readonly Argument[]
  /** What is said when something stands beside the options that is not taken: `name the rules as --config PATH`. */
  beside?: string
  options: Readonly<Record<string, Option>>
  /** After the options. */
  notes?: string
  /** Command lines without `npx alert-router`, each with what it is for. */
  examples: readonly (readonly [line: string, what: string])[]
  /** What --json prints. */
  json?: string
  /** What its exit codes mean, where that says more than the table of all (EXIT_CODES). */
  exits?: Partial<Record<0 | 1 | 2 | 3, string>>
  /** Needs the router's own sources and tests: there is no such command where the router is a dependency. */
  isOfClone?: true
}

/** Checks what a command says of itself, and keeps its exact type, from which follows what it is given. */
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

/** What a command is given: its options by their names, and what stands beside them. */
export interface Given<Of extends Spec> {
  options: { [Name in keyof Of['options']]: ValueOf<Of['options'][Name]> }
  args: string[]
}

/** The exit codes of every command. */
export const EXIT_CODES = {
  0: 'It did what was asked, and found nothing wrong.',
  1: 'It found a problem, or it failed: it says which.',
  2: 'The command line is wrong: it says how to write it. Nothing was done.',
  3: 'Something differs, where you asked to be told so: --detailed-exitcode.',
  130: 'Ctrl-C ended it.',
} as const
