import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { alertCosts, decideCosts } from '../bench/alert-cost.ts'
import { callsOfAnAlarm } from '../bench/calls.ts'
import { coldStarts } from '../bench/cold-start.ts'
import { replayThousand } from '../bench/replay-1000.ts'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { readConfig } from '../shared/config/read.ts'
import { parse } from '../shared/parse/parse.ts'
import { readArguments } from './arguments.ts'
import { commandOf, runCommand } from './command.ts'

/*
 * What the router costs. Machines differ and are noisy: every figure is a median, measured in turns with what it is
 * compared to, in this one run. Aims are shown beside; nothing is asserted.
 */
const ROUNDS = 21
const SAMPLE = 'samples/high-error-rate-1-alarm.json'
const WARNING = 'samples/processing-latency-1-alarm.json'

const HELP = `What the router costs, in time and in calls to AWS. It takes a minute or two.

  npm run bench

Exit code: 0 measured, 1 not so, 2 wrong usage.
`

await runCommand(import.meta, commandOf('bench', main, HELP))

async function main(argv: string[]): Promise<number> {
  readArguments(argv, {}, 'none')
  const folder = mkdtempSync(join(tmpdir(), 'alert-router-bench-'))
  try {
    await measure(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
  return 0
}

async function measure(folder: string): Promise<void> {
  const config = readConfig('config/alerts.yml')
  const configFile = join(folder, 'alerts.json')
  writeFileSync(configFile, JSON.stringify(config))
  const event = readFileSync(SAMPLE, 'utf8')
  const [alert] = parse(JSON.parse(event)) as [Alert]

  print(
    'Cold start: a whole process, over bare node (aim: at most 3.5)',
    ['function', 'over bare node', 'ms', 'bundle, KB'],
    (await coldStarts(folder, configFile, ROUNDS)).map(({ name, bytes, startMs, overBare }) => [
      name,
      overBare.toFixed(2),
      startMs.toFixed(0),
      (bytes / 1_024).toFixed(0),
    ]),
  )
  print(
    'CPU for one alert, over JSON.parse of the same event',
    ['step', 'over JSON.parse', 'µs'],
    alertCosts(event, config).map(({ name, us, overJsonParse }) => [name, overJsonParse.toFixed(1), us.toFixed(1)]),
  )
  print(
    'Deciding by many rules, over ten of them (aim: at most 2 with 10,000)',
    ['rules', 'over ten', 'µs', 'a plain scan, µs'],
    decideCosts([10, 100, 1_000, 10_000], config, alert).map(({ size, us, overFirst, scanUs }) => [
      String(size),
      overFirst.toFixed(2),
      us.toFixed(2),
      scanUs.toFixed(2),
    ]),
  )
  const { seconds, deliveries } = replayThousand(folder, readFileSync(WARNING, 'utf8'))
  print(
    'A thousand alarms replayed through the whole local path (aim: at most 10 s)',
    ['alarms', 'deliveries', 's'],
    [['1000', String(deliveries), seconds.toFixed(1)]],
  )
  await measureCalls(config, configFile)
}

async function measureCalls(config: Config, configFile: string): Promise<void> {
  // Last: from here on this process's environment is that of the functions.
  const { calls, messages, messageBytes } = await callsOfAnAlarm(config, configFile)
  print(
    'Calls to AWS and their bytes, for one critical alarm that fires and resolves',
    ['service', 'calls', 'bytes asked', 'bytes answered', 'which'],
    [
      ...calls.map(({ service, operations, ...n }) => [
        service,
        ...[n.calls, n.requestBytes, n.responseBytes].map(String),
        Object.entries(operations)
          .map(([name, times]) => `${times} ${name}`)
          .join(', '),
      ]),
      ['messages', String(messages), '', String(messageBytes), 'given to the functions'],
    ],
  )
}

function print(title: string, head: string[], rows: string[][]): void {
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right'],
  })
  table.push(...rows)
  console.log(`${title}\n${table.toString()}\n`)
}
