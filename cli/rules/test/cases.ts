import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { Case } from '../../../schemas/case.ts'
import { checkCases, isTextInCase } from '../../../shared/cases/check.ts'
import { CONFIG_FOLDER, isFolder, isThere, readable, unreadable } from '../../../shared/config/files.ts'
import { ConfigError, FileError } from '../../../shared/config/problem.ts'
import { readYaml } from '../../../shared/config/read.ts'
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
 * @throws {ConfigError} with the line of the problem. @throws {FileError} for a path that can't be read.
 */
export function readCases(paths: string[] = [CASES_FOLDER]): LocatedCase[] {
  return paths.flatMap(filesOf).flatMap(readFile)
}

function filesOf(path: string): string[] {
  if (!isFolder(path)) return [path]
  return readable(path, () => readdirSync(path))
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name))
}

function readFile(path: string): LocatedCase[] {
  if (!isThere(path)) throw new FileError(`${path}: no such file or folder`)
  const text = readable(path, () => readFileSync(path, 'utf8'))
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
  const file = one.event
  try {
    return { ...one, event: eventIn(readFileSync(file, 'utf8')) }
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = isMissing
      ? `no such file "${file}": give the path from the folder of package.json, as in samples/data-loss-1-alarm.json`
      : unreadable(file, error)
    throw new ConfigError([{ path: [index, 'event'], message }])
  }
}

/** An event as a case holds it: an object, or the text of a message. */
export function eventIn(text: string): NonNullable<Case['event']> {
  const event = json(text)
  return typeof event === 'object' && event !== null && !Array.isArray(event)
    ? (event as object as Record<string, unknown>)
    : text
}
