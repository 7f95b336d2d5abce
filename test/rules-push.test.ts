import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CreateTableCommand, DynamoDBClient, PutItemCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { needsDeployment, unwatchedTypes } from '../cli/rules/push/needs-deployment.ts'
import { type Engine, startEngine } from '../local/engine.ts'
import type { AppConfigStandIn } from '../local/stand-ins/index.ts'
import { TABLE } from '../local/topology.ts'
import type { PushedConfig } from '../schemas/pushed-config.ts'
import { readConfigText } from '../shared/config/read.ts'
import type { Recipient } from '../shared/decide/alert-state.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { rules } from './command.ts'
import { BASE, DEPLOYED, type DeployedStage, deployedStage, MONITORS, PLACE, SHIPPED } from './deployed-stage.ts'
import { expectShown } from './doc-pages.ts'

/** An edit that passes the case. */
const EDITED = SHIPPED.replace('name: deployment failed', 'name: failed deployment')
/** A user's folder, with a case of the user's. */
const folder = mkdtempSync(join(tmpdir(), 'push-'))
mkdirSync(join(folder, 'config/tests'), { recursive: true })
symlinkSync(resolve('samples'), join(folder, 'samples'))
writeFileSync(
  join(folder, 'config/tests/cases.yml'),
  '- { name: data loss pages, event: samples/data-loss-1-alarm.json, expect: { severity: critical } }',
)
const top = process.cwd()
const [ERRORS, STALE] = MONITORS
let stage: DeployedStage
let server: AppConfigStandIn

beforeEach(() => begin())
async function begin(options: Parameters<typeof deployedStage>[0] = {}) {
  stage = await deployedStage(options)
  server = stage.server
  for (const [name, value] of Object.entries(stage.env)) vi.stubEnv(name, value)
}
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.close()
})

let count = 0
/** `npx alert-router rules push`, of a rules file with this text. */
async function push(text: string, { args = [] as string[], eachMinute = (_minute: number) => {} } = {}) {
  const file = join(folder, `alerts-${++count}.yml`)
  writeFileSync(file, text)
  const command = ['--stage', 'prod', '--yes', '--config', file, '--against', 'samples', ...args]
  const { code, stdout, stderr } = await stage.push(command, { cwd: folder, eachMinute })
  return { code, out: stdout, err: stderr }
}
/** All stored versions; the first push also stores what the stack was deployed with. */
const stored = () => server.versions('rules').map(({ content }) => JSON.parse(String(content)) as PushedConfig)
const pushed = () => stored().slice(1)

test('an edit is checked, its cases run, its plan shown; then it is rolled out, and monitored until it is active', async () => {
  const { code, out } = await push(EDITED)
  expect(code).toBe(0)
  const version = versionOf(documentOf(readConfigText(EDITED, 'alerts.yml')))
  expect(out).toMatch(/^Of 31 alerts \(.*\), 1 changes: 1 is decided by another rule\.$/m)
  expect(out).toContain(`In ${PLACE}: ${BASE} → ${version}`)
  expect(out).toMatch(/ {2}20 % of the functions\n {2}40 % .*\n {2}60 % .*\n {2}80 % .*\n {2}100 % of the functions\n/)
  expect(out.trimEnd().split('\n').slice(-2)).toEqual(['  100 %, now monitoring', `Active: version ${version}.`])
  expectShown('docs/live-config.md', 'test/rules-push.test.ts', out)

  const [document] = pushed()
  expect(document).toMatchObject({ version, base: BASE, config: readConfigText(EDITED, 'alerts.yml') })
  // With the event itself, for the validator has no files.
  expect(document?.cases).toMatchObject([{ name: 'data loss pages', event: { AlarmName: expect.any(String) } }])
  expect(server.versions('rules')[1]).toMatchObject({ label: `${version}-2`, contentType: 'application/json' })
})

test('rules without cases are pushed, with a note that none was run', async () => {
  expect((await push(EDITED)).out).not.toContain('No cases')
  const untested = join(folder, 'untested')
  mkdirSync(untested, { recursive: true })
  const [file, cases] = [join(untested, 'alerts.yml'), join(untested, 'tests')]
  writeFileSync(file, SHIPPED.replace('name: deployment failed', 'name: untested'))
  const args = ['--stage', 'prod', '--yes', '--config', untested, '--against', 'samples']
  const { code, stdout } = await stage.push(args, { cwd: folder })
  expect(code).toBe(0)
  expect(stdout).toContain(`No cases were run: ${cases} has none.`)
  expect(pushed().at(-1)).toMatchObject({ config: readConfigText(readFileSync(file, 'utf8'), file), cases: [] })
})

test('before the first push, the deployed rules are rolled out at once, so that a roll-back has a version to restore', async () => {
  await push(EDITED)
  expect(stored()[0]).toEqual({ version: BASE, base: BASE, config: DEPLOYED })
  expect(server.deployments.map(({ version, strategy }) => [version, strategy?.name])).toEqual([
    [1, 'alert-router-prod-at-once'],
    [2, 'alert-router-prod'],
  ])
  await push(SHIPPED)
  expect(stored()).toHaveLength(3)
})

test('the next edit is compared with the active rules, not with the deployed ones', async () => {
  await push(EDITED)
  const { code, out } = await push(EDITED.replace('name: failed deployment', 'name: broken deployment'))
  expect(code).toBe(0)
  expect(out).toContain('by "broken deployment", before by "failed deployment"')
  expect(pushed().map(({ base }) => base)).toEqual([BASE, BASE])
})

test('rules that are already active are not pushed again; previous ones are', async () => {
  expect((await push(SHIPPED)).out).toContain(`These rules are already active in ${PLACE}`)
  await push(EDITED)
  expect((await push(EDITED)).out).toContain(`These rules are already active in ${PLACE}`)
  expect(pushed()).toHaveLength(1)
  expect((await push(SHIPPED)).code).toBe(0)
  expect((await push(EDITED)).code).toBe(0)
  expect(pushed()).toHaveLength(3)
})

test('a push before a deployment that changed the rules no longer counts', async () => {
  await push(EDITED)
  const newer = readConfigText(SHIPPED.replace('name: deployment failed', 'name: lost deployment'), 'alerts.yml')
  stage.deploy(newer)
  const { out } = await push(EDITED)
  expect(out).toContain('by "failed deployment", before by "lost deployment"')
  expect(pushed().map(({ base }) => base)).toEqual([BASE, versionOf(documentOf(newer))])
})

test('an alarm during the roll-out rolls back, and the alarm is reported', async () => {
  const { code, out } = await push(EDITED, {
    eachMinute: (minute) => {
      if (minute === 13) server.alarm()
    },
  })
  expect(code).toBe(1)
  expect(out).toContain(`Rolled back: ${BASE} is active.`)
  expect(out).toContain('alarm:alert-router-prod-errors')
  // And so they can be pushed again.
  expect((await push(EDITED)).code).toBe(0)
})

test('with --unwatched an alarm with disabled actions does not stop the push, whatever its state', async () => {
  server.alarms[ERRORS] = { StateValue: 'ALARM', ActionsEnabled: false }
  expect((await push(EDITED)).code).toBe(1)
  expect((await push(EDITED, { args: ['--unwatched'] })).code).toBe(0)
  expect(pushed()).toHaveLength(1)
})

test('an alarm that is not ready does not stop a roll-back', async () => {
  await push(EDITED)
  server.alarms[ERRORS] = { StateValue: 'ALARM', ActionsEnabled: true }
  const { code } = await stage.push(['--stage', 'prod', '--rollback', '--yes'], { cwd: folder })
  expect(code).toBe(0)
})

test('as JSON, one object at the end, and the rest beside it', async () => {
  const { code, out, err } = await push(EDITED, { args: ['--json'] })
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    stage: 'prod',
    account: '123456789012',
    region: 'us-east-1',
    base: BASE,
    deployment: 2,
    state: 'COMPLETE',
    plan: { alerts: 31, source: 'samples', differences: [{ effect: 'is decided by another rule' }] },
  })
  expect(err).toContain('40 %')
})

describe('nothing is stored or rolled out', () => {
  afterEach(() => expect([server.versions('rules'), server.deployments]).toEqual([[], []]))

  test('when a case fails: the difference is shown', async () => {
    const { code, out } = await push(SHIPPED.replace(/(name: data loss[\s\S]*?severity: )critical/, '$1info'))
    expect(code).toBe(1)
    expect(out).toContain('- severity: critical')
    expect(out).toContain('+ severity: info')
    expect(out).toContain('nothing was pushed')
  })

  test('when the rules are wrong', async () => {
    await expect(push(SHIPPED.replace('severity: critical', 'severity: critcal'))).rejects.toThrow(
      /alerts-\d+\.yml:\d+:\d+: .*"critcal"/,
    )
  })

  test('when a rule can never match', async () => {
    const all = '$1  - { name: all, when: { name: "*" }, severity: info, continue: false }\n'
    const { code, out } = await push(SHIPPED.replace(/^(rules:\n)/m, all))
    expect(code).toBe(1)
    expect(out).toMatch(/^error shadowed-rule {2}.*\.yml:\d+:\d+ {2}rule "no data"$/m)
    expect(out).toContain('This rule can never match: rule "all" above')
    expect(out.match(/can never match/g)).toHaveLength(1)
    expect(out).toContain('npx alert-router rules check --config')
  })

  test('when they need resources that the stack lacks: it says what to deploy', async () => {
    const channels = `channels:
  email-night: { type: email, addresses: [night@example.com] }
  slack-night: { type: slack, secret: slack-night }`
    const { code, out } = await push(SHIPPED.replace(/^channels:/m, channels))
    expect(code).toBe(1)
    expect(out).toContain('Deploy them with "npx alert-router deploy --stage prod"')
    expect(out).toContain('"email-night": an email channel needs its own topic')
    expect(out).not.toContain('slack-night')
  })

  const READY = { StateValue: 'OK', ActionsEnabled: true }
  test.each<[string, AppConfigStandIn['alarms'], string[], RegExp[]]>([
    [
      'in ALARM',
      { [ERRORS]: { ...READY, StateValue: 'ALARM', AlarmDescription: 'The function failed.' } },
      [],
      [/-errors: in ALARM, so AppConfig would roll back at once\. The function failed\.$/m],
    ],
    [
      'in ALARM, with --unwatched',
      { [ERRORS]: { ...READY, StateValue: 'ALARM' } },
      ['--unwatched'],
      [/-errors: in ALARM/],
    ],
    ['new', { [ERRORS]: { ...READY, StateValue: 'INSUFFICIENT_DATA' } }, [], [/-errors: INSUFFICIENT_DATA, .*: wait/]],
    [
      'OK, but muted',
      { [ERRORS]: { ...READY, ActionsEnabled: false } },
      [],
      [/-errors: its actions are disabled.* enable-alarm-actions --alarm-names alert-router-prod-errors$/m],
    ],
    [
      'like another not ready',
      { [ERRORS]: { ...READY, StateValue: 'ALARM' }, [STALE]: { ...READY, ActionsEnabled: false } },
      [],
      [/-errors: in ALARM/, /-stale-rules: its actions are disabled/],
    ],
  ])('while an alarm that would roll it back is %s', async (_what, alarms, args, messages) => {
    Object.assign(server.alarms, alarms)
    const { code, out } = await push(EDITED, { args })
    expect(code).toBe(1)
    expect(out).toContain('Nothing was pushed: some alarms')
    expect(out).toContain('push with --unwatched')
    for (const message of messages) expect(out).toMatch(message)
    expect(out.match(/^ {2}alert-router-/gm)).toHaveLength(messages.length)
  })

  test('while an alarm that would roll it back is gone', async () => {
    delete server.alarms[ERRORS]
    const { code, out } = await push(EDITED)
    expect(code).toBe(1)
    expect(out).toMatch(/-errors: no such alarm\. .*: npx alert-router deploy --stage prod/)
  })

  test('when the alarms may not be read', async () => {
    server.answerBy(({ path }) =>
      path === 'POST /'
        ? {
            status: 400,
            headers: { 'x-amzn-errortype': 'AccessDenied' },
            body: { message: 'not authorized to perform: cloudwatch:DescribeAlarms' },
          }
        : undefined,
    )
    await expect(push(EDITED)).rejects.toThrow('cloudwatch:DescribeAlarms')
  })

  test('when there is no terminal for the confirmation', async () => {
    const args = ['push', '--stage', 'prod', '--config', join(folder, 'asked.yml'), '--against', 'samples']
    writeFileSync(join(folder, 'asked.yml'), EDITED)
    const { code, stdout, stderr } = await rules(args, { cwd: folder })
    expect(code).toBe(2)
    expect(stdout).toContain('Of 31 alerts')
    expect(stderr).toContain('add --yes')
    expect(stderr).not.toMatch(/^ +at /m)
  })

  test.each<[string, string[], RegExp, number]>([
    ['without a stage', [], /Give the stage/, 2],
    [
      'of a missing stage',
      ['--stage', 'nope', '--yes', '--config', join(top, 'config/alerts.yml')],
      /Stack not found/,
      1,
    ],
    ['with an unknown option', ['--stge', 'prod'], /Unknown option "--stge"\. Did you mean "--stage"/, 2],
  ])('%s', async (_what, args, message, exitCode) => {
    const { code, stderr } = await rules(['push', ...args], { cwd: folder })
    expect(code).toBe(exitCode)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})

describe('a refusal by AppConfig is reported', () => {
  test('during another roll-out', async () => {
    await push(EDITED)
    server.deployments.push({ number: 3, profile: 'rules', version: 1, startedAt: stage.now() })
    const { code, out } = await push(SHIPPED)
    expect(code).toBe(1)
    expect(out).toMatch(/Roll-out 3 has been in progress since 2026-11-03T.*: wait/)
  })

  test('when somebody else pushes first', async () => {
    server.answerBy(({ path }) => {
      if (path.startsWith('POST') && path.endsWith('hostedconfigurationversions') && stored().length === 0) {
        server.store('rules', JSON.stringify({}))
      }
      return undefined
    })
    const { code, err } = await push(EDITED)
    expect(code).toBe(1)
    expect(err).toContain('Another push is in progress')
  })

  test('when it is too large', async () => {
    await server.close()
    await begin({ maxBytes: 4_096 })
    const { code, err } = await push(EDITED)
    expect(code).toBe(1)
    expect(err).toMatch(/have \d+ kilobytes: AppConfig accepts 4/)
  })

  test('when a validator refuses', async () => {
    server.answerBy(({ path, body }) => {
      if (!path.endsWith('/deployments') || !path.startsWith('POST') || body === undefined) return undefined
      const InvalidConfiguration = [{ Type: 'LAMBDA', Reason: 'rules[0] is not as it should be' }]
      return {
        status: 400,
        headers: { 'x-amzn-errortype': 'BadRequestException' },
        body: {
          Message: 'The configuration is not valid.',
          Reason: 'InvalidConfiguration',
          Details: { InvalidConfiguration },
        },
      }
    })
    const { code, err } = await push(EDITED)
    expect(code).toBe(1)
    expect(err).toContain('rules[0] is not as it should be')
    expect(err).toContain('nothing was changed')
  })
})

describe('a channel that is removed while alerts wait for it', () => {
  /** The rules without that channel. */
  const WITHOUT = SHIPPED.replace(/^.*email-security.*\n/gm, '')
  const RENAMED = SHIPPED.replaceAll('slack-warning', 'slack-ops').replace('secret: slack-ops', 'secret: slack-warning')
  const FORMERLY = RENAMED.replace('slack-ops: { type: slack,', 'slack-ops: { type: slack, formerly: [slack-warning],')
  let engine: Engine
  const TableName = 'alert-router-prod-AlertTable-1ABC'

  beforeAll(async () => {
    engine = await startEngine({ config: DEPLOYED, maxReceiveCount: 3, forward: {}, realSecrets: {} })
    const client = new DynamoDBClient({
      region: 'us-east-1',
      endpoint: engine.environment.AWS_ENDPOINT_URL_DYNAMODB as string,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
    await client.send(new CreateTableCommand({ TableName, ...TABLE }))
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05 }, { TableName })
    const mark = { change: 'change#1', at: '2026-11-03T10:00:00.000Z', status: 'firing' } as const
    const channel = 'slack-warning'
    const states: Record<string, Partial<Recipient>> = {
      notified: { notified: { ...mark, notifiedAt: mark.at } },
      settled: {},
    }
    for (let n = 0; n < 11; n++) states[`owed-${n}`] = { owed: mark }
    for (const [name, one] of Object.entries(states)) {
      const pager = { channel: 'pagerduty', tries: 0, waits: 0, log: [], ...one }
      const recipients = { [channel]: { channel, tries: 0, waits: 0, log: [], ...one }, pagerduty: pager }
      const doc = JSON.stringify({ recipients })
      const Item = { pk: { S: name }, sk: { S: 'state.2' }, title: { S: `alert ${name}` }, doc: { S: doc } }
      await client.send(new PutItemCommand({ TableName, Item }))
    }
    client.destroy()
  })
  afterAll(() => engine.stop())
  beforeEach(() => vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', engine.environment.AWS_ENDPOINT_URL_DYNAMODB))

  test('causes a warning: which alerts, how many more, and what to do', async () => {
    const { code, out } = await push(RENAMED)
    expect(code).toBe(0)
    expect(out).toContain('Warning: Channel "slack-warning" is removed, but these alerts still need it:')
    expect(out).toMatch(/alert owed-\d+ → slack-warning: is owed a message/)
    expect(out).toContain('  … and 2 more\n')
    expect(out).toContain('add "formerly: [slack-warning]" to the new channel')
    expect(out).not.toContain('settled')
  })

  test('causes a warning in a roll-back too', async () => {
    await push(RENAMED)
    await push(SHIPPED)
    const { code, stdout } = await stage.push(['--stage', 'prod', '--yes', '--rollback'], { cwd: folder })
    expect(code).toBe(0)
    expect(stdout).toContain('Warning: Channel "slack-warning" is removed, but these alerts still need it:')
  })

  test('causes none if it is renamed, or nobody waits for it', async () => {
    expect((await push(FORMERLY)).out).not.toContain('Warning')
    expect((await push(WITHOUT)).out).not.toContain('Warning')
  })

  test.each([
    ['another key', /secret: pagerduty\b/, 'secret: pagerduty-2'],
    ['a chat', /type: pagerduty\n(.*\n)*?.*region: .*/, 'type: slack\n    secret: slack-warning'],
  ])('causes a warning if a pager becomes %s: its incidents stay open', async (_what, before, now) => {
    const { code, out } = await push(SHIPPED.replace(before, now))
    expect(code).toBe(0)
    expect(out).toContain('Channel "pagerduty" sends elsewhere by these rules')
    expect(out).toContain('alert notified → pagerduty: received the firing, and waits for the resolve')
    expect(out).not.toMatch(/(owed-\d+|settled) → pagerduty/)
  })

  test('if the table can’t be read, that is reported, and does not stop the push', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:1')
    const { code, out } = await push(RENAMED)
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('Could not check for alerts that wait for "slack-warning"'),
    ])
  })
})

test.each<[string, Parameters<typeof needsDeployment>[0]['channels'], string[]]>([
  ['the same channels', {}, []],
  ['one channel less', { mail: undefined as never }, []],
  ['another pace', { chat: { type: 'slack', secret: 'chat', perMinute: 5 } }, []],
  ['a new channel with a secret that is known', { more: { type: 'slack', secret: 'chat' } }, []],
  ['another order of addresses', { mail: { type: 'email', addresses: ['b@example.com', 'a@example.com'] } }, []],
  ['another address', { mail: { type: 'email', addresses: ['a@example.com'] } }, ['"mail": its addresses']],
  [
    'one address more',
    { mail: { type: 'email', addresses: ['a@example.com', 'b@example.com', 'c@example.com'] } },
    ['"mail": its addresses'],
  ],
  ['a new email channel', { post: { type: 'email', addresses: ['a@example.com'] } }, ['"post": an email channel']],
  ['another secret', { chat: { type: 'slack', secret: 'other' } }, []],
  [
    'another address by SES, which needs no subscription',
    { mailed: { type: 'email', via: 'ses', from: 'alerts@example.com', addresses: ['c@example.com'] } },
    [],
  ],
  [
    'one more channel by SES, from the same address',
    { more: { type: 'email', via: 'ses', from: 'alerts@example.com', addresses: ['c@example.com'] } },
    [],
  ],
  [
    'another sender',
    { mailed: { type: 'email', via: 'ses', from: 'other@example.com', addresses: ['a@example.com'] } },
    ['"mailed": the stack may not send from other@example.com yet'],
  ],
  [
    'SNS in place of SES',
    { mailed: { type: 'email', addresses: ['a@example.com'] } },
    ['"mailed": an email channel needs its own topic'],
  ],
  ['another type of channel', { chat: { type: 'pagerduty', secret: 'chat', region: 'us' } }, []],
])('rules with %s need a deployment: %j', (_what, change, needs) => {
  const channels = {
    chat: { type: 'slack', secret: 'chat' },
    mail: { type: 'email', addresses: ['a@example.com', 'b@example.com'] },
    mailed: { type: 'email', via: 'ses', from: 'alerts@example.com', addresses: ['a@example.com'] },
  } as const
  const changed = Object.fromEntries(Object.entries({ ...channels, ...change }).filter(([, one]) => one !== undefined))
  const deployed = structuredClone({ channels }) as unknown as Parameters<typeof needsDeployment>[1]
  expect(needsDeployment({ channels: changed as never }, deployed)).toEqual(
    needs.map((text) => expect.stringContaining(text)),
  )
})

test('the first channel of a type has no alarms before a deployment', () => {
  const deployed = { channels: { chat: { type: 'slack', secret: 'chat' } } } as const
  const page = { type: 'pagerduty', secret: 'page', region: 'us' } as const
  expect(unwatchedTypes({ channels: { ...deployed.channels, page } }, deployed)).toEqual(['pagerduty'])
  expect(unwatchedTypes({ channels: { more: { type: 'slack', secret: 'more' } } }, deployed)).toEqual([])
})
