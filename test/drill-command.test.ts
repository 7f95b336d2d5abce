import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { announceRouter } from '../cli/which-router.ts'
import { type RunningRouter, startRouter } from '../local/router.ts'
import { readConfig } from '../shared/config/read.ts'
import { here, named } from './command.ts'
import { blocksOf } from './doc-pages.ts'
import { startLocalEngine } from './local-engine.ts'

/** `drill` and `send` against a router that runs here: real queues, a real topic, the vendors' stand-ins. */

let engine: Awaited<ReturnType<typeof startLocalEngine>>
let router: RunningRouter
const TMPDIR = mkdtempSync(join(tmpdir(), 'drill-'))

beforeAll(async () => {
  engine = await startLocalEngine(readConfig('config/alerts.yml'))
  router = await startRouter(engine, { configFile: process.env.CONFIG_FILE ?? '' })
  const before = process.env.TMPDIR
  process.env.TMPDIR = TMPDIR
  announceRouter(engine.environment)
  process.env.TMPDIR = before
})
beforeEach(() => {
  for (const vendor of ['pagerduty', 'slack'] as const) {
    engine[vendor].requests.length = 0
    engine[vendor].answerBy()
  }
})
afterAll(async () => {
  await router.stop()
  await engine.stop()
})

const run = (name: 'drill' | 'send', args: string[], env = {}) =>
  here(named(name), args, { env: { TMPDIR, COLUMNS: '100', ...env } })
const shownIn = (page: string) =>
  blocksOf(page).find(({ marker }) => marker === 'checked by: test/drill-command.test.ts')?.text ?? ''
const plain = (text: string) => text.replace(/\d{4}-\d\d-\d\d-[0-9a-f]{6}/g, 'ID').replace(/\d+\.\d s/g, 'N s')

describe('drill', () => {
  test('fires several classes at once, and says for each channel how long it took', async () => {
    const { code, stdout, stderr } = await run('drill', ['--class', 'data-loss', '--class', 'deployment', '--yes'])
    expect([code, stderr]).toEqual([0, ''])
    expect(plain(shownIn('docs/drills.md'))).toBe(plain(stdout))
    expect(plain(stdout).split('\n')).toEqual([
      'data-loss: critical, by rule "data loss" (drill ID)',
      '  email           arrived after N s',
      '  email-security  arrived after N s',
      '  pagerduty       arrived after N s',
      '  slack-critical  arrived after N s',
      'deployment: info, by rule "deployment" (drill ID)',
      '  email  arrived after N s',
      '2 of 2 drills arrived.',
      '',
    ])
  })

  test('as JSON', async () => {
    const { code, stdout } = await run('drill', ['--class', 'cost-threshold', '--yes', '--json'])
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        drills: [
          {
            ...{
              drill: 'cost-threshold',
              id: expect.any(String),
              severity: 'warning',
              rule: 'cost threshold',
              arrived: true,
            },
            channels: [{ channel: 'slack-warning', outcome: 'arrived', tookMs: expect.any(Number) }],
            unresolved: [],
          },
        ],
      },
    ])
  })

  test('one that does not arrive: why, what to do, and exit code 1', async () => {
    engine.slack.answerBy(() => ({ status: 404, body: 'no_service' }))
    const { code, stdout, stderr } = await run('drill', ['--class', 'resource-limits', '--yes', '--timeout', '30s'])
    expect(code).toBe(1)
    expect(plain(stdout)).toMatch(
      /^ {2}slack-warning {14,}NOT DELIVERED, a dead letter: .*404|^ {2}slack-warning .*NOT DELIVERED/m,
    )
    expect(stdout).toContain('0 of 1 drill arrived.')
    expect(stderr).toContain('Its dead letters are marked as drills; discard them: npx alert-router dead-letters list')
  })

  test('lists the classes, what the rules do with each, and when each was last proven', async () => {
    await run('drill', ['--class', 'health-check', '--yes'])
    const { code, stdout, stderr } = await run('drill', [])
    expect([code, stderr]).toEqual([0, 'Fire one: npx alert-router drill --class data-loss\n'])
    expect(stdout).toMatch(/│ health-check +│ info +│ email +│ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, after \d+\.\d s │/)
    expect(stdout).toMatch(/│ security-breach +│ critical │ pagerduty +│ never +│/)
    const { stdout: json } = await run('drill', ['--json'])
    expect(JSON.parse(json).classes.find((one: { class: string }) => one.class === 'health-check')).toEqual({
      ...{ class: 'health-check', severity: 'info', rule: 'health check' },
      channels: [{ channel: 'email', provenAt: expect.any(String), tookMs: expect.any(Number) }],
    })
  })

  test('without a router, lists them anyway', async () => {
    const { code, stdout, stderr } = await run('drill', [], { TMPDIR: mkdtempSync(join(tmpdir(), 'none-')) })
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^When each was last proven, a router knows: give a --stage\./),
    ])
    expect(stdout).toContain('│ ?')
  })

  test.each<[string[], RegExp]>([
    [['--class', 'nothing', '--yes'], /--class nothing: .*data-loss/],
    [['--class', 'data-loss'], /drill asks for confirmation, but there is no terminal: add --yes/],
    [['--class', 'data-loss', '--timeout', 'soon'], /--timeout soon: write how long, as in 90s or 10m/],
    [['--alarm', 'x'], /--alarm is about an alarm in AWS: give its --stage\./],
    [['--with-actions'], /--with-actions is for --alarm/],
    [['--all', '--class', 'data-loss'], /--all/],
    [['data-loss'], /give the class as --class data-loss/],
  ])('%j: wrong usage, and nothing is fired', async (args, why) => {
    const { code, stderr } = await run('drill', args)
    expect([code, stderr]).toEqual([2, expect.stringMatching(why)])
    expect(engine.pagerduty.requests).toEqual([])
  })
})

describe('send', () => {
  test('to one channel alone', async () => {
    const { code, stdout, stderr } = await run('send', ['slack-warning', 'is this the right room?'])
    expect([code, stderr, plain(stdout)]).toEqual([0, '', 'send (drill ID)\n  slack-warning  arrived after N s\n'])
    expect(engine.slack.requests.map(({ path, body }) => [path, (body as { text: string }).text])).toEqual([
      ['slack-warning', '[Drill] INFO: is this the right room?'],
    ])
    expect(engine.pagerduty.requests).toEqual([])
  })

  test('to one that pages: asks, and closes what it has opened', async () => {
    const asked = await run('send', ['pagerduty', 'hello'])
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('send asks for confirmation')])
    const { code, stdout } = await run('send', ['pagerduty', 'hello', '--yes', '--json'])
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { channel: 'pagerduty', id: expect.any(String), arrived: true, outcome: 'arrived', tookMs: expect.any(Number) },
    ])
    expect(engine.pagerduty.requests.map(({ body }) => (body as { event_action: string }).event_action)).toEqual([
      'trigger',
      'resolve',
    ])
  })

  test.each<[string[], RegExp]>([
    [
      ['slack-warnin', 'x'],
      /^no channel "slack-warnin"\. Did you mean "slack-warning"\? There are: pagerduty, slack-critical, slack-warning, email, email-security\./,
    ],
    [['slack-warning'], /What should it say\?/],
    [['slack-warning', ' '], /What should it say\?/],
    [[], /Which channel, and what\?/],
    [['slack-warning', 'two', 'words'], /put the text in quotes/],
  ])('%j: wrong usage', async (args, why) => {
    const { code, stderr } = await run('send', args)
    expect([code, stderr]).toEqual([2, expect.stringMatching(why)])
  })
})

test('Ctrl-C resolves what was fired, and says so', async () => {
  const answered = Promise.withResolvers<void>()
  engine.slack.answerBy(() => {
    answered.resolve()
    return { status: 503 }
  })
  const args = ['cli/alert-router.ts', 'drill', '--class', 'data-loss', '--yes', '--timeout', '1h']
  const child = spawn(process.execPath, args, { env: { ...process.env, TMPDIR } })
  const [stderr, code] = [text(child.stderr), new Promise((done) => child.once('close', done))]
  await answered.promise
  child.kill('SIGINT')
  expect([await code, await stderr]).toEqual([130, 'Interrupted: what was fired is resolved.\n'])
  engine.slack.answerBy()
  await router.drained()
  const actions = engine.pagerduty.requests.map(({ body }) => (body as { event_action: string }).event_action)
  expect(actions).toEqual(['trigger', 'resolve'])
})
