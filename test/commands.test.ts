import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { deadLetters } from '../cli/dead-letters.ts'
import { doctor } from '../cli/doctor.ts'
import { history } from '../cli/history.ts'
import { packageService } from '../cli/package.ts'
import { replay } from '../cli/replay.ts'
import { resolve as resolveAlert } from '../cli/resolve.ts'
import { main } from '../cli/rules/main.ts'
import { schema } from '../cli/schema.ts'
import { command, here, rules } from './command.ts'

/** What every command of package.json has in common: its help, and what it says of wrong usage. */

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
const COMMANDS = Object.entries(scripts).flatMap(([name, line]): [string, string][] => {
  const [, file] = /^node (?:--\S+ )*(\S+\.ts)$/.exec(line) ?? []
  return file === undefined ? [] : [[name, file]]
})
const NODE_TEXT = /\bat .*:\d+:\d+|node:internal|ERR_|Unknown option|argument missing|To specify a positional/

/** Those that can be run in this process are, which is quicker. */
const HERE: Record<string, (args: string[]) => Promise<number>> = {
  'cli/package.ts': packageService,
  'cli/dead-letters.ts': deadLetters,
  'cli/doctor.ts': doctor,
  'cli/history.ts': history,
  'cli/replay.ts': replay,
  'cli/resolve.ts': resolveAlert,
  'cli/schema.ts': schema,
}
const run = (file: string, args: string[]) => (HERE[file] ? here(HERE[file], args) : command(file, args))

describe.each(COMMANDS)('npm run %s', (name, file) => {
  test('says what it does, in 80 columns, and does nothing', async () => {
    const { code, stdout, stderr } = await run(file, ['--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`npm run ${name}`)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('refuses an option that it does not know, in its own words', async () => {
    const { code, stdout, stderr } = await run(file, ['--bogus'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/"?--bogus"? is no (option|command)/)
    expect(stderr).toContain(`npm run ${name} -- --help says more.`)
    expect(stderr).not.toMatch(NODE_TEXT)
  })
})

test.each(['1', '1st', '-a', 'a_b', 'a'.repeat(21)])(
  'package refuses the stage %s, and says what one is',
  async (stage) => {
    const { code, stderr } = await here(packageService, [`--stage=${stage}`])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("a stage's name begins with a letter, and is up to 20 letters, digits and dashes"),
    ])
  },
)

test('a command tells its version, and that of the rules', async () => {
  const { code, stdout } = await command('cli/history.ts', ['--version'])
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^alert-router \d+\.\d+\.\d+.*, rules [0-9a-f]{12}/)])
  expect((await rules(['-V'])).stdout).toBe(stdout)
})

describe('npm run rules', () => {
  const names = ['check', 'explain', 'tree', 'fmt', 'test']

  test.each(names)('%s says what it does, in 80 columns', async (name) => {
    const { code, stdout } = await rules([name, '--help'])
    expect(code).toBe(0)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect((await rules(['help', name])).stdout).toBe(stdout)
  })

  test.each<[string, string[], string]>([
    ['no command', [], 'Which command? Allowed: check, '],
    ['a command that is none', ['chek'], '"chek" is no command. Did you mean "check"?'],
    ['an option in place of a command', ['--strict'], '"--strict" is no command'],
    ['help of no command', ['help', 'chek'], '"chek" is no command'],
    ...names.flatMap((name): [string, string[], string][] => [
      [`${name}: an option that is nearly one`, [name, '--jsn'], '--jsn is no option here. Did you mean "--json"?'],
      [`${name}: a short one that is none`, [name, '-x'], '-x is no option here.'],
      [`${name}: a value too many`, [name, '--json=yes'], '--json takes no value: leave "=yes" out.'],
    ]),
    ...names
      .filter((name) => name !== 'fmt')
      .flatMap((name): [string, string[], string][] => [
        [`${name}: no value`, [name, '--config'], '--config needs a value'],
        [`${name}: an empty value`, [name, '--config='], '--config needs a value'],
        [`${name}: an option in place of a value`, [name, '--config', '--json'], '"--json" looks like an option'],
      ]),
    ['a file that is not there', ['fmt', 'nope.yml'], 'nope.yml: there is no such file'],
    ['cases that are not there', ['test', 'nope.yml'], 'nope.yml: there is no such file or folder'],
    ['an event that is not there', ['explain', 'nope.json'], 'nope.json: there is no such file or folder'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await rules(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(NODE_TEXT)
  })
})

describe("in another folder than the router's", () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'))

  test.each([
    ['check', []],
    ['tree', []],
    ['plan', []],
    ['test', []],
    ['fmt', []],
    ['explain', ['--set', 'metric=Errors']],
    ['check', ['--config', 'mine.yml']],
  ])('rules %s %j says where to run it', async (name, args) => {
    const { stdout, stderr } = await rules([name, ...args], { cwd: elsewhere, env: { INIT_CWD: elsewhere } })
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /^\S+: there is no such file\. Run it in the router's folder, or name a rules file, such as /,
    )
  })

  test("a file that is missing in the router's is only missing", async () => {
    const { stderr } = await rules(['check', '--config', 'mine.yml'])
    expect(stderr).toMatch(/^mine\.yml: there is no such file\. Name a rules file/)
  })
})

describe('nobody reads on', () => {
  /** Its exit code, and what it says to the one that is left. */
  const unread = (args: string[], closed: ('stdout' | 'stderr')[]) => {
    const child = spawn(process.execPath, args)
    for (const output of closed) child[output].destroy()
    const texts = closed.includes('stderr') ? '' : text(child.stderr)
    const code = new Promise<number | null>((done) => child.once('close', done))
    return Promise.all([code, texts])
  }

  test.each<[string, string[], number]>([
    ['rules explain', ['cli/rules.ts', 'explain', 'samples', '--all'], 0],
    ['rules explain --json', ['cli/rules.ts', 'explain', 'samples', '--json'], 0],
    ['rules test, which finds no rules', ['cli/rules.ts', 'test', '--config', 'nope.yml'], 1],
    ['help', ['cli/rules.ts', '--help'], 0],
    ['history --help', ['cli/history.ts', '--help'], 0],
  ])('%s ends with its own exit code, and says nothing of it', async (_, args, expected) => {
    expect(await unread(args, ['stdout', 'stderr'])).toEqual([expected, ''])
    const [code, stderr] = await unread(args, ['stdout'])
    expect(code).toBe(expected)
    expect(stderr).not.toMatch(/EPIPE|node:events/)
  })

  test('the shell, too, sees the first line alone', async () => {
    const line = `${process.execPath} cli/rules.ts explain samples --all | head -1`
    const shell = spawn('sh', ['-c', line])
    const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)])
    expect([stdout.split('\n').length, stderr]).toEqual([2, ''])
  })
})

test.skipIf(!existsSync('/dev/full'))('a disk that is full is told, and no stack trace', async () => {
  const shell = spawn('sh', ['-c', `${process.execPath} cli/rules.ts tree > /dev/full`])
  const code = new Promise<number | null>((done) => shell.once('close', done))
  expect(await text(shell.stderr)).toMatch(/^The output can't be written: ENOSPC: .*\n$/)
  expect(await code).toBe(1)
})

describe('what npm keeps for itself', () => {
  const kept = (flags: Record<string, string>, script = 'rules', file = 'cli/rules.ts') => ({
    env: { npm_lifecycle_event: script, npm_lifecycle_script: `node ${file}`, npm_config_noproxy: '', ...flags },
  })
  const COMMANDS = { 'cli/rules.ts': main, 'cli/replay.ts': replay, 'cli/history.ts': history }
  type File = keyof typeof COMMANDS

  /** In this process, with the command line as if it were one of its own. */
  async function typed(file: File, args: string[], how: ReturnType<typeof kept>) {
    const before = process.argv
    process.argv = [process.execPath, resolve(file), ...args]
    try {
      return await here(COMMANDS[file], args, how)
    } finally {
      process.argv = before
    }
  }

  test('is said by a process of its own, too', async () => {
    const { code, stderr } = await command('cli/rules.ts', ['check'], kept({ npm_config_strict: 'true' }))
    expect([code, stderr]).toEqual([2, expect.stringContaining('npm run rules -- check --strict')])
  })

  test.each<[File, string, string[], Record<string, string>, string]>([
    ['cli/rules.ts', 'rules', ['check'], { npm_config_strict: 'true' }, 'npm run rules -- check --strict'],
    [
      'cli/rules.ts',
      'rules',
      ['check', 'mine.yml'],
      { npm_config_config: 'true' },
      'npm run rules -- check --config …',
    ],
    ['cli/replay.ts', 'replay', ['samples'], { npm_config_json: 'true' }, 'npm run replay -- --json'],
    [
      'cli/rules.ts',
      'rules',
      ['explain', 'x.json', '2026'],
      { npm_config_firing_since: 'true' },
      'npm run rules -- explain --firing-since …',
    ],
    ['cli/history.ts', 'history', ['orders'], { npm_config_stage: 'true' }, 'npm run history -- --stage …'],
  ])('%s: is not done without, and says how it is written', async (file, script, args, flags, how) => {
    const { code, stdout, stderr } = await typed(file, args, kept(flags, script, file))
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^npm has kept --\S+( …)? for itself/)
    expect(stderr).toContain(how)
  })

  test.each<[what: string, args: string[], how: ReturnType<typeof kept>]>([
    ['where the command has it', ['check', '--json'], kept({ npm_config_json: 'true' })],
    ['where it says nothing', ['check'], kept({ npm_config_strict: 'false', npm_config_all: '' })],
    ['where it is of another script', ['check'], kept({ npm_config_json: 'true' }, 'test', 'vitest')],
  ])('is no matter %s', async (_what, args, how) => {
    expect((await typed('cli/rules.ts', args, how)).code).toBe(0)
  })
})

describe('a path that is named from where the user is', () => {
  const here = mkdtempSync(join(tmpdir(), 'here-'))
  writeFileSync(join(here, 'mine.json'), readFileSync('samples/usage-report.json'))
  writeFileSync(join(here, 'mine.yml'), readFileSync('config/alerts.yml'))

  test.each([
    ['an event', ['explain', 'mine.json']],
    ['rules', ['check', '--config', 'mine.yml']],
    ['recorded events', ['check', '--against', 'mine.json']],
  ])('%s', async (_, args) => {
    const { code, stderr } = await rules(args, { env: { INIT_CWD: here } })
    expect([code, stderr]).toEqual([0, ''])
  })

  test('is that of the package, where there is one', async () => {
    writeFileSync(join(here, 'package.json'), '{')
    const { code } = await rules(['explain', 'package.json'], { env: { INIT_CWD: here } })
    expect(code).toBe(0)
    expect(resolve('package.json')).not.toBe(join(here, 'package.json'))
  })
})

test('nothing is made after a command has begun: it would not be there yet', () => {
  const late = globSync('cli/*.ts').filter((file) =>
    /^await runCommand[\s\S]*^(const|let|class) /m.test(readFileSync(file, 'utf8')),
  )
  expect(late).toEqual([])
})
