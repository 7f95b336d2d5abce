import { readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine } from '../../shared/config/command-line.ts'
import { CONFIG_FOLDER, configFiles, isFolder, readable } from '../../shared/config/files.ts'
import { FileError } from '../../shared/config/problem.ts'
import { readText } from '../../shared/config/read.ts'
import type { FMT } from '../commands/rules.ts'
import type { Given } from '../frame/spec.ts'
import { formatted } from './fmt/formatted.ts'

export async function run({ options, args }: Given<typeof FMT>): Promise<number> {
  const files = args.length > 0 ? args.flatMap(filesOf) : configFiles(CONFIG_FOLDER)
  const results = files.map((file) => {
    const text = readText(file)
    const now = formatted(text, file)
    const changed = now !== text
    if (changed && !options.check) write(file, now)
    return { file, changed, ...(changed && { line: firstDifference(text, now) }) }
  })
  if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`)
  else for (const result of results) process.stdout.write(`${describe(result, options.check)}\n`)
  return options.check && results.some(({ changed }) => changed) ? 1 : 0
}

/** A folder's files that may contain rules; the user decides which folder. */
function filesOf(path: string): string[] {
  if (!isFolder(path)) return [path]
  const names = readable(path, () => readdirSync(path)).filter((name) => /\.ya?ml$/.test(name))
  if (names.length === 0) throw new FileError(`${path}: no .yml file in this folder`)
  return names.sort().map((name) => join(path, name))
}

function describe({ file, changed, line }: { file: string; changed: boolean; line?: number }, check: boolean): string {
  if (!changed) return `${file}: already formatted`
  return check ? `${file}:${line}: not formatted. Run: ${commandLine(`rules fmt ${file}`)}` : `${file}: formatted`
}

/** Atomic. */
function write(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, text)
  renameSync(temporary, file)
}

function firstDifference(a: string, b: string): number {
  const [before, after] = [a.split('\n'), b.split('\n')]
  return 1 + before.findIndex((line, index) => line !== after[index])
}
