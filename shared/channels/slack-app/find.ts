import type { PostedMessage } from '../../../schemas/wake.ts'
import type { Destination, Found, Sought } from '../channel.ts'
import { call, SlackRefusal } from './api.ts'
import { carriedBy, digestIn } from './metadata.ts'
import { type Mark, markOf } from './render.ts'
import { withDeadline } from './send.ts'

/** How far the clocks of Slack and of this function may be apart. */
const CLOCKS_MS = 60_000
/** As many messages as Slack advises to ask for at once; and so many times that: a busy channel's last hour. */
const PAGE = 200
const MAX_PAGES = 10

/**
 * Looks for what may have been posted: in the channel's history since the first attempt, and in the threads of messages that
 * are known or found. Slack has no idempotency key (chat.postMessage reference).
 * @throws {ChannelError}
 */
export async function find(sought: Sought[], to: Destination): Promise<(Found | undefined)[]> {
  const within = withDeadline(to)
  const since = sought.map((one) => one.since).reduce((a, b) => (a < b ? a : b))
  const oldest = ((Date.parse(since) - CLOCKS_MS) / 1_000).toFixed(6)
  const marks = sought.map(({ notification }) => markOf(notification))
  const inChannel = await messagesIn('conversations.history', { channel: to.room, oldest }, marks, within)
  const found = marks.map((mark) => foundAmong(inChannel, mark, to.room ?? ''))
  for (const [n, one] of sought.entries()) {
    const mark = marks[n]
    // The alert's message may itself be one whose answer got lost.
    const posted = one.posted ?? found[n]?.posted
    if (found[n]?.isAll || !posted || !mark) continue
    const replies = await repliesTo(posted, oldest, mark, within)
    found[n] = foundInThread(replies, mark, posted) ?? found[n]
  }
  return found
}

/** None, where the thread is gone. */
async function repliesTo(
  { channel, ts, thread }: PostedMessage,
  oldest: string,
  mark: Mark,
  within: () => Destination,
): Promise<Message[]> {
  try {
    return await messagesIn('conversations.replies', { channel, ts: thread ?? ts, oldest }, [mark], within)
  } catch (error) {
    if (error instanceof SlackRefusal && error.retry === 'never') return []
    throw error
  }
}

interface Message {
  ts: string
  threadTs: string | undefined
  carries: Mark[]
  digest: string | undefined
}

/** Newest first; as many pages as it takes to find them all. */
async function messagesIn(
  method: 'conversations.history' | 'conversations.replies',
  place: object,
  marks: Mark[],
  within: () => Destination,
): Promise<Message[]> {
  const all: Message[] = []
  let cursor: string | undefined
  for (let page = 1; page <= MAX_PAGES; page++) {
    const options = { ...place, limit: PAGE, inclusive: true, include_all_metadata: true, ...(cursor && { cursor }) }
    const answer = (await call(method, options, within())) as Answer
    all.push(...(answer.messages ?? []).flatMap(messageOf))
    cursor = answer.response_metadata?.next_cursor
    if (!cursor || marks.every((mark) => all.some(carrying(mark, 'id')))) break
  }
  return all.sort((a, b) => Number(b.ts) - Number(a.ts))
}

interface Answer {
  messages?: { ts?: unknown; thread_ts?: unknown; metadata?: unknown }[]
  response_metadata?: { next_cursor?: string }
}

function messageOf({ ts, thread_ts: threadTs, metadata }: NonNullable<Answer['messages']>[number]): Message[] {
  if (typeof ts !== 'string') return []
  const isReply = typeof threadTs === 'string' && threadTs !== ts
  const thread = isReply ? threadTs : undefined
  return [{ ts, threadTs: thread, carries: carriedBy(metadata), digest: digestIn(metadata) }]
}

/** A message of the channel itself: the alert's own, or a digest with it. Of several, what carries this very notification. */
function foundAmong(messages: Message[], mark: Mark, channel: string): Found | undefined {
  const own = messages.filter(({ threadTs }) => threadTs === undefined)
  const hit = own.find(carrying(mark, 'id')) ?? own.find(carrying(mark, 'alert'))
  if (!hit) return undefined
  const { ts, digest } = hit
  const posted: PostedMessage = hit.carries.length === 1 ? { channel, ts } : { channel, thread: ts, digest }
  return { posted, isAll: carrying(mark, 'id')(hit) }
}

function foundInThread(replies: Message[], mark: Mark, posted: PostedMessage): Found | undefined {
  const hit = replies.find((one) => one.threadTs !== undefined && carrying(mark, 'id')(one))
  if (!hit) return undefined
  const isOwn = posted.ts === undefined && hit.carries.length === 1
  return { posted: isOwn ? { ...posted, ts: hit.ts } : posted, isAll: true }
}

function carrying(mark: Mark, by: keyof Mark) {
  return ({ carries }: Message) => carries.some((one) => one.alert === mark.alert && one[by] === mark[by])
}
