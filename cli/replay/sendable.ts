import { isEnvelope } from '../../shared/parse/published.ts'
import type { ReplayEvent } from './events.ts'

/** SNS's limit for a message, and for a batch: 256 KiB. */
export const MAX_BYTES = 262_144

/**
 * The characters that SQS accepts:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const NOT_FOR_SQS = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u

/** Why it can't reach the router: it is not an event, or AWS rejects such a message. `undefined`: it can. */
export function whyNotSent({ text, refused }: ReplayEvent): string | undefined {
  if (refused !== undefined) return refused
  const bytes = Buffer.byteLength(text)
  if (text.trim() === '') return 'is empty: SNS rejects empty messages'
  if (bytes > MAX_BYTES) return `has ${bytes} bytes: SNS accepts at most ${MAX_BYTES} (256 KiB)`
  const found = isEnvelope(text) ? NOT_FOR_SQS.exec(text) : null
  if (!found) return undefined
  const [character] = found
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
  return `has U+${code} as its character ${found.index + 1}: SQS rejects it, so on AWS its sender would have received an error. Remove it, or write it as \\u${code?.toLowerCase()} in JSON`
}
