import type { Notification } from '../../schemas/notification.ts'
import { render as email } from '../channels/email/render.ts'
import { render as pagerduty } from '../channels/pagerduty/render.ts'
import type { Block } from '../channels/slack/message.ts'
import { render as slack } from '../channels/slack/render.ts'

/** A channel's message as a person sees it: its first line, and the rest of it. */
export interface MessageInWords {
  headline: string
  body: string[]
}

export function messageInWords(notification: Notification): MessageInWords {
  switch (notification.type) {
    case 'email': {
      const { subject, text } = email(notification)
      return { headline: subject, body: text.split('\n') }
    }
    case 'slack': {
      const { text, attachments } = slack(notification)
      return { headline: unescaped(text), body: attachments[0].blocks.flatMap(blockInWords) }
    }
    case 'pagerduty':
      return pagerdutyInWords(notification)
    case 'sink':
      return { headline: '', body: [] }
  }
}

function blockInWords(block: Block): string[] {
  if (block.type === 'actions') return block.elements.map(({ text, url }) => `[${text.text}] ${url}`)
  const texts = block.type === 'context' ? block.elements : 'fields' in block ? block.fields : [block.text]
  return texts.flatMap(({ text }) => unescaped(text).split('\n'))
}

/** Without Slack's escapes; its links as `label (url)`, its dates in UTC. */
function unescaped(text: string): string {
  return text
    .replace(/<![^|>]+\|([^>]+)>/g, '$1')
    .replace(/<([^|>]+)\|([^>]+)>/g, '$2 ($1)')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

function pagerdutyInWords(notification: Notification): MessageInWords {
  const { kind, data } = pagerduty(notification)
  const { summary, custom_details: details } = data.payload
  const what = 'event_action' in data ? `${data.event_action}, ${data.payload.severity}` : kind
  return {
    headline: `${what}: ${summary}`,
    body: [
      ...Object.entries(details).flatMap(([label, value]) => detailInWords(label, value)),
      ...data.links.map(({ text, href }) => `[${text}] ${href}`),
    ],
  }
}

function detailInWords(label: string, value: string | string[] | Record<string, string>): string[] {
  if (typeof value === 'string') return `${label}: ${value}`.split('\n')
  if (Array.isArray(value)) return [`${label}: ${value.join(', ')}`]
  return [`${label}:`, ...Object.entries(value).map(([name, text]) => `  ${name}: ${text}`)]
}
