import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Alert } from '../../schemas/alert.ts'
import { nearestOf } from '../../shared/config/allowed.ts'
import { isFolder, isThere, readable } from '../../shared/config/files.ts'
import { FileError } from '../../shared/config/problem.ts'
import { parsePublished } from '../../shared/parse/published.ts'
import { RefusedEvent } from '../../shared/parse/refused.ts'

/** One event to replay. */
export interface ReplayEvent {
  /**
   * Its source: a path as the user would write it, or `stdin`; `file:3` is its third line, `file[3]` the fourth
   * item of its list, and `file:Records[3]` the fourth record of its batch.
   */
  file: string
  text: string
  /** Its index in the batch; in `text` it is the only record. */
  record?: number
  /** Why it is not an event, judging by the events beside it. */
  refused?: string
}

/** Why an event produces no alert. The router has only this one case. */
export const NO_ALERT = 'CloudWatch Logs sends it to test its subscription; no channel is notified'

const EVENT_FILES = /\.(json|jsonl|ndjson|txt)$/

/**
 * Reads the user's paths: files, folders (their .json, .jsonl, .ndjson and .txt files, by name), `-` for stdin. A
 * file of JSON lines contains an event per line, a JSON list an event per item, and a Lambda batch an event per
 * record; anything else is one event. A broken event does not affect its neighbours.
 * @throws {FileError} for a path that can't be read.
 */
export async function readEvents(paths: string[]): Promise<ReplayEvent[]> {
  const each: ReplayEvent[][] = []
  for (const path of paths) {
    if (path === '-') each.push(eventsOf('stdin', await text(process.stdin)))
    else for (const file of filesOf(path)) each.push(eventsOf(file, textOf(file)))
  }
  const events = each.flat()
  if (events.length === 0) {
    throw new FileError(
      `no events in ${paths.join(', ')}: a folder's .json, .jsonl, .ndjson and .txt files are replayed`,
    )
  }
  return events
}

function textOf(file: string): string {
  return readable(file, () => readFileSync(file, 'utf8'))
}

function filesOf(path: string): string[] {
  if (!isThere(path)) throw new FileError(`${path}: no such file or folder.${nearestIn(dirname(path), basename(path))}`)
  if (!isFolder(path)) return [path]
  return readable(path, () => readdirSync(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && EVENT_FILES.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** ` Did you mean "samples/usage-report.json"?`, if a name in that folder is similar. */
function nearestIn(folder: string, name: string): string {
  const nearest = nearestOf(name, namesIn(folder))
  return nearest === undefined ? '' : ` Did you mean "${join(folder, nearest)}"?`
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function eventsOf(file: string, given: string): ReplayEvent[] {
  const content = given.replace(/^\ufeff/, '')
  const whole = json(content)
  if (Array.isArray(whole) && areMost(whole.map(isObject))) {
    return whole.flatMap((item, index) => eventsIn(`${file}[${index}]`, JSON.stringify(item), item))
  }
  if (whole !== undefined) return recordsIn({ file, text: content }, whole)
  const lines = content
    .split('\n')
    .map((text, index) => ({ file: `${file}:${index + 1}`, text, value: json(text) }))
    .filter(({ text }) => text.trim() !== '')
  const areObjects = lines.map(({ value }) => isObject(value))
  // A single broken JSON text has no whole object in its first line, and few in the others.
  const areLines = /\.(jsonl|ndjson)$/.test(file) || (/^\s*\{/.test(content) && (areObjects[0] || areMost(areObjects)))
  if (lines.length < 2 || !areLines) return [{ file, text: content }]
  return lines.flatMap(({ file, text, value }) => eventsIn(file, text, value))
}

function areMost(each: boolean[]): boolean {
  return each.filter(Boolean).length * 2 > each.length
}

/** One of several events. Text in its own file would be an event; here it is more likely part of a broken one. */
function eventsIn(file: string, text: string, value: unknown): ReplayEvent[] {
  if (isObject(value)) return recordsIn({ file, text }, value)
  // The router reports where it is broken.
  if (/^\s*[{[]/.test(text)) return [{ file, text }]
  const refused =
    value === undefined
      ? 'is not JSON, but every line of this file must be. Fix it, or move the text to its own file'
      : 'is a single JSON value, not an event. Remove it, or move the text to its own file'
  return [{ file, text, refused }]
}

/** A Lambda handles each record of SQS or SNS on its own; the records of S3 and others are one message. */
function recordsIn(event: ReplayEvent, value: unknown): ReplayEvent[] {
  const { Records: records } = (isObject(value) ? value : {}) as { Records?: unknown }
  if (!Array.isArray(records) || records.length < 2 || !records.some(isRecord)) return [event]
  return records.map((record, index) => ({
    file: `${event.file}:Records[${index}]`,
    text: JSON.stringify({ Records: [record] }),
    record: index,
  }))
}

function isRecord(record: unknown): boolean {
  return isObject(record) && ('body' in record || 'Sns' in record)
}

function isObject(item: unknown): item is object {
  return typeof item === 'object' && item !== null && !Array.isArray(item)
}

/**
 * An event's alerts, as the router would parse them.
 * @throws {RefusedEvent} with the path in the user's file.
 */
export function alertsIn(event: Omit<ReplayEvent, 'file'>, times?: { now: Date; received: Date }): Alert[] {
  if (event.refused !== undefined) throw new RefusedEvent('event', event.refused)
  try {
    return parsePublished(event.text, times)
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    const { path, message } = error
    throw new RefusedEvent(inBatch(path, event), message.slice(`${path}: `.length))
  }
}

/** The same, or the reason for the rejection. */
export function alertsOrWhyNot(...asked: Parameters<typeof alertsIn>): Alert[] | string {
  try {
    return alertsIn(...asked)
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    return error.message
  }
}

/** A path, or text that starts with one, relative to the batch that contained the event. */
export function inBatch(path: string, { record }: Pick<ReplayEvent, 'record'>): string {
  return record === undefined ? path : path.replace(/^Records\[0\]/, `Records[${record}]`)
}

/** `undefined` if it is not JSON. */
export function json(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
