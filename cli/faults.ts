import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FAULTS, type Fault } from '../local/faults/faults.ts'
import { RUN_QUEUES, type Run, runFault } from '../local/faults/run.ts'
import { bundleFunctions } from '../local/faults/workers.ts'
import { readArguments, wholeNumber } from './arguments.ts'
import { commandOf, runCommand, UsageError } from './command.ts'
import { framed, stacked } from './table.ts'
import { widthOf } from './wrap.ts'

const HELP = `Breaks one thing after the other under a running router, and counts what was
lost and what was doubled.

  npm run faults -- [--alerts 1000] [--seed 1] [--only 2,4]

The engine (queues, table, stand-ins) lives in this process, each function in
two of its own, from its bundle, and the clock in one. Alarms fire, half of them
resolve; the storm has 5000 of them, or five times --alerts where that is less,
the night two times. All is as deployed, but for what a run has no time for:
functions end after 6 s, what they had comes again after 8 s, a batch gathers
for 1 s, tick runs every 2 s, no queue gives up, and except in the storm no
channel has a pace.

Exit code: 0 every promise was kept, 1 one was broken, 2 wrong usage.
`

const OPTIONS = {
  alerts: { type: 'string', default: '1000' },
  seed: { type: 'string', default: '1' },
  only: { type: 'string' },
} as const

/** What its frame takes, with the longest name of a fault. */
const FRAMED = 178

const HEAD = [
  '',
  'fault',
  'sent',
  'accepted',
  'delivered',
  'overtaken',
  'lost',
  'doubled\nin Slack',
  'doubled\nincidents',
  'dead\nletters',
  'messages\nin Slack',
  'calls of\nPagerDuty',
  'recovery,\ns',
  'promises',
]

await runCommand(import.meta, commandOf('faults', main, HELP))

async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv)
  const folder = mkdtempSync(join(tmpdir(), 'alert-router-faults-'))
  await bundleFunctions(folder, RUN_QUEUES)
  const rows: string[][] = []
  let isBroken = false
  for (const [index, fault] of FAULTS.entries()) {
    const number = index + 1
    if (options.only.length > 0 && !options.only.includes(number)) continue
    process.stderr.write(`${number}. ${fault.name} …\n`)
    const run = await runFault(fault, folder, options)
    const { timedOut, crashed, thrown } = run
    if (timedOut + crashed > 0) {
      process.stderr.write(`   ${timedOut} functions were ended at their timeout, ${crashed} crashed\n`)
    }
    for (const error of new Set(thrown)) process.stderr.write(`   a function threw: ${error}\n`)
    isBroken ||= run.broken.length > 0
    rows.push(rowOf(number, fault, run))
  }
  rmSync(folder, { recursive: true })
  const width = widthOf(process.stdout, FRAMED, FRAMED)
  const table = { head: HEAD, rows }
  console.log(`${options.alerts} alarms, seed ${options.seed}`)
  console.log(width < FRAMED ? stacked(table, width) : framed(table))
  return isBroken ? 1 : 0
}

function rowOf(number: number, { name }: Fault, run: Run): string[] {
  const row = [
    number,
    name,
    run.sent,
    run.accepted,
    run.delivered,
    run.overtaken,
    run.left.length > 0 ? 'unknown' : run.lost,
    run.doubledSlack,
    run.doubledIncidents,
    run.letters,
    run.slackMessages,
    run.pagerdutyCalls,
    run.recoveryS.toFixed(0),
    run.broken.join('; ') || 'kept',
  ]
  return row.map(String)
}

/** @throws {UsageError} */
function readOptions(argv: string[]): { alerts: number; seed: number; only: number[] } {
  const { values } = readArguments(argv, OPTIONS, 'none')
  const only = values.only === undefined ? [] : values.only.split(',').map((text) => wholeNumber('--only', text))
  const unknown = only.find((number) => number < 1 || number > FAULTS.length)
  if (unknown !== undefined) throw new UsageError(`There is no fault ${unknown}: they are 1 to ${FAULTS.length}.`)
  return { alerts: wholeNumber('--alerts', values.alerts), seed: wholeNumber('--seed', values.seed), only }
}
