import type { Evidence, EvidencePart } from '../../../schemas/evidence.ts'
import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import { clean, shorten } from '../outside-text.ts'
import { type Email, LIMITS, paragraph } from './message.ts'
import { firstLine, render } from './render.ts'

/** What follows an alert, under its subject, so that mail programs put both into one thread. */
export function renderEvidence(notification: Notification, { parts }: Evidence): Email {
  const { channel, alert } = notification
  const text = [
    `Evidence: ${alertText.whatAndWhere(alert)}`,
    ...parts.map(shown),
    `Sent by alert-router to ${channel}, after its alert`,
  ].join('\n\n')
  return { subject: shorten(`Re: ${firstLine(render(notification))}`, LIMITS.subject), text }
}

/** A font of mail programs has no columns: the chart is one line. */
function shown({ title, says, lines, chart }: EvidencePart): string {
  return paragraph([says === '' ? title : `${title}: ${clean(says)}`, chart?.line, ...lines.map(clean)])
}
