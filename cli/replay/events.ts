import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Alert } from '../../schemas/alert.ts'
import { nearestOf } from '../../shared/config/allowed.ts'
import { parse } from '../../shared/parse/parse.ts'
import { RefusedEvent } from '../../shared/parse/refused.ts'
import { UsageError } from '../command.ts'

/** One event to replay. */
export interface ReplayEvent {
  /**
   * Where it came from: a path as the user would name it, `-` for stdin; `file:3` is its third line, `file[3]` the fourth item
   * of its list, and `file:Records[3]` the fourth record of its batch.
   */
  file: string
  text: string
  /** Which record of the batch it was; in `text` it is the only one. */
  record?: number
  /** Why it is not an event, as those beside it show. */
  refused?: string
}

/** Why an event gives no alert. The router reads only this one so. */
export const NO_ALERT = 'CloudWatch Logs sends it to test its subscription, and no channel is notified'

const EVENT_FILES = /\.(json|jsonl|ndjson|txt)$/

/**
 * Reads what the user named: files, folders (their .json, .jsonl, .ndjson and .txt files, by name), `-` for stdin.
 * A file of JSON lines holds an event a line, a JSON list an event an item, and a batch that a Lambda was given an event a
 * record; anything else is one event as it stands. One that is broken takes none of its neighbours with it.
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
  const nearest = nearestOf(name, names)
  return nearest === undefined ? '' : ` Did you mean "${join(folder, nearest)}"?`
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file}: can't be read: ${(error as Error).message}`)
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
  // A single JSON text that is broken has no whole object in its first line, and few in the others.
  const areLines = /\.(jsonl|ndjson)$/.test(file) || (/^\s*\{/.test(content) && (areObjects[0] || areMost(areObjects)))
  if (lines.length < 2 || !areLines) return [{ file, text: content }]
  return lines.flatMap(({ file, text, value }) => eventsIn(file, text, value))
}

function areMost(each: boolean[]): boolean {
  return each.filter(Boolean).length * 2 > each.length
}

/** One of several events. A text in a file of its own would be an event; here it is more likely a piece of a broken one. */
function eventsIn(file: string, text: string, value: unknown): ReplayEvent[] {
  if (isObject(value)) return recordsIn({ file, text }, value)
  // The router says where it is broken.
  if (/^\s*[{[]/.test(text)) return [{ file, text }]
  const refused =
    value === undefined
      ? 'is not JSON, and each line of this file must be. Fix it, or put the text into a file of its own'
      : 'is a single JSON value, and not an event. Take it out, or put the text into a file of its own'
  return [{ file, text, refused }]
}

/** Was it captured in an envelope of SNS or SQS, or does it begin like one, and is broken? */
export function isEnvelope(content: string): boolean {
  if (!/^\s*[{[]/.test(content)) return false
  const event = json(content)
  if (event === undefined) return true
  const { Records, Type } = event as { Records?: unknown; Type?: unknown }
  return Records !== undefined || /^(Notification|(Uns|S)ubscri\w*Confirmation)$/.test(String(Type))
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
 * An event's alerts, as the router would read them.
 * @throws {RefusedEvent} that names the path as it is in the user's file.
 */
export function alertsIn(event: Omit<ReplayEvent, 'file'>, times?: { now: Date; received: Date }): Alert[] {
  if (event.refused !== undefined) throw new RefusedEvent('event', event.refused)
  try {
    return parse(json(event.text) ?? event.text, times)
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    // SNS takes it, and no message of SNS is refused.
    if (event.text.trim() !== '' && !isEnvelope(event.text)) {
      return parse({ Type: 'Notification', Message: event.text }, times)
    }
    const { path, message } = error
    throw new RefusedEvent(inBatch(path, event), message.slice(`${path}: `.length))
  }
}

/** The same, or why it is refused, in words. */
export function alertsOrWhyNot(...asked: Parameters<typeof alertsIn>): Alert[] | string {
  try {
    return alertsIn(...asked)
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    return error.message
  }
}

/** A path, or what begins with one, as it is in the batch that the event was in. */
export function inBatch(path: string, { record }: Pick<ReplayEvent, 'record'>): string {
  return record === undefined ? path : path.replace(/^Records\[0\]/, `Records[${record}]`)
}

/** `undefined` for what is no JSON. */
export function json(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
