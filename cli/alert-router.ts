import { runCommand } from './command.ts'
import { main } from './main.ts'

await runCommand(main)
