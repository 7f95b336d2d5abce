import Table from 'cli-table3'
import type { Ratio } from './ratio.ts'

/** A table of figures. Two rows of it have different first cells. */
export interface Measured {
  /** What it shows; an aim is in brackets at its end. */
  title: string
  /** A ratio has two columns: `over …`, and its SPREAD. */
  head: string[]
  rows: string[][]
  /** A line below it. */
  note?: string
}

/** The head of the column behind a ratio. */
export const SPREAD = 'half of them'

/** The two cells of a ratio. */
export function ratioCells(ratio: Ratio | undefined): [string, string] {
  if (ratio === undefined) return ['-', '-']
  const digits = ratio.middle < 100 ? 2 : 0
  return [ratio.middle.toFixed(digits), rangeCell(ratio.from, ratio.to, digits)]
}

export function rangeCell(from: number, to: number, digits = 0): string {
  return `${from.toFixed(digits)} to ${to.toFixed(digits)}`
}

/** As docs/performance.md shows it, and `tablesIn` reads it. */
export function drawn({ title, head, rows, note }: Measured): string {
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
  })
  table.push(...rows)
  return [title, table.toString(), ...(note === undefined ? [] : [note])].join('\n')
}

/** The tables of a text in which they are drawn. */
export function tablesIn(text: string): Measured[] {
  const tables = text.matchAll(/^(.+)\n┌[^\n]*\n([\s\S]*?)^└/gm)
  return [...tables].map(([, title = '', inside = '']) => {
    const lines = inside.split('\n').filter((line) => line.startsWith('│'))
    const cells = lines.map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    const [head = [], ...rows] = cells
    return { title, head, rows }
  })
}
