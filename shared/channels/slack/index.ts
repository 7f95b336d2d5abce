import type { Channel } from '../channel.ts'
import { renderDigest } from './digest.ts'
import type { SlackPayload } from './message.ts'
import { firstLine, render } from './render.ts'
import { send } from './send.ts'

export type { SlackPayload }

/** An incoming webhook: one message per alert, or a digest of many, in Block Kit. The target is the webhook's URL. */
export const slack: Channel<SlackPayload, 'slack'> = {
  type: 'slack',
  render,
  firstLine,
  renderDigest,
  send,
}
