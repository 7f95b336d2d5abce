import { styleText } from 'node:util'
import { clockText, elapsedText } from '../../../shared/cases/moment.ts'
import type { TimeLine, TimeLineRow } from '../../../shared/cases/time-line.ts'
import { oneLine } from '../../../shared/channels/outside-text.ts'
import { columns, widest, wrap } from '../../wrap.ts'

// Colour only on a terminal: `styleText` checks stdout, NO_COLOR and FORCE_COLOR.
const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text)
const [dim, red, green, bold] = [style('dim'), style('red'), style('green'), style('bold')]

/** The same message that nobody expected, again and again, is shown so often; the others are counted. */
const SHOWN = 3
/** Lines of a message that are shown, if it should say something else. */
const NOTES = 20
/** On a narrower terminal, what was expected is below what happened. */
const LEAST_BESIDE = 34

/** A story that failed: what happened, and beside it what was expected, by the clocks of the rules. */
export function describeTimeLine({ rows, startsAt, zone, goesOn }: TimeLine, width: number): string[] {
  const shown = folded(rows)
  const times = shown.map(({ at }) => ({ elapsed: elapsedText(at - startsAt), clock: clockText(at, zone, startsAt) }))
  const elapsedWidth = widest(times.map(({ elapsed }) => elapsed))
  const clockWidth = widest(times.map(({ clock }) => clock))
  const start = 2 + elapsedWidth + 2 + clockWidth + 2
  const left = widest(['what happened', ...shown.map(happenedIn)]) + 3
  const isBeside = width - start - left >= LEAST_BESIDE
  const widths = { width, start, left: isBeside ? left : 0 }
  const lines = shown.flatMap((row, index) => {
    const { elapsed = '', clock = '' } = times[index] ?? {}
    const { more } = row
    return [
      ...describeRow(row, `  ${elapsed.padStart(elapsedWidth)}  ${clock.padEnd(clockWidth)}  `, widths),
      ...(more
        ? [dim(`${' '.repeat(start)}… and ${more.count} more, until ${elapsedText(more.until - startsAt)}`)]
        : []),
    ]
  })
  return [
    ...(isBeside ? [dim(`${' '.repeat(start)}${'what happened'.padEnd(left)}what was expected`)] : []),
    ...lines,
    ...(goesOn ? wrap(GOES_ON, width, '    ') : []),
  ]
}

const GOES_ON = 'And so on. To end the story earlier, give it a time, as in "ends: 2h".'

type Shown = TimeLineRow & {
  /** So many more of the same came after it, until then. */
  more?: { count: number; until: number }
}

/** Without what nobody expected, if it has been shown often since the last step or expectation. */
function folded(rows: TimeLineRow[]): Shown[] {
  const shown: Shown[] = []
  let times = new Map<string, number>()
  for (const row of rows) {
    const { isSent, result, happened = '', at } = row
    const isRepeatable = isSent && result === 'not expected' && row.notes === undefined
    if (!isRepeatable) times = new Map()
    const before = times.get(happened) ?? 0
    if (isRepeatable) times.set(happened, before + 1)
    const last = shown.at(-1)
    if (before < SHOWN || !last) shown.push({ ...row })
    else last.more = { count: (last.more?.count ?? 0) + 1, until: at }
  }
  return shown
}

/** `left`: the width of what happened; 0: what was expected is below it. */
function describeRow(
  row: TimeLineRow,
  time: string,
  { width, start, left }: { width: number; start: number; left: number },
): string[] {
  const happened = happenedIn(row)
  const isAlone = happened === ''
  const column = isAlone && left === 0 ? start : start + left
  const expected = expectedIn(row)
  const [first = '', ...more] = expected === '' ? [] : wrap(expected, width - column)
  const colour = row.result === 'as expected' ? green : red
  const below = (text: string) => `${' '.repeat(column)}${colour(text)}`
  const right = first === '' ? '' : colour(first)
  const notes = (row.notes ?? [])
    .slice(0, NOTES)
    .flatMap((note) => wrap(oneLine(note), width, ' '.repeat(start + 2), ' '.repeat(start + 4)).map(dim))
  const isBelow = left === 0 && !isAlone && first !== ''
  const words = row.isSent ? bold(happened) : happened
  const space = ' '.repeat(Math.max(0, left - columns(happened)))
  return [
    `${dim(time)}${words}${isBelow ? '' : `${space}${right}`}`.trimEnd(),
    ...(isBelow ? [below(first)] : []),
    ...more.map(below),
    ...notes,
  ]
}

function happenedIn({ happened = '', isSent }: TimeLineRow): string {
  return `${isSent ? '→ ' : ''}${oneLine(happened)}`
}

function expectedIn({ expected, when, result }: TimeLineRow): string {
  if (result === undefined) return ''
  if (result === 'missing') return `✗ not sent: ${expected}, ${when}`
  if (expected === 'nothing') return `${result === 'as expected' ? '✓' : '✗'} nothing, ${when}`
  return result === 'as expected' ? `✓ ${when}` : '✗ not expected'
}
