import { main } from './rules/main.ts'

process.exitCode = await main(process.argv.slice(2))
