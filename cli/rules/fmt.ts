import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFIG_FOLDER, configFiles, isFolder } from '../../shared/config/files.ts'
import { noSuchRules, readText } from '../../shared/config/read.ts'
import { UsageError } from '../command.ts'
import { readOptions } from './arguments.ts'
import { formatted } from './fmt/formatted.ts'

export const help = `Formats rules: indentation, blanks, at most one empty line. Comments, anchors,
quotes and the order stay as they are.

  npm run rules -- fmt [--check] [--json] [files or folders]

  --check    write nothing, and fail when a file would change
  --json     [{"file", "changed", "line"}], the line being the first that would
             change

Without files: those in ${CONFIG_FOLDER}/

Exit code: 0 formatted, or so already; 1 with --check when it is not, or a file
is not YAML; 2 wrong usage, or there is no such file.
`

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, { check: { type: 'boolean', default: false } } as const)
  const files = positionals.length > 0 ? positionals.flatMap(filesOf) : configFiles(CONFIG_FOLDER)
  const results = files.map((file) => {
    const text = read(file)
    const now = formatted(text, file)
    const changed = now !== text
    if (changed && !values.check) write(file, now)
    return { file, changed, ...(changed && { line: firstDifference(text, now) }) }
  })
  if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`)
  else for (const result of results) process.stdout.write(`${inWords(result, values.check)}\n`)
  return values.check && results.some(({ changed }) => changed) ? 1 : 0
}

/** A folder's files that may hold rules; whether they do is for whoever names it. */
function filesOf(path: string): string[] {
  if (!isFolder(path)) return [path]
  const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name))
  if (names.length === 0) throw new UsageError(`${path}: there is no .yml file in this folder`)
  return names.sort().map((name) => join(path, name))
}

function inWords({ file, changed, line }: { file: string; changed: boolean; line?: number }, check: boolean): string {
  if (!changed) return `${file}: is formatted`
  return check ? `${file}:${line}: is not formatted: npm run rules -- fmt ${file}` : `${file}: formatted`
}

function read(file: string): string {
  if (!existsSync(file)) throw new UsageError(noSuchRules(file))
  return readText(file)
}

/** Whole or not at all. */
function write(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, text)
  renameSync(temporary, file)
}

function firstDifference(a: string, b: string): number {
  const [before, after] = [a.split('\n'), b.split('\n')]
  return 1 + before.findIndex((line, index) => line !== after[index])
}
