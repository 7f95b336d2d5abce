import type { Alert } from '../../schemas/alert.ts'
import type { Json } from '../../schemas/loose.ts'
import { alarmAction, alarmMessage } from './alarm.ts'
import { annotated } from './annotations.ts'
import { awsEvent } from './aws-event.ts'
import { alertOf, type Draft, type Envelope } from './draft.ts'
import { failedInvocation } from './failed-invocation.ts'
import { logData, logText } from './log-data.ts'
import { jsonMessage, textMessage } from './message.ts'
import { open } from './open.ts'
import { ownEvent } from './own-event.ts'
import { prometheusMessage } from './prometheus.ts'
import { prometheusJson, prometheusText } from './prometheus-text.ts'
import { serviceMessage, serviceText } from './service-message.ts'
import { subscription } from './subscription.ts'

/**
 * From whatever came in to alerts in normal form. Pure.
 *
 * `input` is an event as Lambda gets it (from SQS or SNS, a whole one or one of its records, from EventBridge, or a
 * CloudWatch alarm's Lambda action), an SNS notification, a bare message, or the text of any of these, in each other
 * to any sensible depth. Each message gives at least one alert, in order: what nobody knows is shown with its
 * text; only what asks whether a subscription works gives none.
 *
 * @param options.now the time of an alert of which neither the message nor an envelope tells one.
 * @param options.received when it came in, at the latest; `now`, when absent. A time that is told and lies ahead of it is
 *   not believed.
 * @throws {RefusedEvent} if it is no event at all: empty, broken JSON, or an envelope without its essentials.
 *   Of an event with many records, one that is refused refuses the whole: pass records one by one to keep the others.
 */
export function parse(
  input: unknown,
  { now = new Date(), received = now }: { now?: Date; received?: Date } = {},
): Alert[] {
  return open(input, { now: now.toISOString(), received: received.toISOString() }).flatMap(({ content, envelope }) =>
    read(content, envelope).map((draft) => alertOf(annotated(draft, envelope), envelope)),
  )
}

type Reader = (message: Json, envelope: Envelope) => Draft[] | undefined

/** Each knows its own messages and leaves the rest to the next. */
const READERS: Reader[] = [
  ...[alarmMessage, alarmAction, awsEvent, subscription, prometheusMessage, logData, failedInvocation],
  ...[ownEvent, serviceMessage, prometheusJson],
]

function read(content: string | Json | unknown[], envelope: Envelope): Draft[] {
  if (typeof content === 'string') {
    return (
      logText(content, envelope) ??
      prometheusText(content, envelope) ??
      serviceText(content, envelope) ?? [textMessage(content, envelope)]
    )
  }
  if (!Array.isArray(content) && content !== null && typeof content === 'object') {
    for (const reader of READERS) {
      const drafts = reader(content, envelope)
      if (drafts) return drafts
    }
  }
  return [jsonMessage(content, envelope)]
}
