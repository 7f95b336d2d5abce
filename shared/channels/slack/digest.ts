import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import type { Digest } from '../channel.ts'
import * as digest from '../digest.ts'
import { webLinks } from '../web-links.ts'
import {
  type Block,
  COLOURS,
  escapedUrl,
  LIMITS,
  link,
  message,
  mrkdwn,
  plain,
  type SlackPayload,
  section,
} from './message.ts'
import { escaped, inline } from './mrkdwn.ts'

/**
 * In characters, escaped. CloudWatch limits alarm names to 255, so only an event's title is ever cut. Links longer than any of
 * CloudWatch's are left out: each would take the room of several others.
 */
const ROOM = { name: 300, where: 160, what: 120, link: 500, common: 600, eachNote: 300 } as const

/** If all alerts are within this time, the time of day is enough: the head shows the date. */
const SAME_DAY_MS = 12 * 3_600_000

interface Line {
  notification: Notification
  state: digest.State
  plain: string
  /** With a link on the name; the same as `plain` when the alert has no link. */
  linked: string
}

/** More messages at once nobody reads, and at Slack's pace they would keep what comes after them waiting. */
const MOST_PARTS = 3

/**
 * One line per alert under its state, the most important first; above them what the alerts have in common.
 * If not every link fits, the less important alerts appear by name only. Linear in the number of alerts.
 * Where three messages are not enough, one names the most important alerts, and counts the others.
 */
export function renderDigest(notifications: Notification[]): Digest<SlackPayload>[] {
  const group = digest.digestGroupOf(notifications)
  const frame = frameOf(group)
  const parts = digest.inParts(linesOf(group), ({ plain }) => lineBytes(plain), frame.room)
  if (parts.length > MOST_PARTS)
    return [{ payload: renderDigestNow(notifications), notifications: group.notifications }]
  return parts.map((part, n) => ({
    payload: payloadOf(part, { number: n + 1, of: parts.length }, group, frame),
    notifications: part.map(({ notification }) => notification),
  }))
}

/** One message about alerts as they are now: what does not fit, the least important, is counted. */
export function renderDigestNow(notifications: Notification[]): SlackPayload {
  const group = digest.digestGroupOf(notifications)
  const frame = frameOf(group)
  let left = frame.room
  const part = linesOf(group).filter(({ plain }) => {
    left -= lineBytes(plain)
    return left >= 0
  })
  return payloadOf(part, { number: 1, of: 1 }, group, frame)
}

interface Frame {
  head: Block[]
  /** What is left for the lines, in bytes. */
  room: number
}

function frameOf(group: digest.DigestGroup): Frame {
  const [head, foot] = [headOf(group), footOf(group, group.notifications.length)]
  return { head, room: LIMITS.blockBytes - frameBytes(group) - bytesOf([...head, foot]) }
}

function payloadOf(part: Line[], number: digest.Part, group: digest.DigestGroup, { head, room }: Frame) {
  const foot = footOf(group, number.of === 1 ? group.notifications.length - part.length : 0)
  return message(headline(group, number), colourOf(group), [...head, ...sections(part, room, group), foot])
}

/**
 * The JSON around the lines. No line is longer than 1,300 characters, so every section but a state's last holds 1,700 or
 * more: there are at most five of those.
 */
function frameBytes({ counts }: digest.DigestGroup): number {
  const section = 80
  const heading = 30
  return 5 * section + counts.length * (section + heading)
}

function colourOf({ notifications: [first] }: digest.DigestGroup): string {
  // The first alert is the most important.
  if (first === undefined || first.alert.status === 'resolved') return COLOURS.resolved
  return COLOURS[first.severity]
}

function headline(group: digest.DigestGroup, part: digest.Part): string {
  const { statusTag, counts } = digest.headline(group, part)
  const place = digest.commonPlace(group.common)
  const sentence = [`${statusTag}: ${counts}`, digest.within(group)].filter(Boolean).join(', ')
  return inline(digest.marked(group, place === undefined ? sentence : `${sentence} (${place})`), LIMITS.headline)
}

/** Before the alerts: which channels failed, what the alerts have in common, and their times. */
function headOf(group: digest.DigestGroup): Block[] {
  const { metric, namespace, names, tags } = group.common
  const notes = digest.fallbackNotes(group)
  const bold = notes.map((note) => `*${inline(note, notes.length > 1 ? ROOM.eachNote : LIMITS.note)}*`)
  const facts = [metric ?? namespace, names && `names ${names}`, ...tags].filter(Boolean).join(' · ')
  const lines = [facts && `In common: ${inline(facts, ROOM.common)}`, timesOf(group)].filter(Boolean)
  return [bold, lines].filter((texts) => texts.length > 0).map((texts) => section(mrkdwn(texts.join('\n'))))
}

function timesOf({ changes }: digest.DigestGroup): string {
  if (changes === undefined) return ''
  const { first, last } = changes
  const from = moment(first, '{date_short_pretty} {time}')
  if (last - first < 1_000) return `At ${from}`
  return `From ${from} to ${moment(last, last - first < SAME_DAY_MS ? '{time}' : '{date_short_pretty} {time}')}`
}

/** `others`: how many of the alerts no message of the digest names. */
function footOf(group: digest.DigestGroup, others: number): Block {
  const words = [group.notifications[0]?.severity, digest.rules(group)].filter(Boolean).join(' · ')
  const rest = others > 0 ? ` · and ${others} more: npx alert-router alerts` : ''
  return { type: 'context', elements: [plain(`${escaped(words, 300)}${rest}`)] }
}

function linesOf(group: digest.DigestGroup): Line[] {
  const { notifications, changes, isFallbackMixed } = group
  const isOneDay = changes !== undefined && changes.last - changes.first < SAME_DAY_MS
  return notifications.map((notification) => {
    const { alert } = notification
    const name = inline(alertText.marked(notification, alertText.title(alert)), ROOM.name)
    const rest = [
      inline(digest.where(notification, group) ?? '', ROOM.where),
      inline(digest.whatNow(notification, group) ?? '', ROOM.what),
      timeOf(alert.changedAt, isOneDay),
      inline(alertText.lineNotes(notification, isFallbackMixed) ?? '', 100),
    ].filter((words) => words !== '')
    const page = webLinks(alert).find(({ url }) => escapedUrl(url).length <= ROOM.link)
    const line = (what: string) => `• ${[what, ...rest].join(' · ')}`
    const plain = line(`*${name}*`)
    return {
      notification,
      state: digest.stateOf(notification),
      plain,
      linked: page === undefined ? plain : line(link(page.url, name)),
    }
  })
}

/** In the reader's time zone, or in UTC when Slack can't show that. */
function timeOf(iso: string, isOneDay: boolean): string {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return inline(alertText.time(iso), 40)
  return moment(at, isOneDay ? '{time}' : '{date_short_pretty} {time}')
}

function moment(ms: number, format: '{time}' | '{date_short_pretty} {time}'): string {
  const utc = alertText.time(new Date(ms).toISOString())
  return `<!date^${Math.floor(ms / 1000)}^${format}|${format === '{time}' ? `${utc.slice(11, 16)} UTC` : utc}>`
}

/** With as many links as fit. */
function sections(part: Line[], room: number, group: digest.DigestGroup): Block[] {
  let left = room - part.reduce((sum, { plain }) => sum + lineBytes(plain), 0)
  const shown = part.map((line) => {
    const more = lineBytes(line.linked) - lineBytes(line.plain)
    const text = more <= left ? line.linked : line.plain
    if (text === line.linked) left -= more
    return { state: line.state, text }
  })
  return digest
    .byState(shown, group)
    .flatMap(({ heading, count, items }) => sectionsOf([`*${heading} (${count})*`, ...items.map(({ text }) => text)]))
}

/** As many whole lines per section as fit. */
function sectionsOf(lines: string[]): Block[] {
  const texts: string[] = []
  for (const line of lines) {
    const last = texts.at(-1)
    if (last === undefined || last.length + 1 + line.length > LIMITS.sectionText) texts.push(line)
    else texts[texts.length - 1] = `${last}\n${line}`
  }
  return texts.map((text) => section(mrkdwn(text)))
}

/** Its size in the blocks' JSON, including the line break. */
function lineBytes(line: string): number {
  return Buffer.byteLength(JSON.stringify(line))
}

function bytesOf(blocks: Block[]): number {
  return Buffer.byteLength(JSON.stringify(blocks))
}
