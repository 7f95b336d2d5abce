import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { topicArn } from '../../local/topology.ts'
import { json } from '../replay/events.ts'

/** The archive of `replay --record`: a folder per day, a file per event. Not in git. */
export const ARCHIVE = '.alert-router/archive'

/** The same retention as the stack's archive. */
const KEPT_DAYS = 90
/** With more events, the oldest days are deleted. */
const MAX_EVENTS = 20_000

/** Records events for `rules plan`, each only once, and deletes events that are too old. Returns how many are new. */
export function record(events: { text: string }[], { folder = ARCHIVE, now = new Date() } = {}): number {
  mkdirSync(folder, { recursive: true })
  const known = new Set(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.slice(-NAME_LENGTH)),
  )
  const today = join(folder, now.toISOString().slice(0, 10))
  let recorded = 0
  for (const { text } of events) {
    const name = `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`
    if (known.has(name)) continue
    known.add(name)
    mkdirSync(today, { recursive: true })
    writeFileSync(join(today, name), asReceived(text, now))
    recorded++
  }
  expire(folder, now)
  return recorded
}

const NAME_LENGTH = '0123456789abcdef.json'.length

/** As the router received it: a bare message in the topic's envelope, which has the time. */
function asReceived(text: string, now: Date): string {
  const { Records, Type } = (json(text) ?? {}) as { Records?: unknown; Type?: unknown }
  if (Records !== undefined || Type === 'Notification') return text
  return JSON.stringify({
    Type: 'Notification',
    MessageId: idOf(text),
    TopicArn: topicArn('alarms'),
    Message: text,
    Timestamp: now.toISOString(),
  })
}

function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** When a bare message was recorded here, which is not when the event happened. `undefined` for any other event. */
export function recordedAt(text: string): Date | undefined {
  const { MessageId, Message, Timestamp } = (json(text) ?? {}) as Record<string, unknown>
  const isOurs = typeof Message === 'string' && typeof Timestamp === 'string' && MessageId === idOf(Message)
  return isOurs ? new Date(Timestamp) : undefined
}

/** Such a message with another recording time. */
export function recordedAs(text: string, at: Date): string {
  return asReceived((JSON.parse(text) as { Message: string }).Message, at)
}

/** Whole days, oldest first. */
function expire(folder: string, now: Date): void {
  const oldest = new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString().slice(0, 10)
  let events = 0
  for (const day of readdirSync(folder).sort().reverse()) {
    events += readdirSync(join(folder, day)).length
    if (day < oldest || events > MAX_EVENTS) rmSync(join(folder, day), { recursive: true })
  }
}

export function hasArchive(folder = ARCHIVE): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0
}
