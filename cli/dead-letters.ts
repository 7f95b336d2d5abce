import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SQSClient } from '@aws-sdk/client-sqs'
import { type DeadLetter, discard, isForPerson, readLetters, redrive, release } from '../local/letters.ts'
import { clientOptions } from '../shared/aws/client.ts'
import { clean, oneLine } from '../shared/channels/outside-text.ts'
import { allowed } from '../shared/config/allowed.ts'
import { AWS_HELP, readArguments } from './arguments.ts'
import { commandOf, explainAwsError, runCommand, UsageError } from './command.ts'
import { aboutOf, type Known, saysLittle, standingOf, storyOf } from './dead-letters/standing.ts'
import { framed, stacked } from './table.ts'
import { chooseRouter, type Router } from './which-router.ts'
import { widthOf } from './wrap.ts'

const HELP = `What reached nobody, and why; and how it gets on its way again.

  npm run dead-letters -- list [--json]             [--stage prod]
  npm run dead-letters -- show ID [--json]          [--stage prod]
  npm run dead-letters -- redrive ID | --all        [--stage prod]
  npm run dead-letters -- discard ID                [--stage prod]

  --stage STAGE    the router in AWS. Without it: the one that "npm run replay
                   -- --keep" runs on this machine
${AWS_HELP}
  --json           a list of {"id", "since", "queue", "about", "why"}; with show
                   also "body"

Mend the cause first (the rules, a secret, a channel), then redrive: each letter
goes back to the queue that it came from. A letter of a channel's queue only
says whom to look after: what that one is owed by now is sent. One to whom
nothing is owed any more, as it has received it since, is discarded. A letter
about an incident that only you can close stays until you discard it. An ID may
be cut to its first characters.

Letters that are looked at are out of sight for others until the command ends.

Exit code: 0 done; 1 no such letter, one that only you can carry out, or AWS
said no; 2 wrong usage.
`

const COMMANDS = ['list', 'show', 'redrive', 'discard']

/** The frame of the list takes so many columns. */
const FRAME = [10, 22, 11, 34, 37]
const FRAMED = FRAME.reduce((sum, column) => sum + column + 1, 1)

/** `npm run dead-letters`. */
export const deadLetters = commandOf('dead-letters', main, HELP)

await runCommand(import.meta, deadLetters)

async function main(argv: string[]): Promise<number> {
  const { command, id, all, stage, json } = deadLetterArguments(argv)
  const router = await chooseRouter(stage)
  const { prefix } = router
  const sqs = new SQSClient(clientOptions)
  const letters = await readLetters(sqs, prefix)
  const chosen = all ? letters : letters.filter((letter) => id !== undefined && letter.id.startsWith(id))
  const gone = new Set<DeadLetter>()
  try {
    if (command === 'list') return list(await withAbout(letters, router), json)
    if (all && letters.length === 0) return say('There are no dead letters.')
    if (chosen.length === 0) {
      return say(`No dead letter has the id ${id}. npm run dead-letters -- list${router.option} shows them.`, 1)
    }
    if (!all && chosen.length > 1) return say(`${chosen.length} dead letters have an id that starts with ${id}.`, 1)
    if (command === 'show') return await show(chosen, router, json)
    const lines: Record<'again' | 'gone' | 'here', string[]> = { again: [], gone: [], here: [] }
    for (const letter of chosen) {
      if (command === 'redrive' && isForPerson(letter)) {
        lines.here.push(`${inALine(letter)}: ${oneLine(letter.reason)}`)
        continue
      }
      const { isDone, text } =
        command === 'redrive' ? await redriveOwed(sqs, router, letter) : { isDone: false, text: '' }
      if (!isDone) await discard(sqs, prefix, letter)
      gone.add(letter)
      lines[isDone ? 'again' : 'gone'].push(`${inALine(letter)}${text}`)
    }
    const text = [
      ...(lines.again.length > 0 ? ['On its way again:', ...lines.again] : []),
      ...(lines.gone.length > 0 ? ['Discarded:', ...lines.gone] : []),
      ...(lines.here.length > 0 ? ['Only you can do this. Discard each one when it is done:', ...lines.here] : []),
    ].join('\n')
    return say(text, lines.here.length > 0 ? 1 : 0)
  } finally {
    await release(
      sqs,
      prefix,
      letters.filter((letter) => !gone.has(letter)),
    )
    sqs.destroy()
  }
}

function deadLetterArguments(argv: string[]) {
  const options = {
    stage: { type: 'string' },
    all: { type: 'boolean', default: false },
    json: { type: 'boolean' },
  } as const
  const { values, positionals } = readArguments(argv, options, 'words')
  const { stage, all, json = false } = values
  const [command, id, ...rest] = positionals
  if (command === undefined) throw new UsageError(`What is to be done? ${allowed('', COMMANDS)}`)
  if (!COMMANDS.includes(command)) throw new UsageError(`"${command}" is no command. ${allowed(command, COMMANDS)}`)
  const takesId = command === 'show' || command === 'discard' || (command === 'redrive' && !all)
  if (takesId && !id) {
    throw new UsageError(`${command} needs the id of a letter${command === 'redrive' ? ', or --all' : ''}.`)
  }
  if (rest.length > 0) throw new UsageError(`${command} takes one id.`)
  if (command === 'list' && id) throw new UsageError(`list takes no id: show ${id} tells of one.`)
  if (all && (command !== 'redrive' || id)) {
    throw new UsageError('--all stands for the id in "redrive --all", and nowhere else.')
  }
  if (json && command !== 'list' && command !== 'show') throw new UsageError('--json goes with list and show.')
  return { command, id, all, stage, json }
}

function list(letters: DeadLetter[], json: boolean): number {
  if (json) return say(JSON.stringify(letters.map(asJson)))
  if (letters.length === 0) return say('There are no dead letters.')
  const rows = letters.map(({ id, sentAt, queue, about, reason }) => [
    id.slice(0, 8),
    `${sentAt.slice(0, 19).replace('T', ' ')}Z`,
    queue,
    oneLine(about),
    oneLine(reason) || 'unknown',
  ])
  const table = { head: ['id', 'since', 'queue', 'about', 'why'], rows }
  const width = widthOf(process.stdout, FRAMED, FRAMED)
  return say(width < FRAMED ? stacked(table, width) : framed(table, FRAME))
}

function asJson({ id, sentAt, queue, about, reason }: DeadLetter) {
  return { id, since: sentAt, queue, about, why: reason }
}

/** Puts a letter back, if what it was to bring about is still to be done. */
async function redriveOwed(
  sqs: SQSClient,
  router: Router,
  letter: DeadLetter,
): Promise<{ isDone: boolean; text: string }> {
  const unknown = { isOwed: true, why: 'whether it is still owed can’t be read' } as const
  const standing = letter.wake ? await withTable(router, (known) => standingOf(letter, known), unknown) : undefined
  if (standing && !standing.isOwed) return { isDone: false, text: `: ${standing.why}` }
  const wake = standing && 'wake' in standing ? standing.wake : undefined
  await redrive(sqs, router.prefix, letter, { wake })
  return { isDone: true, text: `: sent again${standing?.why ? ` (${standing.why})` : ''}` }
}

/** Asks the table; when that can't be read, something else. */
async function withTable<Result>(router: Router, ask: (known: Known) => Promise<Result>, otherwise: Result) {
  const client = new DynamoDBClient(clientOptions)
  try {
    return await ask({ client, table: await router.tableName(client) })
  } catch (error) {
    process.stderr.write(`The table can't be read: ${explainAwsError(error as Error)}\n`)
    return otherwise
  } finally {
    client.destroy()
  }
}

async function withAbout(letters: DeadLetter[], router: Router): Promise<DeadLetter[]> {
  if (!letters.some(saysLittle)) return letters
  return withTable(
    router,
    async (known) => {
      const all: DeadLetter[] = []
      for (const letter of letters) all.push({ ...letter, about: await aboutOf(letter, known) })
      return all
    },
    letters,
  )
}

async function show(letters: DeadLetter[], router: Router, json: boolean): Promise<number> {
  if (json) {
    const all = await withAbout(letters, router)
    return say(JSON.stringify(all.map((letter) => ({ ...asJson(letter), body: letter.body }))))
  }
  const width = widthOf(process.stdout)
  const parts = (await withAbout(letters, router)).map(async (letter) => {
    const { id, queue, sentAt, reason, about, body } = letter
    return [
      `id      ${id}`,
      `queue   ${queue}`,
      `since   ${sentAt}`,
      `about   ${oneLine(about)}`,
      `why     ${oneLine(reason)}`,
      ...(queue === 'alarms' ? [] : await withTable(router, (known) => storyOf(letter, known, width), [])),
      '',
      pretty(body),
    ].join('\n')
  })
  return say((await Promise.all(parts)).join('\n\n'))
}

function pretty(body: string): string {
  try {
    return clean(JSON.stringify(JSON.parse(body), null, 2))
  } catch {
    return clean(body)
  }
}

function inALine({ id, about }: DeadLetter): string {
  return `  ${id.slice(0, 8)}  ${oneLine(about)}`
}

function say(text: string, exitCode = 0): number {
  ;(exitCode === 0 ? process.stdout : process.stderr).write(`${text}\n`)
  return exitCode
}
