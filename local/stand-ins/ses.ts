import { randomUUID } from 'node:crypto'
import { type HttpAnswer, isObject, type Request } from './exchange.ts'
import { type Limit, limiter } from './limit.ts'
import { messageFault, type SendEmail } from './ses-message.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

export interface SesStandIn extends StandIn {
  /** What it has published of messages with a configuration set, in the form of EventBridge. */
  events: object[]
  /** From now on, what is sent to this address is not delivered: an event says so. */
  suppress(address: string): void
  /** From now on, the account may not send: for now, or for good. Without an argument, it may again. */
  stop(how?: 'paused' | 'suspended'): void
}

interface Options {
  /** Addresses and domains that are verified. */
  identities: string[]
  configurationSets?: string[]
  /** A new account: it may send to verified addresses alone, one message a second. */
  isInSandbox?: boolean
  /** Messages in a day. */
  quota?: number
  /** Whether it enforces its rate. */
  isLimited?: boolean
}

/** Messages a second: a common first rate of an account, and that of the sandbox (SES Developer Guide, Sending quotas). */
const LIMIT: Limit = { perMinute: 14 * 60, burst: 14 }
const SANDBOX_LIMIT: Limit = { perMinute: 60, burst: 1 }

/** Addresses that nobody has, for trying what follows (SES Developer Guide, Mailbox simulator). */
const SIMULATOR = 'simulator.amazonses.com'

/** SES's `SendEmail` (API v2), for an SDK whose AWS_ENDPOINT_URL_SESV2 is its `url`: rejects what SES rejects. */
export async function startSes(options: Options): Promise<SesStandIn> {
  const { identities, configurationSets = [], isInSandbox = false, isLimited = isInSandbox } = options
  const waitMs = limiter(isInSandbox ? SANDBOX_LIMIT : LIMIT)
  const suppressed = new Set<string>()
  const events: object[] = []
  let stopped: 'paused' | 'suspended' | undefined
  let sent = 0

  const isVerified = (address: string) => {
    const domain = address.split('@').at(-1) ?? ''
    return identities.some((one) => one === address || domain === one || domain.endsWith(`.${one}`))
  }

  function answer(request: Request): HttpAnswer {
    const region = /Credential=[^/]+\/\d{8}\/([\w-]+)\/ses\/aws4_request/.exec(request.headers.authorization ?? '')?.[1]
    if (region === undefined) return refused(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token')
    if (request.method !== 'POST' || request.path !== '/v2/email/outbound-emails' || !isObject(request.json))
      return refused(404, 'UnknownOperationException', `${request.method} ${request.path}`)
    return accept(request.json as SendEmail, region)
  }

  function accept(message: SendEmail, region: string): HttpAnswer {
    const fault = messageFault(message)
    if (fault !== undefined) return refused(400, 'BadRequestException', fault)
    const { FromEmailAddress: from = '', ConfigurationSetName: set } = message
    const to = recipientsOf(message)
    if (stopped === 'suspended') return refused(400, 'AccountSuspendedException', 'Your account is suspended.')
    if (stopped === 'paused')
      return refused(400, 'SendingPausedException', 'Email sending is disabled for your account.')
    const strangers = isInSandbox ? to.filter((one) => !isVerified(one) && !one.endsWith(`@${SIMULATOR}`)) : []
    const unverified = [from, ...strangers].filter((one) => one !== from || !isVerified(from))
    if (unverified.length > 0) return refused(400, 'MessageRejected', notVerified(region, unverified))
    if (set !== undefined && !configurationSets.includes(set))
      return refused(404, 'NotFoundException', `Configuration set <${set}> does not exist.`)
    if (sent >= (options.quota ?? Number.POSITIVE_INFINITY))
      return refused(429, 'TooManyRequestsException', 'Daily message quota exceeded.')
    if (isLimited && waitMs('account', Date.now()) > 0)
      return refused(429, 'TooManyRequestsException', 'Maximum sending rate exceeded.')
    sent++
    const MessageId = `0100${randomUUID()}-000000`
    const tags = Object.fromEntries((message.EmailTags ?? []).map(({ Name, Value }) => [Name, [Value]]))
    if (set !== undefined)
      events.push(...to.flatMap((address) => eventOf(address, { from, to, set, tags, MessageId, region })))
    return { status: 200, body: { MessageId } }
  }

  function eventOf(address: string, about: About): object[] {
    if (suppressed.has(address) || address === `suppressionlist@${SIMULATOR}`)
      return [bounce(address, 'OnAccountSuppressionList', about)]
    if (address === `bounce@${SIMULATOR}`) return [bounce(address, 'General', about)]
    return address === `complaint@${SIMULATOR}` ? [complaint(address, about)] : []
  }

  const standIn = await startStandIn({ answer, capture: captured })
  return {
    ...standIn,
    events,
    suppress: (address) => void suppressed.add(address),
    stop: (how) => {
      stopped = how
    },
  }
}

export function recipientsOf({ Destination: to = {} }: SendEmail): string[] {
  return [...(to.ToAddresses ?? []), ...(to.CcAddresses ?? []), ...(to.BccAddresses ?? [])]
}

function notVerified(region: string, addresses: string[]): string {
  return `Email address is not verified. The following identities failed the check in region ${region.toUpperCase()}: ${addresses.join(', ')}`
}

function refused(status: number, type: string, message: string): HttpAnswer {
  return { status, headers: { 'x-amzn-errortype': type }, body: { message } }
}

/** As people read it. */
function captured({ json, path }: Request) {
  const { FromEmailAddress: from, Content, ...message } = (isObject(json) ? json : {}) as SendEmail
  const { Subject, Body, Headers = [], Attachments = [] } = Content?.Simple ?? {}
  const headers = Object.fromEntries(Headers.map(({ Name, Value }) => [Name, Value]))
  const notificationId = headers['X-Notification-Id']
  return {
    ...(notificationId !== undefined && { notificationId }),
    path,
    body: {
      ...{ from, to: recipientsOf(message), subject: Subject?.Data, text: Body?.Text?.Data, html: Body?.Html?.Data },
      headers,
      attachments: Attachments.map(({ FileName, ContentId }) => ({ FileName, ContentId })),
      ...(message.ConfigurationSetName !== undefined && { configurationSet: message.ConfigurationSetName }),
    },
  }
}

interface About {
  from: string
  to: string[]
  set: string
  tags: Record<string, string[]>
  MessageId: string
  region: string
}

const ACCOUNT = '123456789012'

/** SES Developer Guide, Examples of event data that SES publishes; EventBridge Reference, SES events. */
function event(
  type: string,
  detailType: string,
  of: object,
  { from, to, set, tags, MessageId, region }: About,
): object {
  const timestamp = new Date().toISOString()
  return {
    ...{ version: '0', id: randomUUID(), 'detail-type': detailType, source: 'aws.ses', account: ACCOUNT },
    ...{ time: timestamp, region, resources: [`arn:aws:ses:${region}:${ACCOUNT}:configuration-set/${set}`] },
    detail: {
      eventType: type,
      mail: {
        timestamp,
        source: from,
        sendingAccountId: ACCOUNT,
        messageId: MessageId,
        destination: to,
        headersTruncated: false,
        headers: [],
        commonHeaders: { from: [from], to, messageId: MessageId },
        tags: { ...tags, 'ses:configuration-set': [set], 'ses:from-domain': [from.split('@').at(-1)] },
      },
      ...of,
    },
  }
}

function bounce(emailAddress: string, bounceSubType: string, about: About): object {
  const isSuppressed = bounceSubType !== 'General'
  const diagnosticCode = isSuppressed
    ? 'Amazon SES did not send the message to this address because it is on the suppression list for your account.'
    : 'smtp; 550 5.1.1 user unknown'
  return event(
    'Bounce',
    'Email Bounced',
    {
      bounce: {
        ...{ bounceType: 'Permanent', bounceSubType, feedbackId: randomUUID(), timestamp: new Date().toISOString() },
        bouncedRecipients: [{ emailAddress, action: 'failed', status: '5.1.1', diagnosticCode }],
      },
    },
    about,
  )
}

function complaint(emailAddress: string, about: About): object {
  const timestamp = new Date().toISOString()
  const of = { complainedRecipients: [{ emailAddress }], feedbackId: randomUUID(), timestamp }
  return event('Complaint', 'Email Complaint Received', { complaint: { ...of, complaintFeedbackType: 'abuse' } }, about)
}
