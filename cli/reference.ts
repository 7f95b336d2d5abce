import { writeFileSync } from 'node:fs'
import type { REFERENCE } from './commands/work.ts'
import { referenceOf } from './frame/reference.ts'
import type { Given, Spec } from './frame/spec.ts'

const FILE = 'docs/cli.md'

export async function reference({ options }: Given<typeof REFERENCE>, specs: Spec[]): Promise<number> {
  writeFileSync(FILE, referenceOf(specs))
  process.stdout.write(`${options.json ? JSON.stringify([FILE]) : FILE}\n`)
  return 0
}
