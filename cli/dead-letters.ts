import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SQSClient } from '@aws-sdk/client-sqs'
import { type DeadLetter, discard, isForPerson, readDeadLetters, redrive, release } from '../local/dead-letters.ts'
import { clientOptions } from '../shared/aws/client.ts'
import { clean, oneLine } from '../shared/channels/outside-text.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { explainAwsError, UsageError } from './command.ts'
import type { DISCARD, LIST, REDRIVE, SHOW } from './commands/operate.ts'
import { aboutOf, describeAttempts, type Known, saysLittle, standingOf } from './dead-letters/standing.ts'
import type { Given } from './frame/spec.ts'
import { framed, stacked } from './table.ts'
import { chooseRouter, type Router } from './which-router.ts'
import { widthOf } from './wrap.ts'

const NONE = 'No dead letters.'

/** The columns that the frame of the list takes. */
const FRAME = [10, 22, 11, 34, 37]
const FRAMED = FRAME.reduce((sum, column) => sum + column + 1, 1)

interface Where {
  stage: string | undefined
  json: boolean
}

export function list({ options }: Given<typeof LIST>): Promise<number> {
  return withDeadLetters(options, async ({ letters, router }) =>
    printDeadLetters(await withAbout(letters, router), options.json),
  )
}

export function show({ options, args: [id = ''] }: Given<typeof SHOW>): Promise<number> {
  return withDeadLetters(options, async (received) => {
    const chosen = chosenBy(id, received)
    return typeof chosen === 'number' ? chosen : shown([chosen], received.router, options.json)
  })
}

export function discardLetter({ options, args: [id = ''] }: Given<typeof DISCARD>): Promise<number> {
  return withDeadLetters(options, async (received) => {
    const chosen = chosenBy(id, received)
    if (typeof chosen === 'number') return chosen
    await discard(received.sqs, received.router.prefix, chosen)
    received.gone.add(chosen)
    return done({ redriven: [], discarded: [{ letter: chosen }], manual: [] }, options.json)
  })
}

export async function redriveLetters({ options, args: [id] }: Given<typeof REDRIVE>): Promise<number> {
  if (options.all && id !== undefined) throw new UsageError('Give an id or --all, not both.')
  if (!options.all && !id) throw new UsageError('redrive needs the id of a dead letter, or --all.')
  return withDeadLetters(options, async (received) => {
    const { letters } = received
    if (options.all && letters.length === 0 && !options.json) return say(NONE)
    const chosen = id === undefined ? letters : chosenBy(id, received)
    if (typeof chosen === 'number') return chosen
    return done(await redriveEach([chosen].flat(), received), options.json)
  })
}

/** The dead letters, while a command holds them. */
interface Received {
  letters: DeadLetter[]
  /** Those that were removed from the queue. */
  gone: Set<DeadLetter>
  router: Router
  sqs: SQSClient
}

/** Receives the dead letters, and afterwards makes those that are still in the queue visible again. */
async function withDeadLetters({ stage }: Where, work: (received: Received) => Promise<number>): Promise<number> {
  const router = await chooseRouter(stage)
  const sqs = new SQSClient(clientOptions)
  const letters = await readDeadLetters(sqs, router.prefix)
  const gone = new Set<DeadLetter>()
  try {
    return await work({ letters, gone, router, sqs })
  } finally {
    await release(
      sqs,
      router.prefix,
      letters.filter((letter) => !gone.has(letter)),
    )
    sqs.destroy()
  }
}

/** The dead letter whose id starts with this; an exit code if none or several do. */
function chosenBy(id: string, { letters, router }: Received): DeadLetter | number {
  const [letter, ...others] = letters.filter((one) => one.id.startsWith(id))
  if (!letter) {
    return say(
      `No dead letter has the id ${id}. List them with: ${commandLine(`dead-letters list${router.option}`)}`,
      1,
    )
  }
  return others.length === 0 ? letter : say(`${others.length + 1} dead letters have an id that starts with ${id}.`, 1)
}

/** The outcome for each dead letter, with the reason if there is one. */
type Done = Record<'redriven' | 'discarded' | 'manual', { letter: DeadLetter; why?: string }[]>

async function redriveEach(letters: DeadLetter[], { gone, router, sqs }: Received): Promise<Done> {
  const all: Done = { redriven: [], discarded: [], manual: [] }
  for (const letter of letters) {
    if (isForPerson(letter)) {
      all.manual.push({ letter, why: oneLine(letter.reason) })
      continue
    }
    const { isDone, why } = await redriveOwed(sqs, router, letter)
    if (!isDone) await discard(sqs, router.prefix, letter)
    gone.add(letter)
    all[isDone ? 'redriven' : 'discarded'].push({ letter, why })
  }
  return all
}

function done({ redriven, discarded, manual }: Done, json: boolean): number {
  const code = manual.length > 0 ? 1 : 0
  if (json) {
    const inJson = (some: Done['redriven']) => some.map(({ letter }) => asJson(letter))
    const whole = { redriven: inJson(redriven), discarded: inJson(discarded), manual: inJson(manual) }
    process.stdout.write(`${JSON.stringify(whole)}\n`)
    return code
  }
  const part = (title: string, some: Done['redriven']) =>
    some.length === 0 ? [] : [title, ...some.map(({ letter, why }) => `${inALine(letter)}${why ? `: ${why}` : ''}`)]
  const lines = [
    ...part('Redriven:', redriven),
    ...part('Discarded:', discarded),
    ...part('These need action by you. Discard each one when it is done:', manual),
  ]
  return say(lines.join('\n'), code)
}

function printDeadLetters(letters: DeadLetter[], json: boolean): number {
  if (json) return say(JSON.stringify(letters.map(asJson)))
  if (letters.length === 0) return say(NONE)
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

/** Moves a dead letter back to its queue, if what it is about is still owed. */
async function redriveOwed(
  sqs: SQSClient,
  router: Router,
  letter: DeadLetter,
): Promise<{ isDone: boolean; why: string }> {
  const unknown = { isOwed: true, why: 'whether it is still owed could not be read' } as const
  const standing = letter.wake ? await withTable(router, (known) => standingOf(letter, known), unknown) : undefined
  if (standing && !standing.isOwed) return { isDone: false, why: standing.why }
  const wake = standing && 'wake' in standing ? standing.wake : undefined
  await redrive(sqs, router.prefix, letter, { wake })
  return { isDone: true, why: `requeued${standing?.why ? ` (${standing.why})` : ''}` }
}

/** Reads the table; the fallback value if that fails. */
async function withTable<Result>(router: Router, ask: (known: Known) => Promise<Result>, otherwise: Result) {
  const client = new DynamoDBClient(clientOptions)
  try {
    return await ask({ client, table: await router.tableName(client) })
  } catch (error) {
    process.stderr.write(`Cannot read the table: ${explainAwsError(error as Error)}\n`)
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

async function shown(letters: DeadLetter[], router: Router, json: boolean): Promise<number> {
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
      ...(queue === 'alarms' ? [] : await withTable(router, (known) => describeAttempts(letter, known, width), [])),
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
