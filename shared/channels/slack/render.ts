import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import { factLines, oneLine } from '../outside-text.ts'
import { textOf, titleOf } from '../template.ts'
import { type WebLink, webLinks } from '../web-links.ts'
import {
  type Block,
  type Button,
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
import { asRead, escaped, inline } from './mrkdwn.ts'

/** Limits for each text, each field's value and each link, in characters, tried in turn until the message fits. */
const ROOMS = [
  { text: LIMITS.sectionText, field: 1900, link: 3000 },
  { text: 1500, field: 300, link: 3000 },
  { text: 600, field: 150, link: 1500 },
] as const
/** Always fits. */
const SMALLEST_ROOM = { text: 150, field: 60, link: 400 } as const
type Room = { text: number; field: number; link: number }

/** One message: status and severity as text and colour, what, where, why, since when, and links. */
export function render(notification: Notification): SlackPayload {
  return renderWith(notification, [])
}

/** The same with buttons of an app's own before the links. */
export function renderWith(notification: Notification, own: Button[]): SlackPayload {
  return message(headlineOf(notification), colourOf(notification), blocksThatFit(notification, own))
}

/** What has happened, and to which alert: for whoever knows the rest. */
export function renderBrief(notification: Notification): SlackPayload {
  const blocks = briefly(SMALLEST_ROOM, notification, webLinks(notification.alert))
  return message(headlineOf(notification), colourOf(notification), blocks)
}

/** What a phone shows. */
export function headlineOf(notification: Notification): string {
  return inline(alertText.marked(notification, headline(notification)), LIMITS.headline)
}

function colourOf({ alert, severity }: Notification): string {
  return COLOURS[alert.status === 'resolved' ? 'resolved' : severity]
}

function headline(notification: Notification): string {
  const duration = alertText.firedFor(notification)
  const after = duration === undefined ? '' : ` (fired for ${duration})`
  // First, before anything that might be cut: a push notification shows little more.
  const note = alertText.notesInShort(notification)
  const title = titleOf(notification)
  if (title !== undefined) return note === undefined ? title : `(${note}) ${title}`
  const loud = [alertText.statusTag(notification), ...(note === undefined ? [] : [`(${note})`])].join(' ')
  return `${loud}: ${alertText.whatAndWhere(notification.alert)}${after}`
}

function blocksThatFit(notification: Notification, own: Button[]): Block[] {
  for (const room of ROOMS) {
    const blocks = blocksIn(room, notification, own)
    if (Buffer.byteLength(JSON.stringify(blocks)) <= LIMITS.blockBytes) return blocks
  }
  return blocksIn(SMALLEST_ROOM, notification, own)
}

function blocksIn(room: Room, notification: Notification, own: Button[]): Block[] {
  const { alert, update } = notification
  const links = webLinks(alert).filter(({ url }) => escapedUrl(url).length <= room.link)
  // What has happened is above: who knows the alert needs no more.
  if (update?.is === 'acknowledged' || update?.is === 'note') return briefly(room, notification, links)
  const facts = fields(notification, room)
  const texts = [
    ...paragraph(alert.reason, room),
    ...paragraph(triggeredBy(notification), room),
    ...paragraph(alert.description === alert.reason ? undefined : alert.description, room),
  ]
  return [
    ...notes(notification),
    heading(notification, links, room),
    ...paragraph(textOf(notification), room),
    // For an alarm the facts say most; for a message, its text.
    ...(alertText.isAlarm(alert) ? [...facts, ...texts] : [...texts, ...facts]),
    ...buttons(own, links),
    context(notification, room),
  ]
}

function briefly(room: Room, notification: Notification, links: WebLink[]): Block[] {
  return [...notes(notification), heading(notification, links, room)]
}

/** That it is a drill; why it was sent here, and why late. */
function notes(notification: Notification): Block[] {
  const { fallbackFor } = notification
  const drill = alertText.drillNote(notification)
  const own = drill === undefined ? [] : [drill]
  const all = [
    ...own,
    ...(fallbackFor ? [alertText.fallbackNote(fallbackFor)] : []),
    ...alertText.missedNotes(notification),
    ...alertText.updateNotes(notification),
  ]
  if (all.length === 0) return []
  return [section(mrkdwn(all.map((note) => `*${inline(note, LIMITS.note)}*`).join('\n')))]
}

function heading(notification: Notification, links: WebLink[], room: Room): Block {
  const { alert, severity } = notification
  const name = inline(alertText.title(alert), Math.min(room.text, 500))
  const page = links.find(({ label }) => label === 'Alarm' || label === 'Console')
  // A link too long for the title is still on its button.
  const isLinked = page !== undefined && escapedUrl(page.url).length <= LIMITS.titleLink
  const what = isLinked ? link(page.url, name) : name
  const duration = alertText.firedFor(notification)
  const facts = [
    alertText.statusChange(alert),
    severity,
    `${alertText.timeLabel(alert).toLowerCase()} ${moment(alert.changedAt)}`,
    ...(duration === undefined ? [] : [`fired for ${duration}`]),
  ]
  return section(mrkdwn(`*${what}*\n${facts.join(' · ')}`))
}

/** A time in each reader's own time zone, or in UTC when Slack can't show that. */
function moment(iso: string): string {
  const seconds = Math.floor(Date.parse(iso) / 1000)
  const utc = inline(alertText.time(iso), 100)
  return Number.isNaN(seconds) ? utc : `<!date^${seconds}^{date_short_pretty} {time_secs}|${utc}>`
}

function fields(notification: Notification, room: Room): Block[] {
  const { alert } = notification
  const dimensions = factLines(alert.dimensions)
  const facts: [label: string, value: string | undefined][] = [
    ['Resource', alert.resource],
    ['Condition', alertText.condition(alert)],
    ['Account / region', [alert.account, alert.region].filter(Boolean).join(' / ')],
    ['Metric', alertText.metric(alert)],
    ['Expression', alert.expression],
    ['Missing data', alert.status === 'insufficient-data' ? alertText.missingData(alert) : undefined],
    // One dimension is the resource itself.
    ['Dimensions', dimensions.length > 1 ? dimensions.map((pair) => pair.join(' = ')).join(', ') : undefined],
    ...alertText.details(alert),
  ]
  const shown = facts
    .map(([label, value]): [string, string] => [label, oneLine(value ?? '')])
    .filter(([, value]) => value !== '')
    .slice(0, LIMITS.fields)
    .map(([label, value]) => mrkdwn(`*${inline(label, LIMITS.fieldLabel)}*\n${inline(value, room.field)}`))
  return shown.length === 0 ? [] : [{ type: 'section', fields: shown }]
}

function triggeredBy({ alert }: Notification): string | undefined {
  const names = alertText.children(alert)
  if (names.length > 0) return `Triggered by: ${names.join(', ')}`
  return alert.alarmRule && `Alarm rule: ${alert.alarmRule}`
}

/** Text from outside, shown literally. */
function paragraph(text: string | undefined, room: Room): Block[] {
  const shown = escaped(text ?? '', room.text)
  return shown === '' ? [] : [section(plain(shown))]
}

function buttons(own: Button[], links: WebLink[]): Block[] {
  const pages = links.map(
    ({ label, url }): Button => ({ type: 'button', text: plain(label), url, action_id: label.toLowerCase() }),
  )
  const elements = [...own, ...pages]
  return elements.length === 0 ? [] : [{ type: 'actions', elements }]
}

/** The rule that matched, labels and tags, and notes. */
function context({ alert, rule, labels = {} }: Notification, room: Room): Block {
  const tags = [...factLines(labels), ...factLines(alert.tags)].map(([label, value]) => `${label}=${value}`)
  const notes = (alert.notes ?? []).map((note) => `Note: ${oneLine(note)}`)
  const parts = [`Rule: ${oneLine(rule)}`, ...tags, ...notes]
  return { type: 'context', elements: [plain(escaped(parts.join(' · '), room.field))] }
}

/** As Slack shows it in a notification, without its escapes. */
export function firstLine({ text }: SlackPayload): string {
  return asRead(text)
}
