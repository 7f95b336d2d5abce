import type { Channel } from '../channel.ts'
import { find } from './find.ts'
import { type Buttons, firstLine, render, renderDigest, renderDigestNow, type SlackAppPayload } from './render.ts'
import { editDigest, send } from './send.ts'

export type { SlackAppPayload }

/**
 * An app with a bot token, the target: one message for each alert, which is edited as the alert lives; everything else is in
 * its thread.
 */
export function slackApp(buttons: Buttons): Channel<SlackAppPayload, 'slack-app'> {
  return {
    type: 'slack-app',
    render: (notification) => render(notification, buttons),
    firstLine,
    renderDigest,
    digests: { render: renderDigestNow, edit: editDigest },
    send,
    find,
  }
}
