import type { Destination } from '../channel.ts'
import type { Email } from './message.ts'
import { sendBySes } from './ses.ts'
import { sendBySns } from './sns.ts'

/**
 * Sends one email, and returns when AWS has accepted it; settles within `timeoutMs`.
 * @throws {ChannelError}
 */
export function send(email: Email, to: Destination): Promise<void> {
  return to.ses ? sendBySes(email, to, to.ses) : sendBySns(email, to)
}
