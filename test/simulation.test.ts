import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadCode } from '../local/simulation/code.ts'
import { describeRun } from '../local/simulation/describe-run.ts'
import { worldOf } from '../local/simulation/generate.ts'
import { judge } from '../local/simulation/judge.ts'
import { FUNCTIONS, run } from '../local/simulation/run.ts'
import { kindOf, shrink } from '../local/simulation/shrink.ts'
import type { Run, World } from '../local/simulation/world.ts'

const MINUTE_MS = 60_000

/** One alarm that fires and resolves ten minutes later, sent to PagerDuty and Slack; nothing fails. */
const QUIET: World = {
  seed: 1,
  startAt: '2026-03-05T10:00:00.000Z',
  config: {
    channels: {
      pager: { type: 'pagerduty', secret: 'pager', region: 'us' },
      chat: { type: 'slack', secret: 'chat' },
      mail: { type: 'email', addresses: ['someone@example.com'] },
    },
    severities: {
      critical: { channels: ['pager', 'chat'] },
      warning: { channels: ['chat'] },
      info: { channels: ['mail'] },
    },
    rules: [{ name: 'critical', when: { namespace: 'Simulated/critical' }, severity: 'critical' }],
    default: { severity: 'info' },
  },
  inputs: (['firing', 'resolved'] as const).map((status, index) => ({
    atMs: 1_000 + index * 10 * MINUTE_MS,
    changedAtMs: index * 10 * MINUTE_MS,
    alert: 'alert-0',
    status,
    severity: 'critical',
    form: 'alarm',
    mark: `mark-0-${index}`,
  })),
  spells: [],
  pushes: [],
  redrives: [],
  deploys: [],
  most: {},
}

/** What vendors accepted, in short. */
function notified({ taken, startedAt }: Run): string[] {
  return taken.map(
    ({ target, action, at }) => `${target} ${action} in minute ${Math.floor((at - startedAt) / MINUTE_MS)}`,
  )
}

test('a world in which nothing fails delivers everything, and then nothing is left to do', async () => {
  const result = await run(QUIET)
  expect(judge(result)).toEqual([])
  expect(notified(result).sort()).toEqual([
    'chat message in minute 0',
    'chat message in minute 10',
    'pager resolve in minute 10',
    'pager trigger in minute 0',
  ])
  expect(result.incidents).toMatchObject([{ target: 'pager', isOpen: false, triggers: 1 }])
  expect(result.counts).toMatchObject({ deaths: 0, timeouts: 0, throws: [] })
})

test('the same seed gives the same world, call by call; another seed gives another', async () => {
  for (const seed of [7, 24]) {
    const world = worldOf(seed)
    const first = await run(world)
    // Another world in between leaves nothing behind.
    await run(worldOf(seed + 1))
    const again = await run(structuredClone(world))
    expect(JSON.stringify(again)).toBe(JSON.stringify(first))
    expect(JSON.stringify(worldOf(seed))).toBe(JSON.stringify(world))
  }
  expect((await run({ ...QUIET, seed: 2 })).trace).not.toEqual((await run(QUIET)).trace)
})

test('every promise is kept in some worlds in which anything fails', async () => {
  for (let seed = 1; seed <= 12; seed++) expect([seed, judge(await run(worldOf(seed)))]).toEqual([seed, []])
})

test('failures reach the functions: lost responses, killed processes, services that are down', async () => {
  const during = { fromMs: 0, untilMs: 2 * MINUTE_MS }
  const lost = await run({ ...QUIET, spells: [{ ...during, on: 'slack', kind: 'lost', rate: 1 }] })
  const toSlack = lost.taken.filter(({ target }) => target === 'chat')
  expect(toSlack.length).toBeGreaterThan(2)
  expect(toSlack[0]?.isAnswered).toBe(false)
  expect(lost.incidents).toMatchObject([{ isOpen: false }])

  const dying = await run({ ...QUIET, spells: [{ ...during, on: 'lambda', kind: 'dies', rate: 0.3 }] })
  expect(dying.counts.deaths).toBeGreaterThan(0)
  expect(dying.isAtRest).toBe(true)

  const down = await run({ ...QUIET, spells: [{ ...during, on: 'dynamodb', kind: 'hangs', rate: 1 }] })
  expect(Math.min(...down.taken.map(({ at }) => at - down.startedAt))).toBeGreaterThan(during.untilMs)

  const revoked = await run({ ...QUIET, spells: [{ ...during, on: 'slack', kind: 'revoked', rate: 1 }] })
  expect(revoked.letters).toMatchObject([{ queue: 'slack' }])
})

test('by an app, what Slack has without having answered is there once; SES is asked again', async () => {
  const channels = {
    chat: { type: 'slack-app' as const, secret: 'bot', channel: 'C0CHAT0000' },
    mail: { type: 'email' as const, addresses: ['mail@example.com'], via: 'ses' as const, from: 'a@example.com' },
  }
  const critical = { channels: ['chat', 'mail'] }
  const config = { ...QUIET.config, channels, severities: { ...QUIET.config.severities, critical } }
  const during = { fromMs: 0, untilMs: 2 * MINUTE_MS, kind: 'lost' as const, rate: 1 }
  const spells = ['slack-app.chat.postMessage', 'email'].map((on) => ({ ...during, on }))
  const result = await run({ ...QUIET, config, spells })
  expect(judge(result)).toEqual([])
  expect(result.byApp.map(({ action }) => action)).toEqual(['message', 'edit'])
  expect(result.byApp[0]?.isAnswered).toBe(false)
  expect(result.taken.filter(({ target }) => target === 'mail').length).toBeGreaterThan(2)
})

/** The functions, some with changed sources. */
async function withFunctions(sources: Record<string, string>) {
  // Beside the packages that they import.
  const folder = mkdtempSync(join(import.meta.dirname, '../node_modules/.simulation-'))
  const files = Object.entries(sources).map(([name, source]) => {
    const file = join(folder, `${name}.ts`)
    writeFileSync(file, source)
    return [name, file]
  })
  const code = await loadCode({ ...FUNCTIONS, ...Object.fromEntries(files) })
  rmSync(folder, { recursive: true })
  return code
}

test('a router that acknowledges without sending is caught, and shown by the smallest world', async () => {
  const code = await withFunctions({
    'deliver-slack': 'export const handler = async () => ({ batchItemFailures: [] })',
  })
  const broken = judge(await run(QUIET, { code }))
  expect(broken).toContain('slack:chat never received that alert-0 was firing (mark-0-0); last was nothing')

  const kind = kindOf(broken.find((one) => one.includes('never received')) ?? '')
  const spells = [{ fromMs: 0, untilMs: MINUTE_MS, on: 'pagerduty', kind: 'refused' as const, rate: 0.5 }]
  // As long as an alert fires that chat should receive.
  const breaks = async ({ inputs, config: { severities } }: World) =>
    inputs.some(({ status }) => status === 'firing') && severities.critical.channels.includes('chat') ? broken : []
  const smallest = await shrink({ ...QUIET, spells }, kind, breaks)
  expect(smallest).toMatchObject({ spells: [], inputs: [{ status: 'firing' }] })
  const result = await run(smallest, { code })
  expect(describeRun(result, judge(result))).toContain('✗ slack:chat never received that alert-0 was firing')
})
