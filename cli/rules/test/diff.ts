import type { CaseDifference } from '../../../shared/cases/case-result.ts'
import { clean } from '../../../shared/channels/outside-text.ts'

/** How many lines of an unexpected message are shown. */
const SHOWN_LINES = 12

/** What was expected (`-`) and what was found (`+`), as `diff` writes it. */
export function diffOf({ what, expected, found, hint }: CaseDifference): string[] {
  return [...marked('-', what, expected), ...marked('+', what, found), ...(hint ? [`    ${clean(hint)}`] : [])]
}

function marked(mark: string, what: string, text: string): string[] {
  const lines = clean(text).split('\n')
  if (lines.length === 1) return [`  ${mark} ${what}: ${lines[0]}`]
  const more = lines.length - SHOWN_LINES
  return [
    `  ${mark} ${what}:`,
    ...lines.slice(0, SHOWN_LINES).map((line) => `  ${mark}   ${line}`),
    ...(more > 0 ? [`  ${mark}   … and ${more} more lines`] : []),
  ]
}
