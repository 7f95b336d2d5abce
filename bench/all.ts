import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { readConfig } from '../shared/config/read.ts'
import { parse } from '../shared/parse/parse.ts'
import { readPlatform } from '../shared/platform/read.ts'
import { alertCosts, decideCosts, silenceCosts } from './alert-cost.ts'
import { callsOfAnAlarm } from './calls.ts'
import { coldStarts } from './cold-start.ts'
import { type FirstAlarm, firstAlarms } from './first-alarm.ts'
import { type Measured, rangeCell, ratioCells, SPREAD } from './measured.ts'
import { type Peer, type PeerFolders, peersIn } from './peers.ts'
import { replayThousand } from './replay-1000.ts'
import { reportRuns } from './report.ts'
import { STAGES } from './stages.ts'
import { warmCosts } from './warm.ts'
import { wholeWay } from './whole-way.ts'

/*
 * What the router costs. Machines differ and are noisy: every figure is a median, measured in turns with what it is
 * compared to, in this one run. Aims are shown beside; nothing is asserted.
 */
const ROUNDS = 21
const LONE_ALARMS = 11
const SAMPLE = 'samples/high-error-rate-1-alarm.json'
const WARNING = 'samples/processing-latency-1-alarm.json'

type Report = (one: Measured) => void
interface Given {
  /** For what is written meanwhile. */
  folder: string
  config: Config
  configFile: string
}

/** Measures all, and hands over each table once it is there. */
export async function measureAll(folder: string, folders: PeerFolders, report: Report): Promise<void> {
  const { peers, about } = peersIn(folders, folder)
  const config = readConfig('config/alerts.yml')
  const given = { folder, config, configFile: join(folder, 'alerts.json') }
  writeFileSync(given.configFile, JSON.stringify(config))
  await measureStarts(given, report)
  await measureFirstAlarms(given, { peers, about }, report)
  await measureWarm(given, report)
  await measureWholeWay(given, report)
  measureSteps(given, report)
  const { seconds, deliveries } = replayThousand(folder, readFileSync(WARNING, 'utf8'))
  report({
    title: 'A thousand alarms replayed through the whole local path (aim: at most 10 s)',
    head: ['alarms', 'deliveries', 's'],
    rows: [['1000', String(deliveries), seconds.toFixed(1)]],
  })
  await measureReports(given, report)
  await measureCalls(given, report)
}

async function measureStarts({ folder, configFile }: Given, report: Report): Promise<void> {
  const starts = await coldStarts(folder, configFile, ROUNDS)
  report({
    title: 'Cold start: a whole process, over bare node (aim: at most 3.5)',
    head: ['function', 'over bare node', SPREAD, 'ms', 'bundle, KB'],
    rows: starts.map(({ name, bytes, startMs, overBare }) => [
      name,
      ...ratioCells(overBare),
      startMs.toFixed(0),
      (bytes / 1_024).toFixed(0),
    ]),
  })
}

const AIMS = {
  'notify-slack': 'each function at most 0.4, both of an alarm 0.75',
  assertible: 'each function at most 1',
} satisfies Record<Peer['name'], string>

async function measureFirstAlarms(
  { folder, config }: Given,
  { peers, about }: { peers: Peer[]; about: string },
  report: Report,
): Promise<void> {
  const all = await firstAlarms(folder, config, peers, ROUNDS)
  report({
    title: 'From the start of a process to the last answer, one alarm, by TLS (aim: each at most 4)',
    head: ['processes', 'over bare node', SPREAD, 'ms', 'CPU, ms', 'MB'],
    rows: all.map(({ name, ms, cpuMs, mb, overBare }) => [
      name,
      ...ratioCells(overBare),
      ...[ms, cpuMs, mb].map((one) => one?.toFixed(0) ?? '-'),
    ]),
    note: about,
  })
  for (const { name } of peers) report(besidePeer(name, all, peers))
}

function besidePeer(peer: Peer['name'], all: FirstAlarm[], peers: Peer[]): Measured {
  const theirs = ['bare node', ...peers.map(({ name }) => name)]
  return {
    title: `The same, over ${peer} (aim: ${AIMS[peer]})`,
    head: ['processes', 'over its time', SPREAD, 'over its CPU', SPREAD],
    rows: all
      .filter(({ name }) => !theirs.includes(name))
      .map(({ name, overPeers }) => [name, ...ratioCells(overPeers[peer]?.time), ...ratioCells(overPeers[peer]?.cpu)]),
  }
}

async function measureWarm({ folder, config }: Given, report: Report): Promise<void> {
  const costs = await warmCosts(folder, config)
  report({
    title: 'CPU of a warm function for one alarm (aim: 1,000 alarms a second of a core through route)',
    head: ['function', 'over JSON.parse', SPREAD, 'µs', 'alarms a second'],
    rows: costs.map(({ name, us, overJsonParse }) => [
      name,
      ...ratioCells(overJsonParse),
      us.toFixed(0),
      (1_000_000 / us).toFixed(0),
    ]),
  })
  report({
    title: 'The same by stage, µs',
    head: ['function', ...STAGES],
    rows: costs.map(({ name, stages }) => [name, ...STAGES.map((stage) => stages[stage].toFixed(0))]),
  })
}

async function measureWholeWay({ folder, config }: Given, report: Report): Promise<void> {
  const ways = await wholeWay(folder, config, LONE_ALARMS)
  report({
    title: 'A lone alarm, from SNS to the channel that accepts it, warm (aim: at most 300 ms to Slack)',
    head: ['to', 'over one hop from SNS to SQS', SPREAD, 'ms', 'half of them, ms'],
    rows: ways.map(({ to, ms, between, overHop }) => [
      to,
      ...ratioCells(overHop),
      ms.toFixed(0),
      rangeCell(...between),
    ]),
  })
}

function measureSteps({ config }: Given, report: Report): void {
  const event = readFileSync(SAMPLE, 'utf8')
  const [alert] = parse(JSON.parse(event)) as [Alert]
  report({
    title: 'CPU for one alert, over JSON.parse of the same event',
    head: ['step', 'over JSON.parse', SPREAD, 'µs'],
    rows: alertCosts(event, config).map(({ name, us, overJsonParse }) => [
      name,
      ...ratioCells(overJsonParse),
      us.toFixed(1),
    ]),
  })
  report({
    title: 'Deciding by many rules, over ten of them (aim: at most 2 with 10,000)',
    head: ['rules', 'over ten', SPREAD, 'µs', 'a plain scan, µs'],
    rows: decideCosts([10, 100, 1_000, 10_000], config, alert).map(({ size, us, overFirst, scanUs }) => [
      String(size),
      ...ratioCells(overFirst),
      us.toFixed(2),
      scanUs.toFixed(2),
    ]),
  })
  report({
    title: 'Deciding with 1,000 silences and 200 inhibitions, over none (aim: at most 2)',
    head: ['an alert', 'over none', SPREAD, 'µs'],
    rows: silenceCosts({ silences: 1_000, inhibitions: 200 }, config, alert).map(({ what, us, overNone }) => [
      what,
      ...ratioCells(overNone),
      us.toFixed(2),
    ]),
  })
}

async function measureReports({ folder, configFile, config }: Given, report: Report): Promise<void> {
  const platform = readPlatform()
  if (!platform) return
  const runs = await reportRuns({ folder, configFile }, platform, config)
  report({
    title: 'Each report of the demo, as its function makes it from a cold start',
    head: ['report', 's', 'most memory, MB', 'requests'],
    rows: runs.map((one) => [one.name, one.seconds.toFixed(1), one.peakMb.toFixed(0), String(one.requests)]),
  })
}

async function measureCalls({ config, configFile }: Given, report: Report): Promise<void> {
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
