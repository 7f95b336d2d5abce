import type { CaseDifference, CaseResult } from '../../../shared/cases/case-result.ts'
import { clean } from '../../../shared/channels/outside-text.ts'
import { wrap } from '../../wrap.ts'
import { describeTimeLine } from './time-line.ts'

/** How many lines of an unexpected message are shown. */
const SHOWN_LINES = 12

/** A case that failed: where it is, and what differs; of a story, its time line. */
export function failureOf(
  { name, where, differences, timeLine }: Pick<CaseResult, 'name' | 'differences' | 'timeLine'> & { where: string },
  width: number,
): string[] {
  const head = `✗ ${name}  (${where})`
  if (!timeLine) return [head, ...differences.flatMap(diffOf)]
  const hints = new Set(differences.flatMap(({ hint }) => hint ?? []))
  return [head, ...describeTimeLine(timeLine, width), ...[...hints].flatMap((hint) => wrap(clean(hint), width, '    '))]
}

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
