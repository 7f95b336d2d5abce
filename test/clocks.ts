import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'

/*
 * Runs the tests by other clocks: none may depend on the day, the zone or the language of whoever runs them.
 *
 *   npm run test:clocks -- [--clock leap-day,new-york] [--shard 1/3] [TEST FILE…]
 *
 * The clock of this process and of those that it starts is another, by a preload; the machine's stays as it is. Exit code: 0
 * all passed by each clock, 1 not so.
 */

interface Clock {
  at?: string
  environment: Record<string, string>
}

const ENGLISH = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' }
const CLOCKS: Record<string, Clock> = {
  // Half a minute later it is March.
  'leap-day': { at: '2028-02-29T23:59:30Z', environment: { ...ENGLISH, TZ: 'Asia/Kathmandu' } },
  // In half an hour the clocks go forward.
  berlin: { at: '2027-03-28T00:30:00Z', environment: { ...ENGLISH, TZ: 'Europe/Berlin' } },
  // In half an hour the clocks go back.
  'new-york': { at: '2026-11-01T05:30:00Z', environment: { ...ENGLISH, TZ: 'America/New_York' } },
  kathmandu: { environment: { ...ENGLISH, TZ: 'Asia/Kathmandu' } },
  // Its i has no dot, its upper case has.
  turkish: { environment: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Europe/Istanbul' } },
}

process.exitCode = await main()

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { clock: { type: 'string' }, shard: { type: 'string' } },
    allowPositionals: true,
  })
  const names = values.clock?.split(',') ?? Object.keys(CLOCKS)
  const unknown = names.filter((name) => !Object.hasOwn(CLOCKS, name))
  if (unknown.length > 0) {
    throw new Error(`There is no clock ${unknown.join(', ')}: there are ${Object.keys(CLOCKS).join(', ')}.`)
  }
  const failed: string[] = []
  for (const name of names) {
    process.stdout.write(`\n── ${name}\n`)
    if (!(await passes(CLOCKS[name] as Clock, [...(values.shard ? [`--shard=${values.shard}`] : []), ...positionals])))
      failed.push(name)
  }
  process.stdout.write(failed.length === 0 ? '\nAll passed by each clock.\n' : `\nFailed by ${failed.join(', ')}.\n`)
  return failed.length === 0 ? 0 : 1
}

async function passes({ at, environment }: Clock, args: string[]): Promise<boolean> {
  const offsetMs = at === undefined ? 0 : Date.parse(at) - Date.now()
  const preload = new URL('shifted-clock.ts', import.meta.url).href
  const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project=!slow', ...args], {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...environment,
      CLOCK_OFFSET_MS: String(offsetMs),
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${preload}`.trim(),
    },
  })
  const [code] = await once(vitest, 'exit')
  return code === 0
}
