import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { announceRouter } from '../cli/which-router.ts'
import type { Engine } from '../local/engine.ts'
import { changeSilences } from '../shared/store/silences.ts'
import { rules } from './command.ts'
import { startLocalEngine } from './local-engine.ts'
import { silenceOf } from './silences.ts'
import { SHIPPED_RULES } from './some-platform.ts'

/*
 * `rules explain` beside a router that runs here: what is silenced there holds an event here, too.
 */

const NOW = '2026-11-27T10:30:00.000Z'
const TMPDIR = mkdtempSync(join(tmpdir(), 'explain-silences-'))

let engine: Engine
beforeAll(async () => {
  engine = await startLocalEngine(SHIPPED_RULES)
  vi.stubEnv('TMPDIR', TMPDIR)
  announceRouter(engine.environment)
  vi.unstubAllEnvs()
  await changeSilences(() => [
    silenceOf({ id: 'k3x9qf', when: { 'tags.team': 'orders' }, about: 'tags.team: orders' }),
    silenceOf({ id: 'other2', when: { 'tags.team': 'stock' }, about: 'tags.team: stock' }),
  ])
})
afterAll(async () => {
  rmSync(TMPDIR, { recursive: true })
  await engine.stop()
})

const explain = (args: string[], env: Record<string, string> = { TMPDIR }) =>
  rules(['explain', ...args], { env: { ...env, COLUMNS: '100', NO_COLOR: '1' }, now: NOW })

const ofTeam = (team: string) => ['--set', `tags.team=${team}`, '--set', 'name=orders-db']

test('a silence in force holds it: by whom, until when, and why', async () => {
  const { code, stdout, stderr } = await explain(ofTeam('orders'))
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^→ \w+, by .*, to nobody now; later slack-warning$/m)
  expect(stdout).toMatch(/later +slack-warning +silenced by ann until 2026-11-27 12:00 UTC: load test: sent at/)
  expect(stdout).toContain(
    '\nSilences\n  k3x9qf holds it until 2026-11-27 12:00:00 UTC, by ann: load test (tags.team: orders)\n',
  )
  expect(stdout).not.toContain('other2')
})

test('an event of another time is decided as of then, and it says what would hold it now', async () => {
  const { stdout } = await explain([...ofTeam('orders'), '--at', '2026-11-27T09:00Z'])
  expect(stdout).toMatch(/^→ \w+, by .*, to slack-warning$/m)
  expect(stdout).toMatch(/k3x9qf was not in force then, but would hold it now, until 2026-11-27\s+12:00:00 UTC, by ann/)
})

test('--json has them', async () => {
  const { stdout } = await explain([...ofTeam('orders'), '--json'])
  expect(JSON.parse(stdout)[0].silences).toEqual([
    {
      ...{ id: 'k3x9qf', about: 'tags.team: orders', by: 'ann', why: 'load test' },
      ...{ until: '2026-11-27T12:00:00.000Z', holds: true },
    },
  ])
})

test('a resolve goes through', async () => {
  const { stdout } = await explain([...ofTeam('orders'), '--set', 'status=resolved'])
  expect(stdout).not.toContain('Silences')
})

test('what is not silenced is explained as without a router', async () => {
  const elsewhere = { TMPDIR: mkdtempSync(join(TMPDIR, 'nothing-')) }
  const [here, alone] = [await explain(ofTeam('shop')), await explain(ofTeam('shop'), elsewhere)]
  expect(here).toEqual(alone)
  const silenced = await explain([...ofTeam('orders'), '--json'], elsewhere)
  expect(JSON.parse(silenced.stdout)[0]).not.toHaveProperty('silences')
})

test('a router that has ended is none', async () => {
  const left = mkdtempSync(join(TMPDIR, 'left-'))
  vi.stubEnv('TMPDIR', left)
  announceRouter({ AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' })
  vi.unstubAllEnvs()
  const { code, stdout, stderr } = await explain(ofTeam('orders'), { TMPDIR: left })
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).not.toContain('Silences')
})
