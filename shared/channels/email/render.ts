import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import { factLines, oneLine, shorten } from '../outside-text.ts'
import { textOf, titleOf } from '../template.ts'
import { webLinks } from '../web-links.ts'
import { type Email, headed, LIMITS, labelled, paragraph } from './message.ts'

/**
 * A subject that sorts (`[CRITICAL] name: resource`) and a plain-text body for a phone: the most important first,
 * short labelled lines, each link alone on its line. Templates replace the subject and add the first paragraph.
 */
export function render(notification: Notification): Email {
  const subject =
    titleOf(notification) ?? `[${alertText.statusTag(notification)}] ${alertText.whatAndWhere(notification.alert)}`
  return {
    subject: shorten(alertText.marked(notification, subject), LIMITS.subject),
    text: withinBytes(body(notification), LIMITS.textBytes),
  }
}

function body(notification: Notification): string {
  const { alert, severity, rule, channel } = notification
  return [
    paragraph([
      alertText.marked(notification, `${alertText.statusTag(notification)}: ${alertText.title(alert)}`),
      oneLine(alert.resource),
    ]),
    alertText.drillNote(notification),
    notification.fallbackFor ? alertText.fallbackNote(notification.fallbackFor) : '',
    paragraph(alertText.missedNotes(notification)),
    paragraph(alertText.updateNotes(notification)),
    textOf(notification),
    paragraph([alertText.condition(alert)]),
    labelled([
      [alertText.statusLabel(alert), alertText.statusChange(alert)],
      ['Severity', severity],
      [alertText.timeLabel(alert), alertText.time(alert.changedAt)],
      ['Fired for', alertText.firedFor(notification)],
      ['Account', alert.account],
      ['Region', alert.region],
      ['Metric', alertText.metric(alert)],
      ['Missing data', alertText.missingData(alert)],
    ]),
    ...webLinks(alert).map(({ label, url }) => headed(label, url)),
    headed('Why', alert.reason),
    headed('Description', alert.description === alert.reason ? undefined : alert.description),
    headed('Triggered by', alertText.children(alert).join('\n')),
    headed('Alarm rule', alert.alarmRule),
    headed('Expression', alert.expression),
    headed('Details', labelled(alertText.details(alert))),
    headed('Dimensions', labelled(factLines(alert.dimensions))),
    headed('Tags', labelled(factLines(alert.tags))),
    headed('Labels', labelled(factLines(notification.labels ?? {}))),
    headed('Notes', (alert.notes ?? []).map(oneLine).join('\n')),
    `Sent by alert-router to ${channel}, by rule: ${oneLine(rule)}`,
  ]
    .filter(Boolean)
    .join('\n\n')
}

/** As many whole lines as fit. Links come before the long texts, so no link is ever cut. */
function withinBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text
  const rest = '\n\n(Truncated: email size limit.)'
  const kept: string[] = []
  let bytes = Buffer.byteLength(rest)
  for (const line of text.split('\n')) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > maxBytes) break
    kept.push(line)
  }
  return kept.join('\n').trimEnd() + rest
}

export function firstLine({ subject }: Email): string {
  return subject
}
