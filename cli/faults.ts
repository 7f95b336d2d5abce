import { FAULTS, type Fault } from '../local/faults/faults.ts'
import { RUN_QUEUES, type Run, runFault } from '../local/faults/run.ts'
import { bundleFunctions } from '../local/faults/workers.ts'
import { temporaryFolder } from '../local/temporary.ts'
import { UsageError } from './command.ts'
import type { FAULTS as SPEC } from './commands/work.ts'
import { numbersIn } from './frame/numbers.ts'
import type { Given } from './frame/spec.ts'
import { framed, stacked } from './table.ts'
import { widthOf } from './wrap.ts'

/** The width of the frame, with the longest name of a fault. */
const FRAMED = 181

const HEAD = [
  '',
  'fault',
  'sent',
  'accepted',
  'delivered',
  'superseded',
  'lost',
  'duplicates\nin Slack',
  'duplicate\nincidents',
  'dead\nletters',
  'messages\nin Slack',
  'calls of\nPagerDuty',
  'recovery,\ns',
  'promises',
]

export async function faults({ options: given }: Given<typeof SPEC>): Promise<number> {
  const options = { ...given, only: chosen(given.fault) }
  const folder = temporaryFolder('alert-router-faults-')
  await bundleFunctions(folder.path, RUN_QUEUES)
  const runs: { number: number; fault: Fault; run: Run }[] = []
  for (const [index, fault] of FAULTS.entries()) {
    const number = index + 1
    if (options.only.length > 0 && !options.only.includes(number)) continue
    process.stderr.write(`${number}. ${fault.name} …\n`)
    const run = await runFault(fault, folder.path, options)
    const { timedOut, crashed, thrown } = run
    if (timedOut + crashed > 0) {
      process.stderr.write(`   ${timedOut} functions timed out, ${crashed} crashed\n`)
    }
    for (const error of new Set(thrown)) process.stderr.write(`   a function threw: ${error}\n`)
    runs.push({ number, fault, run })
  }
  folder.remove()
  const { alerts, seed, json } = options
  if (json) {
    const faults = runs.map(({ number, fault: { name }, run }) => ({ number, name, ...run }))
    console.log(JSON.stringify({ alerts, seed, faults }))
  } else {
    const width = widthOf(process.stdout, FRAMED, FRAMED)
    const table = { head: HEAD, rows: runs.map(({ number, fault, run }) => rowOf(number, fault, run)) }
    console.log(`${alerts} alarms, seed ${seed}`)
    console.log(width < FRAMED ? stacked(table, width) : framed(table))
  }
  return runs.some(({ run }) => run.broken.length > 0) ? 1 : 0
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
function chosen(list: string | undefined): number[] {
  const numbers = numbersIn('--fault', list)
  const unknown = numbers.find((number) => number < 1 || number > FAULTS.length)
  if (unknown !== undefined) throw new UsageError(`Unknown fault ${unknown}: they are 1 to ${FAULTS.length}.`)
  return numbers
}
