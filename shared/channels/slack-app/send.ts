import type { PostedMessage } from '../../../schemas/wake.ts'
import { ChannelError, type Destination } from '../channel.ts'
import type { SlackPayload } from '../slack/message.ts'
import { call, SlackRefusal } from './api.ts'
import { metadataOf } from './metadata.ts'
import type { Mark, SlackAppPayload } from './render.ts'

/**
 * Posts what it carries, or edits the alert's message and answers in its thread; where that is gone, posts a new one. Settles
 * within `timeoutMs`, all calls together.
 * @returns where the alert's message is.
 * @throws {ChannelError}
 */
export async function send(payload: SlackAppPayload, to: Destination): Promise<PostedMessage> {
  const within = withDeadline(to)
  const posted = to.posted && (await change(to.posted, payload, within))
  if (posted) return posted
  const { channel, ts } = await post({ ...payload.whole, channel: to.room }, payload.carries, within())
  return payload.carries.length === 1 ? { channel, ts } : { channel, thread: ts, digest: to.notificationId }
}

/** Where the alert's message is after that; `undefined`: it is gone. */
async function change(
  posted: PostedMessage,
  payload: SlackAppPayload,
  within: () => Destination,
): Promise<PostedMessage | undefined> {
  const { whole, edit, reply, carries } = payload
  const isBroadcast = reply?.isBroadcast ?? false
  try {
    if (posted.ts !== undefined && edit) {
      const { text, attachments } = edit
      await call('chat.update', { channel: posted.channel, ts: posted.ts, text, attachments }, within())
      if (reply) await answer(posted, reply.message, carries, within(), isBroadcast)
      return posted
    }
    const ts = await answer(posted, whole, carries, within(), isBroadcast)
    return carries.length === 1 ? { ...posted, ts } : posted
  } catch (error) {
    if (error instanceof SlackRefusal && GONE.includes(error.error)) return undefined
    throw error
  }
}

/** The message, or its thread, is not there any more, or may not be edited any more. */
const GONE = [
  ...['block_mismatch', 'cant_update_message', 'channel_not_found', 'edit_window_closed', 'message_not_found'],
  'thread_not_found',
]

/** Edits the digest in whose thread an alert is, and nothing else. @throws {ChannelError} */
export async function editDigest({ whole: { text, attachments } }: SlackAppPayload, to: Destination): Promise<void> {
  const { channel, thread } = to.posted ?? {}
  if (thread !== undefined) await call('chat.update', { channel, ts: thread, text, attachments }, to)
}

/** What follows the alert, in the thread of its message; it is not an alert itself. @throws {ChannelError} */
export async function follow(message: SlackPayload, to: Destination): Promise<void> {
  if (to.posted) await answer(to.posted, message, [], to, false)
  else await post({ ...message, channel: to.room }, [], to)
}

/** A message's thread is that of its parent, if it is a reply itself: Slack has no others. */
async function answer(
  { channel, ts, thread }: PostedMessage,
  message: SlackPayload,
  carries: Mark[],
  to: Destination,
  isBroadcast: boolean,
): Promise<string> {
  const reply = { ...message, channel, thread_ts: thread ?? ts, ...(isBroadcast && { reply_broadcast: true }) }
  return (await post(reply, carries, to)).ts
}

async function post(
  message: SlackPayload & { channel: string | undefined },
  carries: Mark[],
  to: Destination,
): Promise<{ channel: string; ts: string }> {
  const said = await call('chat.postMessage', { ...message, metadata: metadataOf(carries, to.notificationId) }, to)
  const { channel, ts } = said as { channel?: unknown; ts?: unknown }
  if (typeof channel === 'string' && typeof ts === 'string') return { channel, ts }
  // It may be there: without a status it is looked for before it is posted once more.
  throw new ChannelError(`Slack (channel ${to.channel}) gave no usable response: no ts`, { retry: 'later' })
}

/** The same destination with what is left of its time, each time that it is asked for. */
export function withDeadline(to: Destination): () => Destination {
  const end = performance.now() + to.timeoutMs
  return () => ({ ...to, timeoutMs: Math.max(1, Math.round(end - performance.now())) })
}
