import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { HOME } from './package-service.ts'

/*
 * A team's own repository, from an empty folder: the packed router is installed as npm does it, and everything works there.
 * `npm run test:slow` runs this, for a minute or two; `npm test` does not.
 */

/** npm installs, and a disk removes, some ten thousand files. */
const MOST_MS = 180_000

const folder = mkdtempSync(join(tmpdir(), 'own-repository-'))
beforeAll(() => {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder])
  const [packed = ''] = globSync('*.tgz', { cwd: folder })
  const args = ['install', '--silent', '--no-audit', '--no-fund', '--save-dev', `./${packed}`]
  execFileSync('npm', args, { cwd: folder, stdio: 'inherit' })
}, MOST_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }), MOST_MS)

const alertRouter = (...args: string[]) => alertRouterIn(folder, args)

function alertRouterIn(cwd: string, args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(folder, 'node_modules/.bin/alert-router'), args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME, TMPDIR: process.env.TMPDIR ?? tmpdir() },
  })
  return { code: status, stdout, stderr }
}

const FILES = [
  'config/alerts.yml',
  'config/platform.yml',
  'config/team.yml.example',
  'config/tests/alerts.yml',
  'config/tests/events/data-loss.json',
  'config/tests/events/deployment-failed.json',
  'stack.yml',
  '.github/workflows/alert-router.yml',
  '.gitignore',
  'package.json',
]

describe('init', () => {
  test('with --dry-run says what it would write, and writes nothing', () => {
    const { code, stdout } = alertRouter('init', '--dry-run')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Would be written:\n {2}config\/alerts\.yml\n/)])
    expect(FILES.filter((file) => existsSync(join(folder, file)))).toEqual(['package.json'])
  })

  test('writes a package.json where there is none', () => {
    const empty = mkdtempSync(join(folder, 'empty-'))
    const { code, stdout } = alertRouterIn(empty, ['init', '--json'])
    expect([code, JSON.parse(stdout)]).toEqual([0, { written: FILES, left: [] }])
    const { devDependencies } = JSON.parse(readFileSync(join(empty, 'package.json'), 'utf8'))
    expect(devDependencies).toHaveProperty('alert-router')
  })

  test('writes the files that a team keeps, but overwrites none', () => {
    writeFileSync(join(folder, '.gitignore'), 'mine\n')
    const { code, stdout } = alertRouter('init', '--json')
    const left = ['.gitignore', 'package.json']
    const written = FILES.filter((file) => !left.includes(file))
    expect([code, JSON.parse(stdout)]).toEqual([0, { written, left }])
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('mine\n')
    expect(JSON.parse(alertRouter('init', '--json').stdout)).toEqual({ written: [], left: FILES })
  })

  test('is refused below a repository that there is', () => {
    const { code, stderr } = alertRouterIn(mkdtempSync(join(folder, 'below-')), ['init'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^There is a repository .* in \.\.: run it there\. Nothing was/),
    ])
  })

  test('names a schema that is there, and a workflow of commands that there are', () => {
    for (const file of ['config/alerts.yml', 'config/platform.yml', 'config/tests/alerts.yml']) {
      const [, schema = ''] = /\$schema=(\S+)/.exec(readFileSync(join(folder, file), 'utf8')) ?? []
      expect(existsSync(join(folder, dirname(file), schema)), file).toBe(true)
    }
    const { jobs } = parse(readFileSync(join(folder, '.github/workflows/alert-router.yml'), 'utf8'))
    const lines = (jobs.rules.steps as { run?: string }[]).flatMap(
      ({ run }) => run?.match(/^npx alert-router (.*)/)?.[1] ?? [],
    )
    expect(lines).toHaveLength(6)
    for (const line of lines) expect(alertRouter(...line.split(' '), '--help').code).toBe(0)
  })
})

describe('from there', () => {
  test.each<[string[], string]>([
    [['--version'], 'alert-router 0.1.0'],
    [['rules', 'check', '--strict'], '0 errors, 0 warnings'],
    [['rules', 'fmt', '--check'], 'already formatted'],
    [['platform', 'check', '--strict'], 'config/platform.yml: 0 errors, 0 warnings'],
    [['rules', 'test'], '3 of 3 cases in config/tests passed.'],
    [['rules', 'explain', 'config/tests/events/data-loss.json'], 'by rule "data loss"'],
    [['rules', 'plan', '--base', 'config/alerts.yml'], 'Of 31 alerts'],
    [['replay', 'config/tests/events/data-loss.json'], 'delivered 1 to pagerduty'],
    [['replay'], '31 alerts in '],
  ])('%j', (args, says) => {
    expect(alertRouter(...args)).toMatchObject({ code: 0, stdout: expect.stringContaining(says) })
  })

  test(
    'package takes the settings in stack.yml and what is watched, and doctor checks what was packaged',
    () => {
      const watched = join(folder, 'config/platform.yml')
      const watches = readFileSync(watched, 'utf8').replace('stages: []', 'stages: [prod]')
      writeFileSync(watched, watches.replaceAll('data-processor', 'order-processor'))
      const settings = join(folder, 'stack.yml')
      writeFileSync(settings, readFileSync(settings, 'utf8').replace(/operator: .*/, 'operator: ops@example.org'))
      const { code, stderr } = alertRouter('package', '--stage', 'prod', '--region', 'eu-west-1')
      expect([code, stderr]).toEqual([0, ''])
      const template = readFileSync(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8')
      expect(template).toContain('ops@example.org')
      expect(template).toContain('"order-processor"')
      expect(alertRouter('doctor', '--offline').code).toBe(0)
    },
    MOST_MS,
  )

  test.each([[['schema']], [['faults']], [['mutants']]])('there is no %j, which needs the sources', (args) => {
    expect(alertRouter(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('Unknown command') })
    expect(alertRouter('--help').stdout).not.toContain('WORK ON THE ROUTER')
  })

  test.each([
    ['default:\n  oprator: me@example.org\n', 'unknown setting default.oprator. Did you mean "operator"?'],
    ['operator: me@example.org\n', 'write settings under a stage, or under default'],
    ['default: [', 'stack.yml: '],
  ])('settings that can not be are refused: %j', (text, says) => {
    writeFileSync(join(folder, 'stack.yml'), text)
    expect(alertRouter('package')).toMatchObject({ code: 1, stderr: expect.stringContaining(says) })
  })
})
