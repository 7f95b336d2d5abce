import { CHANNEL_TAG } from '../../schemas/channel.ts'
import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { arnAccount, parseArn, resourceName } from './arn.ts'
import { type Draft, hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { regionCode } from './region.ts'
import { nameIn, type Summary, withCause, wordsOf } from './summary.ts'
import { isoTime } from './time.ts'

/** Events of SES, from a topic or EventBridge: about a message that it sent, and about senders. */

/** Events whose key is not their name: by their names without spaces, in lower case. */
const MAIL_EVENTS = new Map([
  ['renderingfailure', 'failure'],
  ['received', 'receipt'],
])

/**
 * A message bounced, was late or was complained about, or was received. The other side's mail server may write anything about
 * it: that is the reason, and not part of the headline. The alert shows nothing of the message's content.
 */
export function mailFeedback(message: Json): Draft | undefined {
  const type = asText(message.notificationType) ?? asText(message.eventType)
  const mail = asObject(message.mail)
  const of = type === undefined ? undefined : partOf(message, type)
  if (type === undefined || !mail || !of) return undefined
  const [first, ...others] = [
    ...asList(of.bouncedRecipients),
    ...asList(of.complainedRecipients),
    ...asList(of.delayedRecipients),
  ].map(asObject)
  const address = addressIn(asText(first?.emailAddress)) ?? addressIn(asText(asList(mail.destination)[0])) ?? 'somebody'
  const why =
    asText(first?.diagnosticCode)?.replace(/^smtp; */i, '') ??
    asText(of.complaintFeedbackType) ??
    asText(of.reason) ??
    asText(of.errorMessage)
  const kind = [asText(of.bounceType)?.toLowerCase(), wordsOf(type)].filter(Boolean).join(' ')
  const arn = asText(mail.sourceArn)
  const channel = asText(asList(asObject(mail.tags)?.[CHANNEL_TAG])[0])
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  const what = describe(of, asText(first?.status))
  return {
    kind: 'aws-event',
    fingerprint: `ses:${asText(of.feedbackId) ?? [asText(mail.messageId) ?? hash(address, why), type].join(':')}`,
    name: `SES ${kind}`,
    title: `SES ${kind}: ${address}${more}${what ? ` (${what})` : ''}`,
    reason: why,
    changedAt: isoTime(of.timestamp),
    source: 'aws.ses',
    account: asText(mail.sendingAccountId) ?? arnAccount(arn),
    region: regionCode(parseArn(arn)?.region),
    resource: arn ? resourceName(arn) : (addressIn(asText(mail.source)) ?? 'SES'),
    // One of ours: somebody who should have been notified was not.
    declaredSeverity: channel === undefined ? 'info' : 'warning',
    details: {
      bounceType: asText(of.bounceType),
      bounceSubType: asText(of.bounceSubType),
      complaint: asText(of.complaintFeedbackType),
      status: asText(first?.status),
      from: asText(mail.source),
      message: asText(mail.messageId),
      channel,
    },
  }
}

/** The part with the event's data: `deliveryDelay` for `DeliveryDelay`. */
function partOf(message: Json, type: string): Json | undefined {
  const name = type.replaceAll(/\s/g, '').toLowerCase()
  const wanted = MAIL_EVENTS.get(name) ?? name
  return asObject(message[Object.keys(message).find((key) => key.toLowerCase() === wanted) ?? ''])
}

/** An address without its display name. */
function addressIn(text: string | undefined): string | undefined {
  return /[^\s<>"(),:;]{1,100}@[\w.-]{1,100}/.exec(text?.slice(0, 1000) ?? '')?.[0]
}

/** `mailbox full, 5.2.2`: SES's own text. */
function describe(of: Json, status: string | undefined): string {
  const words = [of.bounceSubType, of.delayType, of.complaintFeedbackType]
    .map(asText)
    .filter((word) => word !== undefined && /^[A-Za-z-]{1,40}$/.test(word) && !/^(?:General|Undetermined)$/.test(word))
    .map((word) => wordsOf(word ?? ''))
  // SES writes these two about our own message.
  const own = [of.reason, of.errorMessage].map(asText).find((text) => text !== undefined)
  const code = status !== undefined && /^[245]\.\d{1,3}\.\d{1,3}$/.test(status) ? status : undefined
  return [...words, code, own].filter(Boolean).join(', ')
}

/** The identity, tenant or configuration set that an event is about. */
function senderOf({ resources }: AwsEvent): string {
  const name = nameIn(resources[0] ?? 'this account')
  // A tenant's id follows its name.
  return /:tenant\//.test(resources[0] ?? '') ? name.replace(/\/[^/]*$/, '') : name
}

/**
 * SES's recommendations, and its findings about a tenant's reputation: each fires until it is resolved.
 * `{data: "…", metadata: {type, impact}}`, or everything in `data`.
 */
export function mailAdvice(event: AwsEvent): Summary {
  const { detail, resources, type } = event
  const data = asObject(detail.data) ?? {}
  const { type: topic, impact } = asObject(detail.metadata) ?? data
  const isOver = /(?:Resolved|Closed)$/i.test(type)
  const text = asText(detail.data) ?? asText(data.description)
  const name = senderOf(event)
  const about = asText(topic)
  const title = `SES recommendation for ${name}${about ? ` (${about})` : ''}`
  return {
    title: isOver ? `${title} is resolved` : withCause(title, text),
    resource: name,
    reason: text,
    severity: isOver ? 'info' : asText(impact),
    identity: ['recommendation', resources[0] ?? name, about, asText(impact)],
    status: isOver ? 'resolved' : 'firing',
  }
}

/** Sending was switched off, by a person or by AWS; it fires until sending is on again. */
export function mailSending(event: AwsEvent): Summary {
  const { detail, resources, type } = event
  const data = asObject(detail.data) ?? {}
  const isOver = /Enabled$/i.test(type)
  const cause = asText(asObject(data.record)?.cause) ?? asText(data.cause) ?? asText(data.reason)
  const name = senderOf(event)
  return {
    title: withCause(`SES sending of ${name} is ${isOver ? 'enabled' : 'disabled'}`, isOver ? undefined : cause),
    resource: name,
    reason: cause,
    severity: isOver ? 'info' : 'error',
    identity: ['sending', resources[0] ?? name],
    status: isOver ? 'resolved' : 'firing',
    details: { origin: asText(data.origin) },
  }
}
