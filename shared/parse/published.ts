import type { Alert } from '../../schemas/alert.ts'
import { asText } from '../../schemas/loose.ts'
import { jsonIn } from './facts.ts'
import { parse } from './parse.ts'
import { RefusedEvent } from './refused.ts'

/**
 * The alerts of what a sender published. SNS accepts any text, and the router accepts every SNS message: what is no
 * event, such as `{}` or `42`, is read as a message. Pure.
 * @throws {RefusedEvent} for an empty text, or a broken envelope.
 */
export function parsePublished(published: unknown, times: { now?: Date; received?: Date } = {}): Alert[] {
  try {
    return parse(published, times)
  } catch (error) {
    const text = typeof published === 'string' ? published : JSON.stringify(published)
    if (!(error instanceof RefusedEvent) || text.trim() === '' || isEnvelope(text)) throw error
    return parse({ Type: 'Notification', Message: text }, times)
  }
}

/** Whether it was captured in an envelope of SNS or SQS, or starts like one but is broken. */
export function isEnvelope(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false
  const event = jsonIn(text)
  if (event === undefined) return true
  const { Records, Type } = event as { Records?: unknown; Type?: unknown }
  return Records !== undefined || /^(Notification|(Uns|S)ubscri\w*Confirmation)$/.test(asText(Type) ?? '')
}
