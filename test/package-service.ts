import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, vi } from 'vitest'
import { here, named } from './command.ts'

const SOURCES = [
  'package.json',
  'serverless.yml',
  'cli',
  'config',
  'deploy',
  'functions',
  'local',
  'samples',
  'schemas',
  'shared',
]

export interface Copy {
  folder: string
  remove(): void
}

/** A copy of the service in its own folder, so that packaging it changes nothing here. */
export function copyOfService(): Copy {
  return copied(copyTo)
}

/** A copy with only the rules, which is all that is read if they are rejected. */
export function copyOfRules(): Copy {
  return copied((folder) => {
    cpSync('config', join(folder, 'config'), { recursive: true })
    symlinkSync(resolve('samples'), join(folder, 'samples'))
  })
}

function copied(copy: (folder: string) => void): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'alert-router-'))
  copy(folder)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function copyTo(folder: string): void {
  for (const source of SOURCES) cpSync(source, join(folder, source), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
}

/** A home folder without an AWS account. Serverless caches there what it compiled to validate serverless.yml. */
export const HOME = join(tmpdir(), 'home-for-packaging')

export const STACK = '.serverless/cloudformation-template-update-stack.json'

/** The service as it is here, packaged for stage prod in eu-central-1. */
export interface Packaged {
  /** Read-only: other tests read it. */
  folder: string
  /** What the command printed. */
  output: string
  /** As JSON. */
  template: string
}

/** What a stage may have that is off as it is shipped, by the name of its parameter. */
export type Switched = { inbox?: 'on'; regions?: string; organization?: string }

/**
 * Packaged once per test run, by the first test that needs it; the others wait. `switched`: with parts that are off. Of two
 * regions, the one that is packaged is the first, unless `region` names it.
 */
export async function packagedService({
  region = 'eu-central-1',
  ...switched
}: Switched & { region?: string } = {}): Promise<Packaged> {
  const parts = Object.entries(switched)
  const named = parts.length === 0 ? [] : ['with', ...parts.map(([name]) => name), region]
  const folder = join(tmpdir(), ['packaged-service', ...named].join('-'))
  const done = join(folder, 'output.txt')
  if (isFirst(folder)) {
    copyTo(folder)
    const service = join(folder, 'serverless.yml')
    const set = (text: string, [name, value]: [string, string]) => text.replace(`${name}: 'off'`, `${name}: '${value}'`)
    writeFileSync(service, parts.reduce(set, readFileSync(service, 'utf8')))
    const { output } = packageAs(folder, '--stage', 'prod', '--region', region)
    writeFileSync(`${done}.part`, output)
    renameSync(`${done}.part`, done)
  }
  const output = await vi.waitFor(() => readFileSync(done, 'utf8'), { timeout: 110_000, interval: 100 })
  expect(output).toContain('template valid')
  return { folder, output, template: readFileSync(join(folder, STACK), 'utf8') }
}

/** Only one process can create the folder. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** `alert-router package` in a folder, as on a machine without an AWS account. */
function packageAs(folder: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/alert-router.ts', 'package', ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 100_000,
    env: { PATH: process.env.PATH, HOME, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
  })
  return { status, output: stdout + stderr }
}

/** The same in this process, which is quicker if the rules are rejected. */
export async function packageHere(
  folder: string,
  ...args: string[]
): Promise<{ status: number | null; output: string }> {
  const account = Object.keys(process.env).filter((name) => name.startsWith('AWS_'))
  const env = { ...Object.fromEntries(account.map((name) => [name, undefined])), HOME }
  const { code, stdout, stderr } = await here(named('package'), args, { cwd: folder, env })
  return { status: code, output: stdout + stderr }
}

/** A service as serverless hands it to plugins, without what its hooks for functions need. */
export const NO_FUNCTIONS = { service: 'alert-router', package: { patterns: [] as string[] }, functions: {} }
