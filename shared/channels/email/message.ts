import { clean, oneLine } from '../outside-text.ts'

export interface Email {
  subject: string
  text: string
}

export const LIMITS = {
  /** SNS: UTF-8 text without line breaks or control characters, less than 100 characters. */
  subject: 99,
  /** SNS: 256 KiB, including message attributes. */
  textBytes: 250_000,
} as const

export function paragraph(lines: (string | undefined)[]): string {
  return lines.filter(Boolean).join('\n')
}

export function labelled(facts: [label: string, value: string | undefined][]): string {
  return paragraph(facts.map(([label, value]) => value && `${label}: ${oneLine(value)}`))
}

/** A heading on its own line, then the text; empty when there is no text. */
export function headed(heading: string, text: string | undefined): string {
  const shown = clean(text ?? '')
  return shown && `${heading}:\n${shown}`
}
