import type { ChannelType } from '../../schemas/channel.ts'
import type { Notification } from '../../schemas/notification.ts'

/**
 * What every channel's folder exports, in the same shape: a pure `render` and an effect `send`.
 *
 * @typeParam Payload what the channel is sent: a PagerDuty event, a Slack message, an email.
 */
export interface Channel<Payload, Type extends ChannelType = ChannelType> {
  type: Type
  /** Pure. Never throws, for any notification; the result is within the vendor's limits. */
  render(notification: Notification): Payload
  /** What a person reads first in it, in plain text. Pure. */
  firstLine(payload: Payload): string
  /**
   * Several alerts of one severity in as few messages as can name each of them within the vendor's limits, the most
   * important first: every notification is carried by exactly one of the digests, and named in it. Pure, and never throws. A channel without it sends each alert by itself.
   */
  renderDigest?(notifications: Notification[]): Digest<Payload>[]
  /** How alerts share an incident, where the channel knows incidents; without it they can't. */
  incidents?: {
    /** Whether it is of a kind that opens or closes an incident at all. Pure. */
    has(notification: Notification): boolean
    /**
     * What tells of the alerts of one incident, all firing or all over; `key` is its dedup key, `firing` how many alerts
     * keep it open, those that are not told of here among them. Pure, and never throws.
     */
    render(notifications: Notification[], key: string, firing: number): Payload
  }
  /**
   * Sends one payload and returns when the channel has said yes.
   * @throws {ChannelError} in every other case.
   */
  send(payload: Payload, to: Destination): Promise<void>
}

/** A channel's messages as people read them, by a notification that need not be sent. Pure. */
export interface Reader {
  /** The first line, and the rest of it. */
  read(notification: Notification): { headline: string; body: string[] }
  /** Every text in it, as people read it. */
  texts(notification: Notification): string[]
  /** Would it wake somebody? */
  pagesWith(notification: Notification): boolean
}

/** All texts that a payload holds, however deep. */
export function textsIn(payload: unknown): string[] {
  if (typeof payload === 'string') return [payload]
  return typeof payload === 'object' && payload !== null ? Object.values(payload).flatMap(textsIn) : []
}

/** One message, and whose alerts it names. */
export interface Digest<Payload> {
  payload: Payload
  notifications: Notification[]
}

/** Where and how long: what `send` needs beside the payload. */
export interface Destination {
  /** The channel's name in the config, for messages. */
  channel: string
  /** The routing key, the webhook URL, or the topic's ARN. Never in an error or a log. */
  target: string
  /** Sent along where the protocol has room for it (`X-Request-Id`), so that a request can be traced to its notification. */
  notificationId: string
  /** The call is aborted after this time. */
  timeoutMs: number
  /** Another host than the vendor's default: PagerDuty's EU host, or a stand-in. */
  server?: string
}

/** Why a channel did not take a notification, and whether it could take it later. */
export class ChannelError extends Error {
  /** `later`: try again. `secret`: the credential is wrong or revoked; fetch it anew, then try again. `never`: the same request can't succeed. */
  readonly retry: 'later' | 'secret' | 'never'
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined
  /** How long the channel asks to be left alone. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    how: { retry: 'later' | 'secret' | 'never'; status?: number; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: how.cause })
    this.name = 'ChannelError'
    this.retry = how.retry
    this.status = how.status
    this.retryAfterMs = how.retryAfterMs
  }
}
