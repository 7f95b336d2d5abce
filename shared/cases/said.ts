import type { ChannelType } from '../../schemas/channel.ts'
import type { Notification } from '../../schemas/notification.ts'
import { render as email } from '../channels/email/render.ts'
import { render as pagerduty } from '../channels/pagerduty/render.ts'
import { render as slack } from '../channels/slack/render.ts'
import { compileRegex, readRegex } from '../decide/regex.ts'

const RENDER: Record<ChannelType, (notification: Notification) => unknown> = { email, pagerduty, slack, sink: () => '' }

/** All that a channel's message says, a text a line, as a person reads it. */
export function said(notification: Notification): string {
  const texts = textsIn(RENDER[notification.type](notification)).join('\n')
  if (notification.type !== 'slack') return texts
  return texts.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

/** Does it say this: a text that is in it, or `/…/i` for a regular expression? */
export function says(text: string, wanted: string): boolean {
  const regex = readRegex(wanted)
  return regex ? compileRegex(regex).test(text) : text.includes(wanted)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
