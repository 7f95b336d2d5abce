import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readArguments } from '../cli/arguments.ts'
import { commandOf, runCommand, UsageError } from '../cli/command.ts'

const HELP = `Runs the tests by other clocks: none may depend on the day, the zone or the
language of whoever runs them.

  npm run test:clocks -- [--only leap-day,new-york] [TEST FILE…]

  leap-day    2028-02-29T23:59:30Z in Asia/Kathmandu (UTC+5:45): half a minute
              later it is March
  berlin      2027-03-28T00:30Z in Europe/Berlin: in half an hour the clocks go
              forward
  new-york    2026-11-01T05:30Z in America/New_York: in half an hour the clocks
              go back
  kathmandu   now, in Asia/Kathmandu
  turkish     now, in Turkish: its i has no dot, its upper case has

The clock of this process and of those that it starts is another, by a preload;
the machine's stays as it is.
Exit code: 0 all passed by each clock, 1 not so, 2 wrong usage.
`

interface Clock {
  at?: string
  environment: Record<string, string>
}

const ENGLISH = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' }
const CLOCKS: Record<string, Clock> = {
  'leap-day': { at: '2028-02-29T23:59:30Z', environment: { ...ENGLISH, TZ: 'Asia/Kathmandu' } },
  berlin: { at: '2027-03-28T00:30:00Z', environment: { ...ENGLISH, TZ: 'Europe/Berlin' } },
  'new-york': { at: '2026-11-01T05:30:00Z', environment: { ...ENGLISH, TZ: 'America/New_York' } },
  kathmandu: { environment: { ...ENGLISH, TZ: 'Asia/Kathmandu' } },
  turkish: { environment: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Europe/Istanbul' } },
}

await runCommand(import.meta, commandOf('test:clocks', main, HELP))

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, { only: { type: 'string' } }, 'paths')
  const names = values.only?.split(',') ?? Object.keys(CLOCKS)
  const unknown = names.filter((name) => !Object.hasOwn(CLOCKS, name))
  if (unknown.length > 0) {
    throw new UsageError(`There is no clock ${unknown.join(', ')}: there are ${Object.keys(CLOCKS).join(', ')}.`)
  }
  const failed: string[] = []
  for (const name of names) {
    process.stdout.write(`\n── ${name}\n`)
    if (!(await passes(CLOCKS[name] as Clock, positionals))) failed.push(name)
  }
  process.stdout.write(failed.length === 0 ? '\nAll passed by each clock.\n' : `\nFailed by ${failed.join(', ')}.\n`)
  return failed.length === 0 ? 0 : 1
}

async function passes({ at, environment }: Clock, files: string[]): Promise<boolean> {
  const offsetMs = at === undefined ? 0 : Date.parse(at) - Date.now()
  const preload = new URL('shifted-clock.ts', import.meta.url).href
  const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...files], {
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
