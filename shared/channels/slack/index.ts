import type { Channel } from '../channel.ts'
import { render, type SlackPayload } from './render.ts'
import { send } from './send.ts'

export type { SlackPayload }

/** An incoming webhook: one message an alert, in Block Kit. The target is the webhook's URL. */
export const slack: Channel<SlackPayload, 'slack'> = { type: 'slack', render, send }
