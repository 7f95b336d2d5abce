import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { wereLive } from '../cli/rules/live/previous.ts'
import type { Stage } from '../cli/rules/live/stage.ts'
import { commitOf } from '../cli/rules/push/from-where.ts'
import { readConfigText } from '../shared/config/read.ts'
import { BASE, PLACE, SHIPPED } from './deployed-stage.ts'
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
  renamed,
  stage,
  stored,
  versionFor,
} from './live-rules.ts'

const rollBack = (...args: string[]) => stage.push(['--stage', 'prod', '--yes', '--rollback', ...args], { cwd })

inAStageEach()

describe('push --rollback', () => {
  test('restores the previous rules at once; again, those before them, until there are none', async () => {
    await live('one')
    await live('two')
    const { code, stdout } = await rollBack()
    expect(code).toBe(0)
    expect(stdout).toContain(`Roll back in ${PLACE}: ${versionFor('two')} → ${versionFor('one')}`)
    expect(stdout).toContain('- rule "two"')
    expect(stdout).toContain('+ rule "one"')
    expect(stdout).toContain(`Active: version ${versionFor('one')}.`)
    expect(stage.server.deployments.at(-1)?.strategy?.name).toBe('alert-router-prod-at-once')
    expect(await liveVersion()).toBe(versionFor('one'))

    expect((await rollBack()).code).toBe(0)
    expect(await liveVersion()).toBe(BASE)
    const none = await rollBack()
    expect(none.code).toBe(1)
    expect(none.stdout).toContain(`No other rules were active in ${PLACE} before version ${BASE}.`)
  })

  test('forward again is a push, and the next roll-back undoes that one', async () => {
    await live('one')
    await live('two')
    await rollBack()
    await live('three')
    await rollBack()
    expect(await liveVersion()).toBe(versionFor('one'))
  })

  test('what an alarm has rolled back was never active', async () => {
    await live('one')
    edit('two')
    await push([], (minute) => {
      if (minute === 12) stage.server.alarm()
    })
    await live('three')
    await rollBack()
    expect(await liveVersion()).toBe(versionFor('one'))
  })

  test('stops a roll-out in progress', async () => {
    await live('one')
    edit('two')
    const stopped = push([], (minute) => {
      if (minute === 4) throw new Error('Ctrl-C')
    })
    await expect(stopped).rejects.toThrow('Ctrl-C')
    expect((await push()).stdout).toContain('To stop it: npx alert-router rules push --stage prod --rollback')
    const { code, stdout } = await rollBack()
    expect(code).toBe(0)
    expect(stdout).toContain(`Roll-out 3 is in progress in ${PLACE}: ${versionFor('one')} → ${versionFor('two')}`)
    expect(stdout).toContain(`Rolled back: version ${versionFor('one')} is active.`)
    expect(await liveVersion()).toBe(versionFor('one'))
    // That did not roll back active rules.
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

  test('is refused if the stack no longer has what the previous rules need', async () => {
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

  test('asks for confirmation, with account, region and stage', async () => {
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
    expect(stderr).toContain('Roll back in')
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
  test('of a stage without pushes: the deployed rules', async () => {
    const { code, stdout } = await command('versions', '--stage', 'prod')
    expect(code).toBe(0)
    expect(stdout).toBe(`In ${PLACE}:\n  live      ${BASE}, deployed with the stack\n\nNo rules were pushed.\n`)
  })

  test('lists what was pushed, when, from where, by whom, and the outcome', async () => {
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

  test('the commit is that of the rules’ repository, wherever push is run', () => {
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

  test('what the validators rejected was not rolled out', async () => {
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
