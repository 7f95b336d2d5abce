import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AwsStandIn, startAws } from '../local/stand-ins/aws.ts'
import { rules } from './command.ts'
import { SAMPLE_ACCOUNT } from './estate-account.ts'
import { AT } from './estate-parts.ts'

/** `rules plan` over alarms that have not fired. */

const SHIPPED = readFileSync('config/alerts.yml', 'utf8')
const PAGING = SHIPPED.replace(/(name: performance[\s\S]*?severity: )warning/, '$1critical')
const ESTATE = resolve('demo/estate.json')

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'estate-plan-'))
  writeFileSync(join(cwd, 'before.yml'), SHIPPED)
  writeFileSync(join(cwd, 'after.yml'), PAGING)
})
afterEach(() => rmSync(cwd, { recursive: true }))

const plan = (args: string[], env: Record<string, string> = {}) =>
  rules(['plan', '--base', 'before.yml', '--config', 'after.yml', '--detailed-exitcode', ...args], {
    ...{ cwd, now: AT, env: { COLUMNS: '100', NO_COLOR: '1', ...env } },
  })

test('an edit is shown for alarms of a file, as if each fired now', async () => {
  const { code, stdout, stderr } = await plan(['--estate', ESTATE])
  expect([code, stderr]).toEqual([3, ''])
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /^before\.yml → after\.yml, over 56 alarms of \S+, as if each fired now/,
  )
  expect(stdout).toContain('Of 56 alerts (2026-11-27), 7 change: 7 start paging.')
  expect(stdout).toMatch(/ {4}invoice-run-duration: invoice-run \(FunctionName\) +firing at 2026-11-27 06:00/)
  // Nobody knows how often an alarm will fire; and Auto Scaling's own are not sent.
  expect(stdout).not.toMatch(/Alerts per day|TargetTracking/)
})

test('no edit changes nothing', async () => {
  writeFileSync(join(cwd, 'after.yml'), SHIPPED)
  const { code, stdout } = await plan(['--estate', ESTATE])
  expect([code, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'Of 56 alerts (2026-11-27), none changes.'])
})

test('as JSON', async () => {
  const { source, alerts, differences, volume } = JSON.parse((await plan(['--estate', ESTATE, '--json'])).stdout)
  expect([source, alerts, differences.length, volume]).toEqual([
    `56 alarms of ${ESTATE}, as if each fired now`,
    56,
    7,
    [],
  ])
})

test.each<[what: string, args: string[], code: number, message: string]>([
  ['a file that is missing', ['--estate', 'nope.json'], 1, 'nope.json: file not found'],
  ['a file of something else', ['--estate', 'before.yml'], 1, 'before.yml: no alarms in it'],
  ['no account', ['--estate', 'account'], 2, 'Give a stage, as in --stage prod'],
  ['recorded alerts, too', ['--estate', ESTATE, '--against', 'x'], 2, '--against'],
  ['a time', ['--estate', ESTATE, '--since', '7d'], 2, '--since'],
])('%s: says so', async (_what, args, code, message) => {
  const { stderr, ...ran } = await plan(args)
  expect([ran.code, ran.stdout]).toEqual([code, ''])
  expect(stderr).toContain(message)
})

describe('of an account', () => {
  let aws: AwsStandIn
  beforeAll(async () => {
    aws = await startAws({ data: SAMPLE_ACCOUNT, now: () => Date.parse(AT) })
  })
  afterAll(() => aws.close())

  test('the same is shown', async () => {
    const keys = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-west-1' }
    const { code, stdout } = await plan(['--estate', 'account', '--stage', 'prod'], { ...aws.env, ...keys })
    expect([code, stdout]).toEqual([3, expect.stringContaining('over 56 alarms of the account, as if each fired now')])
    expect(stdout).toContain('7 change: 7 start paging.')
  })
})
