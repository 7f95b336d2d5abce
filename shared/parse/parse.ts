import type { Alert } from '../../schemas/alert.ts'
import { asObject, type Json } from '../../schemas/loose.ts'
import { alarmAction, alarmMessage } from './alarm.ts'
import { annotated } from './annotations.ts'
import { alertOf, type Draft, type Envelope } from './draft.ts'
import { open } from './open.ts'
import { readOther } from './others.ts'

/**
 * Turns any input into alerts in normal form. Pure.
 *
 * `input` is an event as Lambda receives it (from SQS or SNS, whole or one of its records, from EventBridge, or a
 * CloudWatch alarm's Lambda action), an SNS notification, a bare message, or the text of any of these, nested to any
 * sensible depth. Each message gives at least one alert, in order. Unknown messages are shown as text; only the
 * test message of a log subscription gives no alert.
 *
 * @param options.now the time of an alert when neither the message nor an envelope has one.
 * @param options.received when it was received, at the latest; `now` when absent. Later times in the message are ignored.
 * @throws {RefusedEvent} if it is not an event: empty, invalid JSON, or an envelope without required fields.
 *   One rejected record rejects the whole event: pass records one by one to keep the others.
 */
export function parse(
  input: unknown,
  { now = new Date(), received = now }: { now?: Date; received?: Date } = {},
): Alert[] {
  return open(input, { now: now.toISOString(), received: received.toISOString() }).flatMap(({ content, envelope }) =>
    read(content, envelope).map((draft) => alertOf(annotated(draft, envelope), envelope)),
  )
}

function read(content: string | Json | unknown[], envelope: Envelope): Draft[] {
  const object = asObject(content)
  const alarm = object && (alarmMessage(object, envelope) ?? alarmAction(object, envelope))
  return alarm ?? readOther(content, envelope)
}
