import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Table from 'cli-table3'
import { alertCosts, decideCosts, silenceCosts } from '../bench/alert-cost.ts'
import { callsOfAnAlarm } from '../bench/calls.ts'
import { coldStarts } from '../bench/cold-start.ts'
import { firstAlarms } from '../bench/first-alarm.ts'
import { replayThousand } from '../bench/replay-1000.ts'
import { reportRuns } from '../bench/report.ts'
import { temporaryFolder } from '../local/temporary.ts'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { readConfig } from '../shared/config/read.ts'
import { parse } from '../shared/parse/parse.ts'
import { readPlatform } from '../shared/platform/read.ts'
import type { BENCH } from './commands/work.ts'
import type { Given } from './frame/spec.ts'

/*
 * What the router costs. Machines differ and are noisy: every figure is a median, measured in turns with what it is
 * compared to, in this one run. Aims are shown beside; nothing is asserted.
 */
const ROUNDS = 21
const SAMPLE = 'samples/high-error-rate-1-alarm.json'
const WARNING = 'samples/processing-latency-1-alarm.json'

export async function bench({ options }: Given<typeof BENCH>): Promise<number> {
  const folder = temporaryFolder('alert-router-bench-')
  const measured: Measured[] = []
  await measure(folder.path, (one) => {
    measured.push(one)
    if (!options.json) print(one)
  })
  folder.remove()
  if (options.json) process.stdout.write(`${JSON.stringify(measured)}\n`)
  return 0
}

/** A table of figures. */
interface Measured {
  title: string
  head: string[]
  rows: string[][]
}
type Report = (one: Measured) => void

async function measure(folder: string, report: Report): Promise<void> {
  const config = readConfig('config/alerts.yml')
  const configFile = join(folder, 'alerts.json')
  writeFileSync(configFile, JSON.stringify(config))
  const event = readFileSync(SAMPLE, 'utf8')
  const [alert] = parse(JSON.parse(event)) as [Alert]

  report({
    title: 'Cold start: a whole process, over bare node (aim: at most 3.5)',
    head: ['function', 'over bare node', 'ms', 'bundle, KB'],
    rows: (await coldStarts(folder, configFile, ROUNDS)).map(({ name, bytes, startMs, overBare }) => [
      name,
      overBare.toFixed(2),
      startMs.toFixed(0),
      (bytes / 1_024).toFixed(0),
    ]),
  })
  report({
    title: 'From the start of a process to the last answer, one alarm, by TLS (aim: each at most 4)',
    head: ['processes', 'over bare node', 'ms', 'half of them', 'CPU, ms', 'MB'],
    rows: (await firstAlarms(folder, config, ROUNDS)).map(({ name, ms, between, cpuMs, mb, overBare }) => [
      ...[name, overBare.toFixed(2), ms.toFixed(0), between.map((one) => one.toFixed(0)).join(' to ')],
      ...[cpuMs, mb].map((one) => one?.toFixed(0) ?? '-'),
    ]),
  })
  report({
    title: 'CPU for one alert, over JSON.parse of the same event',
    head: ['step', 'over JSON.parse', 'µs'],
    rows: alertCosts(event, config).map(({ name, us, overJsonParse }) => [
      name,
      overJsonParse.toFixed(1),
      us.toFixed(1),
    ]),
  })
  report({
    title: 'Deciding by many rules, over ten of them (aim: at most 2 with 10,000)',
    head: ['rules', 'over ten', 'µs', 'a plain scan, µs'],
    rows: decideCosts([10, 100, 1_000, 10_000], config, alert).map(({ size, us, overFirst, scanUs }) => [
      String(size),
      overFirst.toFixed(2),
      us.toFixed(2),
      scanUs.toFixed(2),
    ]),
  })
  report({
    title: 'Deciding with 1,000 silences and 200 inhibitions, over none (aim: at most 2)',
    head: ['an alert', 'over none', 'µs'],
    rows: silenceCosts({ silences: 1_000, inhibitions: 200 }, config, alert).map(({ what, us, overNone }) => [
      what,
      overNone.toFixed(2),
      us.toFixed(2),
    ]),
  })
  const { seconds, deliveries } = replayThousand(folder, readFileSync(WARNING, 'utf8'))
  report({
    title: 'A thousand alarms replayed through the whole local path (aim: at most 10 s)',
    head: ['alarms', 'deliveries', 's'],
    rows: [['1000', String(deliveries), seconds.toFixed(1)]],
  })
  await measureReports({ folder, configFile }, config, report)
  await measureCalls(config, configFile, report)
}

async function measureReports(files: { folder: string; configFile: string }, config: Config, report: Report) {
  const platform = readPlatform()
  if (!platform) return
  const runs = await reportRuns(files, platform, config)
  report({
    title: 'Each report of the demo, as its function makes it from a cold start',
    head: ['report', 's', 'most memory, MB', 'requests'],
    rows: runs.map((one) => [one.name, one.seconds.toFixed(1), one.peakMb.toFixed(0), String(one.requests)]),
  })
}

async function measureCalls(config: Config, configFile: string, report: Report): Promise<void> {
  // Last: from here on this process's environment is that of the functions.
  const { calls, messages, messageBytes } = await callsOfAnAlarm(config, configFile)
  report({
    title: 'Calls to AWS and their bytes, for one critical alarm that fires and resolves',
    head: ['service', 'calls', 'bytes asked', 'bytes answered', 'which'],
    rows: [
      ...calls.map(({ service, operations, ...n }) => [
        service,
        ...[n.calls, n.requestBytes, n.responseBytes].map(String),
        Object.entries(operations)
          .map(([name, times]) => `${times} ${name}`)
          .join(', '),
      ]),
      ['messages', String(messages), '', String(messageBytes), 'given to the functions'],
    ],
  })
}

function print({ title, head, rows }: Measured): void {
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right'],
  })
  table.push(...rows)
  console.log(`${title}\n${table.toString()}\n`)
}
