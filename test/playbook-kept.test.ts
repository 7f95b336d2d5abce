import { expect, test } from 'vitest'
import { DemoStage } from './demo-stage.ts'

/*
 * What is asked while an alarm fires is kept in the stage's archive, and is part of the review.
 */

const NOW = '2026-11-27T10:15:00Z'
const ALARM = 'alert-router-prod-errors-burns-slowly'
const PLACE = `incidents/${ALARM}/2026-11-27T10:15:00.000Z high-error-rate`

const demo = new DemoStage(NOW)
const run = (name: 'playbook' | 'report', args: string[], env?: Record<string, string>) =>
  demo.run(name, [...args, '--stage', 'prod'], env)

test('a playbook for an alarm is kept with it', async () => {
  const { stdout, stderr, code } = await run('playbook', ['high-error-rate', 'errors-burns-slowly'])
  expect(stdout).toMatch(/^Playbook: High error rate, prod\n/)
  expect(stderr).toBe(`Kept for the review: s3://${demo.stage.bucket}/${PLACE}.html\n`)
  expect(code).toBe(1)
  expect((await demo.stage.object(`${PLACE}.html`))?.text).toContain('<h1>Playbook: High error rate</h1>')
})

test('the review of the alarm lists it', async () => {
  await run('playbook', ['high-error-rate', 'errors-burns-slowly'])
  const { stdout } = await run('report', ['incident', 'errors-burns-slowly', '--json'])
  const { sections } = JSON.parse(stdout)
  const { answers } = sections.find(({ title }: { title: string }) => title === 'What was asked meanwhile')
  expect(answers[0]).toMatchObject({ verdict: 'shown', says: '1' })
  expect(answers[0].table.rows).toEqual([['Fri 2026-11-27 11:15', 'high-error-rate', '2 to do.', `${PLACE}.html`]])
})

test('without an alarm, nothing is kept', async () => {
  const { stderr } = await run('playbook', ['high-error-rate'])
  expect(stderr).toBe('')
})

test('what can’t be kept is still shown, and says why', async () => {
  const { stdout, stderr, code } = await run('playbook', ['high-error-rate', 'errors-burns-slowly'], {
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
  })
  expect(stdout).toMatch(/^Playbook: High error rate, prod\n/)
  expect(stderr).toMatch(/^Not kept for the review: /)
  expect(code).toBe(1)
})

test('an alarm that has not fired keeps nobody waiting: only nothing is kept', async () => {
  const { stdout, stderr, code } = await run('playbook', ['high-error-rate', 'nothing-like-it'])
  expect(stdout).toMatch(/^Playbook: High error rate, prod\n/)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^Not kept for the review: No alarm named "nothing-like-it" has fired/)
  expect(stderr).toContain(`  ${ALARM}\n`)
})

test('the review asks nothing twice: what found the incident is part of it', async () => {
  const before = demo.aws.count('DescribeAlarmHistory')
  await run('report', ['incident', 'errors-burns-slowly'])
  const pages = demo.aws.count('DescribeAlarmHistory') - before
  const tokens = demo.aws.requests
    .filter(({ path }) => path === 'DescribeAlarmHistory')
    .slice(-pages)
    .map(({ body }) => JSON.stringify(body))
  expect(new Set(tokens).size).toBe(pages)
})
