import { IncomingWebhook } from '@slack/webhook'
import { ChannelError, type Destination } from '../channel.ts'
import { noAnswer, retryAfterMs, retryAfterStatus, withoutSecret } from '../http-answer.ts'
import { httpsFetch } from '../https-fetch.ts'
import { oneLine, shorten } from '../outside-text.ts'
import type { SlackPayload } from './message.ts'

/**
 * Posts one message. Slack has accepted it when it answers 2xx (normally 200 `ok`). Settles within `timeoutMs`.
 * @throws {ChannelError} with `retryAfterMs` when Slack sends a `Retry-After`.
 */
export async function send(payload: SlackPayload, to: Destination): Promise<void> {
  const url = webhookUrl(to)
  // The client does not expose the response's headers and status; only its fetch sees them.
  let answer: Response | undefined
  const webhook = new IncomingWebhook(url, {
    timeout: to.timeoutMs,
    fetch: async (address, init) => {
      answer = await httpsFetch(address, {
        ...init,
        // A redirect is not followed: another host must not see the message. The status in the error says what is wrong.
        headers: { ...init?.headers, 'X-Request-Id': to.notificationId },
      })
      return answer
    },
  })

  try {
    await webhook.send(payload)
  } catch (error) {
    if (answer === undefined) throw noAnswer('Slack', error, to)
    // Only the status counts: a 2xx whose body got lost is still accepted.
    if (!answer.ok) throw refusal(answer, error, to)
  }
}

function webhookUrl({ target, channel }: Destination): string {
  const url = target.trim()
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url
  throw new ChannelError(
    `Slack (channel ${channel}): its secret is not an http(s) URL; put the incoming webhook's URL there (https://hooks.slack.com/services/…)`,
    { retry: 'secret' },
  )
}

function refusal(answer: Response, error: unknown, to: Destination): ChannelError {
  const { status } = answer
  const retry = retryAfterStatus(status)
  const body = (error as { body?: unknown }).body
  const said = typeof body === 'string' ? shorten(oneLine(withoutWebhook(body, to.target.trim())), 200) : ''
  const advice = retry === 'secret' ? "; check the secret of the channel: it must be a working webhook's URL" : ''
  return new ChannelError(`Slack (channel ${to.channel}) answered ${status}${said && `: ${said}`}${advice}`, {
    retry,
    status,
    retryAfterMs: retry === 'later' ? retryAfterMs(answer.headers.get('retry-after'), Date.now()) : undefined,
  })
}

/** Removes the URL, its path and the path's parts: all of them are secret. */
function withoutWebhook(words: string, url: string): string {
  const { pathname } = new URL(url)
  return [url, pathname, ...pathname.split('/').filter((part) => part.length > 5 && part !== 'services')].reduce(
    (text, secret) => withoutSecret(text, secret, '(webhook)'),
    words,
  )
}
