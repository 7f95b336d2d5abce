import { allowed } from '../../shared/config/allowed.ts'
import { commandOf, UsageError } from '../command.ts'
import type { Command } from './arguments.ts'

/** What can be done with the rules, in the order in which an edit goes through it. */
const COMMANDS: Record<string, { what: string; load(): Promise<Command> }> = {
  check: {
    what: 'what is wrong: rules that never match, overlaps, …',
    load: () => import('./check.ts'),
  },
  explain: { what: 'why an event is decided as it is, rule by rule', load: () => import('./explain.ts') },
  tree: { what: 'who gets what, by severity, rule and channel', load: () => import('./tree.ts') },
  fmt: { what: 'formats the rules, and keeps comments', load: () => import('./fmt.ts') },
  test: { what: 'runs the cases in config/tests/', load: () => import('./test.ts') },
  plan: { what: 'what an edit would change, over recorded alerts', load: () => import('./plan.ts') },
  push: { what: 'puts them live, without a deployment', load: () => import('./push.ts') },
  diff: { what: 'how they differ from those that are live in a stage', load: () => import('./diff.ts') },
  versions: {
    what: 'what was pushed to a stage, and what is live',
    load: () => import('./versions.ts'),
  },
}

const names = Object.keys(COMMANDS)

const HELP = `Editing the rules without fear.

${names.map((name) => `  npm run rules -- ${name.padEnd(9)} ${COMMANDS[name]?.what}`).join('\n')}

Each has --help and --json (npm run -s rules -- …: npm prints two lines of its
own).
`

/** Runs a command, and gives its exit code. */
export async function main([first, ...rest]: string[]): Promise<number> {
  // `help check` is `check --help`.
  const [name, ...args] = first === 'help' ? [rest[0] ?? '--help', '--help'] : [first, ...rest]
  const chosen = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!chosen) return withoutCommand(name === undefined ? [] : [name])
  const { run, help, wrongUsage } = await chosen.load()
  return commandOf(`rules ${name}`, run, help, wrongUsage)(args)
}

const withoutCommand = commandOf(
  'rules',
  async ([name]) => {
    throw new UsageError(
      name === undefined ? `Which command? ${allowed('', names)}` : `"${name}" is no command. ${allowed(name, names)}`,
    )
  },
  HELP,
)
