import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { type Document, parse, parseDocument } from 'yaml'
import { allowed } from '../../shared/config/allowed.ts'
import { readable } from '../../shared/config/files.ts'
import { ConfigError } from '../../shared/config/problem.ts'
import { isClone, ownPath } from '../own-files.ts'

/** A team's settings of its stack, per stage; `default` for all. A clone has them in serverless.yml. */
export const STACK_SETTINGS = 'stack.yml'

const SERVICE = '.alert-router/service'
const OUTPUT = '.serverless'

/** A folder for serverless to work in. */
export interface Service {
  folder: string
  /** Moves the package from there into .serverless/ here. */
  bringOutput(): void
}

/**
 * In a clone, this folder. In a team's repository, where the router is a dependency, a folder with links to the
 * router's files and everything here. Never writes below node_modules.
 * @throws {ConfigError} for invalid settings of the stack.
 */
export function serviceHere(): Service {
  return isClone ? { folder: '.', bringOutput() {} } : assembled(ownPath('dist'))
}

function assembled(own: string): Service {
  rmSync(SERVICE, { recursive: true, force: true })
  mkdirSync(SERVICE, { recursive: true })
  for (const name of readdirSync(own)) if (name !== 'serverless.yml') bring(join(own, name), name)
  const taken = new Set([...readdirSync(SERVICE), 'node_modules', '.alert-router', '.git', OUTPUT, 'serverless.yml'])
  for (const name of readdirSync('.')) if (!taken.has(name)) bring(name, name)
  const service = readFileSync(join(own, 'serverless.yml'), 'utf8')
  writeFileSync(join(SERVICE, 'serverless.yml'), withSettings(service))
  return {
    folder: SERVICE,
    bringOutput() {
      rmSync(OUTPUT, { recursive: true, force: true })
      renameSync(join(SERVICE, OUTPUT), OUTPUT)
    },
  }
}

/** A link to a folder; a copy of a file, because Windows restricts file links. */
function bring(from: string, name: string): void {
  const to = join(SERVICE, name)
  if (statSync(from).isDirectory()) symlinkSync(resolve(from), to, 'junction')
  else cpSync(from, to)
}

/** serverless.yml with a team's settings instead of its own. */
function withSettings(service: string): string {
  if (!existsSync(STACK_SETTINGS)) return service
  const document: Document = parseDocument(service, { logLevel: 'error' })
  const known = Object.keys(parse(service, { logLevel: 'error' }).params.default)
  for (const [stage, settings] of Object.entries(readSettings())) {
    for (const [name, value] of Object.entries(settings ?? {})) {
      if (!known.includes(name)) {
        throw new ConfigError([], `${STACK_SETTINGS}: unknown setting ${stage}.${name}. ${allowed(name, known)}`)
      }
      document.setIn(['params', stage, name], document.createNode(value))
    }
  }
  return document.toString({ lineWidth: 0 })
}

function readSettings(): Record<string, Record<string, unknown> | null> {
  const text = readable(STACK_SETTINGS, () => readFileSync(STACK_SETTINGS, 'utf8'))
  try {
    const read = (parse(text) ?? {}) as Record<string, Record<string, unknown> | null>
    if (Object.values(read).every((one) => one === null || (typeof one === 'object' && !Array.isArray(one))))
      return read
  } catch (error) {
    throw new ConfigError([], `${STACK_SETTINGS}: ${(error as Error).message}`)
  }
  throw new ConfigError(
    [],
    `${STACK_SETTINGS}: write settings under a stage, or under default: default: { operator: … }`,
  )
}
