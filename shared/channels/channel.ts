import type { ChannelType } from '../../schemas/channel.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { PostedMessage } from '../../schemas/wake.ts'
import type { SesRoute } from './email/route.ts'

/**
 * The interface that each channel's folder exports: a pure `render` and an effect `send`.
 *
 * @typeParam Payload the channel's message: a PagerDuty event, a Slack message, an email.
 */
export interface Channel<Payload, Type extends ChannelType = ChannelType> {
  type: Type
  /** Pure. Never throws; the result is always within the vendor's limits. */
  render(notification: Notification): Payload
  /** The message's first line, in plain text. Pure. */
  firstLine(payload: Payload): string
  /**
   * Puts several alerts of one severity into as few messages as the vendor's limits allow, the most important first. Exactly
   * one digest carries and names each notification. Pure; never throws. A channel without it sends each alert separately.
   */
  renderDigest?(notifications: Notification[]): Digest<Payload>[]
  /** How alerts share an incident; only for channels that have incidents. */
  incidents?: {
    /** Whether the notification opens or closes an incident. Pure. */
    has(notification: Notification): boolean
    /** The dedup key of an alert's own incident, by the alert's key: the same, unless that is too long. Pure. */
    keyOf(alertKey: string): string
    /**
     * The message for the alerts of one incident, all firing or all resolved. `key` is its dedup key; `firing` counts the alerts
     * that keep it open, including those not named in this message. Pure; never throws.
     */
    render(notifications: Notification[], key: string, firing: number): Payload
  }
  /** How a digest is edited as its alerts change; only for channels that edit their messages. */
  digests?: {
    /** In one message; what does not fit is counted. Pure; never throws. */
    render(notifications: Notification[]): Payload
    /** Edits the message in whose thread `posted` is. @throws {ChannelError} */
    edit(payload: Payload, to: Destination): Promise<void>
  }
  /**
   * Sends one payload and returns when the channel has accepted it; where messages are edited, with where it is.
   * @throws {ChannelError} in every other case.
   */
  send(payload: Payload, to: Destination): Promise<PostedMessage> | Promise<void>
  /**
   * Looks for what may have been accepted although no answer said so; in the order of what is sought. Only for channels
   * that edit their messages: they keep where each alert's is.
   * @throws {ChannelError}
   */
  find?(sought: Sought[], to: Destination): Promise<(Found | undefined)[]>
}

/** A notification whose earlier attempt, or that of one before it, may have been accepted. */
export interface Sought {
  notification: Notification
  /** Where the alert's message was before that. */
  posted: PostedMessage | undefined
  /** When the first of these attempts was made (ISO 8601). */
  since: string
}

export interface Found {
  /** Where the alert's message is. */
  posted: PostedMessage
  /** Whether it is this very notification that was accepted: nothing is left to send. */
  isAll: boolean
}

/** Reads a channel's messages as people see them, without sending anything. Pure. */
export interface Reader {
  /** The first line, and the rest of it. */
  read(notification: Notification): { headline: string; body: string[] }
  /** Every text in it, as people read it. */
  texts(notification: Notification): string[]
  /** Whether it pages somebody. */
  pagesWith(notification: Notification): boolean
}

/** All texts in a payload, at any depth. */
export function textsIn(payload: unknown): string[] {
  if (typeof payload === 'string') return [payload]
  return typeof payload === 'object' && payload !== null ? Object.values(payload).flatMap(textsIn) : []
}

/** One message, and the notifications that it names. */
export interface Digest<Payload> {
  payload: Payload
  notifications: Notification[]
}

/** What `send` needs besides the payload: the target and the timeout. */
export interface Destination {
  /** The channel's name in the config, for messages. */
  channel: string
  /** The routing key, the webhook URL, the bot's token, or the topic's ARN; by SES, the sender. Never in an error or a log. */
  target: string
  /** Which of several targets of the channel this is, as a hash of it; each has a pace of its own. */
  lane?: string
  /** How an email goes by SES. Without it, it goes to the topic. */
  ses?: SesRoute
  /** Sent along if the protocol allows it (`X-Request-Id`), so that a request can be traced to its notification. */
  notificationId: string
  /** The call is aborted after this time. */
  timeoutMs: number
  /** Where one target reaches several: the vendor's id of the one to reach. */
  room?: string
  /** Where the alert's message is, if it can be edited. */
  posted?: PostedMessage | undefined
  /** Overrides the vendor's default host: PagerDuty's EU host, or a stand-in. */
  server?: string
}

/** Why a delivery failed, and whether a retry can succeed. */
export class ChannelError extends Error {
  /** `later`: retry. `secret`: the credential is wrong or revoked; fetch it again, then retry. `never`: no retry can succeed. */
  readonly retry: 'later' | 'secret' | 'never'
  /** The HTTP status, if there was a response. */
  readonly status: number | undefined
  /** How long the channel asks us to wait before the next request. */
  readonly retryAfterMs: number | undefined
  /** Of several targets of the channel, the one that was called (`Destination`). */
  readonly lane: string | undefined

  constructor(
    message: string,
    how: {
      retry: 'later' | 'secret' | 'never'
      status?: number
      retryAfterMs?: number
      lane?: string | undefined
      cause?: unknown
    },
  ) {
    super(message, { cause: how.cause })
    this.name = 'ChannelError'
    this.retry = how.retry
    this.status = how.status
    this.retryAfterMs = how.retryAfterMs
    this.lane = how.lane
  }
}
