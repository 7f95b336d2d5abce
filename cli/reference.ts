import { writeFileSync } from 'node:fs'
import type { REFERENCE } from './commands/work.ts'
import { COMMANDS } from './commands.ts'
import { referenceOf } from './frame/reference.ts'
import type { Given } from './frame/spec.ts'

export const REFERENCE_FILE = 'docs/cli.md'

/** What docs/cli.md should say. */
export function referenceText(): string {
  return referenceOf(COMMANDS.map(({ spec }) => spec))
}

export async function reference({ options }: Given<typeof REFERENCE>): Promise<number> {
  writeFileSync(REFERENCE_FILE, referenceText())
  process.stdout.write(`${options.json ? JSON.stringify([REFERENCE_FILE]) : REFERENCE_FILE}\n`)
  return 0
}
