import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import type { Digest } from '../channel.ts'
import * as digest from '../digest.ts'
import { shorten } from '../outside-text.ts'
import { webLinks } from '../web-links.ts'
import { type Email, LIMITS, labelled, paragraph } from './message.ts'

/** In characters. CloudWatch's own limit of an alarm's name is 255, so only an event's title is ever cut. */
const ROOM = { name: 300, where: 300, what: 200, common: 1_000 } as const

/** For what stands around the entries. */
const FRAME_BYTES = 20_000

interface Entry {
  notification: Notification
  state: digest.State
  text: string
}

/**
 * The numbers in the subject; in the body an entry for each alert under its state, the most important first, its link
 * alone on a line. Linear in the number of alerts.
 */
export function renderDigest(notifications: Notification[]): Digest<Email>[] {
  const storm = digest.digestGroupOf(notifications)
  const room = LIMITS.textBytes - FRAME_BYTES
  const parts = digest.inParts(entriesOf(storm), ({ text }) => Buffer.byteLength(text) + 2, room)
  return parts.map((part, n) => {
    const { statusTag, counts } = digest.headline(storm, { number: n + 1, of: parts.length })
    const place = digest.commonPlace(storm.common) ?? storm.common.metric
    const subject = `[${statusTag}] ${counts}${place === undefined ? '' : ` (${place})`}`
    const text = [
      [`${statusTag}: ${counts}`, digest.within(storm)].filter(Boolean).join(', '),
      ...digest.fallbackNotes(storm),
      labelled(facts(storm)),
      ...digest
        .byState(part, storm)
        .flatMap(({ heading, count, items }) => [
          `${heading.toUpperCase()} (${count})`,
          ...items.map(({ text }) => text),
        ]),
      footer(storm),
    ]
    return {
      payload: { subject: shorten(subject, LIMITS.subject), text: text.filter(Boolean).join('\n\n') },
      notifications: part.map(({ notification }) => notification),
    }
  })
}

function facts({ notifications, common, changes }: digest.DigestGroup): [label: string, value: string | undefined][] {
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

function footer(storm: digest.DigestGroup): string {
  const channel = storm.notifications[0]?.channel ?? ''
  const rules = shorten(digest.rules(storm), ROOM.common)
  return `Sent by alert-router to ${channel}${rules && `, by ${rules}`}`
}

function entriesOf(storm: digest.DigestGroup): Entry[] {
  const { notifications, changes } = storm
  const isOneDay = changes !== undefined && timeOf(changes.first).slice(0, 10) === timeOf(changes.last).slice(0, 10)
  return notifications.map((notification) => ({
    notification,
    state: digest.stateOf(notification),
    text: paragraph([
      shorten(alertText.title(notification.alert), ROOM.name),
      factsOf(notification, storm, isOneDay),
      webLinks(notification.alert)[0]?.url,
    ]),
  }))
}

/** `orders-api · 17 > 5 · since 11:18:52 UTC`. */
function factsOf(notification: Notification, storm: digest.DigestGroup, isOneDay: boolean): string {
  const { alert } = notification
  const where = digest.where(notification, storm)
  const what = digest.whatNow(notification, storm)
  const isReadable = !Number.isNaN(Date.parse(alert.changedAt))
  const time = alertText.time(alert.changedAt)
  const facts = [
    where && shorten(where, ROOM.where),
    what && shorten(what, ROOM.what),
    // The head tells the date.
    `${alertText.timeLabel(alert).toLowerCase()} ${isOneDay && isReadable ? time.slice(11) : time}`,
    (storm.isFallbackMixed ? alertText.notesInShort : alertText.missedInShort)(notification),
  ]
  return facts.filter(Boolean).join(' · ')
}

function timeOf(ms: number): string {
  return alertText.time(new Date(ms).toISOString())
}
