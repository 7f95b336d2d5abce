import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { here, named } from './command.ts'
import { expectShown } from './doc-pages.ts'
import { enterStage, leaveStage, type Shipped, shippedService } from './doctor-faults.ts'
import { mappingOf, schedule } from './doctor-parts.ts'
import type { StageInAws } from './doctor-stage.ts'

let shipped: Shipped
beforeAll(async () => {
  shipped = await shippedService()
}, 120_000)

describe('of a stage in AWS', () => {
  let aws: StageInAws
  beforeEach(async () => {
    aws = await enterStage(shipped)
  })
  afterEach(() => leaveStage(aws))

  describe('the command', () => {
    test('prints nothing found, and exits with 0', async () => {
      const { code, out } = await run('--stage', 'prod', '--region', 'eu-central-1')
      expect(out).toBe(
        `Stage prod in eu-central-1, account 111122223333: 5 topics, 13 queues, 10 functions, 3 EventBridge rules, ${aws.is.alarms.length} alarms, 1 table, 3 secrets\n\nFound nothing that would prevent an alert from being delivered.\n`,
      )
      expect(code).toBe(0)
    })

    test('prints each finding with what it affects and what to run, and exits with 1', async () => {
      mappingOf(aws.is, 'deliver-slack').state = 'Disabled'
      aws.refuse('lambda:GetAccountSettings')
      const { code, out } = await run('--stage', 'prod')
      expect(out).toContain('error  mapping-disabled  alert-router-prod-deliver-slack\n')
      expect(out).toMatch(/^ {2}Not delivered: every alert to Slack\n {2}→ aws lambda update-event-source-mapping/m)
      expect(out).toMatch(
        /^unknown {2}unread {2}Lambda's limits of this account\n {2}It could not be read: access denied\./m,
      )
      expect(out).toContain('1 error, 1 unknown, because it could not be read or evaluated.')
      expectShown('docs/operations.md', 'test/doctor-command.test.ts', out)
      expect(code).toBe(1)
    })

    test('prints one JSON object with --json', async () => {
      schedule(aws.is, 'tick').isEnabled = false
      const { code, out } = await run('--stage', 'prod', '--json')
      expect(JSON.parse(out)).toMatchObject({
        stage: 'prod',
        region: 'eu-central-1',
        source: 'aws',
        findings: [{ id: 'rule-disabled' }],
      })
      expect(code).toBe(1)
    })

    test('a missing stage is reported without a stack trace', async () => {
      const { code, err } = await run('--stage', 'absent')
      expect(err).toMatch(/^Stack not found/)
      expect(err).not.toMatch(/^ +at /m)
      expect(code).toBe(1)
    })
  })
})

describe('the command, wrongly used or offline', () => {
  test.each([
    [['--stag', 'prod'], /Unknown option "--stag"\. Did you mean "--stage"\?/],
    [[], /Give a stage, as in --stage prod, or --offline/],
    [['prod'], /"prod"/],
    [['--stage', 'a b'], /letters, digits and dashes/],
    [['--stage', 'prod', '--region', 'Frankfurt'], /as in eu-west-1/],
    [['--offline', '--secrets'], /--secrets/],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { code, err } = await run(...args)
    expect(err).toMatch(message)
    expect(code).toBe(2)
  })

  test('--offline reads the package in this folder, or says how to build one', async () => {
    const place = mkdtempSync(join(tmpdir(), 'doctor-'))
    try {
      const offline = (...args: string[]) => runIn(place, '--offline', ...args)
      cpSync('config', join(place, 'config'), { recursive: true })
      symlinkSync(resolve('samples'), join(place, 'samples'))
      expect(await offline()).toMatchObject({
        code: 1,
        err: expect.stringContaining('npx alert-router package --stage prod'),
      })
      cpSync(join(shipped.folder, '.serverless'), join(place, '.serverless'), { recursive: true })
      expect(await offline()).toMatchObject({ code: 0, out: expect.stringContaining('Found nothing') })
      expect(await offline('--stage', 'dev')).toMatchObject({
        code: 2,
        err: expect.stringContaining('for stage prod, not dev'),
      })
      expect(await offline('--region', 'eu-central-1')).toMatchObject({
        code: 0,
        out: expect.stringContaining('stage prod for eu-central-1'),
      })
      expect(await offline('--region', 'eu-west-1')).toMatchObject({
        code: 2,
        err: expect.stringMatching(
          /was built for eu-central-1, not eu-west-1\. Build that with "npx alert-router package --stage prod --region eu-west-1"/,
        ),
      })
      const rules = join(place, 'config/alerts.yml')
      writeFileSync(rules, readFileSync(rules, 'utf8').replace('name: no data', 'name: blind'))
      expect(await offline()).toMatchObject({ code: 1, out: expect.stringContaining('package-outdated') })
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })
})

test.each([
  ['no JSON', '{', /cannot be read: .*\. Rebuild it with "npx alert-router package --stage prod"/],
  ['nothing', '', /cannot be read/],
  ['null', 'null', /is not a CloudFormation template: it has no Resources/],
  ['a list', '[]', /it has no Resources/],
  ['an object without resources', '{}', /it has no Resources/],
  ['resources that are null', '{"Resources":null}', /it has no Resources/],
  ['no resource', '{"Resources":{}}', /it has no Resources/],
  ['a resource that is null', '{"Resources":{"A":null}}', /the resource "A" has no Type/],
  ['resources of another stack', '{"Resources":{"A":{"Type":"AWS::SNS::Topic"}}}', /has no function with its stage/],
])('a template that is %s is rejected, with exit code 1', async (_what, text, message) => {
  const place = mkdtempSync(join(tmpdir(), 'doctor-'))
  try {
    mkdirSync(join(place, '.serverless'))
    writeFileSync(join(place, '.serverless/cloudformation-template-update-stack.json'), text)
    const { code, err } = await runIn(place, '--offline')
    expect(err).toMatch(message)
    expect(err).toContain('.serverless/cloudformation-template-update-stack.json')
    expect(err).not.toMatch(/TypeError|^ +at /m)
    expect(code).toBe(1)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})

function run(...args: string[]) {
  return runIn('.', ...args)
}

async function runIn(cwd: string, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const { code, stdout, stderr } = await here(named('doctor'), args, { cwd })
  return { code, out: stdout, err: stderr }
}
