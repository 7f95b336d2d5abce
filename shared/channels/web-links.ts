import type { Alert } from '../../schemas/alert.ts'
import { isAlarm } from './alert-text.ts'

export interface WebLink {
  label: 'Alarm' | 'Console' | 'Logs' | 'Runbook' | 'Dashboard'
  url: string
}

/** What a Slack button takes; the others take more, and no real link is longer. */
const MAX_LENGTH = 3000

/** The alert's links that a browser can open, most useful first. What is not http or https, or far too long, is left out. */
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

/** The link as it was if it is made of visible ASCII, else percent-encoded. */
function webUrl(link: string | undefined): string | undefined {
  if (link === undefined || !/^https?:\/\//i.test(link) || !URL.canParse(link)) return undefined
  const url = /^[\x21-\x7e]+$/.test(link) ? link : new URL(link).href
  const whole = url.replace(/[<>|"]/g, (character) => encodeURIComponent(character))
  return whole.length <= MAX_LENGTH ? whole : undefined
}
