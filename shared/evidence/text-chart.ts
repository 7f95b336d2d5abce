import type { Bars } from '../../schemas/evidence.ts'
import type { Point } from '../questions/ask.ts'

const BLOCKS = ' ▁▂▃▄▅▆▇█'
const EIGHTHS = 8
const ROWS = 5
const COLUMNS = 36
/** Of the row that the threshold is in, where no value hides it. */
const LIMIT = '┄'

interface Drawn {
  points: Point[]
  periodS: number
  /** In epoch seconds: the first, and after the last. */
  from: number
  to: number
  threshold: number | undefined
  /** An alarm of what falls: its lowest values matter. */
  isLow: boolean
}

/** In each column the worst value of its time; nothing where there was none. */
function columnsOf({ points, from, to, periodS, isLow }: Drawn): (number | undefined)[] {
  const periods = Math.max(1, Math.ceil((to - from) / periodS))
  const count = Math.min(COLUMNS, periods)
  const columns: (number | undefined)[] = Array.from({ length: count })
  for (const [time, value] of points) {
    if (!Number.isFinite(value)) continue
    const at = Math.min(count - 1, Math.max(0, Math.floor(((time - from) / (to - from)) * count)))
    columns[at] = (isLow ? Math.min : Math.max)(columns[at] ?? value, value)
  }
  return columns
}

/** From 0, or from the lowest value below it, up to the highest value or the threshold. */
function boundsOf(columns: (number | undefined)[], threshold: number | undefined): [low: number, high: number] {
  const values = [...columns, threshold].filter((value) => value !== undefined)
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  return [low, high === low ? low + 1 : high]
}

/** A metric as values, for a picture. */
export function chartBars(drawn: Drawn): Bars {
  const { threshold, isLow } = drawn
  const values = columnsOf(drawn).map((value) => value ?? null)
  return { values, isLow, ...(threshold !== undefined && { threshold }) }
}

/** A metric in one line of characters: `▁▁▂▇█`. */
export function chartLine(drawn: Drawn): string {
  const columns = columnsOf(drawn)
  const [low, high] = boundsOf(columns, drawn.threshold)
  return columns
    .map((value) =>
      value === undefined ? ' ' : BLOCKS[1 + Math.round(((value - low) / (high - low)) * (EIGHTHS - 1))],
    )
    .join('')
    .trimEnd()
}

/** In several rows, the highest first, with the threshold: for a font whose characters have one width. */
export function chartRows(drawn: Drawn, label: (value: number) => string): string[] {
  const columns = columnsOf(drawn)
  const { threshold } = drawn
  const [low, high] = boundsOf(columns, threshold)
  const heightOf = (value: number) => Math.max(1, Math.round(((value - low) / (high - low)) * ROWS * EIGHTHS))
  const limitRow =
    threshold === undefined ? undefined : Math.min(ROWS - 1, Math.floor((heightOf(threshold) - 1) / EIGHTHS))
  const labels = Array.from({ length: ROWS }, (_, row) => {
    if (row === limitRow && threshold !== undefined) return label(threshold)
    return row === ROWS - 1 ? label(high) : row === 0 ? label(low) : ''
  })
  const width = Math.max(...labels.map((one) => one.length))
  return Array.from({ length: ROWS }, (_, at) => {
    const row = ROWS - 1 - at
    const cells = columns.map((value) => {
      const filled = value === undefined ? 0 : Math.min(EIGHTHS, Math.max(0, heightOf(value) - row * EIGHTHS))
      return filled === 0 && row === limitRow ? LIMIT : BLOCKS[filled]
    })
    return `${(labels[row] ?? '').padStart(width)} ${row === limitRow ? '┼' : '│'}${cells.join('')}`.trimEnd()
  })
}
