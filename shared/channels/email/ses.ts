import { type Attachment, SESv2Client, SendEmailCommand, type SendEmailCommandInput } from '@aws-sdk/client-sesv2'
import { CHANNEL_TAG } from '../../../schemas/channel.ts'
import { linkOf } from '../../answers/link.ts'
import { ChannelError, type Destination } from '../channel.ts'
import { describeFailure } from '../http-answer.ts'
import { oneLine, shorten } from '../outside-text.ts'
import { chartsOf } from './chart.ts'
import type { Block, Document } from './document.ts'
import { chartId, htmlOf } from './html.ts'
import { type Email, type Rich, textWithin } from './message.ts'
import { PASSING } from './passing.ts'
import type { SesRoute } from './route.ts'

let client: SESv2Client | undefined

/**
 * Sends one email to all addresses of a channel. SES has accepted it when it answers with a message id: that somebody received
 * it, it says to nobody; that it bounced, by an event. `AWS_ENDPOINT_URL_SESV2` selects another SES.
 * @throws {ChannelError}
 */
export async function sendBySes({ rich }: Email, to: Destination, route: SesRoute): Promise<void> {
  // No retry here: a lost answer would send it twice. The queue does all of them.
  client ??= new SESv2Client({ maxAttempts: 1 })
  const abortSignal = AbortSignal.timeout(to.timeoutMs)
  try {
    await client.send(new SendEmailCommand(messageOf(rich, to, route)), { abortSignal })
  } catch (error) {
    throw abortSignal.aborted
      ? new ChannelError(`SES (channel ${to.channel}) did not answer within ${to.timeoutMs} ms`, { retry: 'later' })
      : refusal(error, to)
  }
}

const UTF8 = { Charset: 'UTF-8' }

function messageOf(rich: Rich, { channel, notificationId }: Destination, route: SesRoute): SendEmailCommandInput {
  const { subject, isAboutMail } = rich
  const { from, addresses, configurationSet } = route
  const document = withAcknowledge(rich, channel, route)
  const attachments = chartsOf(document).map(attached)
  return {
    FromEmailAddress: from,
    Destination: { ToAddresses: addresses },
    // Without it no event follows: an email about a bounce that bounces would cause another, endlessly.
    ...(configurationSet !== undefined && !isAboutMail && { ConfigurationSetName: configurationSet }),
    // What comes back with each event.
    EmailTags: [{ Name: CHANNEL_TAG, Value: channel }],
    Content: {
      Simple: {
        Subject: { Data: subject, ...UTF8 },
        Body: {
          Text: { Data: textWithin(document), ...UTF8 },
          Html: { Data: htmlOf(document, subject), ...UTF8 },
        },
        Headers: headersOf(rich, from, notificationId),
        ...(attachments.length > 0 && { Attachments: attachments }),
      },
    },
  }
}

/**
 * SES gives each message an id of its own (SES Developer Guide, Header fields), so that no later one could name the first. All
 * emails of one firing refer to the same id instead, which none of them has.
 */
function headersOf(
  { thread, isUrgent }: Rich,
  from: string,
  notificationId: string,
): { Name: string; Value: string }[] {
  const parent = thread && `<${thread}@${from.split('@').at(-1)}>`
  const headers = {
    ...(parent && { References: parent, 'In-Reply-To': parent }),
    // No answer by an absent person's mail program: RFC 3834, and Exchange's own.
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    ...(isUrgent && { Importance: 'high', 'X-Priority': '1' }),
    'X-Notification-Id': notificationId,
  }
  return Object.entries(headers).map(([Name, Value]) => ({ Name, Value }))
}

/** With a button to acknowledge, where the inbox is on. Who presses it is known only where one person has the email. */
function withAcknowledge({ document, firing }: Rich, channel: string, route: SesRoute): Document {
  const { acknowledge, addresses } = route
  if (!acknowledge || !firing) return document
  const recipient = addresses.length === 1 ? (addresses[0] ?? channel) : channel
  const url = linkOf(firing, { action: 'acknowledge', recipient, ...acknowledge })
  const button: Block = { is: 'link', label: 'Acknowledge', url, isMain: true }
  const { blocks } = document
  const facts = blocks.findIndex(({ is }) => is === 'facts')
  return { ...document, blocks: blocks.toSpliced(facts + 1, 0, button) }
}

function attached(picture: Uint8Array, index: number): Attachment {
  const id = chartId(index + 1)
  return {
    FileName: `${id}.png`,
    ContentType: 'image/png',
    ContentDisposition: 'INLINE',
    ContentId: id,
    // 7 bits are the default.
    ContentTransferEncoding: 'BASE64',
    RawContent: picture,
  }
}

/**
 * Errors that a person can end while the alert waits, without a deployment: an address is verified, DNS is repaired, sending is
 * switched on again. Until then the fallback gets it.
 */
const FIXABLE = /^(?:MailFromDomainNotVerified|SendingPaused)/
const NOT_VERIFIED = /not verified/i
const QUOTA = /daily|quota/i
/** SES advises to wait, up to ten minutes (SES Developer Guide, Errors related to the sending quotas). */
const WAIT_MS = { rate: 2_000, quota: 60_000 }

function refusal(error: unknown, { channel }: Destination): ChannelError {
  const { name = '', message, $metadata } = error as Partial<Error> & { $metadata?: { httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode
  if (status === undefined) {
    return new ChannelError(`SES (channel ${channel}) could not be reached: ${describeFailure(error)}`, {
      retry: 'later',
    })
  }
  const said = shorten(oneLine(`${name}: ${message}`), 1000)
  const text = `SES (channel ${channel}) answered ${said}${advice(name, said)}`
  if (/Throttl|TooManyRequests|LimitExceeded/.test(name) || status === 429) {
    const retryAfterMs = QUOTA.test(message ?? '') ? WAIT_MS.quota : WAIT_MS.rate
    return new ChannelError(text, { retry: 'later', status: 429, retryAfterMs })
  }
  const isLater =
    status >= 500 || status === 408 || PASSING.test(name) || FIXABLE.test(name) || NOT_VERIFIED.test(message ?? '')
  return new ChannelError(text, { retry: isLater ? 'later' : 'never', status })
}

function advice(name: string, said: string): string {
  if (/AccessDenied|NotAuthorized/.test(name))
    return "; the function's role must allow ses:SendEmail from this address: deploy the stack again"
  if (/^NotFound/.test(name)) return '; the configuration set of the stack no longer exists: deploy the stack again'
  if (/^SendingPaused/.test(name)) return '; enable sending in SES, or find out why AWS has paused it'
  if (/^AccountSuspended/.test(name)) return '; AWS has ended sending for this account: use `via: sns`'
  if (/^MailFromDomain/.test(name)) return '; see the DNS records of the MAIL FROM domain in SES'
  if (NOT_VERIFIED.test(said))
    return '; verify the sender in SES in this region. In the sandbox, each address too (docs/channels/email.md)'
  return ''
}
