import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import type { Digest } from '../channel.ts'
import * as digest from '../digest.ts'
import { shorten } from '../outside-text.ts'
import { webLinks } from '../web-links.ts'
import { type Block, type Document, facts, note, textOf } from './document.ts'
import { type Email, LIMITS, textWithin } from './message.ts'
import { isAboutMail } from './render.ts'

/** In characters. CloudWatch limits alarm names to 255, so only an event's title is ever cut. */
const ROOM = { name: 300, where: 300, what: 200, common: 1_000 } as const

/** Reserved for the text around the entries. */
const FRAME_BYTES = 20_000

interface Entry {
  notification: Notification
  state: digest.State
  block: Block
}

/**
 * The subject has the counts; the body has one entry per alert under its state, the most important first, with its link alone
 * on a line. Linear in the number of alerts.
 */
export function renderDigest(notifications: Notification[]): Digest<Email>[] {
  const group = digest.digestGroupOf(notifications)
  const room = LIMITS.textBytes - FRAME_BYTES
  const parts = digest.inParts(
    entriesOf(group),
    ({ block }) => Buffer.byteLength(textOf({ blocks: [block] })) + 2,
    room,
  )
  return parts.map((part, n) => {
    const { statusTag, counts } = digest.headline(group, { number: n + 1, of: parts.length })
    const place = digest.commonPlace(group.common) ?? group.common.metric
    const subject = `[${statusTag}] ${counts}${place === undefined ? '' : ` (${place})`}`
    const title = digest.marked(group, [`${statusTag}: ${counts}`, digest.within(group)].filter(Boolean).join(', '))
    const document: Document = {
      tone: statusTag === 'RESOLVED' ? 'resolved' : (notifications[0]?.severity ?? 'info'),
      preview: part
        .map(({ notification }) => alertText.title(notification.alert))
        .slice(0, 5)
        .join(', '),
      blocks: [
        { is: 'head', title, where: '' },
        ...digest.fallbackNotes(group).flatMap(note),
        ...facts(factsOfAll(group)),
        ...digest
          .byState(part, group)
          .flatMap(({ heading, count, items }): Block[] => [
            { is: 'group', title: `${heading.toUpperCase()} (${count})` },
            ...items.map(({ block }) => block),
          ]),
        { is: 'foot', text: footer(group) },
      ],
    }
    const carried = part.map(({ notification }) => notification)
    const shown = shorten(digest.marked(group, subject), LIMITS.subject)
    const rich = { subject: shown, document, ...(carried.some(isAboutMail) && { isAboutMail: true as const }) }
    return { payload: { subject: shown, text: textWithin(document), rich }, notifications: carried }
  })
}

function factsOfAll({
  notifications,
  common,
  changes,
}: digest.DigestGroup): [label: string, value: string | undefined][] {
  const short = (value: string | undefined) => value && shorten(value, ROOM.common)
  return [
    ['Severity', notifications[0]?.severity],
    ['Account', short(common.account)],
    ['Region', short(common.region)],
    ['Metric', short(common.metric ?? common.namespace)],
    ['Names', short(common.names)],
    ['Tags', short(common.tags.join(', '))],
    ['First', changes && timeOf(changes.first)],
    ['Last', changes && changes.last !== changes.first ? timeOf(changes.last) : undefined],
  ]
}

function footer(group: digest.DigestGroup): string {
  const channel = group.notifications[0]?.channel ?? ''
  const rules = shorten(digest.rules(group), ROOM.common)
  return `Sent by alert-router to ${channel}${rules && `, by ${rules}`}`
}

function entriesOf(group: digest.DigestGroup): Entry[] {
  const { notifications, changes } = group
  const isOneDay = changes !== undefined && timeOf(changes.first).slice(0, 10) === timeOf(changes.last).slice(0, 10)
  return notifications.map((notification) => ({
    notification,
    state: digest.stateOf(notification),
    block: entryOf(notification, factsOf(notification, group, isOneDay)),
  }))
}

function entryOf(notification: Notification, facts: string): Block {
  const title = shorten(alertText.marked(notification, alertText.title(notification.alert)), ROOM.name)
  const url = webLinks(notification.alert)[0]?.url
  return { is: 'entry', title, facts, ...(url !== undefined && { url }) }
}

/** `orders-api · 17 > 5 · since 11:18:52 UTC`. */
function factsOf(notification: Notification, group: digest.DigestGroup, isOneDay: boolean): string {
  const { alert } = notification
  const where = digest.where(notification, group)
  const what = digest.whatNow(notification, group)
  const isReadable = !Number.isNaN(Date.parse(alert.changedAt))
  const time = alertText.time(alert.changedAt)
  const facts = [
    where && shorten(where, ROOM.where),
    what && shorten(what, ROOM.what),
    // The head shows the date.
    `${alertText.timeLabel(alert).toLowerCase()} ${isOneDay && isReadable ? time.slice(11) : time}`,
    alertText.lineNotes(notification, group.isFallbackMixed),
  ]
  return facts.filter(Boolean).join(' · ')
}

function timeOf(ms: number): string {
  return alertText.time(new Date(ms).toISOString())
}
