import type { Alert } from '../../schemas/alert.ts'
import { isAlarm } from './alert-text.ts'

export interface WebLink {
  label: 'Alarm' | 'Console' | 'Logs' | 'Runbook' | 'Dashboard'
  url: string
}

/** The limit of a Slack button. Others allow more, and no real link is longer. */
const MAX_LENGTH = 3000

/** The alert's links that a browser can open, most useful first: http or https only, and not too long. */
export function webLinks(alert: Alert): WebLink[] {
  const candidates: [WebLink['label'], string | undefined][] = [
    [isAlarm(alert) ? 'Alarm' : 'Console', alert.links.console],
    ['Logs', alert.links.logs],
    ['Runbook', alert.links.runbook],
    ['Dashboard', alert.links.dashboard],
  ]
  return candidates.flatMap(([label, link]) => {
    const url = webUrl(link)
    return url === undefined ? [] : [{ label, url }]
  })
}

/** The link unchanged if it is visible ASCII, else percent-encoded. */
function webUrl(link = ''): string | undefined {
  if (!/^https?:\/\//i.test(link) || !URL.canParse(link)) return undefined
  const url = /^[\x21-\x7e]+$/.test(link) ? link : new URL(link).href
  const whole = url.replace(/[<>|"]/g, (character) => encodeURIComponent(character))
  return whole.length <= MAX_LENGTH ? whole : undefined
}
