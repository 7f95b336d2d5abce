import type { Json } from '../../schemas/loose.ts'
import { awsEvent } from './aws-event.ts'
import type { Draft, Envelope } from './draft.ts'
import { failedInvocation } from './failed-invocation.ts'
import { logData, logText } from './log-data.ts'
import { jsonMessage, textMessage } from './message.ts'
import { ownEvent } from './own-event.ts'
import { prometheusMessage } from './prometheus.ts'
import { prometheusJson, prometheusText } from './prometheus-text.ts'
import { serviceMessage, serviceText } from './service-message.ts'
import { subscription } from './subscription.ts'

/*
 * Messages that are none of a CloudWatch alarm's, which most are. In a bundle this is evaluated when there is one
 * (deploy/esbuild.ts).
 */

/** What recognises its own messages, and leaves the rest to the next. */
export type Reader = (message: Json, envelope: Envelope) => Draft[] | undefined

const READERS: Reader[] = [
  ...[awsEvent, subscription, prometheusMessage, logData, failedInvocation],
  ...[ownEvent, serviceMessage, prometheusJson],
]

/** What none recognises is shown as it is. */
export function readOther(content: string | unknown[] | Json, envelope: Envelope): Draft[] {
  if (typeof content === 'string') {
    return (
      logText(content, envelope) ??
      prometheusText(content, envelope) ??
      serviceText(content, envelope) ?? [textMessage(content, envelope)]
    )
  }
  if (!Array.isArray(content)) {
    for (const reader of READERS) {
      const drafts = reader(content, envelope)
      if (drafts) return drafts
    }
  }
  return [jsonMessage(content, envelope)]
}
