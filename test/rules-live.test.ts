import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { BASE, PLACE } from './deployed-stage.ts'
import {
  command,
  configOf,
  cwd,
  edit,
  inAStageEach,
  inStorage,
  live,
  liveVersion,
  push,
  stage,
  versionFor,
} from './live-rules.ts'

const pushPlan = (...args: string[]) => stage.push(['--plan', 'plan.json', '--yes', ...args], { cwd })

const plan = (...args: string[]) =>
  command('plan', '--detailed-exitcode', '--stage', 'prod', '--against', 'samples', '--out', 'plan.json', ...args)

inAStageEach()

describe('a saved plan is pushed exactly', () => {
  test('the plan compares with the deployed rules, is shown again, and its rules are activated', async () => {
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
    expect(stdout).toContain(`Active: version ${versionFor('failed deployment')}.`)
  })

  test('as JSON, push prints the plan as saved', async () => {
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
      `the rules in config: version ${versionFor('failed deployment')} in the plan, version ${versionFor('other')} now`,
    ],
    [
      'somebody has pushed since',
      async () => {
        await live('theirs')
        edit('failed deployment')
      },
      `the deployed rules: version ${BASE} in the plan, version ${versionFor('theirs')} now`,
    ],
    [
      'the stack was deployed with other rules since',
      () => stage.deploy(configOf('theirs')),
      `the deployed rules: version ${BASE} in the plan, version ${versionFor('theirs')} now`,
    ],
    [
      'it is another region',
      () => vi.stubEnv('AWS_REGION', 'eu-west-1'),
      'the region: us-east-1 in the plan, eu-west-1 now',
    ],
    [
      'it was made in another account',
      () => {
        const file = join(cwd, 'plan.json')
        writeFileSync(file, readFileSync(file, 'utf8').replace('"123456789012"', '"210987654321"'))
      },
      'the account: 210987654321 in the plan, 123456789012 now',
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

  test('its text can’t affect the terminal', async () => {
    await plan()
    const file = join(cwd, 'plan.json')
    const saved = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...saved, shown: '\u001b[2JNothing changes.\u0007' }))
    const { stdout } = await pushPlan()
    expect(stdout).toContain('[2JNothing changes.\n')
    expect(stdout).not.toMatch(/[\u001b\u0007]/)
  })

  test.each<[string, string[], RegExp]>([
    ['--out without a stage', ['plan', '--out', 'plan.json'], /--out: give the stage/],
    [
      '--out over another base',
      ['plan', '--stage', 'prod', '--base', 'git:HEAD', '--out', 'p'],
      /--out needs --base live/,
    ],
    ...['config/alerts.yml', 'config/tests/none.yml', 'config'].map((file): [string, string[], RegExp] => [
      `--out over ${file}`,
      ['plan', '--stage', 'prod', '--against', 'samples', '--out', file],
      /--out \S+: this file is not a saved plan, and would be overwritten\. Give another name, as in --out plan\.json/,
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
    ['a roll-back without a stage', ['push', '--rollback'], /Give the stage/],
    ['a diff without a stage', ['diff'], /Give the stage/],
    ['versions of an invalid stage', ['versions', '--stage', 'a b'], /--stage a b: use letters/],
  ])('%s is wrong usage', async (_what, args, message) => {
    const { code, stderr, stdout } = await command(...args)
    expect(stderr).toMatch(message)
    expect(stderr).toContain('--help for usage')
    expect([code, stdout]).toEqual([2, ''])
  })

  test.each<[string, string, RegExp]>([
    ['is missing', 'none.json', /^--plan none\.json: no such file\n$/],
    ['is not a plan', 'config/alerts.yml', /^--plan config\/alerts\.yml: not a plan\. .* --out plan\.json"\n$/],
  ])('a plan that %s is not pushed', async (_what, file, message) => {
    const { code, stderr, stdout } = await command('push', '--plan', file)
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(message)])
  })

  test('a plan that cannot be written is an error', async () => {
    const { code, stderr } = await command('plan', '--stage', 'prod', '--against', 'samples', '--out', 'none/p')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^--out none\/p: cannot write it: .*\n$/)])
  })

  test('an older plan, or an empty file, is overwritten; any other file is not', async () => {
    const before = readFileSync(join(cwd, 'config/alerts.yml'), 'utf8')
    expect((await plan()).code).toBe(3)
    expect((await plan()).code).toBe(3)
    writeFileSync(join(cwd, 'plan.json'), '')
    expect((await plan()).code).toBe(3)
    const over = ['plan', '--stage', 'prod', '--against', 'samples', '--out', 'config/alerts.yml']
    expect((await command(...over)).code).toBe(2)
    expect(readFileSync(join(cwd, 'config/alerts.yml'), 'utf8')).toBe(before)
  })

  test('a plan of another stage than the given one is wrong usage', async () => {
    await plan()
    const { code, stderr } = await command('push', '--plan', 'plan.json', '--stage', 'dev')
    expect([code, stderr]).toEqual([2, expect.stringContaining('the plan in plan.json is for stage prod')])
  })
})

describe('the stack is deployed with other rules during a push', () => {
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
    expect(stderr).toContain(`Stage prod was just deployed with other rules (version ${THEIRS})`)
  })

  test.each([1, 5, 15])(
    'in minute %d of the roll-out: it is superseded, and not reported as active',
    async (minute) => {
      const { code, stdout } = await push([], (now) => {
        if (now === minute) stage.deploy(configOf('theirs'))
      })
      expect(code).toBe(1)
      expect(stdout).not.toContain('Live:')
      expect(stdout).toContain(
        `Superseded: stage prod was deployed with other rules during the push (version ${THEIRS})`,
      )
      expect(await liveVersion()).toBe(THEIRS)
      // Once more, it is.
      expect((await push()).code).toBe(0)
      expect(await liveVersion()).toBe(versionFor('failed deployment'))
    },
  )

  test('as JSON, its state is PASSED_OVER', async () => {
    const { code, stdout } = await push(['--json'], (now) => {
      if (now === 3) stage.deploy(configOf('theirs'))
    })
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { state: 'PASSED_OVER', because: /theirs|version/ }])
  })

  test('with the same rules as the push: they are active', async () => {
    const { code, stdout } = await push([], (now) => {
      if (now === 3) stage.deploy(configOf('failed deployment'))
    })
    expect([code, stdout]).toEqual([0, expect.stringContaining('Active: version')])
  })

  test('and an alarm rolls the push back: those of the deployment are active', async () => {
    const { code, stdout } = await push([], (now) => {
      if (now === 3) stage.deploy(configOf('theirs'))
      if (now === 4) stage.server.alarm()
    })
    expect([code, stdout]).toEqual([1, expect.stringContaining(`Rolled back: ${THEIRS} is active.`)])
  })
})
