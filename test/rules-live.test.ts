import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Edit, editsInWords, editsOf } from '../cli/rules/diff/edits.ts'
import { wereLive } from '../cli/rules/live/previous.ts'
import type { Stage } from '../cli/rules/live/stage.ts'
import { commitOf } from '../cli/rules/push/from-where.ts'
import type { PushedConfig } from '../schemas/pushed-config.ts'
import { checkConfig } from '../shared/config/check.ts'
import { readConfigText } from '../shared/config/read.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { rules } from './command.ts'
import { BASE, type DeployedStage, deployedStage, PLACE, SHIPPED } from './deployed-stage.ts'

/** The shipped rules, by which a rule has another name. */
const renamed = (name: string) => SHIPPED.replace('name: deployment failed', `name: ${name}`)
const configOf = (name: string) => readConfigText(renamed(name), 'alerts.yml')
const versionFor = (name: string) => versionOf(documentOf(configOf(name)))

let stage: DeployedStage
let cwd: string

beforeEach(async () => {
  stage = await deployedStage()
  cwd = mkdtempSync(join(tmpdir(), 'live-'))
  mkdirSync(join(cwd, 'config/tests'), { recursive: true })
  writeFileSync(join(cwd, 'config/tests/none.yml'), '[]')
  symlinkSync(resolve('samples'), join(cwd, 'samples'))
  edit('failed deployment')
  for (const [name, value] of Object.entries(stage.env)) vi.stubEnv(name, value)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await stage.server.close()
})

/** The user's rules say so from now on. */
function edit(name: string): void {
  writeFileSync(join(cwd, 'config/alerts.yml'), renamed(name))
}
async function command(...args: string[]) {
  const run = await rules(args, { cwd, env: stage.env })
  for (const [name, value] of Object.entries(stage.env)) vi.stubEnv(name, value)
  return run
}
const push = (args: string[] = [], eachMinute?: (minute: number) => void) =>
  stage.push(['--stage', 'prod', '--yes', '--against', 'samples', ...args], { cwd, ...(eachMinute && { eachMinute }) })
const pushPlan = (...args: string[]) => stage.push(['--plan', 'plan.json', '--yes', ...args], { cwd })
const rollBack = (...args: string[]) => stage.push(['--stage', 'prod', '--yes', '--rollback', ...args], { cwd })
const plan = (...args: string[]) =>
  command('plan', '--detailed-exitcode', '--stage', 'prod', '--against', 'samples', '--out', 'plan.json', ...args)
/** Puts rules live, by their name. */
async function live(name: string): Promise<void> {
  edit(name)
  expect((await push()).code).toBe(0)
}
async function liveVersion(): Promise<string> {
  return JSON.parse((await command('versions', '--stage', 'prod', '--json')).stdout).live
}
const stored = () => stage.server.versions('rules').map(({ content }) => JSON.parse(String(content)) as PushedConfig)
const inStorage = () => [stored().length, stage.server.deployments.length]

describe('what was planned is what is pushed', () => {
  test('the plan compares with what is live, is shown once more, and its rules go live', async () => {
    await live('lost deployment')
    edit('failed deployment')
    const planned = await plan()
    expect(planned.code).toBe(3)
    expect(planned.stdout).toContain(`${PLACE} (version ${versionFor('lost deployment')}) → config, over samples`)
    expect(planned.stdout).toContain('by "failed deployment", before by "lost deployment"')
    expect(planned.stderr).toBe('Saved in plan.json: npx alert-router rules push --plan plan.json\n')

    const { code, stdout } = await pushPlan()
    expect(code).toBe(0)
    expect(stdout.replace(/\s+/g, ' ')).toContain(planned.stdout.trim().replace(/\s+/g, ' '))
    expect(stdout).toContain(`Live: version ${versionFor('failed deployment')}.`)
  })

  test('as JSON, push gives the plan as it was made', async () => {
    await plan()
    const { stdout } = await pushPlan('--json')
    expect(JSON.parse(stdout)).toMatchObject({
      stage: 'prod',
      account: '123456789012',
      region: 'us-east-1',
      version: versionFor('failed deployment'),
      state: 'COMPLETE',
      plan: { alerts: 31, differences: [{ effect: 'is decided by another rule' }] },
    })
  })

  test.each<[string, () => unknown, string]>([
    [
      'the rules were edited since',
      () => edit('other'),
      `the rules in config: the plan has seen version ${versionFor('failed deployment')}, and now it is version ${versionFor('other')}`,
    ],
    [
      'somebody has pushed since',
      async () => {
        await live('theirs')
        edit('failed deployment')
      },
      `what is live: the plan has seen version ${BASE}, and now it is version ${versionFor('theirs')}`,
    ],
    [
      'the stack was deployed with other rules since',
      () => stage.deploy(configOf('theirs')),
      `what is live: the plan has seen version ${BASE}, and now it is version ${versionFor('theirs')}`,
    ],
    [
      'it is another region',
      () => vi.stubEnv('AWS_REGION', 'eu-west-1'),
      'the region: the plan has seen us-east-1, and now it is eu-west-1',
    ],
    [
      'it was made in another account',
      () => {
        const file = join(cwd, 'plan.json')
        writeFileSync(file, readFileSync(file, 'utf8').replace('"123456789012"', '"210987654321"'))
      },
      'the account: the plan has seen 210987654321, and now it is 123456789012',
    ],
  ])('it is refused when %s', async (_what, change, message) => {
    await plan()
    await change()
    const before = inStorage()
    const { code, stdout } = await pushPlan()
    expect([code, inStorage()]).toEqual([1, before])
    expect(stdout).toContain(message)
    expect(stdout).toContain('Plan again: npx alert-router rules plan --stage prod --out plan.json')
  })

  test('its text can do nothing to the terminal', async () => {
    await plan()
    const file = join(cwd, 'plan.json')
    const saved = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...saved, shown: '\u001b[2JNothing changes.\u0007' }))
    const { stdout } = await pushPlan()
    expect(stdout).toContain('[2JNothing changes.\n')
    expect(stdout).not.toMatch(/[\u001b\u0007]/)
  })

  test.each<[string, string[], RegExp]>([
    ['--out without a stage', ['plan', '--out', 'plan.json'], /--out: name the stage/],
    [
      '--out over another base',
      ['plan', '--stage', 'prod', '--base', 'git:HEAD', '--out', 'p'],
      /--out goes with --base live/,
    ],
    [
      '--out where nothing can be written',
      ['plan', '--stage', 'prod', '--against', 'samples', '--out', 'none/p'],
      /--out none\/p: it can't be written/,
    ],
    ['a plan that is not there', ['push', '--plan', 'none.json'], /--plan none\.json: there is no such file/],
    [
      'what is no plan',
      ['push', '--plan', 'config/alerts.yml'],
      /--plan config\/alerts\.yml: this is no plan.* --out plan\.json" makes one/,
    ],
    ...['config/alerts.yml', 'config/tests/none.yml', 'config'].map((file): [string, string[], RegExp] => [
      `--out over ${file}`,
      ['plan', '--stage', 'prod', '--against', 'samples', '--out', file],
      /--out \S+: this file is not a saved plan, and would be overwritten\. Name another, as in --out plan\.json/,
    ]),
    [
      'a plan beside rules',
      ['push', '--plan', 'p', '--config', 'config'],
      /"--config" cannot be used with option "--plan"/,
    ],
    [
      'a plan beside a roll-back',
      ['push', '--plan', 'p', '--rollback'],
      /"--plan" cannot be used with option "--rollback"/,
    ],
    [
      'a roll-back beside rules and events',
      ['push', '--stage', 'prod', '--rollback', '--config', 'config', '--against', 'samples'],
      /"--config" cannot be used with option "--rollback"/,
    ],
    ['a roll-back without a stage', ['push', '--rollback'], /Name the stage/],
    ['a diff without a stage', ['diff'], /Name the stage/],
    ['versions of what is no stage', ['versions', '--stage', 'a b'], /--stage a b: letters/],
  ])('%s is told as wrong usage', async (_what, args, message) => {
    const { code, stderr, stdout } = await command(...args)
    expect(stderr).toMatch(message)
    expect(stderr).toContain('--help says more')
    expect([code, stdout]).toEqual([2, ''])
  })

  test('an older plan, or an empty file, is written over; any other is left as it is', async () => {
    const before = readFileSync(join(cwd, 'config/alerts.yml'), 'utf8')
    expect((await plan()).code).toBe(3)
    expect((await plan()).code).toBe(3)
    writeFileSync(join(cwd, 'plan.json'), '')
    expect((await plan()).code).toBe(3)
    const over = ['plan', '--stage', 'prod', '--against', 'samples', '--out', 'config/alerts.yml']
    expect((await command(...over)).code).toBe(2)
    expect(readFileSync(join(cwd, 'config/alerts.yml'), 'utf8')).toBe(before)
  })

  test('a plan of another stage than the named one is told as wrong usage', async () => {
    await plan()
    const { code, stderr } = await command('push', '--plan', 'plan.json', '--stage', 'dev')
    expect([code, stderr]).toEqual([2, expect.stringContaining('the plan in plan.json is of stage prod')])
  })
})

describe('the stack is deployed with other rules while a push goes on', () => {
  const THEIRS = versionFor('theirs')

  test('after it was read, and before it is rolled out: nothing is pushed', async () => {
    await live('lost deployment')
    edit('failed deployment')
    const before = inStorage()
    let isRead = false
    stage.server.answerBy(({ path }) => {
      if (!isRead && /^GET .*\/id-rules\/hostedconfigurationversions(\?|$)/.test(path)) {
        isRead = true
        stage.deploy(configOf('theirs'))
      }
      return undefined
    })
    const { code, stderr } = await push()
    expect(isRead).toBe(true)
    expect([code, inStorage()]).toEqual([1, before])
    expect(stderr).toContain(`Meanwhile stage prod was deployed with other rules (version ${THEIRS})`)
  })

  test.each([1, 5, 15])('in minute %d of the roll-out: it is passed over, and not called live', async (minute) => {
    const { code, stdout } = await push([], (now) => {
      if (now === minute) stage.deploy(configOf('theirs'))
    })
    expect(code).toBe(1)
    expect(stdout).not.toContain('Live:')
    expect(stdout).toContain(`Passed over: meanwhile stage prod was deployed with other rules (version ${THEIRS})`)
    expect(await liveVersion()).toBe(THEIRS)
    // Once more, it is.
    expect((await push()).code).toBe(0)
    expect(await liveVersion()).toBe(versionFor('failed deployment'))
  })

  test('as JSON, its state is PASSED_OVER', async () => {
    const { code, stdout } = await push(['--json'], (now) => {
      if (now === 3) stage.deploy(configOf('theirs'))
    })
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { state: 'PASSED_OVER', because: /theirs|version/ }])
  })

  test('with the very rules that are pushed: they are live', async () => {
    const { code, stdout } = await push([], (now) => {
      if (now === 3) stage.deploy(configOf('failed deployment'))
    })
    expect([code, stdout]).toEqual([0, expect.stringContaining('Live: version')])
  })

  test('and an alarm rolls the push back: those of the deployment are live', async () => {
    const { code, stdout } = await push([], (now) => {
      if (now === 3) stage.deploy(configOf('theirs'))
      if (now === 4) stage.server.alarm()
    })
    expect([code, stdout]).toEqual([1, expect.stringContaining(`Rolled back: ${THEIRS} is live.`)])
  })
})

describe('push --rollback', () => {
  test('brings back the rules before, at once; once more, those before them, until there are none', async () => {
    await live('one')
    await live('two')
    const { code, stdout } = await rollBack()
    expect(code).toBe(0)
    expect(stdout).toContain(`Back in ${PLACE}: ${versionFor('two')} → ${versionFor('one')}`)
    expect(stdout).toContain('- rule "two"')
    expect(stdout).toContain('+ rule "one"')
    expect(stdout).toContain(`Live: version ${versionFor('one')}.`)
    expect(stage.server.deployments.at(-1)?.strategy?.name).toBe('alert-router-prod-at-once')
    expect(await liveVersion()).toBe(versionFor('one'))

    expect((await rollBack()).code).toBe(0)
    expect(await liveVersion()).toBe(BASE)
    const none = await rollBack()
    expect(none.code).toBe(1)
    expect(none.stdout).toContain(`No other rules were live in ${PLACE} before version ${BASE}.`)
  })

  test('forward again is a push, and the next roll-back undoes that one', async () => {
    await live('one')
    await live('two')
    await rollBack()
    await live('three')
    await rollBack()
    expect(await liveVersion()).toBe(versionFor('one'))
  })

  test('what an alarm has rolled back was never live', async () => {
    await live('one')
    edit('two')
    await push([], (minute) => {
      if (minute === 12) stage.server.alarm()
    })
    await live('three')
    await rollBack()
    expect(await liveVersion()).toBe(versionFor('one'))
  })

  test('stops a roll-out that goes on', async () => {
    await live('one')
    edit('two')
    const stopped = push([], (minute) => {
      if (minute === 4) throw new Error('Ctrl-C')
    })
    await expect(stopped).rejects.toThrow('Ctrl-C')
    expect((await push()).stdout).toContain('"npx alert-router rules push --stage prod --rollback" stops it.')
    const { code, stdout } = await rollBack()
    expect(code).toBe(0)
    expect(stdout).toContain(`Roll-out 3 goes on in ${PLACE}: ${versionFor('one')} → ${versionFor('two')}`)
    expect(stdout).toContain(`Rolled back: version ${versionFor('one')} is live.`)
    expect(await liveVersion()).toBe(versionFor('one'))
    // That was no roll-back of what had been live.
    await rollBack()
    expect(await liveVersion()).toBe(BASE)
  })

  test('after a deployment has changed the rules: back to what was pushed before it', async () => {
    await live('one')
    stage.deploy(configOf('theirs'))
    expect(await liveVersion()).toBe(versionFor('theirs'))
    expect((await rollBack()).code).toBe(0)
    expect(await liveVersion()).toBe(versionFor('one'))
    expect(stored().at(-1)).toMatchObject({ version: versionFor('one'), base: versionFor('theirs') })
  })

  test('after a push onto that deployment: back to what was deployed, and then further', async () => {
    await live('one')
    stage.deploy(configOf('theirs'))
    await live('two')
    for (const name of ['theirs', 'one']) {
      expect((await rollBack()).code).toBe(0)
      expect(await liveVersion()).toBe(versionFor(name))
    }
  })

  test('is refused when the stack no longer has what the rules before need', async () => {
    const withNight = renamed('one').replace(
      /^channels:/m,
      'channels:\n  email-night: { type: email, addresses: [night@example.com] }',
    )
    stage.deploy(readConfigText(withNight.replace('name: one', 'name: two'), 'alerts.yml'))
    writeFileSync(join(cwd, 'config/alerts.yml'), withNight)
    expect((await push()).code).toBe(0)
    stage.deploy(configOf('theirs'))
    const before = inStorage()
    const { code, stdout } = await rollBack()
    expect([code, inStorage()]).toEqual([1, before])
    expect(stdout).toContain('Deploy it with "npx alert-router deploy --stage prod":\n  "email-night"')
  })

  test('asks first, by the name of account, region and stage', async () => {
    await live('one')
    const before = inStorage()
    const { code, stderr } = await command('push', '--stage', 'prod', '--rollback')
    expect([code, stderr]).toEqual([2, expect.stringContaining('add --yes')])
    expect(inStorage()).toEqual(before)
  })

  test('as JSON, one object', async () => {
    await live('one')
    const { stdout, stderr } = await rollBack('--json')
    expect(JSON.parse(stdout)).toEqual({
      stage: 'prod',
      account: '123456789012',
      region: 'us-east-1',
      base: BASE,
      version: BASE,
      deployment: 3,
      state: 'COMPLETE',
    })
    expect(stderr).toContain('Back in')
  })

  test('of any pushes and roll-backs goes back as an editor undoes', () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('A', 'B', 'C', 'D'), fc.constant('back')), { maxLength: 30 })
    fc.assert(
      fc.property(steps, (all) => {
        const undo: string[] = []
        const made: Pick<Stage, 'rollouts' | 'versions'> = { rollouts: [], versions: [] }
        const rollOut = (version: string, isRollback: boolean) => {
          const number = made.versions.length + 1
          made.versions.unshift({ number, version, isRollback, description: '' })
          made.rollouts.unshift({ DeploymentNumber: number, ConfigurationVersion: String(number), State: 'COMPLETE' })
        }
        for (const step of all) {
          if (step !== 'back') {
            if (step === undo.at(-1)) continue
            undo.push(step)
            rollOut(step, false)
          } else if (undo.length > 1) {
            undo.pop()
            const before = wereLive(made).findLast(({ version }) => version !== wereLive(made).at(-1)?.version)
            rollOut(before?.version ?? '', true)
          }
          expect(wereLive(made).map(({ version }) => version)).toEqual(undo)
        }
      }),
    )
  })
})

describe('versions', () => {
  test('of a stage that nothing was pushed to: what it was deployed with', async () => {
    const { code, stdout } = await command('versions', '--stage', 'prod')
    expect(code).toBe(0)
    expect(stdout).toBe(
      `In ${PLACE}:\n  live      ${BASE}, which the stack was deployed with\n\nNo rules were pushed.\n`,
    )
  })

  test('lists what was pushed, when, from where, by whom, and what came of it', async () => {
    vi.stubEnv('GIT_CONFIG_COUNT', '1')
    vi.stubEnv('GIT_CONFIG_KEY_0', 'user.name')
    vi.stubEnv('GIT_CONFIG_VALUE_0', 'Ada Lovelace')
    await live('one')
    edit('two')
    await push([], (minute) => {
      if (minute === 12) stage.server.alarm()
    })
    await live('three')
    await rollBack()
    edit('four')
    await push([], (minute) => {
      if (minute === 3) throw new Error('Ctrl-C')
    }).catch(() => undefined)
    const { stdout } = await command('versions', '--stage', 'prod')
    const lines = stdout.trimEnd().split('\n')
    expect(lines.slice(0, 5)).toEqual([
      `In ${PLACE}:`,
      `  live      ${versionFor('one')}`,
      `  deployed  ${BASE}`,
      '',
      'Pushed (UTC):',
    ])
    expect(lines.slice(5).map((line) => line.trim().split(/ {2,}/))).toEqual([
      [
        versionFor('four'),
        expect.stringMatching(/^2026-11-03 \d\d:\d\d$/),
        'is being rolled out',
        'config, by Ada Lovelace',
      ],
      [versionFor('one'), expect.any(String), 'live', `Back from ${versionFor('three')}, by Ada Lovelace`],
      [versionFor('three'), expect.any(String), 'was live', 'config, by Ada Lovelace'],
      [versionFor('two'), expect.any(String), 'rolled back', 'config, by Ada Lovelace'],
      [versionFor('one'), expect.any(String), 'was live', 'config, by Ada Lovelace'],
      [BASE, '2026-11-03 00:00', 'was live', 'What the stack was deployed with'],
    ])
  })

  test('the commit is that of the repository in which the rules lie, wherever push is run', () => {
    const git = (...args: string[]) => {
      const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false']
      const { stdout } = spawnSync('git', ['-C', join(cwd, 'theirs'), ...who, ...args], { encoding: 'utf8' })
      return stdout.trim()
    }
    mkdirSync(join(cwd, 'theirs/config'), { recursive: true })
    const rulesOf = (folder: string) => join(cwd, folder, 'alerts.yml')
    writeFileSync(rulesOf('theirs/config'), SHIPPED)
    git('init', '--quiet')
    git('add', '.')
    git('commit', '--quiet', '--message', 'rules')
    const head = git('rev-parse', '--short=12', 'HEAD')
    const commits = () => [rulesOf('theirs/config'), join(cwd, 'theirs/config'), join(cwd, 'config')].map(commitOf)
    expect(commits()).toEqual([head, head, undefined])

    const back = process.cwd()
    process.chdir(join(cwd, 'theirs'))
    try {
      expect([commitOf('config'), ...commits()]).toEqual([head, head, head, undefined])
      writeFileSync(rulesOf('theirs/config'), renamed('edited'))
      const edited = `${head}, edited`
      expect([commitOf('config'), ...commits()]).toEqual([edited, edited, edited, undefined])
    } finally {
      process.chdir(back)
    }
  })

  test('what the validators refused was not rolled out', async () => {
    stage.server.answerBy(({ path }) =>
      path.startsWith('POST') && path.endsWith('/deployments')
        ? { status: 400, headers: { 'x-amzn-errortype': 'BadRequestException' }, body: { Message: 'no' } }
        : undefined,
    )
    expect((await push()).code).toBe(1)
    const { stdout } = await command('versions', '--stage', 'prod', '--json')
    expect(JSON.parse(stdout)).toEqual({
      stage: 'prod',
      account: '123456789012',
      region: 'us-east-1',
      live: BASE,
      deployed: BASE,
      versions: [
        { number: 1, version: BASE, state: 'not rolled out', description: 'What the stack was deployed with' },
      ],
    })
  })
})

describe('diff', () => {
  test('says what is live otherwise, and nothing when it is not', async () => {
    expect((await command('diff', '--stage', 'prod')).code).toBe(0)
    const { code, stdout } = await command('diff', '--stage', 'prod', '--detailed-exitcode')
    expect(code).toBe(3)
    expect(stdout).toContain(`${PLACE} (version ${BASE}) → config (version ${versionFor('failed deployment')})\n\n`)
    expect(stdout).toMatch(/^- rule "deployment failed": /m)
    expect(stdout).toMatch(/^\+ rule "failed deployment": /m)
    await push()
    const same = await command('diff', '--stage', 'prod', '--detailed-exitcode')
    expect([same.code, same.stdout]).toEqual([0, expect.stringContaining('They are the same.')])
  })

  test('as JSON, an object with each difference', async () => {
    const { code, stdout } = await command('diff', '--stage', 'prod', '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        stage: 'prod',
        account: '123456789012',
        live: BASE,
        version: versionFor('failed deployment'),
        differences: [{ what: 'rule "failed deployment"' }, { what: 'rule "deployment failed"' }],
      },
    ])
  })

  test('of rules that are wrong says what is wrong', async () => {
    writeFileSync(join(cwd, 'config/alerts.yml'), SHIPPED.replace('severity: critical', 'severity: critcal'))
    const { code, stderr } = await command('diff', '--stage', 'prod')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^config\/alerts\.yml:\d+:\d+: .*critcal/)])
  })

  const rule = (name: string, more: object = {}) => ({ name, when: { name }, severity: 'warning', ...more })
  const config = (some: object[], more: object = {}) =>
    checkConfig({
      channels: { slack: { type: 'slack', secret: 'slack' }, mail: { type: 'email', addresses: ['a@example.com'] } },
      severities: { critical: { channels: ['slack'] }, warning: { channels: ['slack'] }, info: { channels: ['mail'] } },
      rules: some,
      default: { severity: 'info' },
      ...more,
    })
  const [a, b, c] = ['a', 'b', 'c'].map((name) => rule(name)) as [object, object, object]

  test.each<[string, object[], object, object[], object, string[]]>([
    ['nothing', [a, b], {}, [a, b], {}, ['They say the same, in another order.']],
    ['a new rule', [a], {}, [a, b], {}, ['+ rule "b": {"name":"b","when":{"name":"b"},"severity":"warning"}']],
    ['a rule less', [a, b], {}, [a], {}, ['- rule "b": {"name":"b","when":{"name":"b"},"severity":"warning"}']],
    [
      'another severity',
      [a],
      {},
      [rule('a', { severity: 'critical' })],
      {},
      ['- rule "a" severity: warning', '+ rule "a" severity: critical'],
    ],
    [
      'what is said in addition',
      [a],
      {},
      [rule('a', { runbook: 'https://x.example' })],
      {},
      ['+ rule "a" runbook: https://x.example'],
    ],
    [
      'another condition',
      [a],
      {},
      [rule('a', { when: { name: 'x' } })],
      {},
      ['- rule "a" when.name: a', '+ rule "a" when.name: x'],
    ],
    [
      'one in a list',
      [rule('a', { channels: ['slack'] })],
      {},
      [rule('a', { channels: ['slack', 'mail'] })],
      {},
      ['+ rule "a" channels: ["mail"]'],
    ],
    ['another place', [a, b, c], {}, [c, a, b], {}, ['- rule "c" place: after "b"', '+ rule "c" place: first']],
    [
      'another default',
      [],
      {},
      [],
      { default: { severity: 'warning' } },
      ['- default.severity: info', '+ default.severity: warning'],
    ],
    [
      'maintenance',
      [],
      {},
      [],
      { maintenance: [{ name: 'm', window: { from: '01:00', for: '1h' } }] },
      ['+ maintenance "m": {"name":"m","window":{"from":"01:00","for":"1h"}}'],
    ],
    [
      'a set',
      [rule('a', { when: { account: '$prod' } })],
      { sets: { prod: ['111111111111', '222222222222'] } },
      [rule('a', { when: { account: '$prod' } })],
      { sets: { prod: ['222222222222', '333333333333'] } },
      ['- sets.prod: ["111111111111"]', '+ sets.prod: ["333333333333"]'],
    ],
    [
      'what would break a line',
      [rule('a')],
      {},
      [rule('a', { title: 'x\u001b[2J\ny' })],
      {},
      ['+ rule "a" title: x[2J y'],
    ],
  ])('%s', (_what, before, moreBefore, after, moreAfter, lines) => {
    const edits = editsOf(config(before, moreBefore), config(after, moreAfter))
    expect(editsInWords(edits).split('\n')).toEqual(lines)
  })

  test('of any two orders names as few rules as it can', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const order = fc.shuffledSubarray(names, { minLength: names.length })
    fc.assert(
      fc.property(order, order, (before, after) => {
        const moved = movedIn(editsOf(config(before.map((n) => rule(n))), config(after.map((n) => rule(n)))))
        const rest = (all: string[]) => all.filter((name) => !moved.has(name))
        expect(rest(after)).toEqual(rest(before))
        // Nobody of them could have stayed.
        for (const name of moved) {
          const others = (all: string[]) => all.filter((one) => one === name || !moved.has(one))
          expect(others(after)).not.toEqual(others(before))
        }
      }),
    )
  })

  function movedIn(edits: Edit[]): Set<string> {
    return new Set(edits.map(({ what }) => /^rule "(.*)" place$/.exec(what)?.[1] as string))
  }
})
