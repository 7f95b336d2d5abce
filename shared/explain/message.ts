import type { Notification } from '../../schemas/notification.ts'
import * as email from '../channels/email/render.ts'
import * as pagerduty from '../channels/pagerduty/render.ts'
import type { Block } from '../channels/slack/message.ts'
import { asRead } from '../channels/slack/mrkdwn.ts'
import * as slack from '../channels/slack/render.ts'

/** A channel's message as a person sees it: its first line, and the rest of it. */
export interface MessageInWords {
  headline: string
  body: string[]
}

export function messageInWords(notification: Notification): MessageInWords {
  switch (notification.type) {
    case 'email': {
      const message = email.render(notification)
      return { headline: email.firstLine(message), body: message.text.split('\n') }
    }
    case 'slack': {
      const message = slack.render(notification)
      return { headline: slack.firstLine(message), body: message.attachments[0].blocks.flatMap(blockInWords) }
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
  return texts.flatMap(({ text }) => asRead(text).split('\n'))
}

function pagerdutyInWords(notification: Notification): MessageInWords {
  const message = pagerduty.render(notification)
  const { data } = message
  const { custom_details: details } = data.payload
  return {
    headline: pagerduty.firstLine(message),
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
