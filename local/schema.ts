import { writeFileSync } from 'node:fs'
import { editorSchemas } from '../shared/config/json-schema.ts'

/** Writes what editors complete and underline the rules by. */
for (const [file, schema] of Object.entries(editorSchemas())) {
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
  console.log(file)
}
