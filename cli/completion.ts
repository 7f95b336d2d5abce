import { allowed } from '../shared/config/allowed.ts'
import { UsageError } from './command.ts'
import type { COMPLETION } from './commands/more.ts'
import { COMMANDS } from './commands.ts'
import { completionFor, SHELLS, type Shell } from './frame/completion.ts'
import type { Given } from './frame/spec.ts'

export async function completion({ args: [shell = ''] }: Given<typeof COMPLETION>): Promise<number> {
  if (!SHELLS.includes(shell as Shell))
    throw new UsageError(`"${shell}" is no shell that it knows. ${allowed(shell, SHELLS)}`)
  process.stdout.write(
    completionFor(
      shell as Shell,
      COMMANDS.map(({ spec }) => spec),
    ),
  )
  return 0
}
