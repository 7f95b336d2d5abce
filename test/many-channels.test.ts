import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { validate } from '../cli/package/validate.ts'
import { copyOfService, packageHere, STACK } from './package-service.ts'

/*
 * What a team may add to the rules must not make a stack that AWS refuses only once it is deployed: its validator knows
 * nothing of these quotas.
 */
const CHANNELS = Array.from({ length: 250 }, (_, n) => [
  `  slack-team-${n}: { type: slack, secret: slack-of-the-team-with-the-number-${n} }`,
  `  pagerduty-team-${n}: { type: pagerduty, secret: pagerduty-of-the-team-with-the-number-${n} }`,
]).flat()

// biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON
type Json = any
let resources: Record<string, Json>
const { folder, remove } = copyOfService()
beforeAll(async () => {
  const rules = join(folder, 'config/alerts.yml')
  writeFileSync(rules, readFileSync(rules, 'utf8').replace(/^channels:$/m, `channels:\n${CHANNELS.join('\n')}`))
  const { output } = await packageHere(folder)
  expect(output).toContain('template valid')
  const template = readFileSync(join(folder, STACK), 'utf8')
  // A template is 1 MB at most (CloudFormation User Guide, Quotas).
  expect(template.length).toBeLessThan(1_000_000)
  resources = JSON.parse(template).Resources
})
afterAll(remove)

/** With the longest values that CloudFormation may fill in. */
function filled(policy: Json): string {
  return JSON.stringify(policy).replaceAll(/\{"(?:Ref|Fn::\w+)":(?:"[^"]*"|\[[^\]]*\])\}/g, `"${'x'.repeat(150)}"`)
}

test('500 channels fit in the roles: 10,240 characters of policies each, without white space (IAM quotas)', () => {
  const roles = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role')
  expect(roles.length).toBeGreaterThan(5)
  for (const [id, { Properties }] of roles) {
    const length = (Properties.Policies ?? [])
      .map(({ PolicyDocument }: Json) => filled(PolicyDocument).length)
      .reduce((a: number, b: number) => a + b, 0)
    expect(length, id).toBeLessThanOrEqual(10_240)
  }
})

test('and in the dashboard: 500 lines a graph, 2,500 in all (CloudWatch API Reference, PutDashboard)', () => {
  const body = JSON.parse(resources.Dashboard.Properties.DashboardBody['Fn::Sub']) as Json
  const lines: number[] = body.widgets.map(({ properties }: Json) => properties.metrics.length)
  expect(Math.max(...lines)).toBeLessThanOrEqual(500)
  expect(lines.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(2_500)
})

test('and leave room for the email channels, which are refused above it: 500 resources (CloudFormation Quotas)', () => {
  const others = Object.keys(resources).filter((id) => !id.startsWith('EmailTopic'))
  expect(others.length).toBeGreaterThan(100)
  expect(others.length).toBeLessThan(500 - 340)
})

test("AWS's validator, which finds nothing there, is checked to report problems", () => {
  const broken = structuredClone(resources)
  broken.SlackQueue.Properties.VisibilityTimeout = 'soon'
  const file = join(folder, 'broken.json')
  writeFileSync(file, JSON.stringify({ Resources: broken }))
  expect(validate(file).join('\n')).toContain('SlackQueue')
})
