import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { runCommand, UsageError } from './command.ts'
import { FAULTS, type Fault } from './faults/faults.ts'
import { RUN_QUEUES, type Run, runFault } from './faults/run.ts'
import { bundleFunctions } from './faults/workers.ts'

const HELP = `Breaks one thing after the other under a running router, and counts what was lost and what was doubled.

  npm run faults -- [--alerts 1000] [--seed 1] [--only 2,4]

The engine (queues, table, stand-ins) lives in this process, each function in two of its own, from its bundle, and the clock
in one. Alarms fire, half of them resolve; the storm has 5000 of them, or five times --alerts where that is less, the night
two times. All is as deployed, but for what a run has no time for: functions end after 6 s, what they had comes again after
8 s, a batch gathers for 1 s, tick runs every 2 s, no queue gives up, and except in the storm no channel has a pace.
Exit code: 0 every promise was kept, 1 one was broken, 2 wrong usage.
`

await runCommand('faults', main)

async function main(): Promise<number> {
  const options = readOptions()
  if (options === undefined) {
    process.stdout.write(HELP)
    return 0
  }
  const folder = mkdtempSync(join(tmpdir(), 'alert-router-faults-'))
  await bundleFunctions(folder, RUN_QUEUES)
  const rows = newTable()
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
  console.log(`${options.alerts} alarms, seed ${options.seed}\n${rows.toString()}`)
  return isBroken ? 1 : 0
}

function newTable(): Table.Table {
  return new Table({
    head: [
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
    ],
    style: { head: [], border: [], compact: true },
  })
}

function rowOf(number: number, { name }: Fault, run: Run): (string | number)[] {
  return [
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
}

/** `undefined`: its help is asked for. @throws {UsageError} */
function readOptions(): { alerts: number; seed: number; only: number[] } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        alerts: { type: 'string', default: '1000' },
        seed: { type: 'string', default: '1' },
        only: { type: 'string', default: '' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (!values.help) {
      const only = values.only.split(',').filter(Boolean).map(wholeNumber)
      const unknown = only.find((number) => number < 1 || number > FAULTS.length)
      if (unknown !== undefined) throw new Error(`There is no fault ${unknown}: they are 1 to ${FAULTS.length}.`)
      return { alerts: wholeNumber(values.alerts), seed: wholeNumber(values.seed), only }
    }
    return undefined
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a whole number`)
  return Number(text)
}
