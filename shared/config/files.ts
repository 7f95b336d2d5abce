import { existsSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { ConfigError, FileError } from './problem.ts'

/** The folder of the rules: `alerts.yml`, and a file for each team that has one. */
export const CONFIG_FOLDER = 'config'

/** The nearest folder above this one that has a config, as a relative path: `../..`. */
export function folderAbove(): string | undefined {
  const levels = resolve('.').split(sep).length - 1
  const above = Array.from({ length: levels }, (_, level) => join('..', ...Array(level).fill('..')))
  return above.find((folder) => existsSync(join(folder, CONFIG_FOLDER, FOR_ALL)))
}

/** The file for all teams; each other file beside it belongs to one team. */
const FOR_ALL = 'alerts.yml'

/** What is watched (shared/platform/read.ts): it lies beside the rules, and belongs to no team. */
export const PLATFORM_NAME = 'platform.yml'

const NO_TEAMS = [FOR_ALL, PLATFORM_NAME]

/**
 * The files of a config: a single file, or of a folder the file for all teams and then the teams', as `inOrder` sorts
 * them.
 */
export function configFiles(path: string): string[] {
  if (!isFolder(path)) return [path]
  const entries = readable(path, () => readdirSync(path, { withFileTypes: true }))
  const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink())
  return inOrder(files.map(({ name }) => name)).map((name) => join(path, name))
}

export function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() ?? false
}

/** Unlike for `existsSync`, what may not be read is not missing. @throws {FileError} for the latter. */
export function isThere(path: string): boolean {
  return statsOf(path) !== undefined
}

function statsOf(path: string): Stats | undefined {
  return readable(path, () => statSync(path, { throwIfNoEntry: false }))
}

/**
 * What `read` returns for a file or folder.
 * @throws {FileError} that says so, when the file system refuses.
 */
export function readable<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new FileError(unreadable(path, error))
  }
}

export function unreadable(path: string, error: unknown): string {
  return `${path}: cannot be read: ${(error as Error).message}`
}

/**
 * The names that belong to a config among those of a folder's files, in the order in which they are merged: the file for
 * all teams, then the teams' files, by name.
 * @throws {ConfigError} for a file that seems to be meant, but would not be read.
 */
export function inOrder(names: string[]): string[] {
  const shown = names.filter((name) => !name.startsWith('.'))
  const misnamed = shown.find((name) => name.endsWith('.yaml'))
  if (misnamed) {
    throw new ConfigError([], `${misnamed}: not read: a team's file must end in .yml. Rename it, or move it elsewhere`)
  }
  return [FOR_ALL, ...shown.filter((name) => name.endsWith('.yml') && !NO_TEAMS.includes(name)).sort()]
}

/**
 * Folders beside a config's files that look like a part of it but are not read: named like a team's file, or with such
 * files in them. `tests` holds the cases.
 */
export function skippedFolders(path: string): { folder: string; why: string }[] {
  if (!isFolder(path)) return []
  const folders = readable(path, () => readdirSync(path)).filter(
    (name) => !name.startsWith('.') && name !== 'tests' && isFolder(join(path, name)),
  )
  return folders.sort().flatMap((name) => {
    const folder = join(path, name)
    const files = readable(folder, () => readdirSync(folder)).filter((file) => /\.ya?ml$/.test(file))
    if (/\.ya?ml$/.test(name)) return [{ folder, why: 'is a folder with the name of a rules file' }]
    return files.length === 0 ? [] : [{ folder, why: `contains ${files.slice(0, 3).join(', ')}` }]
  })
}
