import { runCommand } from './command.ts'
import { main } from './rules/main.ts'

await runCommand(import.meta, main)
