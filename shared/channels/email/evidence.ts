import type { Evidence, EvidencePart } from '../../../schemas/evidence.ts'
import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import { clean, shorten } from '../outside-text.ts'
import type { Block, Document } from './document.ts'
import { type Email, LIMITS, textWithin } from './message.ts'
import { isAboutMail, replyTo, subjectOf, threadOf } from './render.ts'

/** What follows an alert, under its subject, so that mail programs put both into one thread. */
export function renderEvidence(notification: Notification, { parts }: Evidence): Email {
  const { channel, alert, severity } = notification
  const document: Document = {
    tone: severity,
    preview: clean(parts[0]?.says ?? ''),
    blocks: [
      { is: 'head', title: `Evidence: ${alertText.whatAndWhere(alert)}`, where: '' },
      ...parts.map(answer),
      { is: 'foot', text: `Sent by alert-router to ${channel}, after its alert` },
    ],
  }
  return {
    subject: shorten(`Re: ${subjectOf(notification, LIMITS.subject)}`, LIMITS.subject),
    text: textWithin(document),
    rich: {
      subject: replyTo(notification),
      document,
      thread: threadOf(notification),
      ...(isAboutMail(notification) && { isAboutMail: true as const }),
    },
  }
}

function answer({ title, says, lines, chart }: EvidencePart): Block {
  return { is: 'answer', title, says: clean(says), lines: lines.map(clean), ...(chart && { chart }) }
}
