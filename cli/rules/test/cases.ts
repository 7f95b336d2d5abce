import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { Case } from '../../../schemas/case.ts'
import { checkCases, isTextInCase } from '../../../shared/cases/check.ts'
import { ConfigError } from '../../../shared/config/check.ts'
import { CONFIG_FOLDER, isFolder } from '../../../shared/config/files.ts'
import { readYaml } from '../../../shared/config/read.ts'
import { UsageError } from '../../command.ts'
import { json } from '../../replay/events.ts'

export const CASES_FOLDER = join(CONFIG_FOLDER, 'tests')

/** Where the cases of these rules lie: in the folder of the rules; of a file of its own, in that of the shipped ones. */
export function casesFolderOf(config: string): string {
  return isFolder(config) ? join(config, 'tests') : CASES_FOLDER
}

/** A case that holds its event, and where it stands: `config/tests/alerts.yml:12`. */
export type LocatedCase = Case & { where: string }

/**
 * Reads cases from files, and from folders their .yml and .yaml files; events that they name are read too, from where
 * the command runs.
 * @throws {ConfigError} with the line of what is wrong. @throws {UsageError} for a path that is not there.
 */
export function readCases(paths: string[] = [CASES_FOLDER]): LocatedCase[] {
  return paths.flatMap(filesOf).flatMap(readFile)
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such file or folder`)
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name))
}

function readFile(path: string): LocatedCase[] {
  const text = readFileSync(path, 'utf8')
  const lines = linesOf(text)
  return readYaml(text, path, (data) => checkCases(data).map(withEvent), isTextInCase).map((one, index) => ({
    ...one,
    where: `${path}:${lines[index] ?? 1}`,
  }))
}

/** Where each item of a list starts. */
function linesOf(text: string): number[] {
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter })
  const items = (contents as { items?: { range?: [number, number, number] }[] } | null)?.items ?? []
  return items.map(({ range }) => lineCounter.linePos(range?.[0] ?? 0).line)
}

function withEvent(one: Case, index: number): Case {
  if (typeof one.event !== 'string') return one
  try {
    const text = readFileSync(one.event, 'utf8')
    return { ...one, event: (json(text) as Case['event']) ?? text }
  } catch {
    const message = `there is no file "${one.event}": name it from the folder of package.json, as in samples/data-loss-1-alarm.json`
    throw new ConfigError([{ path: [index, 'event'], message }])
  }
}
