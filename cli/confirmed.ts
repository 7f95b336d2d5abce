import { createInterface } from 'node:readline/promises'
import { UsageError } from './command.ts'

/** Asks on the terminal. `what`: the command or option that asks. @throws {UsageError} when there is no terminal. */
export async function confirmed(question: string, what: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(`${what} asks for confirmation, but there is no terminal: add --yes`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(question)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}
