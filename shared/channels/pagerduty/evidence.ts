import type { Evidence } from '../../../schemas/evidence.ts'
import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import { clean, oneLine, shorten } from '../outside-text.ts'
import { titleOf } from '../template.ts'
import { webLinks } from '../web-links.ts'
import { type CustomDetails, LIMITS, type PagerDutyPayload } from './render.ts'

/**
 * What follows an alert: a change event, which pages nobody and opens nothing, and is shown among the recent changes of the
 * incident's service. Another event of the incident itself could open it again, if it was resolved meanwhile.
 */
export function renderEvidence(notification: Notification, { parts, askedAt }: Evidence): PagerDutyPayload {
  const { alert } = notification
  const title = titleOf(notification) ?? alertText.whatAndWhere(alert)
  const details = parts.map(({ title: name, says, lines, chart }): [string, CustomDetails[string]] => {
    const text = [says, chart?.line ?? '', ...lines].map(clean).filter((one) => one !== '')
    return [name, text]
  })
  return {
    kind: 'change',
    data: {
      payload: {
        summary: shorten(`Evidence: ${title}`, LIMITS.summary),
        source: shorten(oneLine(alert.resource) || alertText.title(alert), LIMITS.source),
        timestamp: askedAt,
        custom_details: Object.fromEntries(details),
      },
      links: webLinks(alert).map(({ label, url }) => ({ href: url, text: label })),
    },
  }
}
