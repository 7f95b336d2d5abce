import type { Channel } from '../channel.ts'
import { renderDigest } from './digest.ts'
import type { Email } from './message.ts'
import { firstLine, render } from './render.ts'
import { send } from './send.ts'

export type { Email }

/** Plain-text email through an SNS topic whose subscriptions are the addresses. The target is the topic's ARN. */
export const email: Channel<Email, 'email'> = {
  type: 'email',
  render,
  firstLine,
  renderDigest,
  send,
}
