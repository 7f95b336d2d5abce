import { allowed } from '../shared/config/allowed.ts'
import { UsageError } from './command.ts'
import type { COMPLETION } from './commands/more.ts'
import { completionFor, SHELLS, type Shell } from './frame/completion.ts'
import type { Given, Spec } from './frame/spec.ts'

export async function completion({ args: [shell = ''] }: Given<typeof COMPLETION>, specs: Spec[]): Promise<number> {
  if (!isShell(shell)) throw new UsageError(`Unknown shell "${shell}". ${allowed(shell, SHELLS)}`)
  process.stdout.write(completionFor(shell, specs))
  return 0
}

function isShell(name: string): name is Shell {
  return (SHELLS as readonly string[]).includes(name)
}
