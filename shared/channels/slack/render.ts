import type { Notification } from '../../../schemas/notification.ts'
import * as inWords from '../in-words.ts'
import { factLines, oneLine } from '../outside-text.ts'
import { type WebLink, webLinks } from '../web-links.ts'
import { escaped, inline } from './mrkdwn.ts'

/**
 * The body of the post. Colour bars exist only on attachments, so the blocks are inside one. Slack shows `text` above it,
 * and uses it alone in push notifications and for screen readers.
 */
export interface SlackPayload {
  text: string
  attachments: [{ color: string; fallback: string; blocks: Block[] }]
  /** Links in outside text get no previews. */
  unfurl_links: false
  unfurl_media: false
}

export type Block =
  | { type: 'section'; text: Text }
  | { type: 'section'; fields: Text[] }
  | { type: 'context'; elements: Text[] }
  | { type: 'actions'; elements: Button[] }

/** `verbatim`: Slack makes no mention or link of what merely looks like one. */
export type Text = { type: 'mrkdwn'; text: string; verbatim: true } | PlainText
type PlainText = { type: 'plain_text'; text: string; emoji: false }

interface Button {
  type: 'button'
  text: PlainText
  url: string
  action_id: string
}

/**
 * A field takes 2000, its label among them. Not documented: Slack refuses messages with more than about 10 KB of blocks.
 * The headline is our own.
 */
const LIMITS = {
  sectionText: 3000,
  titleLink: 2000,
  fieldLabel: 50,
  fields: 10,
  blockBytes: 9_500,
  headline: 1000,
} as const

const COLOURS = { critical: '#D92D20', warning: '#F5A623', info: '#2E77D0', resolved: '#2EB67D' } as const

/** How much room each text, each field's value and each link gets, in characters, tried in turn until the whole fits. The last always does. */
const ROOMS = [
  { text: LIMITS.sectionText, field: 1900, link: 3000 },
  { text: 1500, field: 300, link: 3000 },
  { text: 600, field: 150, link: 1500 },
] as const
const SMALLEST_ROOM = { text: 200, field: 60, link: 400 } as const
type Room = { text: number; field: number; link: number }

/** One message that says it all: status and severity in words and colour, what, where, why, since when, and where to click. */
export function render(notification: Notification): SlackPayload {
  const text = inline(headline(notification), LIMITS.headline)
  const { status } = notification.alert
  return {
    text,
    attachments: [
      {
        color: COLOURS[status === 'resolved' ? 'resolved' : notification.severity],
        fallback: text,
        blocks: blocksThatFit(notification),
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
  }
}

function headline(notification: Notification): string {
  const duration = inWords.firedFor(notification)
  const after = duration === undefined ? '' : ` (fired for ${duration})`
  return `${inWords.loudWord(notification)}: ${inWords.whatAndWhere(notification.alert)}${after}`
}

function blocksThatFit(notification: Notification): Block[] {
  for (const room of ROOMS) {
    const blocks = blocksIn(room, notification)
    if (Buffer.byteLength(JSON.stringify(blocks)) <= LIMITS.blockBytes) return blocks
  }
  return blocksIn(SMALLEST_ROOM, notification)
}

function blocksIn(room: Room, notification: Notification): Block[] {
  const { alert } = notification
  const links = webLinks(alert).filter(({ url }) => escapedUrl(url).length <= room.link)
  const facts = fields(notification, room)
  const texts = [
    ...paragraph(alert.reason, room),
    ...paragraph(triggeredBy(notification), room),
    ...paragraph(alert.description === alert.reason ? undefined : alert.description, room),
  ]
  return [
    title(notification, links, room),
    // Of an alarm the facts say most; of a message, its text.
    ...(inWords.isAlarm(alert) ? [...facts, ...texts] : [...texts, ...facts]),
    ...buttons(links),
    context(notification, room),
  ]
}

function title(notification: Notification, links: WebLink[], room: Room): Block {
  const { alert, severity } = notification
  const name = inline(inWords.title(alert), Math.min(room.text, 500))
  const page = links.find(({ label }) => label === 'Alarm' || label === 'Console')
  const link = page === undefined ? undefined : escapedUrl(page.url)
  // A link too long to stand in the title is still on its button.
  const what = link === undefined || link.length > LIMITS.titleLink ? `*${name}*` : `*<${link}|${name}>*`
  const duration = inWords.firedFor(notification)
  const facts = [
    inWords.statusChange(alert),
    severity,
    `${inWords.timeLabel(alert).toLowerCase()} ${moment(alert.changedAt)}`,
    ...(duration === undefined ? [] : [`fired for ${duration}`]),
  ]
  return { type: 'section', text: mrkdwn(`${what}\n${facts.join(' · ')}`) }
}

/** A time in each reader's own time zone, or in UTC where Slack can't show that. */
function moment(iso: string): string {
  const seconds = Math.floor(Date.parse(iso) / 1000)
  const utc = inline(inWords.time(iso), 100)
  return Number.isNaN(seconds) ? utc : `<!date^${seconds}^{date_short_pretty} {time_secs}|${utc}>`
}

function fields(notification: Notification, room: Room): Block[] {
  const { alert } = notification
  const dimensions = factLines(alert.dimensions)
  const facts: [label: string, value: string | undefined][] = [
    ['Resource', alert.resource],
    ['Condition', inWords.condition(alert)],
    ['Account / region', [alert.account, alert.region].filter(Boolean).join(' / ')],
    ['Metric', inWords.metric(alert)],
    ['Expression', alert.expression],
    ['If data is missing', alert.status === 'insufficient-data' ? inWords.missingData(alert) : undefined],
    // One dimension is the resource itself.
    ['Dimensions', dimensions.length > 1 ? dimensions.map((pair) => pair.join(' = ')).join(', ') : undefined],
    ...inWords.details(alert),
  ]
  const shown = facts
    .map(([label, value]): [string, string] => [label, oneLine(value ?? '')])
    .filter(([, value]) => value !== '')
    .slice(0, LIMITS.fields)
    .map(([label, value]) => mrkdwn(`*${inline(label, LIMITS.fieldLabel)}*\n${inline(value, room.field)}`))
  return shown.length === 0 ? [] : [{ type: 'section', fields: shown }]
}

function triggeredBy({ alert }: Notification): string | undefined {
  const names = inWords.children(alert)
  if (names.length > 0) return `Triggered by: ${names.join(', ')}`
  return alert.alarmRule && `Rule of the alarm: ${alert.alarmRule}`
}

/** Text from outside, shown literally. */
function paragraph(text: string | undefined, room: Room): Block[] {
  const shown = escaped(text ?? '', room.text)
  return shown === '' ? [] : [{ type: 'section', text: plain(shown) }]
}

function buttons(links: WebLink[]): Block[] {
  if (links.length === 0) return []
  const elements = links.map(
    ({ label, url }): Button => ({ type: 'button', text: plain(label), url, action_id: label.toLowerCase() }),
  )
  return [{ type: 'actions', elements }]
}

/** Why it came here, and whose it is. */
function context({ alert, rule }: Notification, room: Room): Block {
  const tags = factLines(alert.tags).map(([label, value]) => `${label}=${value}`)
  return { type: 'context', elements: [plain(escaped([`Rule: ${oneLine(rule)}`, ...tags].join(' · '), room.field))] }
}

function mrkdwn(text: string): Text {
  return { type: 'mrkdwn', text, verbatim: true }
}

function plain(text: string): PlainText {
  return { type: 'plain_text', text, emoji: false }
}

function escapedUrl(url: string): string {
  return url.replaceAll('&', '&amp;')
}
