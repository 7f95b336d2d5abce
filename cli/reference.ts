import type { REFERENCE } from './commands/work.ts'
import { referenceOf } from './frame/reference.ts'
import type { Given, Spec } from './frame/spec.ts'
import { writeGenerated } from './generated.ts'
import { rulesReference } from './rules-reference.ts'

export async function reference({ options }: Given<typeof REFERENCE>, specs: Spec[]): Promise<number> {
  const pages = { 'docs/cli.md': referenceOf(specs), 'docs/rules-reference.md': rulesReference() }
  return writeGenerated(pages, options.json)
}
