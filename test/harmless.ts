import { expect } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { ChannelType } from '../schemas/channel.ts'
import type { Channel } from '../shared/channels/channel.ts'
import { email } from '../shared/channels/email/index.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { textsIn } from './any-notification.ts'

/** What a channel is sent wakes nobody by what is in an alert, and leads nowhere that its links do not. */

export const CHANNELS: Record<string, Channel<unknown>> = { pagerduty, slack, email }

const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

/** Well-formed, and with nothing in it that can't be seen. */
export function expectReadable(type: ChannelType, text: string): void {
  if (!text.isWellFormed() || UNSEEN.test(text)) expect.fail(`${type} is sent ${JSON.stringify(text)}`)
}

/** It mentions nobody, and keeps to every limit of its vendor. */
export function expectHarmless(type: ChannelType, payload: unknown): void {
  const texts = textsIn(payload)
  for (const text of texts) expectReadable(type, text)
  if (type === 'slack') {
    for (const text of texts) {
      // Slack's own syntax begins with these: mentions, channels, groups. Dates are ours.
      if (/<[!@#]/.test(text.replace(/<!date\^\d+\^[^<>|]+\|[^<>|]+>/g, ''))) expect.fail(`this pings: ${text}`)
    }
    expect(slackFaults(payload)).toEqual([])
  }
  if (type === 'pagerduty') expect(pagerdutyFaults(payload)).toEqual([])
  if (type === 'email') expect(emailFaults(payload)).toEqual([])
}

/** https://docs.slack.dev/reference/block-kit/blocks, and about 10 KB for the blocks of a message. */
function slackFaults(payload: unknown): string[] {
  const { attachments = [], link_names, parse: parseMode } = payload as Record<string, never> & { attachments?: [] }
  const faults: string[] = []
  if (link_names !== undefined || parseMode !== undefined) faults.push('makes mentions of names')
  const most = { header: 150, section: 3_000, context: 3_000, button: 75 } as Record<string, number>
  for (const { blocks } of attachments as { blocks: Record<string, unknown>[] }[]) {
    if (blocks.length > 50) faults.push(`${blocks.length} blocks`)
    if (Buffer.byteLength(JSON.stringify(blocks)) > 10_000) faults.push('blocks are too big')
    for (const { type, text, fields = [], elements = [] } of blocks as Record<string, never>[]) {
      check(text, most[String(type)] ?? 0)
      for (const field of fields as unknown[]) check(field, 2_000)
      for (const element of elements as Record<string, unknown>[]) {
        check(element.type === 'button' ? element.text : element, element.type === 'button' ? 75 : 3_000)
        if (typeof element.url === 'string' && (element.url.length > 3_000 || !/^https?:\/\//.test(element.url)))
          faults.push(`url ${element.url}`)
      }
      if ((fields as unknown[]).length > 10 || (elements as unknown[]).length > 25)
        faults.push(`a ${type} has too many`)
    }
  }
  return faults

  function check(given: unknown, limit: number): void {
    if (given === undefined) return
    const { text } = given as { text: string }
    if (text.length < 1 || text.length > limit) faults.push(`${text.length} characters, of ${limit}`)
  }
}

/** https://developer.pagerduty.com/docs/events-api-v2 */
function pagerdutyFaults(payload: unknown): string[] {
  const { data } = payload as ReturnType<typeof pagerduty.render>
  const faults: string[] = []
  const { summary, source } = data.payload
  if (summary.length < 1 || summary.length > 1_024) faults.push(`a summary of ${summary.length}`)
  if (source === '') faults.push('no source')
  if ('dedup_key' in data && (data.dedup_key.length < 1 || data.dedup_key.length > 255)) faults.push('a wrong key')
  if (Buffer.byteLength(JSON.stringify(data)) > 512 * 1_000) faults.push('too big')
  for (const { href } of data.links) if (!/^https?:\/\//.test(href)) faults.push(`link ${href}`)
  return faults
}

/** SNS: a subject of at most 100 characters on one line, a message of at most 256 KiB. */
function emailFaults(payload: unknown): string[] {
  const { subject, text } = payload as ReturnType<typeof email.render>
  const faults: string[] = []
  if (subject.length < 1 || subject.length > 100 || /[\r\n]/.test(subject)) faults.push(`subject ${subject}`)
  if (text === '' || Buffer.byteLength(text) > 256 * 1_024) faults.push(`a text of ${text.length}`)
  return faults
}

/** A text from outside is no link of Slack's with a label of its own: only the alert's links are. */
export function expectNoStrangersLink(type: ChannelType, payload: unknown, alert: Alert): void {
  if (type !== 'slack') return
  const own = new Set(Object.values(alert.links).map(hrefOf))
  for (const text of textsIn(payload)) {
    for (const [, url = ''] of text.matchAll(/<((?:https?|mailto|javascript):[^|>]*)\|[^>]*>/gi)) {
      if (!own.has(hrefOf(url.replaceAll('&amp;', '&')))) expect.fail(`a link of a stranger: ${url}`)
    }
  }
}

/** However its characters are escaped. */
function hrefOf(url: string): string {
  return URL.canParse(url) ? new URL(url).href.replace(/[<>|"]/g, encodeURIComponent) : url
}
