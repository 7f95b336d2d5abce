import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decide } from '../shared/decide/decide.ts'
import { parse } from '../shared/parse/parse.ts'
import { DemoStage } from './demo-stage.ts'
import { SHIPPED_RULES } from './some-platform.ts'

/*
 * `alert-router report … --send`: a person does what the schedules do.
 */

const NOW = '2026-11-27T10:15:00Z'
const demo = new DemoStage(NOW)
const report = (...args: string[]) => demo.run('report', args)

test('keeps the page, publishes the event, and says where both are', async () => {
  const { stdout, stderr, code } = await report('daily', '--stage', 'prod', '--send')
  expect([stderr, code]).toEqual(['', 1])
  expect(stdout).toMatch(/^Daily check, prod\n/)
  expect(stdout).toContain(
    `Its page: s3://${demo.stage.bucket}/reports/daily/2026-11-27.html\nPublished to alert-router-prod-alarms: the rules of stage prod decide who gets it.\n`,
  )
  expect((await demo.stage.object('reports/daily/2026-11-27.html'))?.text).toContain('<h1>Daily check</h1>')
  const [event, ...others] = demo.stage.events()
  expect(others).toEqual([])
  const [alert] = parse(event, { now: new Date(NOW) })
  expect(alert).toMatchObject({ changedAt: '2026-11-27T10:15:00.000Z', once: true })
  expect(alert && decide(alert, SHIPPED_RULES).rule).toBe('health check')
})

test('with --json, where it went is not part of the data', async () => {
  const { stdout, stderr } = await report('daily', '--stage', 'prod', '--send', '--json')
  expect(JSON.parse(stdout).name).toBe('daily')
  expect(stderr).toContain('Published to alert-router-prod-alarms')
})

test('without --send, nothing leaves this machine', async () => {
  await report('daily', '--stage', 'prod')
  expect([demo.stage.events(), await demo.stage.object('reports/daily/2026-11-27.html')]).toEqual([[], undefined])
})

test.each([
  ['prod', ''],
  ['staging', 'drills are judged as of account 123456789012, eu-west-1'],
])('the account by which the rules judge drills is that of the alarms topic: stage %s', async (stage, note) => {
  const { stderr } = await report('maintenance', '--stage', stage, '--project', mkdtempSync(join(tmpdir(), 'empty-')))
  expect(stderr).toBe(
    note &&
      `The stage's account is not known (sns:ListTopics: no topic named alert-router-${stage}-alarms): ${note}.
`,
  )
})

test('a stage that is not deployed', async () => {
  const { stderr, code } = await report('daily', '--stage', 'staging', '--send')
  expect(stderr).toMatch(/^Stack not found: .*no (topic|bucket) named alert-router-staging-/)
  expect(code).toBe(1)
  expect(demo.stage.events()).toEqual([])
})

test('made-up data is not sent to people', async () => {
  const { stderr, code } = await report('daily', '--demo', '--send')
  expect([stderr.split('\n')[0], code]).toEqual([
    '--send with --demo: nobody may get a report of made-up data. Use --out with --demo.',
    2,
  ])
})
