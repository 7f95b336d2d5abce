import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { HOME } from './package-service.ts'

/**
 * A team's own repository, that depends on the packed router. What npm would install beside it is linked from here: only what
 * package.json names as a dependency, and what that depends on. `.ci/own-repository` installs it in truth, and packages.
 */

const folder = mkdtempSync(join(tmpdir(), 'own-repository-'))
const own = join(folder, 'node_modules/alert-router')
beforeAll(() => {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder])
  mkdirSync(own, { recursive: true })
  execFileSync('tar', ['xzf', globSync(join(folder, '*.tgz'))[0] as string, '-C', own, '--strip-components', '1'])
  for (const name of installedBeside()) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function installedBeside(): string[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  return Object.entries(packages).flatMap(([path, { dev }]) => {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? []
    return name && !dev && existsSync(path) ? [name] : []
  })
}

function alertRouter(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(own, 'bin/alert-router.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME, TMPDIR: process.env.TMPDIR ?? tmpdir() },
  })
  return { code: status, stdout, stderr }
}

const FILES = [
  'config/alerts.yml',
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
    expect(FILES.filter((file) => existsSync(join(folder, file)))).toEqual([])
  })

  test('lays down what a team keeps, but nothing over what is there', () => {
    writeFileSync(join(folder, '.gitignore'), 'mine\n')
    const { code, stdout } = alertRouter('init', '--json')
    const written = FILES.filter((file) => file !== '.gitignore')
    expect([code, JSON.parse(stdout)]).toEqual([0, { written, left: ['.gitignore'] }])
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('mine\n')
    expect(JSON.parse(alertRouter('init', '--json').stdout)).toEqual({ written: [], left: FILES })
  })

  test('names a schema that is there, and a workflow of commands that there are', () => {
    const [, schema = ''] = /\$schema=(\S+)/.exec(readFileSync(join(folder, 'config/alerts.yml'), 'utf8')) ?? []
    expect(existsSync(join(folder, 'config', schema))).toBe(true)
    const { jobs } = parse(readFileSync(join(folder, '.github/workflows/alert-router.yml'), 'utf8'))
    const lines = (jobs.rules.steps as { run?: string }[]).flatMap(
      ({ run }) => run?.match(/^npx alert-router (.*)/)?.[1] ?? [],
    )
    expect(lines).toHaveLength(5)
    for (const line of lines) expect(alertRouter(...line.split(' '), '--help').code).toBe(0)
  })
})

describe('from there', () => {
  test.each<[string[], string]>([
    [['--version'], 'alert-router 0.1.0'],
    [['rules', 'check', '--strict'], '0 errors, 0 warnings'],
    [['rules', 'fmt', '--check'], 'already formatted'],
    [['rules', 'test'], '3 of 3 cases in config/tests passed.'],
    [['rules', 'explain', 'config/tests/events/data-loss.json'], 'by rule "data loss"'],
    [['rules', 'plan', '--base', 'config/alerts.yml'], 'Of 31 alerts'],
    [['replay', 'config/tests/events/data-loss.json'], 'delivered 1 to pagerduty'],
  ])('%j', (args, says) => {
    expect(alertRouter(...args)).toMatchObject({ code: 0, stdout: expect.stringContaining(says) })
  })

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
