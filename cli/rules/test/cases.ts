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

/** Where the cases of these rules are: in the folder of the rules; for a single file, in the shipped folder. */
export function casesFolderOf(config: string): string {
  return isFolder(config) ? join(config, 'tests') : CASES_FOLDER
}

/** A case with its event, and its position: `config/tests/alerts.yml:12`. */
export type LocatedCase = Case & { where: string }

/**
 * Reads cases from files, and from the .yml and .yaml files of folders; also reads the events that they name,
 * relative to the working directory.
 * @throws {ConfigError} with the line of the problem. @throws {UsageError} for a missing path.
 */
export function readCases(paths: string[] = [CASES_FOLDER]): LocatedCase[] {
  return paths.flatMap(filesOf).flatMap(readFile)
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) throw new UsageError(`${path}: no such file or folder`)
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

/** The start of each item of a list. */
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
    const message = `no such file "${one.event}": give the path from the folder of package.json, as in samples/data-loss-1-alarm.json`
    throw new ConfigError([{ path: [index, 'event'], message }])
  }
}
