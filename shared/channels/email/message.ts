import type { Firing } from '../../answers/link.ts'
import { type Document, textOf } from './document.ts'

/** One email: `subject` and `text` are what SNS sends; `rich` is what SES does. */
export interface Email {
  subject: string
  text: string
  rich: Rich
}

export interface Rich {
  subject: string
  document: Document
  /** The same for all emails about one firing: they are one thread. A digest is about many. */
  thread?: string
  /** What a link to acknowledge would be about. */
  firing?: Firing
  /** Marked urgent, so that mail programs can alert somebody. */
  isUrgent?: true
  /** It is about an email that was not delivered: if it is not delivered either, nobody must be sent a third. */
  isAboutMail?: true
}

export const LIMITS = {
  /** SNS: UTF-8 text without line breaks or control characters, less than 100 characters. */
  subject: 99,
  /** SNS: 256 KiB, including message attributes. */
  textBytes: 250_000,
} as const

/** The document as text, as many whole lines as fit. Links come before the long texts, so no link is ever cut. */
export function textWithin(document: Document, maxBytes: number = LIMITS.textBytes): string {
  const text = textOf(document)
  if (Buffer.byteLength(text) <= maxBytes) return text
  const rest = '\n\n(Truncated: email size limit.)'
  const kept: string[] = []
  let bytes = Buffer.byteLength(rest)
  for (const line of text.split('\n')) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > maxBytes) break
    kept.push(line)
  }
  return kept.join('\n').trimEnd() + rest
}
