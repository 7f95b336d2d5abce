import { createHash } from 'node:crypto'
import type { Notification } from '../../../schemas/notification.ts'
import { firingIn } from '../../answers/link.ts'
import * as alertText from '../alert-text.ts'
import { factLines, oneLine, shorten } from '../outside-text.ts'
import { textOf, titleOf } from '../template.ts'
import { webLinks } from '../web-links.ts'
import { type Block, type Document, facts, note, text } from './document.ts'
import { type Email, LIMITS, type Rich, textWithin } from './message.ts'

/**
 * A subject that sorts (`[CRITICAL] name: resource`) and a body for a phone: the most important first, short labelled facts,
 * then links, then long texts. Templates replace the subject and add the first paragraph.
 */
export function render(notification: Notification): Email {
  const document = documentOf(notification)
  const subject = subjectOf(notification, LIMITS.subject)
  return { subject, text: textWithin(document), rich: richOf(notification, document, subject) }
}

/** At most so many characters. */
export function subjectOf(notification: Notification, most: number): string {
  const subject =
    titleOf(notification) ?? `[${alertText.statusTag(notification)}] ${alertText.whatAndWhere(notification.alert)}`
  return shorten(alertText.marked(notification, subject), most)
}

function richOf(notification: Notification, document: Document, subject: string): Rich {
  const firing = notification.acknowledged ? undefined : firingIn(notification)
  return {
    subject: subjectInThread(notification, subject),
    document,
    thread: threadOf(notification),
    ...(firing && { firing }),
    ...(isUrgent(notification) && { isUrgent: true as const }),
    ...(isAboutMail(notification) && { isAboutMail: true as const }),
  }
}

/** It fires and is critical, and nobody who works on it says something of it. */
function isUrgent({ alert, severity, update }: Notification): boolean {
  const isNews = update === undefined || update.is === 'reminder' || update.is === 'escalation'
  return severity === 'critical' && alert.status === 'firing' && isNews
}

/** `own`: what it would be without a thread. */
function subjectInThread(notification: Notification, own: string): string {
  if (!isFirst(notification)) return replyTo(notification)
  return notification.alert.status === 'firing' ? sharedSubject(notification) : own
}

/** Whether nothing of this firing was sent here before. */
function isFirst({ alert, update, firingSince, missed }: Notification): boolean {
  return update === undefined && (alert.status === 'firing' || firingSince === undefined || missed === true)
}

const REPLY = 'Re: '

/** The subject of what follows a firing's first email. */
export function replyTo(notification: Notification): string {
  return `${REPLY}${sharedSubject(notification)}`
}

/**
 * The subject of all emails about one firing. Those of another subject are not in its thread everywhere: Gmail wants the same
 * one besides the references. So what a later email says of the alert is in its first line, and in what lists of emails show.
 */
function sharedSubject({ update: _, ...notification }: Notification): string {
  const alert = { ...notification.alert, status: 'firing' as const }
  return subjectOf({ ...notification, alert }, LIMITS.subject - REPLY.length)
}

/** Of one firing of one alert, wherever it is sent. */
export function threadOf({ alert, alertKey, firingSince }: Notification): string {
  const firing = JSON.stringify([alertKey ?? alert.fingerprint, firingSince ?? alert.changedAt])
  return createHash('sha256').update(firing).digest('hex').slice(0, 32)
}

/** Bounces and complaints, as SES publishes them (shared/parse/mail-events.ts). */
export function isAboutMail({ alert }: Pick<Notification, 'alert'>): boolean {
  return alert.source === 'aws.ses'
}

function documentOf(notification: Notification): Document {
  const { alert, severity, rule, channel } = notification
  const condition = alertText.condition(alert)
  const firedFor = alertText.firedFor(notification)
  return {
    tone: alert.status === 'resolved' ? 'resolved' : severity,
    preview: [
      `${alertText.statusTag(notification)}${firedFor ? ` after ${firedFor}` : ''}`,
      condition ?? shorten(oneLine(alert.reason ?? ''), 200),
    ]
      .filter(Boolean)
      .join(' · '),
    blocks: [
      {
        is: 'head',
        title: alertText.marked(notification, `${alertText.statusTag(notification)}: ${alertText.title(alert)}`),
        where: oneLine(alert.resource),
      },
      ...note(alertText.drillNote(notification)),
      ...note(notification.fallbackFor && alertText.fallbackNote(notification.fallbackFor)),
      ...note(alertText.missedNotes(notification).join('\n')),
      ...note(alertText.updateNotes(notification).join('\n')),
      ...text(textOf(notification)),
      ...text(condition),
      ...facts([
        [alertText.statusLabel(alert), alertText.statusChange(alert)],
        ['Severity', severity],
        [alertText.timeLabel(alert), alertText.time(alert.changedAt)],
        ['Fired for', firedFor],
        ['Account', alert.account],
        ['Region', alert.region],
        ['Metric', alertText.metric(alert)],
        ['Missing data', alertText.missingData(alert)],
      ]),
      ...webLinks(alert).map(({ label, url }): Block => ({ is: 'link', label, url })),
      ...text(alert.reason, 'Why'),
      ...text(alert.description === alert.reason ? undefined : alert.description, 'Description'),
      ...text(alertText.children(alert).join('\n'), 'Triggered by'),
      ...text(alert.alarmRule, 'Alarm rule'),
      ...text(alert.expression, 'Expression'),
      ...facts(alertText.details(alert), 'Details'),
      ...facts(factLines(alert.dimensions), 'Dimensions'),
      ...facts(factLines(alert.tags), 'Tags'),
      ...facts(factLines(notification.labels ?? {}), 'Labels'),
      ...text((alert.notes ?? []).map(oneLine).join('\n'), 'Notes'),
      { is: 'foot', text: `Sent by alert-router to ${channel}, by rule: ${oneLine(rule)}` },
    ],
  }
}

export function firstLine({ subject }: Email): string {
  return subject
}
