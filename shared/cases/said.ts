import type { Notification } from '../../schemas/notification.ts'
import { READERS } from '../channels/types.ts'
import { compileRegex, readRegex } from '../decide/regex.ts'

/** All that a channel's message says, a text a line, as a person reads it. */
export function said(notification: Notification): string {
  return READERS[notification.type].texts(notification).join('\n')
}

/** Does it say this: a text that is in it, or `/…/i` for a regular expression? */
export function says(text: string, wanted: string): boolean {
  const regex = readRegex(wanted)
  return regex ? compileRegex(regex).test(text) : text.includes(wanted)
}
