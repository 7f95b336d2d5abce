import { editorSchemas } from '../shared/config/json-schema.ts'
import type { SCHEMA } from './commands/work.ts'
import type { Given } from './frame/spec.ts'
import { writeGenerated } from './generated.ts'

export async function schema({ options }: Given<typeof SCHEMA>): Promise<number> {
  const files = Object.entries(editorSchemas()).map(([path, one]) => [path, `${JSON.stringify(one, null, 2)}\n`])
  return writeGenerated(Object.fromEntries(files), options.json)
}
