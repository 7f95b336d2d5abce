import type { Channel } from '../channel.ts'
import { renderDigest } from './digest.ts'
import type { Email } from './message.ts'
import { firstLine, render } from './render.ts'
import { send } from './send.ts'

export type { Email }

/** Email: by SNS as plain text, through a topic whose subscriptions are the addresses; or by SES as HTML and text. */
export const email: Channel<Email, 'email'> = {
  type: 'email',
  render,
  firstLine,
  renderDigest,
  send,
}
