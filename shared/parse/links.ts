import { LIMITS } from '../../schemas/alert.ts'
import { partitionOf } from './region.ts'

/** Pages of the AWS console, in the region's partition; and the runbook in a description. */

const CONSOLES: Record<string, (region: string) => string> = {
  aws: (region) => `https://${region}.console.aws.amazon.com`,
  'aws-cn': () => 'https://console.amazonaws.cn',
  'aws-us-gov': () => 'https://console.amazonaws-us-gov.com',
  'aws-eusc': (region) => `https://${region}.console.amazonaws-eusc.eu`,
}

/** `page` follows the console's host: `/cloudwatch/home?region=…`. Undefined where the console is not public. */
export function consolePage(region: string | undefined, page: string): string | undefined {
  if (region === undefined) return undefined
  const host = CONSOLES[partitionOf(region)]?.(region)
  return host && webLink(host + page)
}

export function alarmPage(region: string | undefined, name: string): string | undefined {
  return consolePage(region, `/cloudwatch/home?region=${region}#alarmsV2:alarm/${encode(name)}`)
}

export function logGroupPage(region: string | undefined, logGroup: string): string | undefined {
  return consolePage(region, logGroupPath(region, logGroup))
}

/** @param from the first time to show, in milliseconds since 1970. */
export function logStreamPage(
  region: string | undefined,
  logGroup: string,
  stream: string,
  from?: number,
): string | undefined {
  const start = from === undefined ? '' : `$3Fstart$3D${from}`
  return consolePage(region, `${logGroupPath(region, logGroup)}/log-events/${twiceEncoded(stream)}${start}`)
}

function logGroupPath(region: string | undefined, logGroup: string): string {
  return `/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${twiceEncoded(logGroup)}`
}

/** The console reads these parts encoded twice, with $ in place of %. */
function twiceEncoded(text: string): string {
  return encode(encode(text)).replaceAll('%', '$')
}

/** Percent-encodes a text, including characters that browsers accept but that end a link in chat or mail. */
export function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The link if a browser can open it, it is not too long, and has no password. */
export function webLink(link: string | undefined): string | undefined {
  const url = link?.trim()
  if (url === undefined || url.length > LIMITS.link || !/^https?:\/\/[^\s\p{Cc}]+$/iu.test(url)) return undefined
  return URL.canParse(url) && new URL(url).password === '' ? url.toWellFormed() : undefined
}

const URLS = /https?:\/\/[^\s<>"'`|\\^{}[\]]+/gi
const RUNBOOK_WORD = /(?:run|play)[\s_-]?books?\b[^\n]{0,60}$/i
const RUNBOOK_PLACE = /runbook|playbook|wiki|confluence|notion|docs/i

/** The URL that follows the word runbook; else the first that looks like documentation; else the first. */
export function runbookIn(description: string | undefined): string | undefined {
  if (!description?.includes('://')) return undefined
  const urls: { url: string; named: boolean }[] = []
  let from = 0
  for (const match of description.matchAll(URLS)) {
    const before = description.slice(Math.max(from, match.index - 80), match.index)
    from = match.index + match[0].length
    // A Slack link is followed by its label: <https://…|Runbook>
    const label = /^\|([^>\n]*)>/.exec(description.slice(from, from + 80))?.[1] ?? ''
    const url = match[0].length > LIMITS.link ? undefined : webLink(withoutPunctuation(match[0]))
    if (url) urls.push({ url, named: RUNBOOK_WORD.test(before) || RUNBOOK_WORD.test(label) })
    if (urls.length >= 50) break
  }
  return (urls.find(({ named }) => named) ?? urls.find(({ url }) => RUNBOOK_PLACE.test(url)) ?? urls[0])?.url
}

/** A URL in a sentence ends before the full stop, and before a bracket that it did not open. */
function withoutPunctuation(url: string): string {
  let end = url.replace(/[.,;:!?*_]+$/, '')
  while (end.endsWith(')') && !end.includes('(')) end = end.slice(0, -1).replace(/[.,;:!?*_]+$/, '')
  return end
}
