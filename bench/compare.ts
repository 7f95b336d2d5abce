import { type Measured, SPREAD } from './measured.ts'
import type { Ratio } from './ratio.ts'

/** A figure of two runs. The lower, the better. */
export interface Worse {
  /** Its table, row and column. */
  name: string
  committed: Ratio
  measured: Ratio
}

export interface Comparison {
  /** Beyond the spread: the middle half of the rounds is above that of the committed run. */
  worse: Worse[]
  /** Names of committed figures that were not measured, and of measured ones that are not committed. */
  notMeasured: string[]
  notCommitted: string[]
  /** How many are no worse. */
  same: number
}

/** Holds the ratios of a run against those of another, on any machine: ratios are of things measured in turns. */
export function compare(committed: Measured[], measured: Measured[]): Comparison {
  const before = new Map(committed.flatMap(figuresIn))
  const now = new Map(measured.flatMap(figuresIn))
  const both = [...before].flatMap(([name, ratio]) => {
    const measured = now.get(name)
    return measured ? [{ name, committed: ratio, measured }] : []
  })
  const worse = both.filter((one) => one.measured.from > one.committed.to)
  return {
    worse,
    notMeasured: [...before.keys()].filter((name) => !now.has(name)),
    notCommitted: [...now.keys()].filter((name) => !before.has(name)),
    same: both.length - worse.length,
  }
}

/** The ratios of a table, by their names. A cell without a number is none; one without its spread is taken as exact. */
function figuresIn({ title, head, rows }: Measured): [string, Ratio][] {
  const table = title.replace(/ \(.*\)$/, '')
  return rows.flatMap((row) =>
    head.flatMap((over, column): [string, Ratio][] => {
      const middle = Number(row[column])
      if (!over.startsWith('over ') || !Number.isFinite(middle)) return []
      const spread = head[column + 1] === SPREAD ? row[column + 1] : undefined
      const [from = middle, to = middle] = spread?.split(' to ').map(Number) ?? []
      return [[`${table}: ${row[0]}, ${over}`, { middle, from, to }]]
    }),
  )
}
