import { openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { devNull } from 'node:os'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Context, SQSEvent } from 'aws-lambda'
import { bundling } from '../deploy/esbuild.ts'
import { contextOf, type Handler } from '../local/event-source.ts'
import { profiled, type Stage, watchCalls } from './stages.ts'

/*
 * A function that has been running for a while, in a process of its own: `node bench/warm-run.ts <function> <events> <result>`.
 * Of a bundle it measures the CPU of its whole process for each alarm; of a source, the part of each stage.
 */

/** What it is given. */
export interface WarmEvents {
  warmUp: SQSEvent[]
  rounds: SQSEvent[][]
  /** What JSON.parse reads in turns with them: the message of the alarm. */
  message: string
}

/** What it gives. Microseconds of each round. */
export interface WarmResult {
  /** For an alarm. */
  cpuUs: number[]
  /** For a JSON.parse of its message. */
  parseUs: number[]
  stages?: Record<Stage, number>
}

const PARSES = 2_000

const [, , file = '', given = '', result = ''] = process.argv
const isSource = extname(file) === '.ts'
const { warmUp, rounds, message } = JSON.parse(readFileSync(given, 'utf8')) as WarmEvents

logAsLambda()
// A source is loaded with what its bundle has in place of some packages.
if (isSource) {
  const replaced: Record<string, string> = bundling.alias
  registerHooks({ resolve: (name, context, next) => next(replaced[name] ?? name, context) })
}
const calls = isSource ? await watchCalls() : []
const { handler } = (await import(pathToFileURL(file).href)) as { handler: Handler }

const context = (): Context => contextOf({ functionName: 'bench', timeoutMs: 30_000 })

async function handle(events: SQSEvent[]): Promise<void> {
  for (const event of events) {
    const answer = await handler(event, context())
    if ((answer?.batchItemFailures.length ?? 0) > 0) throw new Error(`${file} failed on an alarm`)
  }
}

/** Of the whole process, with its garbage collection. */
async function cpuUs(work: () => void | Promise<void>, times: number): Promise<number> {
  const from = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(from)
  return (user + system) / times
}

const parseOften = () => {
  for (let n = 0; n < PARSES; n++) JSON.parse(message)
}

await handle(warmUp)
parseOften()
const measured: WarmResult = { cpuUs: [], parseUs: [] }
if (isSource) measured.stages = await profiled(() => handle(rounds.flat()), calls)
else {
  for (const events of rounds) {
    const alarms = events.reduce((sum, { Records }) => sum + Records.length, 0)
    measured.cpuUs.push(await cpuUs(() => handle(events), alarms))
    measured.parseUs.push(await cpuUs(parseOften, PARSES))
  }
}
writeFileSync(result, JSON.stringify(measured))
process.exit(0)

/** Lambda's runtime writes each line as JSON, with the time and the request. */
function logAsLambda(): void {
  const out = openSync(devNull, 'w')
  const write = (level: string) => (line: unknown) => {
    const timestamp = new Date().toISOString()
    const entry = typeof line === 'object' ? { timestamp, level, requestId: 'bench', message: line } : line
    writeSync(out, `${typeof entry === 'string' ? entry : JSON.stringify(entry)}\n`)
  }
  Object.assign(console, { log: write('INFO'), info: write('INFO'), warn: write('WARN'), error: write('ERROR') })
}
