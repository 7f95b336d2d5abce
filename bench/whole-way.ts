import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endWithThis } from '../local/temporary.ts'
import type { Config } from '../schemas/config.ts'
import { median, middleHalf, type Ratio, ratioOf } from './ratio.ts'
import { unpaced } from './way.ts'

/** One alarm, in milliseconds; `hop`: from SNS to a queue's reader, with nothing of ours. */
export interface WholeWayRun {
  hop: number
  slack: number
  pagerduty: number
}

export interface WholeWay {
  to: string
  ms: number
  between: [number, number]
  overHop: Ratio
}

const RUN = fileURLToPath(new URL('whole-way-run.ts', import.meta.url))

/**
 * From the arrival of a lone alarm in SNS to the channel that accepts it, through the functions and the local queues, in
 * batches as deployed, in a router that has been running.
 */
export async function wholeWay(folder: string, config: Config, rounds: number): Promise<WholeWay[]> {
  const [rules, result] = [join(folder, 'whole-way.json'), join(folder, 'whole-way-result.json')]
  writeFileSync(rules, JSON.stringify(unpaced(config)))
  const child = endWithThis(
    spawn(process.execPath, [RUN, rules, String(rounds), result], { stdio: ['ignore', 'ignore', 'inherit'] }),
  )
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`an alarm did not reach its channels (${code})`)
  const runs = JSON.parse(readFileSync(result, 'utf8')) as WholeWayRun[]
  const hops = runs.map(({ hop }) => hop)
  return (['pagerduty', 'slack'] as const).map((to) => {
    const times = runs.map((run) => run[to])
    return { to, ms: median(times), between: middleHalf(times), overHop: ratioOf(times, hops) }
  })
}
