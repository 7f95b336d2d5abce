import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from './problem.ts'

/** Where the rules are: `alerts.yml`, and a file for each team that has one. */
export const CONFIG_FOLDER = 'config'

/** The file for all teams; the others beside it are each a team's. */
const FOR_ALL = 'alerts.yml'

/** The files of a config: a file is one by itself; of a folder, that for all teams, and then the teams' as `inOrder`. */
export function configFiles(path: string): string[] {
  if (!isFolder(path)) return [path]
  const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile() || entry.isSymbolicLink())
  return inOrder(files.map(({ name }) => name)).map((name) => join(path, name))
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/**
 * Which names of a folder's files are those of a config, in the order in which they are put together: that for all
 * teams, and then the teams', by name.
 * @throws {ConfigError} for one that seems to be meant, and would not be read.
 */
export function inOrder(names: string[]): string[] {
  const shown = names.filter((name) => !name.startsWith('.'))
  const misnamed = shown.find((name) => name.endsWith('.yaml'))
  if (misnamed) {
    throw new ConfigError([], `${misnamed}: is not read: a team's file ends in .yml. Name it so, or move it elsewhere`)
  }
  return [FOR_ALL, ...shown.filter((name) => name.endsWith('.yml') && name !== FOR_ALL).sort()]
}

/**
 * Folders beside a config's files that look like a part of it, and are not read: those that are named like a team's file, or
 * hold such files. `tests` holds the cases.
 */
export function skippedFolders(path: string): { folder: string; why: string }[] {
  if (!isFolder(path)) return []
  const folders = readdirSync(path).filter(
    (name) => !name.startsWith('.') && name !== 'tests' && isFolder(join(path, name)),
  )
  return folders.sort().flatMap((name) => {
    const folder = join(path, name)
    const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file))
    if (/\.ya?ml$/.test(name)) return [{ folder, why: 'is a folder, though it is named like a rules file' }]
    return files.length === 0 ? [] : [{ folder, why: `holds ${files.slice(0, 3).join(', ')}` }]
  })
}
