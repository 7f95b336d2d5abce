import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { SPECS } from '../cli/commands.ts'
import { readLine } from '../cli/frame/parse.ts'
import { referenceOf } from '../cli/frame/reference.ts'
import type { Spec } from '../cli/frame/spec.ts'
import { main } from '../cli/main.ts'
import { command, here, rules } from './command.ts'

/** What every command shares: its help, and its messages on wrong usage. */

const EACH = SPECS.map((spec): [string, Spec] => [spec.name, spec])
const NODE_TEXT = /\bat .*:\d+:\d+|node:internal|ERR_|error: /
const run = (args: string[], env: Record<string, string> = {}) => here(main, args, { env: { NO_COLOR: '1', ...env } })

describe.each(EACH)('%s', (name, spec) => {
  const words = name.split(' ')

  test.each(['60', '80'])('shows its help in %s columns, and does nothing', async (COLUMNS) => {
    const { code, stdout, stderr } = await run([...words, '--help'], { COLUMNS })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n').filter((line) => line.length > Number(COLUMNS))).toEqual([])
    for (const title of ['USAGE', 'OPTIONS', 'EXAMPLES', 'EXIT CODES'])
      expect(stdout).toMatch(new RegExp(`^${title}$`, 'm'))
    for (const option of Object.keys(spec.options)) expect(stdout).toContain(`--${option}`)
    expect((await run(['help', ...words], { COLUMNS })).stdout).toBe(stdout)
  })

  test('rejects an unknown option with its own message', async () => {
    const { code, stdout, stderr } = await run([...words, '--hlep'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Unknown option "--hlep". Did you mean "--help"?')
    expect(stderr).toContain(`Run npx alert-router ${name} --help for usage.`)
    expect(stderr).not.toMatch(NODE_TEXT)
  })

  test('has a line in the list of commands, and valid examples', async () => {
    expect((await run(['--help'])).stdout).toContain(`  ${name} `)
    for (const [line] of spec.examples) {
      const read = readLine([spec], line.match(/'[^']*'|\S+/g) ?? [])
      expect(read.asked).toBe('command')
    }
  })

  test('prints only JSON on request, or has nothing to print', () => {
    const [takesJson, saysWhat] = ['json' in spec.options, spec.json !== undefined]
    expect(takesJson).toBe(saysWhat)
    expect(takesJson || ['deploy', 'completion'].includes(name)).toBe(true)
  })

  test('has no option that npm would consume without a trace', () => {
    expect(Object.keys(spec.options).filter((option) => option === 'only')).toEqual([])
  })
})

describe('alert-router', () => {
  test.each<[string, string[], string]>([
    ['a misspelt command', ['rplay'], 'Unknown command "rplay". Did you mean "play" or "replay"?'],
    ['a misspelt command of rules', ['rules', 'chek'], 'Unknown command "chek". Did you mean "check"?'],
    ['an unknown command', ['xyzzy'], 'Unknown command "xyzzy".\nRun npx alert-router --help for usage.'],
    [
      'help of an unknown command',
      ['help', 'rules', 'chek'],
      'Unknown command "rules chek". Did you mean "rules check"?',
    ],
    ['an option in place of a command', ['rules', '--strict'], 'Unknown option "--strict".'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await run(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(NODE_TEXT)
  })

  test.each<[string, string[]]>([
    ['', []],
    ['rules', ['rules']],
    ['dead-letters', ['dead-letters']],
  ])('"%s" alone lists its commands', async (_, args) => {
    const { code, stdout, stderr } = await run(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe((await run([...args, '--help'])).stdout)
    expect(stderr).toBe((await run(['help', ...args])).stdout)
    const names = SPECS.map(({ name }) => name).filter((name) => name.startsWith(args[0] ?? ''))
    for (const name of names) expect(stderr).toContain(`  ${name} `)
  })

  test('explains the exit codes, which are the same for every command', async () => {
    const { code, stdout } = await run(['help', 'exit-codes'])
    expect(code).toBe(0)
    expect(stdout).toContain('A file that is missing, cannot be read, or does not hold')
    for (const exit of ['0', '1', '2', '3', '130']) expect(stdout).toMatch(new RegExp(`^ {2}${exit} `, 'm'))
  })

  test.each([['--version'], ['-V'], ['history', '--version'], ['rules', '-V'], ['rules', 'check', '-V']])(
    '%j prints its version, and that of the rules',
    async (...args) => {
      const { code, stdout } = await run(args.filter(Boolean))
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^alert-router \d+\.\d+\.\d+.*, rules [0-9a-f]{12}/)])
    },
  )

  test('is coloured if colours are forced, except with --no-color', async () => {
    const forced = { FORCE_COLOR: '1', NO_COLOR: '' }
    const check = ['check', '--config', 'test/configs/bad/shadowed-rule.yml']
    expect((await command(['rules', ...check], { env: forced })).stdout).toContain('\u001b[')
    expect((await command(['rules', ...check, '--no-color'], { env: forced })).stdout).not.toContain('\u001b[')
  })

  test('has the same names as the scripts of package.json', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
    const lines = Object.entries(scripts).filter(([, line]) => line.includes('cli/'))
    const families = new Set([...SPECS.map(({ name }) => name.split(' ')[0]), 'fuzz'])
    for (const [name, line] of lines) {
      expect(families).toContain(name)
      expect(line).toMatch(
        name === 'fuzz' ? 'cli/alert-router.ts simulate' : new RegExp(`cli/alert-router.ts ${name}$`),
      )
    }
  })

  test('runs on the Node version that it needs, whatever the user has', async () => {
    const { code, stdout } = await run(['--version'])
    expect(code).toBe(0)
    const launched = spawn('bin/alert-router.js', ['--version'])
    expect(await text(launched.stdout)).toBe(stdout)
  })

  test('shows its help without loading what its commands need', async () => {
    const loads = `import { registerHooks } from 'node:module'
      registerHooks({ load(url, context, next) { process.stderr.write(url + '\\n'); return next(url, context) } })`
    const hooks = `--import=data:text/javascript,${encodeURIComponent(loads)}`
    for (const args of [['--help'], ['rules', 'push', '--help'], ['completion', 'bash']]) {
      const { stderr } = await command(args, { env: { NODE_OPTIONS: hooks } })
      expect(stderr).toContain('cli/main.ts')
      expect(stderr.split('\n').filter((url) => /@aws-sdk|@smithy|\/local\/|zod|yaml|esbuild/.test(url))).toEqual([])
    }
  })
})

test.each(['1', '1st', '-a', 'a_b', 'a'.repeat(21)])(
  'package rejects the stage %s, and says what is allowed',
  async (stage) => {
    const { code, stderr } = await run(['package', `--stage=${stage}`])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('a stage name starts with a letter, and has at most 20 letters, digits and dashes'),
    ])
  },
)

describe('alert-router rules', () => {
  test.each<[string, string[], string]>([
    ['events without a name', ['explain', ''], 'EVENT: the name is empty ("").'],
    ['cases without a name', ['test', 'config/tests', ''], 'CASES: the name is empty ("").'],
    ['rules without a name', ['fmt', ''], 'FILE: the name is empty ("").'],
    ['rules without their option', ['check', 'mine.yml'], '"mine.yml": give the rules as --config PATH.'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await rules(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(NODE_TEXT)
  })
})

/** Command lines that read the file X. */
const READING: string[][] = [
  ['rules', 'check', '--config', 'X'],
  ['rules', 'check', '--against', 'X'],
  ['rules', 'explain', 'X'],
  ['rules', 'explain', '--config', 'X', '--set', 'metric=Errors'],
  ['rules', 'fmt', 'X'],
  ['rules', 'plan', '--against', 'X'],
  ['rules', 'plan', '--base', 'X'],
  ['rules', 'push', '--plan', 'X'],
  ['rules', 'test', 'X'],
  ['rules', 'test', '--record', 'X'],
  ['rules', 'tree', '--config', 'X'],
  ['replay', 'X'],
  ['replay', '--config', 'X'],
]
const reading = (line: string[], file: string) => run(line.map((word) => (word === 'X' ? file : word)))

describe.each(READING.map((line) => ({ line, typed: line.join(' ') })))('$typed', ({ line }) => {
  test('says that its file is missing: a failure, and not wrong usage', async () => {
    const { code, stdout, stderr } = await reading(line, 'nope.json')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^(--plan )?nope\.json: (file not found|no such file)/)
    expect(stderr).not.toMatch(/for usage/)
    expect(stderr).not.toMatch(NODE_TEXT)
  })

  test('says that its file cannot be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unreadable-'))
    const file = join(folder, 'x.json')
    // No user may read it, not even root.
    symlinkSync(file, file)
    const { code, stdout, stderr } = await reading(line, file)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(new RegExp(`^${file}: cannot be read: ELOOP: .*\\n$`))
  })

  test.skipIf(process.getuid?.() === 0 || line.includes('--plan'))('says that its folder cannot be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unreadable-'))
    chmodSync(folder, 0)
    const { code, stdout, stderr } = await reading(line, folder)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(new RegExp(`^${folder}: cannot be read: EACCES: .*\\n$`))
  })
})

test('a folder that cannot be written is named, in the same form', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'unwritable-'))
  writeFileSync(join(cwd, '.gitignore'), '')
  writeFileSync(join(cwd, 'config'), 'a file in place of the folder')
  const { code, stderr } = await here(main, ['init'], { cwd })
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^\S*config\S*: cannot be written: E\w+: .*\n$/)])
})

test('a rejected event from stdin is named as such', async () => {
  const { code, stderr } = await here(main, ['rules', 'explain', '-'], { stdin: '{ "Records": [] }' })
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^stdin: rejected: /)])
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
      /^\S+: file not found\. Run it in the folder that holds config\/, or use a rules file, such as /,
    )
  })

  test('and in a folder below, where that is', async () => {
    const below = join(mkdtempSync(join(tmpdir(), 'commands-')), 'a/b')
    mkdirSync(below, { recursive: true })
    mkdirSync(join(below, '../../config'))
    writeFileSync(join(below, '../../config/alerts.yml'), '')
    const { stderr } = await rules(['check'], { cwd: below, env: { INIT_CWD: below } })
    expect(stderr).toMatch(/^config: file not found\. Run it in \.\.\/\.\., which has config\//)
  })

  test('--version says that there are no rules', async () => {
    const { code, stdout } = await here(main, ['--version'], { cwd: elsewhere })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^alert-router \S+, no rules here, Node /)])
  })

  test("a file that is missing in the router's folder is reported as missing", async () => {
    const { stderr } = await rules(['check', '--config', 'mine.yml'])
    expect(stderr).toMatch(/^mine\.yml: file not found\. Use a rules file/)
  })
})

test('a replay that has no place for its files says so, and ends', async () => {
  const env = { TMPDIR: join(tmpdir(), 'nowhere') }
  const { code, stderr } = await command(['replay', 'samples/usage-report.json'], { env })
  expect([code, stderr]).toEqual([1, expect.stringMatching(/nowhere.*cannot be written: ENOENT/)])
})

describe('the output is closed early', () => {
  /** Its exit code, and what it says to the one that is left. */
  const unread = (args: string[], closed: ('stdout' | 'stderr')[]) => {
    const child = spawn(process.execPath, ['cli/alert-router.ts', ...args])
    for (const output of closed) child[output].destroy()
    const texts = closed.includes('stderr') ? '' : text(child.stderr)
    const code = new Promise<number | null>((done) => child.once('close', done))
    return Promise.all([code, texts])
  }

  test.each<[string, string[], number]>([
    ['rules explain', ['rules', 'explain', 'samples', '--all'], 0],
    ['rules explain --json', ['rules', 'explain', 'samples', '--json'], 0],
    ['rules test, which finds no rules', ['rules', 'test', '--config', 'nope.yml'], 1],
    ['help', ['rules', '--help'], 0],
    ['history --help', ['history', '--help'], 0],
  ])('%s ends with its own exit code, without an error', async (_, args, expected) => {
    expect(await unread(args, ['stdout', 'stderr'])).toEqual([expected, ''])
    const [code, stderr] = await unread(args, ['stdout'])
    expect(code).toBe(expected)
    expect(stderr).not.toMatch(/EPIPE|node:events/)
  })

  test('the shell sees only the first line', async () => {
    const line = `${process.execPath} cli/alert-router.ts rules explain samples --all | head -1`
    const shell = spawn('sh', ['-c', line])
    const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)])
    expect([stdout.split('\n').length, stderr]).toEqual([2, ''])
  })
})

test('docs/cli.md is generated from the command specs', () => {
  const written = readFileSync('docs/cli.md', 'utf8')
  expect(written, 'docs/cli.md is out of date. Generate it: npx alert-router reference').toBe(referenceOf(SPECS))
})

test.skipIf(!existsSync('/dev/full'))('a full disk is reported without a stack trace', async () => {
  const shell = spawn('sh', ['-c', `${process.execPath} cli/alert-router.ts rules tree > /dev/full`])
  const code = new Promise<number | null>((done) => shell.once('close', done))
  expect(await text(shell.stderr)).toMatch(/^Cannot write the output: ENOSPC: .*\n$/)
  expect(await code).toBe(1)
})

describe('options that npm consumes', () => {
  const kept = (flags: Record<string, string>, script = 'rules', file = 'cli/alert-router.ts') => ({
    env: {
      npm_lifecycle_event: script,
      npm_lifecycle_script: `node ${file} ${script}`,
      npm_config_noproxy: '',
      ...flags,
    },
  })

  test('are also reported by a separate process', async () => {
    const { code, stderr } = await command(['rules', 'check'], kept({ npm_config_strict: 'true' }))
    expect([code, stderr]).toEqual([2, expect.stringContaining('npm run rules -- check --strict')])
  })

  test.each<[string[], Record<string, string>, string, string]>([
    [['rules', 'check'], { npm_config_strict: 'true' }, 'npm run rules -- check --strict', 'rules check --strict'],
    [
      ['rules', 'check', 'mine.yml'],
      { npm_config_config: 'true' },
      'npm run rules -- check --config …',
      'check --config',
    ],
    [['replay', 'samples'], { npm_config_json: 'true' }, 'npm run replay -- --json', 'npx alert-router replay --json'],
    [
      ['rules', 'explain', 'x.json', '2026'],
      { npm_config_firing_since: 'true' },
      'npm run rules -- explain --firing-since …',
      'npx alert-router rules explain --firing-since …',
    ],
    [['history', 'orders'], { npm_config_stage: 'true' }, 'npm run history -- --stage …', 'history --stage …'],
    [['faults', '4'], { npm_config_fault: 'true' }, 'npm run faults -- --fault …', 'faults --fault …'],
    [['deploy', 'prod'], { npm_config_stage: 'true' }, 'npm run deploy -- --stage …', 'deploy --stage …'],
  ])('%j: does not run, and says how to write it', async (args, flags, byNpm, byNpx) => {
    const { code, stdout, stderr } = await here(main, args, kept(flags, args[0]))
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^npm consumed --\S+( …)?\./)
    expect(stderr).toContain(byNpm)
    expect(stderr).toContain(byNpx)
  })

  test.each<[what: string, args: string[], how: ReturnType<typeof kept>]>([
    ['if the command has the option', ['check', '--json'], kept({ npm_config_json: 'true' })],
    ['if the value is empty', ['check'], kept({ npm_config_strict: 'false', npm_config_all: '' })],
    ['if npx passed it to the command', ['check'], kept({ npm_config_json: 'true' }, 'npx', "'alert-router'")],
    ['if it belongs to another script', ['check'], kept({ npm_config_json: 'true' }, 'test', 'vitest')],
  ])('are ignored %s', async (_what, args, how) => {
    expect((await here(main, ['rules', ...args], how)).code).toBe(0)
  })
})

describe('a path relative to the user’s folder', () => {
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

  test('is resolved in the package’s folder if it exists there', async () => {
    writeFileSync(join(here, 'package.json'), '{')
    const { code } = await rules(['explain', 'package.json'], { env: { INIT_CWD: here } })
    expect(code).toBe(0)
    expect(resolve('package.json')).not.toBe(join(here, 'package.json'))
  })
})
