import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import * as yaml from 'yaml'
import * as z from 'zod'
import { SPECS } from '../cli/commands.ts'
import { readLine } from '../cli/frame/parse.ts'
import { rulesReference, sections } from '../cli/rules-reference.ts'
import { wrongWithAws } from './aws-cli.ts'
import { apply } from './checklist.ts'
import { here } from './command.ts'
import {
  anchorsOf,
  type Block,
  blocksOf,
  commandsOf,
  linksOf,
  PAGES,
  parts,
  proseOf,
  sectionOf,
  showsWhatCame,
  steady,
  tablesOf,
  textOf,
} from './doc-pages.ts'

const ROOT = process.cwd()

/** Notify, send, fix, retry, fail, gradually, win, at most. */
const NOT_OF_THE_FIELD =
  /\b(told|tells?|telling|mend|mended|anew|in vain|in truth|by and by|by itself|looked at|all the same|has the say|at the most)\b/gi

/** docs/cli.md is made of the commands, and commands.test.ts holds it to them; checklists.test.ts applies the checklists. */
const WRITTEN = PAGES.filter((page) => page !== 'docs/cli.md' && !page.startsWith('docs/contributing/'))

test('the README fits on two screens', () => {
  expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(170)
})

test('every page is found from the README', () => {
  const found = new Set(['README.md'])
  for (const page of found) {
    for (const link of linksOf(page)) {
      const [path = ''] = link.split('#')
      if (path.endsWith('.md')) found.add(join(dirname(page), path))
    }
  }
  expect(PAGES.filter((page) => !found.has(page))).toEqual([])
})

test('docs/rules-reference.md says what the schemas say', () => {
  const outOfDate = 'docs/rules-reference.md is out of date. Make it: npx alert-router reference'
  expect(textOf('docs/rules-reference.md'), outOfDate).toBe(rulesReference())
})

test.each(sections())(
  'in the rules reference, each example of "$title" is what its key takes',
  ({ schema, shown, title }) => {
    const config = JSON.parse(readFileSync('schemas/alerts.schema.json', 'utf8'))
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      const { example = '' } = shown[key] ?? {}
      const taken = z.fromJSONSchema({
        $schema: config.$schema,
        ...(property as object),
        definitions: config.definitions,
      })
      expect(taken.safeParse(yaml.parse(example)).success, `${title}: ${key}: ${example}`).toBe(true)
    }
  },
)

describe.each(PAGES)('%s', (page) => {
  test('has tables with as many cells in each row', () => {
    for (const rows of tablesOf(page)) expect(new Set(rows).size, `${page}: ${rows}`).toBe(1)
  })

  test('leads where it says', () => {
    for (const link of linksOf(page)) {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      expect(existsSync(target), `${link}: there is no ${target}`).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor)
    }
  })
})

describe.each(WRITTEN)('%s', (page) => {
  test('gives commands that there are', () => {
    for (const { where, words } of commandsOf(page)) expect(wrongWith(words), `${where}: ${words.join(' ')}`).toBe('')
  })

  test('speaks as the field does', () => {
    expect(
      proseOf(page)
        .replace(/`[^`]*`/g, '')
        .match(NOT_OF_THE_FIELD) ?? [],
    ).toEqual([])
  })

  test('says of each output where it comes from', () => {
    const unmarked = blocksOf(page).filter(
      ({ language, marker }) => language === '' && !/^(output (as shipped )?of|checked by|measured): /.test(marker),
    )
    expect(unmarked.map(({ line }) => `${page}:${line}`)).toEqual([])
  })

  test('shows no output that nobody compares', () => {
    for (const { marker, line } of blocksOf(page)) {
      const [, by] = /^checked by: (.*)$/.exec(marker) ?? []
      if (by) expect(readFileSync(by, 'utf8'), `${page}:${line}`).toContain(page)
    }
  })
})

test('docs/delivery.md names fields that the state of an alert has', () => {
  const state = readFileSync('shared/decide/alert-state.ts', 'utf8')
  const [, table = ''] = /\| field \| meaning \|\n(.*?)\n\n/s.exec(textOf('docs/delivery.md')) ?? []
  const fields = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, names = '']) => names.match(/\w+/g) ?? [])
  expect(fields).toContain('owed')
  for (const field of fields) expect(state).toMatch(new RegExp(`^  ${field}\\??: `, 'm'))
})

test.each([
  ['docs/editing-rules.md', 'check', /^(?!check-config)[a-z]+(-[a-z]+)+$/, ['shared/check', 'shared/config']],
  ['docs/operations.md', 'Alarm, meaning, command', /^(<\w+>)?-?[a-z]+(-[a-z]+)+$/, ['deploy/watch.ts']],
  ['docs/operations.md', 'Metrics', /^[A-Z]\w+$/, ['shared/observe', 'schemas']],
  ['docs/operations.md', 'Why did this page me?', /^[a-z]+(-[a-z]+)?$/, ['cli/history', 'schemas']],
  ['docs/alarms.md', 'What it finds', /^[a-z]+(-[a-z]+)+$/, ['shared/estate']],
  ['docs/replay.md', 'What it shows', /^[a-z]+(-[a-z]+)?$/, ['cli/replay']],
  ['docs/live-config.md', 'Live rules, without a deployment', /^[a-z]+[A-Z]\w+$/, ['serverless.yml', 'shared']],
])('%s, "%s": each name is one that there is', (page, heading, pattern, files) => {
  const source = sourcesOf(files)
  const names = (sectionOf(page, heading).match(/(?<=`)[^`\n]+(?=`)/g) ?? []).filter((name) => pattern.test(name))
  expect(names.length).toBeGreaterThan(1)
  for (const name of new Set(names)) expect(source.includes(name.replace(/^<\w+>/, '')), name).toBe(true)
})

test('the lines of all shell blocks can be read by a shell', () => {
  const blocks = WRITTEN.flatMap((page) => blocksOf(page).filter(({ language }) => language === 'sh'))
  execFileSync('bash', ['-n'], { input: blocks.map(({ text }) => text).join('\n') })
})

describe('shown output is what comes', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'docs-'))
    asShipped(folder)
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: folder })
    git('init', '--quiet')
    git('add', '.')
    git('commit', '--quiet', '--message', 'The rules as shipped')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const pages = WRITTEN.filter((page) => blocksOf(page).some(({ marker }) => marker.startsWith('output ')))
  test.each(pages)('in %s', async (page) => {
    asShipped(folder)
    for (const block of blocksOf(page)) {
      if (block.marker.includes('as shipped')) asShipped(folder)
      const [form, path] = block.language.split(' ')
      if (path) apply(folder, { path, text: block.text, isDiff: form === 'diff' })
      const [, command] = /^output (?:as shipped )?of: npx alert-router (.*)$/.exec(block.marker) ?? []
      if (command) shows(page, block, await outputOf(command, folder))
    }
  })

  test('and the other commands of the rules that change nothing do what they say', async () => {
    asShipped(folder)
    const lines = WRITTEN.flatMap((page) => commandsOf(page)).map(({ words }) => words.join(' '))
    const cheap = [...new Set(lines)].flatMap((line) => CHEAP.exec(line)?.[1] ?? [])
    expect(cheap.length).toBeGreaterThan(5)
    for (const command of cheap) {
      const { code, stderr } = await run(command, folder)
      expect([code, stderr], command).toEqual([0, ''])
    }
  })
})

/** Beside the cases that fail where an edit is shown, and what other tests run. */
const CHEAP = /^npx alert-router (rules (?:explain --set|tree|fmt|test|plan)(?!.*--(?:stage|out|record)).*)$/

// Without a thread of its own, which takes longer to start than all else.
vi.mock('../local/engine-thread.ts', async () => {
  const { startEngine } = await import('../local/engine.ts')
  return { startEngineThread: startEngine }
})

function asShipped(folder: string): void {
  rmSync(join(folder, 'config'), { recursive: true, force: true })
  for (const name of ['config', 'samples']) cpSync(resolve(ROOT, name), join(folder, name), { recursive: true })
}

const outputs = new Map<string, string>()

/** A command that two pages show is run once. */
async function outputOf(command: string, cwd: string): Promise<string> {
  const key = `${command}\n${readFileSync(join(cwd, 'config/alerts.yml'), 'utf8')}`
  const known = outputs.get(key) ?? (await run(command, cwd)).stdout
  outputs.set(key, known)
  return known
}

async function run(command: string, cwd: string) {
  // As if it were the first in its process: a replay keeps clients for its queues.
  if (command.startsWith('replay')) vi.resetModules()
  const { main } = await import('../cli/main.ts')
  return here(main, parts(command)[0] ?? [], { cwd, env: { COLUMNS: '100', NO_COLOR: '1' } })
}

/** With UPDATE_DOCS=1 it is written into the page. */
function shows(page: string, { marker, text }: Block, came: string): void {
  if (showsWhatCame(text, came)) return
  if (process.env.UPDATE_DOCS) {
    const head = `<!-- ${marker} -->\n\`\`\`\n`
    writeFileSync(
      page,
      textOf(page).replace(`${head}${text}`, () => `${head}${came.trimEnd()}\n`),
    )
    return
  }
  const how = `${page} shows another output of ${marker}. Write what comes: UPDATE_DOCS=1 npx vitest run test/docs.test.ts`
  expect(steady(text), how).toBe(steady(came))
}

/** What files and folders hold. */
function sourcesOf(files: string[]): string {
  const paths = files.flatMap((file) => (/\.\w+$/.test(file) ? file : globSync(`${file}/**/*.ts`)))
  return paths.map((file) => readFileSync(file, 'utf8')).join('\n')
}

/** The problem of a command: none, or why it is not valid. */
function wrongWith([program = '', ...args]: string[]): string {
  if (program === 'npx' && args[0] === 'alert-router') return wrongWithOurs(args.slice(1))
  if (program === 'npx' && args[0] === 'serverless') return wrongWithServerless(args.slice(1))
  if (program === 'npx' && args[0] === 'vitest') return ''
  if (program === 'npm') return wrongWithNpm(args)
  if (program === 'aws') return wrongWithAws(args)
  return SHELL.includes(basename(program)) ? '' : `no test knows ${program}`
}

const SHELL = ['nightly', 'run', 'cd', 'do', 'done', 'echo', 'for', 'git', 'kill', 'node', 'pip', 'python3']

function wrongWithOurs(args: string[]): string {
  // The family alone, or what stands for any command.
  if (args.length === 0 || args[0] === '…' || args[0] === 'help') return ''
  try {
    const { asked } = readLine(SPECS, args)
    return asked === 'nothing' ? 'the command is not named' : ''
  } catch (error) {
    return (error as Error).message
  }
}

function wrongWithServerless([command = '', ...options]: string[]): string {
  const name = options[options.indexOf('-f') + 1] as string
  if (options.includes('-f') && !existsSync(`functions/${name}.ts`)) return `there is no function ${name}`
  return ['info', 'logs', 'remove'].includes(command) ? '' : `no test knows serverless ${command}`
}

function wrongWithNpm([command = '', name = '', tarball = '']: string[]): string {
  const { scripts, version } = JSON.parse(readFileSync('package.json', 'utf8'))
  if (['ci', 'test', 'pack'].includes(command)) return ''
  // test/own-repository.test.ts does this.
  if (command === 'install' && tarball.endsWith(`/alert-router-${version}.tgz`)) return ''
  return command === 'run' && (name in scripts || name === '' || name === '…') ? '' : `there is no script ${name}`
}
