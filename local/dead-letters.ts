import { parseArgs } from 'node:util'
import { SQSClient } from '@aws-sdk/client-sqs'
import Table from 'cli-table3'
import { type DeadLetter, discard, readLetters, redrive, release } from './dead-letters/letters.ts'

const HELP = `What reached nobody, and why; and how it gets on its way again.

  npm run dead-letters -- list                      [--stage prod]
  npm run dead-letters -- show ID                   [--stage prod]
  npm run dead-letters -- redrive ID | --all        [--stage prod]
  npm run dead-letters -- discard ID                [--stage prod]

Mend the cause first (the rules, a secret, a channel), then redrive: each letter goes back to the queue that it came
from, and what was delivered meanwhile is not delivered again. Uses the AWS credentials and the region of your
environment. Letters that are looked at are out of sight for others until the command ends.

Exit code: 0 done, 1 no such letter or AWS said no, 2 wrong usage.
`

class UsageError extends Error {}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1
  const { name, message } = error as Error
  process.stderr.write(process.exitCode === 2 ? `${message}\n\n${HELP}` : `${explain(name, message)}\n`)
}

async function main(argv: string[]): Promise<number> {
  const { command, id, all, prefix } = readArguments(argv)
  if (command === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  const sqs = new SQSClient({})
  const letters = await readLetters(sqs, prefix)
  const chosen = all ? letters : letters.filter((letter) => id !== undefined && letter.id.startsWith(id))
  try {
    if (command === 'list') return list(letters)
    if (all && letters.length === 0) return say('There are no dead letters.')
    if (chosen.length === 0) return say(`No dead letter has the id ${id}. npm run dead-letters -- list shows them.`, 1)
    if (!all && chosen.length > 1) return say(`${chosen.length} dead letters have an id that starts with ${id}.`, 1)
    if (command === 'show') return show(chosen)
    for (const letter of chosen) await (command === 'redrive' ? redrive : discard)(sqs, prefix, letter)
    return say(`${command === 'redrive' ? 'On its way again' : 'Discarded'}: ${chosen.map(inALine).join('; ')}`)
  } finally {
    await release(
      sqs,
      prefix,
      command === 'redrive' || command === 'discard' ? letters.filter((l) => !chosen.includes(l)) : letters,
    )
    sqs.destroy()
  }
}

function readArguments(argv: string[]) {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  const { values, positionals } = parsed
  const [command = 'list', id] = values.help ? ['help'] : positionals
  if (!['list', 'show', 'redrive', 'discard', 'help'].includes(command)) {
    throw new UsageError(`"${command}" is no command. Allowed: list, show, redrive, discard.`)
  }
  const takesId = command === 'show' || command === 'discard' || (command === 'redrive' && !values.all)
  if (takesId && !id)
    throw new UsageError(`${command} needs the id of a letter${command === 'redrive' ? ', or --all' : ''}.`)
  return { command, id, all: command === 'redrive' && values.all, prefix: `alert-router-${values.stage}` }
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      stage: { type: 'string', default: 'dev' },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
}

function list(letters: DeadLetter[]): number {
  if (letters.length === 0) return say('There are no dead letters.')
  const table = new Table({
    head: ['id', 'since', 'queue', 'about', 'why'],
    colWidths: [12, 22, 11, 40, 50],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  })
  for (const { id, sentAt, queue, about, reason } of letters) {
    table.push([id.slice(0, 8), `${sentAt.slice(0, 19).replace('T', ' ')}Z`, queue, about, reason])
  }
  return say(table.toString())
}

function show(letters: DeadLetter[]): number {
  return say(
    letters
      .map(({ id, queue, sentAt, reason, about, body }) =>
        [
          `id      ${id}`,
          `queue   ${queue}`,
          `since   ${sentAt}`,
          `about   ${about}`,
          `why     ${reason}`,
          '',
          pretty(body),
        ].join('\n'),
      )
      .join('\n\n'),
  )
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

function inALine({ id, about }: DeadLetter): string {
  return `${id.slice(0, 8)} ${about}`
}

function say(text: string, exitCode = 0): number {
  ;(exitCode === 0 ? process.stdout : process.stderr).write(`${text}\n`)
  return exitCode
}

function explain(name: string, message: string): string {
  if (name === 'QueueDoesNotExist' || name.endsWith('NonExistentQueue')) {
    return `There is no such stack here: is it another --stage, region or account? (${message})`
  }
  if (name === 'CredentialsProviderError') return `There are no AWS credentials in the environment. (${message})`
  return `AWS said no: ${name}: ${message}`
}
