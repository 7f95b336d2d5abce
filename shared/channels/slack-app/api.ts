import { WebClient } from '@slack/web-api'
import { asText } from '../../../schemas/loose.ts'
import { ChannelError, type Destination } from '../channel.ts'
import { noAnswer, retryAfterMs, retryAfterStatus, withoutSecret } from '../http-answer.ts'
import { httpsFetch } from '../https-fetch.ts'
import { oneLine, shorten } from '../outside-text.ts'

/** The methods that are called, and the scopes that they need (docs.slack.dev/reference/methods). */
type Method = 'chat.postMessage' | 'chat.update' | 'conversations.history' | 'conversations.replies'

/** Slack's answer was an error: `error` is its name for it. */
export class SlackRefusal extends ChannelError {
  readonly error: string

  constructor(message: string, error: string, how: ConstructorParameters<typeof ChannelError>[1]) {
    super(message, how)
    this.error = error
  }
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => 'error', setName() {} }

/**
 * Calls a method of Slack's Web API once. The client's own retries are off: after a lost answer they would post a second time.
 * Settles within `timeoutMs`.
 * @throws {ChannelError} `SlackRefusal` where Slack has said no. Without a `status`, the call may have had its effect.
 */
export async function call(method: Method, options: Record<string, unknown>, to: Destination): Promise<unknown> {
  const token = tokenOf(to)
  // The client does not expose what it read of an answer that it throws away.
  let answer: Response | undefined
  const client = new WebClient(token, {
    ...(to.server !== undefined && { slackApiUrl: to.server }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: to.timeoutMs,
    logger: SILENT as never,
    fetch: async (url, init) => {
      answer = await httpsFetch(url as string, {
        ...init,
        // A redirect is not followed: another host must not see the token.
        headers: { ...(init?.headers as Record<string, string>), 'X-Request-Id': to.notificationId },
      })
      return answer
    },
  })
  try {
    return await client.apiCall(method, options)
  } catch (error) {
    throw failureOf(error, answer, to)
  }
}

/** Rotated tokens have another prefix. */
const TOKEN = /^xox(b|e\.xoxb)-[\w-]+$/

function tokenOf({ target, channel }: Destination): string {
  const token = target.trim()
  if (TOKEN.test(token)) return token
  throw new ChannelError(
    `Slack (channel ${channel}): its secret is not a bot token; put the app's "Bot User OAuth Token" there (xoxb-…)`,
    { retry: 'secret' },
  )
}

function failureOf(error: unknown, answer: Response | undefined, to: Destination): ChannelError {
  if (answer === undefined) return noAnswer('Slack', error, to)
  const { status } = answer
  if (status !== 200) {
    const body = (error as { body?: unknown }).body
    const said = body === undefined ? '' : `: ${words(typeof body === 'string' ? body : JSON.stringify(body), to)}`
    const retry = retryAfterStatus(status)
    return new ChannelError(`Slack (channel ${to.channel}) answered ${status}${said}${ADVICE[retry]}`, {
      ...{ retry, status },
      retryAfterMs: retry === 'later' ? retryAfterMs(answer.headers.get('retry-after'), Date.now()) : undefined,
    })
  }
  const data = (error as { data?: { error?: unknown; needed?: unknown } }).data
  // The answer broke off, or is none of Slack's: what it was asked may have been done.
  if (data === undefined) return noAnswer('Slack', error, to)
  const name = asText(data.error) ?? 'no error'
  if (!/^[a-z][a-z_]{0,99}$/.test(name)) {
    return new ChannelError(`Slack (channel ${to.channel}) gave no usable response: ${words(name, to)}`, {
      retry: 'later',
    })
  }
  return refusalOf(name, asText(data.needed), retryAfterMs(answer.headers.get('retry-after'), Date.now()), to)
}

function words(text: string, { target }: Destination): string {
  return shorten(oneLine(withoutSecret(text, target.trim(), '(token)')), 200)
}

const ADVICE = {
  secret: "; check the secret of the channel: it must be the app's bot token (xoxb-…), of an app that is installed",
  later: '',
  never: '',
}

/** Both spellings are documented. */
const RATE_LIMITED = ['ratelimited', 'rate_limited']

/** What was asked may have been done, in part (chat.postMessage reference: look before you post again). */
const UNCERTAIN = ['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']

/** Nothing was done; it may be, later. */
const LATER = ['external_channel_migrating', 'org_login_required', 'team_added_to_org', 'update_failed']

/** The token, or what it may do. */
const ABOUT_TOKEN = [
  ...['access_denied', 'account_inactive', 'ekm_access_denied', 'invalid_auth', 'missing_scope', 'no_permission'],
  ...['not_authed', 'team_access_not_granted', 'token_expired', 'token_revoked'],
]

const INVITE = 'invite the bot to the channel (there: /invite @alert-router, or what the app is called)'

/** What a person does about an error that names the channel. */
const CHANNEL_ADVICE: Record<string, string> = {
  channel_not_found: `there is no such channel, or it is private and the bot is not in it: ${INVITE}, or correct "channel" in the rules`,
  not_in_channel: INVITE,
  is_archived: 'the channel is archived: unarchive it, or set "channel" to another one in the rules',
  is_inactive: 'the channel is archived: unarchive it, or set "channel" to another one in the rules',
  restricted_action: 'a setting of the workspace keeps the bot from posting there',
  restricted_action_read_only_channel: 'the channel is read-only: let the bot post there',
  restricted_action_thread_only_channel: 'the channel takes replies in threads alone: set "channel" to another one',
  restricted_action_non_threadable_channel: 'the channel has no threads: set "channel" to another one',
}

function refusalOf(
  error: string,
  needed: string | undefined,
  waitMs: number | undefined,
  to: Destination,
): ChannelError {
  const said = `Slack (channel ${to.channel}) answered ${error}`
  if (RATE_LIMITED.includes(error)) {
    return new SlackRefusal(said, error, { retry: 'later', status: 429, retryAfterMs: waitMs })
  }
  if (UNCERTAIN.includes(error)) return new SlackRefusal(said, error, { retry: 'later' })
  if (LATER.includes(error)) return new SlackRefusal(said, error, { retry: 'later', status: 200 })
  if (ABOUT_TOKEN.includes(error)) {
    const scope = needed === undefined ? '' : ` (${words(needed, to)}): add it to the app, and install the app again`
    return new SlackRefusal(`${said}${scope || ADVICE.secret}`, error, { retry: 'secret', status: 200 })
  }
  const advice = Object.hasOwn(CHANNEL_ADVICE, error) ? `: ${CHANNEL_ADVICE[error]}` : ''
  return new SlackRefusal(said + advice, error, { retry: 'never', status: 200 })
}
