import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { didYouMean } from '../../shared/config/allowed.ts'
import { UsageError } from '../command.ts'

/** One event to replay. */
export interface ReplayEvent {
  /** Where it came from: a path as the user would name it, `-` for stdin; `file:3` is its third line. */
  file: string
  text: string
}

const EVENT_FILES = /\.(json|jsonl|ndjson|txt)$/

/**
 * Reads what the user named: files, folders (their .json, .jsonl, .ndjson and .txt files, by name), `-` for stdin.
 * A file of JSON lines holds an event a line, a JSON list an event an item; anything else is one event as it stands.
 * @throws {UsageError} for a path that can't be read.
 */
export async function readEvents(paths: string[]): Promise<ReplayEvent[]> {
  const events: ReplayEvent[] = []
  for (const path of paths) {
    if (path === '-') events.push(...eventsOf('-', await text(process.stdin)))
    else for (const file of filesOf(path)) events.push(...eventsOf(file, read(file)))
  }
  if (events.length === 0) {
    throw new UsageError(
      `no events in ${paths.join(', ')}: a folder's .json, .jsonl, .ndjson and .txt files are replayed`,
    )
  }
  return events
}

function filesOf(path: string): string[] {
  let isFolder: boolean
  try {
    isFolder = statSync(path).isDirectory()
  } catch {
    throw new UsageError(`${path}: there is no such file or folder.${nearestIn(dirname(path), basename(path))}`)
  }
  if (!isFolder) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && EVENT_FILES.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** ` Did you mean "samples/usage-report.json"?`, where a name in that folder is near. */
function nearestIn(folder: string, name: string): string {
  const names = existsSync(folder) ? readdirSync(folder) : []
  const [, nearest] = /"(.*)"/.exec(didYouMean(name, names)) ?? []
  return nearest === undefined ? '' : ` Did you mean "${join(folder, nearest)}"?`
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file}: can't be read: ${(error as Error).message}`)
  }
}

function eventsOf(file: string, content: string): ReplayEvent[] {
  const whole = json(content)
  if (Array.isArray(whole) && whole.length > 0 && whole.every(isObject)) {
    return whole.map((item, index) => ({ file: `${file}[${index}]`, text: JSON.stringify(item) }))
  }
  const lines = content.split('\n').filter((line) => line.trim() !== '')
  if (
    whole === undefined &&
    lines.length > 1 &&
    lines.every((line) => line.trimStart().startsWith('{') && json(line))
  ) {
    return lines.map((line, index) => ({ file: `${file}:${index + 1}`, text: line }))
  }
  return [{ file, text: content }]
}

function isObject(item: unknown): boolean {
  return typeof item === 'object' && item !== null && !Array.isArray(item)
}

/** `undefined` for what is no JSON. */
export function json(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
