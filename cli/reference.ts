import { writeFileSync } from 'node:fs'
import type { REFERENCE } from './commands/work.ts'
import { referenceOf } from './frame/reference.ts'
import type { Given, Spec } from './frame/spec.ts'
import { rulesReference } from './rules-reference.ts'

export async function reference({ options }: Given<typeof REFERENCE>, specs: Spec[]): Promise<number> {
  const pages = { 'docs/cli.md': referenceOf(specs), 'docs/rules-reference.md': rulesReference() }
  for (const [file, text] of Object.entries(pages)) writeFileSync(file, text)
  const files = Object.keys(pages)
  process.stdout.write(`${options.json ? JSON.stringify(files) : files.join('\n')}\n`)
  return 0
}
