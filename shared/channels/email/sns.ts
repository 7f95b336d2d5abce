import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { measure } from '../../observe/metrics.ts'
import { ChannelError, type Destination } from '../channel.ts'
import { describeFailure, withoutSecret } from '../http-answer.ts'
import { oneLine, shorten } from '../outside-text.ts'
import type { Email } from './message.ts'
import { PASSING } from './passing.ts'
import { hasSubscriber } from './subscribers.ts'

const clients = new Map<string | undefined, SNSClient>()

/** One per server. A custom server is called with the topic's region, not this function's. */
function clientFor({ server, target }: Destination): SNSClient {
  const elsewhere = server ? { endpoint: server, region: target.split(':')[3] } : {}
  // One immediate retry, for a connection that went stale while the function was frozen. The queue does the other retries.
  const client = clients.get(server) ?? new SNSClient({ maxAttempts: 2, ...elsewhere })
  clients.set(server, client)
  return client
}

/**
 * Publishes one email to the topic. SNS has accepted it when it answers with a message id; it delivers to confirmed addresses.
 * Without a confirmed address nothing is published. Settles within `timeoutMs`. `AWS_ENDPOINT_URL_SNS`, or `server`, selects
 * another SNS.
 * @throws {ChannelError}
 */
export async function sendBySns({ subject, text }: Pick<Email, 'subject' | 'text'>, to: Destination): Promise<void> {
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

/** Counts as a failed attempt: an address that confirms within some hours still gets the email; until then the fallback does. */
function toNobody({ channel }: Destination): ChannelError {
  measure({ Unconfirmed: 1 })
  return new ChannelError(
    `no confirmed subscription for channel ${channel}: SNS has no address to send the email to. ` +
      'Confirm from the mail that AWS sent to each address, or subscribe the address again (docs/channels/email.md)',
    { retry: 'later', status: 404 },
  )
}

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
  if (/NotFound/.test(errorName)) return '; the topic of the channel no longer exists: deploy the stack again'
  if (/KMS/.test(errorName))
    return "; the topic's key must let the function's role use it (kms:GenerateDataKey*, kms:Decrypt)"
  if (/Auth|AccessDenied/.test(errorName))
    return "; the function's role must allow sns:Publish on the topic of the channel"
  return ''
}
