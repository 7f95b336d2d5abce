import { writeFileSync } from 'node:fs'
import { editorSchemas } from '../shared/config/json-schema.ts'
import type { SCHEMA } from './commands/work.ts'
import type { Given } from './frame/spec.ts'

export async function schema({ options }: Given<typeof SCHEMA>): Promise<number> {
  const schemas = editorSchemas()
  for (const [file, one] of Object.entries(schemas)) writeFileSync(file, `${JSON.stringify(one, null, 2)}\n`)
  const files = Object.keys(schemas)
  process.stdout.write(`${options.json ? JSON.stringify(files) : files.join('\n')}\n`)
  return 0
}
