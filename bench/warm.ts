import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SQSRecord } from 'aws-lambda'
import { BATCH_SIZE } from '../deploy/deliverers.ts'
import { endWithThis } from '../local/temporary.ts'
import { FUNCTION_OF } from '../local/topology.ts'
import type { Config } from '../schemas/config.ts'
import { bundleOf, bundleWay } from './first-alarm.ts'
import { median, type Ratio, ratioOf } from './ratio.ts'
import type { Stage } from './stages.ts'
import type { WarmEvents, WarmResult } from './warm-run.ts'
import { type Stop, startWay, type Way } from './way.ts'

export interface WarmCost {
  name: string
  /** CPU for one alarm, and its parts; microseconds. */
  us: number
  stages: Record<Stage, number>
  /** Over JSON.parse of the alarm's message. */
  overJsonParse: Ratio
}

const WARM_UP = 400
const ROUNDS = 20
const ALARMS_A_ROUND = 20
const ALARMS = WARM_UP + ROUNDS * ALARMS_A_ROUND
const RUN = fileURLToPath(new URL('warm-run.ts', import.meta.url))

/**
 * What an alarm costs in a function that has been running for a while: its process's CPU, user and system, through the
 * handler of its bundle. AWS and the vendors are outside of the process. The parts are those of a second run, from the source.
 */
export async function warmCosts(folder: string, config: Config): Promise<WarmCost[]> {
  await bundleWay(folder)
  const way = await startWay(folder, config)
  try {
    await way.publish('warm-0')
    const alarm = await way.take('alarms')
    let named = 0
    const alarms = (count: number) => Array.from({ length: count }, () => renamed(alarm, `warm-${++named}`))
    const route = (batch: number) => measure('alarms', batch, async (count) => alarms(count), { folder, way, alarm })
    const [many, one] = [await route(BATCH_SIZE), await route(1)]
    // What they have published.
    const deliver = (queue: Stop) => measure(queue, 1, (count) => taken(way, queue, count), { folder, way, alarm })
    return [
      { name: `route, ${BATCH_SIZE} a batch`, ...many },
      { name: 'route, one alone', ...one },
      { name: FUNCTION_OF.pagerduty, ...(await deliver('pagerduty')) },
      { name: FUNCTION_OF.slack, ...(await deliver('slack')) },
    ]
  } finally {
    await way.stop()
  }
}

async function taken(way: Way, queue: Stop, count: number): Promise<SQSRecord[]> {
  const records: SQSRecord[] = []
  while (records.length < count) records.push(await way.take(queue))
  return records
}

/** Another alarm, at the same time. */
function renamed(record: SQSRecord, name: string): SQSRecord {
  return { ...record, messageId: crypto.randomUUID(), body: record.body.replaceAll('warm-0', name) }
}

interface Given {
  folder: string
  way: Way
  alarm: SQSRecord
}

async function measure(
  queue: Stop,
  batch: number,
  records: (count: number) => Promise<SQSRecord[]>,
  { folder, way, alarm }: Given,
): Promise<Omit<WarmCost, 'name'>> {
  const message = JSON.parse(alarm.body).Message
  const run = async (file: string) => runWarm(file, eventsOf(await records(ALARMS), batch, message), folder, way)
  const { cpuUs, parseUs } = await run(bundleOf(folder, queue))
  const { stages } = await run(resolve('functions', `${FUNCTION_OF[queue]}.ts`))
  const us = median(cpuUs)
  const parts = Object.entries(stages ?? {}).map(([stage, part]) => [stage, part * us])
  return { us, stages: Object.fromEntries(parts), overJsonParse: ratioOf(cpuUs, parseUs) }
}

function eventsOf(records: SQSRecord[], batch: number, message: string): WarmEvents {
  const batches = (of: SQSRecord[]) =>
    Array.from({ length: of.length / batch }, (_, n) => ({ Records: of.slice(n * batch, (n + 1) * batch) }))
  const rounds = Array.from({ length: ROUNDS }, (_, round) => WARM_UP + round * ALARMS_A_ROUND)
  return {
    message,
    warmUp: batches(records.slice(0, WARM_UP)),
    rounds: rounds.map((from) => batches(records.slice(from, from + ALARMS_A_ROUND))),
  }
}

/** @throws {Error} if it fails. */
async function runWarm(file: string, events: WarmEvents, folder: string, way: Way): Promise<WarmResult> {
  const [given, result] = [join(folder, 'warm-events.json'), join(folder, 'warm-result.json')]
  writeFileSync(given, JSON.stringify(events))
  const env = way.environment
  const child = endWithThis(
    spawn(process.execPath, [RUN, file, given, result], { env, stdio: ['ignore', 'ignore', 'inherit'] }),
  )
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${file} did not handle its alarms (${code})`)
  return JSON.parse(readFileSync(result, 'utf8'))
}
