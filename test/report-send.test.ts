import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startDemo } from '../local/demo/start.ts'
import type { AwsStandIn } from '../local/stand-ins/aws.ts'
import { decide } from '../shared/decide/decide.ts'
import { parse } from '../shared/parse/parse.ts'
import { type ArchiveAndTopic, startArchiveAndTopic } from './archive-and-topic.ts'
import { here, named } from './command.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'

/*
 * `alert-router report … --send`: a person does what the schedules do.
 */

const NOW = '2026-11-27T10:15:00Z'
let aws: AwsStandIn
let stage: ArchiveAndTopic
beforeAll(async () => {
  stage = await startArchiveAndTopic()
  aws = await startDemo({ platform: shippedPlatform(), rules: SHIPPED_RULES, now: new Date(NOW) })
})
afterEach(() => stage.forget())
afterAll(() => Promise.all([aws.close(), stage.stop()]))

function report(...args: string[]) {
  const credentials = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' }
  return here(named('report'), args, { env: { ...aws.env, ...stage.env, ...credentials }, now: NOW })
}

test('keeps the page, publishes the event, and says where both are', async () => {
  const { stdout, stderr, code } = await report('daily', '--stage', 'prod', '--send')
  expect([stderr, code]).toEqual(['', 1])
  expect(stdout).toMatch(/^Daily check, prod\n/)
  expect(stdout).toContain(
    `Its page: s3://${stage.bucket}/reports/daily/2026-11-27.html\nPublished to alert-router-prod-alarms: the rules of stage prod decide who gets it.\n`,
  )
  expect((await stage.object('reports/daily/2026-11-27.html'))?.text).toContain('<h1>Daily check</h1>')
  const [event, ...others] = stage.events()
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
  expect([stage.events(), await stage.object('reports/daily/2026-11-27.html')]).toEqual([[], undefined])
})

test('a stage that is not deployed', async () => {
  const { stderr, code } = await report('daily', '--stage', 'staging', '--send')
  expect(stderr).toMatch(/^Stack not found: .*no (topic|bucket) named alert-router-staging-/)
  expect(code).toBe(1)
  expect(stage.events()).toEqual([])
})

test('made-up data is not sent to people', async () => {
  const { stderr, code } = await report('daily', '--demo', '--send')
  expect([stderr.split('\n')[0], code]).toEqual([
    '--send with --demo: nobody may get a report of made-up data. Use --out with --demo.',
    2,
  ])
})
