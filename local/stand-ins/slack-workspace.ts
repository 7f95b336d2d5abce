import { type Fields, type HttpAnswer, isObject, type Request } from './exchange.ts'
import type { Limit } from './limit.ts'
import { contentError } from './slack.ts'

/*
 * A workspace of Slack, as its Web API shows it to an app: channels and messages, and what the methods do with them. By its
 * own clock.
 */

/** A channel of the workspace. Whoever changes it here does what a person does in Slack. */
export interface SlackChannel {
  id: string
  name: string
  isPrivate: boolean
  /** Whether the bot was invited. */
  hasBot: boolean
  isArchived: boolean
  isDeleted: boolean
}

/** A message in a channel, as people see it now. */
export interface SlackMessage {
  channel: string
  ts: string
  /** Of a reply, its parent. */
  threadTs?: string
  isBroadcast: boolean
  text: string
  attachments: unknown
  metadata?: unknown
  /** What it was before each edit, oldest first. */
  before: string[]
  /** Somebody else's: the bot may not edit it. */
  isForeign?: true
}

/** "1 per second per channel, with short bursts": the length of a burst is not documented. */
export const POSTS: Limit = { perMinute: 60, burst: 10 }
/** Tier 3: "50+ per minute", for each method in a workspace. */
const TIER_3: Limit = { perMinute: 50, burst: 50 }

/** What Slack says to a call: its fields, or the name of an error. */
export type Said = Fields | string

/** A method: the scope that it needs, how often it may be called, and what it does. */
export interface Method {
  scope?: (channel: SlackChannel | undefined) => string
  limit?: Limit
  do(options: Fields, channel: SlackChannel | undefined): Said
}

const reads = (channel: SlackChannel | undefined) => (channel?.isPrivate ? 'groups:history' : 'channels:history')

/** A workspace's channels and messages, and what an app may do with them. */
export class Workspace {
  readonly channels = new Map<string, SlackChannel>()
  readonly messages: SlackMessage[] = []
  editSeconds: number | undefined
  readonly #now: () => number
  #count = 0

  readonly methods: Record<string, Method> = {
    'auth.test': { do: () => ({ url: 'https://acme.slack.com/', team: 'acme', user: 'alert-router', bot_id: 'B1' }) },
    'chat.postMessage': {
      ...{ scope: () => 'chat:write', limit: POSTS },
      do: (options, channel) => inChannel(channel, (there) => this.#post(options, there)),
    },
    'chat.update': {
      ...{ scope: () => 'chat:write', limit: TIER_3 },
      do: (options, channel) => inChannel(channel, (there) => this.#update(options, there)),
    },
    'conversations.history': {
      ...{ scope: reads, limit: TIER_3 },
      do: (options, channel) => inChannel(channel, (there) => this.#history(options, there)),
    },
    'conversations.replies': {
      ...{ scope: reads, limit: TIER_3 },
      do: (options, channel) => inChannel(channel, (there) => this.#replies(options, there)),
    },
  }

  constructor(now: () => number) {
    this.#now = now
  }

  setChannel(id: string, is: Partial<SlackChannel>): void {
    const made = { id, name: id.toLowerCase(), isPrivate: false, hasBot: true, isArchived: false, isDeleted: false }
    this.channels.set(id, { ...made, ...this.channels.get(id), ...is })
  }

  /** A channel by its id, or, where a name may be used, by that. To an app that is not in it, a private one is not there. */
  channelOf(name: unknown, byName: boolean): SlackChannel | undefined {
    const text = String(name)
    if (/^[CG][A-Z0-9]+$/.test(text) && !this.channels.has(text)) this.setChannel(text, {})
    const named = [...this.channels.values()].find((one) => `#${one.name}` === text || one.name === text)
    const channel = this.channels.get(text) ?? (byName ? named : undefined)
    return channel?.isDeleted || (channel?.isPrivate && !channel.hasBot) ? undefined : channel
  }

  #find(channel: SlackChannel, ts: unknown): SlackMessage | undefined {
    return this.messages.find((one) => one.channel === channel.id && one.ts === ts)
  }

  #post(options: Fields, channel: SlackChannel): Said {
    if (channel.isArchived) return 'is_archived'
    const { thread_ts: threadTs, text = '', attachments = [], metadata } = options
    const error = contentError(options) ?? metadataError(metadata)
    if (error !== undefined) return error
    const parent = threadTs === undefined ? undefined : this.#find(channel, threadTs)
    // Not documented; a reply has no thread of its own.
    if (threadTs !== undefined && (!parent || parent.threadTs !== undefined)) return 'thread_not_found'
    const ts = `${Math.floor(this.#now() / 1_000)}.${String(++this.#count).padStart(6, '0')}`
    this.messages.push({
      ...{ channel: channel.id, ts, text: String(text), attachments, before: [] },
      ...(threadTs !== undefined && { threadTs: String(threadTs) }),
      ...(metadata !== undefined && { metadata }),
      isBroadcast: threadTs !== undefined && options.reply_broadcast === 'true',
    })
    return { channel: channel.id, ts, message: { type: 'message', text, ts } }
  }

  #update(options: Fields, channel: SlackChannel): Said {
    const message = this.#find(channel, options.ts)
    if (!message) return 'message_not_found'
    if (message.isForeign) return 'cant_update_message'
    if (channel.isArchived) return 'is_inactive'
    const seconds = this.#now() / 1_000 - Number(message.ts)
    if (this.editSeconds !== undefined && seconds > this.editSeconds) return 'edit_window_closed'
    const { text = '', attachments = [], metadata, reply_broadcast: broadcast } = options
    if (broadcast !== undefined) return 'no_dual_broadcast_content_update'
    const error = contentError(options) ?? metadataError(metadata)
    if (error !== undefined) return error
    message.before.push(message.text)
    // Metadata that is not given stays.
    Object.assign(message, { text: String(text), attachments, ...(metadata !== undefined && { metadata }) })
    return { channel: channel.id, ts: message.ts, text }
  }

  #history(options: Fields, { id }: SlackChannel): Said {
    const isThere = (one: SlackMessage) => one.channel === id && (one.threadTs === undefined || one.isBroadcast)
    const there = this.messages.filter((one) => isThere(one) && isWithin(one, options))
    return page(there.reverse(), options, 100, 999)
  }

  #replies(options: Fields, channel: SlackChannel): Said {
    const parent = this.#find(channel, options.ts)
    if (!parent || parent.threadTs !== undefined) return 'thread_not_found'
    const all = this.messages.filter((one) => one.channel === channel.id && one.threadTs === parent.ts)
    return page([parent, ...all.filter((one) => isWithin(one, options))], options, 1_000, 1_000)
  }
}

function inChannel(channel: SlackChannel | undefined, otherwise: (channel: SlackChannel) => Said): Said {
  if (!channel) return 'channel_not_found'
  return channel.hasBot ? otherwise(channel) : 'not_in_channel'
}

/** The answer to a call. Slack answers 200 to errors, too. */
export function said(what: Said): HttpAnswer {
  return { status: 200, body: typeof what === 'string' ? { ok: false, error: what } : { ok: true, ...what } }
}

/** A form, as the client sends it: what is no text is in it as JSON. */
export function optionsIn({ bytes, json }: Pick<Request, 'bytes' | 'json'>): Fields {
  if (isObject(json)) return json
  return Object.fromEntries(
    [...new URLSearchParams(bytes.toString())].map(([key, value]) => [
      key,
      ['attachments', 'blocks', 'metadata'].includes(key) ? parsed(value) : value,
    ]),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Its size has no documented limit; 16 KB was seen. Values are texts, numbers, truth values, or flat objects of these. */
function metadataError(metadata: unknown): string | undefined {
  if (metadata === undefined) return undefined
  if (!isObject(metadata)) return 'invalid_metadata_format'
  const { event_type: type, event_payload: payload } = metadata
  if (typeof type !== 'string' || type === '' || !isObject(payload)) return 'invalid_metadata_format'
  if (Buffer.byteLength(JSON.stringify(metadata)) > 16_000) return 'metadata_too_large'
  const isFlat = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)
  const isAllowed = (value: unknown): boolean =>
    isFlat(value) || (isObject(value) && Object.values(value).every(isFlat))
  const areAllowed = Object.values(payload).every((value) =>
    Array.isArray(value) ? value.every(isAllowed) : isAllowed(value),
  )
  return areAllowed ? undefined : 'invalid_metadata_schema'
}

function isWithin({ ts }: SlackMessage, { oldest = '0', latest, inclusive }: Fields): boolean {
  const [at, from, to] = [Number(ts), Number(oldest), latest === undefined ? Number.POSITIVE_INFINITY : Number(latest)]
  return inclusive === 'true' ? at >= from && at <= to : at > from && at < to
}

function page(all: SlackMessage[], options: Fields, usual: number, most: number): Said {
  const limit = options.limit === undefined ? usual : Number(options.limit)
  if (!(limit >= 1 && limit <= most)) return 'invalid_limit'
  const from = options.cursor === undefined ? 0 : Number(Buffer.from(String(options.cursor), 'base64').toString())
  if (Number.isNaN(from)) return 'invalid_cursor'
  const hasMore = from + limit < all.length
  return {
    messages: all.slice(from, from + limit).map((one) => shown(one, options.include_all_metadata === 'true')),
    has_more: hasMore,
    response_metadata: { next_cursor: hasMore ? Buffer.from(String(from + limit)).toString('base64') : '' },
  }
}

/** Metadata only if requested. */
function shown({ ts, text, attachments, threadTs, isBroadcast, metadata }: SlackMessage, hasMetadata: boolean): Fields {
  return {
    ...{ type: 'message', ts, text, attachments },
    ...(threadTs !== undefined && { thread_ts: threadTs }),
    ...(isBroadcast && { subtype: 'thread_broadcast' }),
    ...(hasMetadata && metadata !== undefined && { metadata }),
  }
}
