import type { Notification } from '../../schemas/notification.ts'
import { READERS } from '../channels/types.ts'
import { compileRegex, readRegex } from '../decide/regex.ts'

/** All texts of a channel's message as a person reads them, one per line. */
export function said(notification: Notification): string {
  return READERS[notification.type].texts(notification).join('\n')
}

/** Whether the message contains the text, or matches it if it is a regular expression (`/…/i`). */
export function says(text: string, wanted: string): boolean {
  const regex = readRegex(wanted)
  return regex ? compileRegex(regex).test(text) : text.includes(wanted)
}
