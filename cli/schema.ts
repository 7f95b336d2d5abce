import { writeFileSync } from 'node:fs'
import { editorSchemas } from '../shared/config/json-schema.ts'
import { readArguments } from './arguments.ts'
import { commandOf, runCommand } from './command.ts'

const HELP = `Writes what editors complete and underline the rules by: schemas/*.schema.json.

  npm run schema

Exit code: 0 written, 1 not so, 2 wrong usage.
`

export const schema = commandOf('schema', main, HELP)

await runCommand(import.meta, schema)

async function main(argv: string[]): Promise<number> {
  readArguments(argv, {}, 'none')
  for (const [file, schema] of Object.entries(editorSchemas())) {
    writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
    console.log(file)
  }
  return 0
}
