import { allowed } from '../../shared/config/allowed.ts'
import { ConfigError } from '../../shared/config/check.ts'
import { explainAwsError, UsageError } from '../command.ts'
import type { Command } from './arguments.ts'

/** What can be done with the rules, in the order in which an edit goes through it. */
const COMMANDS: Record<string, { what: string; load(): Promise<Command> }> = {
  check: {
    what: 'what is wrong: rules that can never match, overlaps, …',
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
export async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP)
    return name === undefined ? 1 : 0
  }
  let command: Command | undefined
  try {
    command = await (Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.load() : undefined)
    if (!command) throw new UsageError(`"${name}" is no command. ${allowed(name, names)}`)
    if (args.includes('--help') || args.includes('-h')) {
      process.stdout.write(command.help)
      return 0
    }
    return await command.run(args)
  } catch (error) {
    process.stderr.write(`${explain(error, name)}\n`)
    // 2 is what `plan` says when something changes: a script must not take a mistake for it.
    return error instanceof UsageError ? (command?.wrongUsage ?? 1) : 1
  }
}

function explain(error: unknown, name: string): string {
  if (error instanceof ConfigError) return error.message
  if (error instanceof UsageError) {
    return `${error.message}\nnpm run rules -- ${Object.hasOwn(COMMANDS, name) ? `${name} ` : ''}--help says more.`
  }
  return explainAwsError(error as Error)
}
