import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { measure } from '../../observe/metrics.ts'
import { ChannelError, type Destination } from '../channel.ts'
import { describeFailure, withoutSecret } from '../http-answer.ts'
import { oneLine, shorten } from '../outside-text.ts'
import type { Email } from './message.ts'
import { hasSubscriber } from './subscribers.ts'

const clients = new Map<string | undefined, SNSClient>()

/** One for each server. A server of one's own is asked in the topic's region, not in this function's. */
function clientFor({ server, target }: Destination): SNSClient {
  const elsewhere = server ? { endpoint: server, region: target.split(':')[3] } : {}
  // Once more at once, for a connection that went stale while the function slept. The queue does all further waiting.
  const client = clients.get(server) ?? new SNSClient({ maxAttempts: 2, ...elsewhere })
  clients.set(server, client)
  return client
}

/**
 * Publishes one email to the topic. SNS has taken it when it answers with a message id; it delivers to confirmed addresses.
 * Where there is none it is not published. Settles within `timeoutMs`. `AWS_ENDPOINT_URL_SNS`, or `server`, leads to another
 * SNS.
 * @throws {ChannelError}
 */
export async function send({ subject, text }: Email, to: Destination): Promise<void> {
  const abortSignal = AbortSignal.timeout(to.timeoutMs)
  const client = clientFor(to)
  if (!(await hasSubscriber(client, to.target, to.timeoutMs))) throw toNobody(to)
  try {
    await client.send(
      new PublishCommand({
        TopicArn: to.target,
        Subject: subject,
        Message: text,
        MessageAttributes: { notificationId: { DataType: 'String', StringValue: to.notificationId } },
      }),
      { abortSignal },
    )
  } catch (error) {
    throw abortSignal.aborted
      ? new ChannelError(`SNS (channel ${to.channel}) did not answer within ${to.timeoutMs} ms`, { retry: 'later' })
      : refusal(error, to)
  }
}

/** A failed try: whoever confirms within some hours gets it, and until then its fallback does. */
function toNobody({ channel }: Destination): ChannelError {
  measure({ Unconfirmed: 1 })
  return new ChannelError(
    `nobody has confirmed the subscription of channel ${channel}: SNS would send the email to nobody. ` +
      'Each address confirms by the mail that AWS has sent it, or is subscribed again (docs/channels/email.md)',
    { retry: 'later', status: 404 },
  )
}

/** Client errors that pass by themselves: throttling, credentials about to be renewed, a clock that is off. */
const PASSING = /Throttl|TooManyRequests|RequestLimit|ExpiredToken|RequestExpired|RequestTimeTooSkewed/

function refusal(error: unknown, to: Destination): ChannelError {
  const { name, message, $metadata } = error as {
    name?: string
    message?: string
    $metadata?: { httpStatusCode?: number }
  }
  const status = $metadata?.httpStatusCode
  if (status === undefined) {
    return new ChannelError(`SNS (channel ${to.channel}) could not be reached: ${describeFailure(error)}`, {
      retry: 'later',
    })
  }
  const said = withoutSecret(shorten(oneLine(`${name}: ${message}`), 1000), to.target, '(topic)')
  const passes = status >= 500 || status === 429 || status === 408 || PASSING.test(name ?? '')
  return new ChannelError(`SNS (channel ${to.channel}) answered ${said}${passes ? '' : advice(name ?? '')}`, {
    retry: passes ? 'later' : 'never',
    status,
  })
}

function advice(errorName: string): string {
  if (/NotFound/.test(errorName)) return '; the topic of the channel is gone: deploy the stack again'
  if (/KMS/.test(errorName))
    return "; the topic's key must let the function's role use it (kms:GenerateDataKey*, kms:Decrypt)"
  if (/Auth|AccessDenied/.test(errorName))
    return "; the function's role must allow sns:Publish on the topic of the channel"
  return ''
}
