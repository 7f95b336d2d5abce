import Table from 'cli-table3'
import { columns, wrap } from './wrap.ts'

/** A table for a person: cells may have several lines, and colours. */
export interface Rows {
  head: string[]
  rows: string[][]
}

/** In a frame, with columns of the given widths, or as wide as their content. */
export function framed({ head, rows }: Rows, colWidths?: number[]): string {
  const table = new Table({
    head,
    ...(colWidths && { colWidths, wordWrap: true }),
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) table.push(row)
  return table.toString()
}

/** One row after the other, each cell on its own lines beside the name of its column. */
export function stacked({ head, rows }: Rows, width: number): string {
  const names = head.map((name) => name.replaceAll('\n', ' '))
  const column = Math.max(...names.map((name) => name.length)) + 2
  const lines = rows.map((row) =>
    row
      .flatMap((cell, index) =>
        cell.split('\n').flatMap((line, at) => {
          const start = (at === 0 ? (names[index] ?? '') : '').padEnd(column)
          return wrap(line, width, start, `${' '.repeat(column)}  `)
        }),
      )
      .join('\n'),
  )
  return lines.join('\n\n')
}

/** In a frame, or row by row where that is too wide. */
export function fitting(rows: Rows, width: number): string {
  const table = framed(rows)
  return table.split('\n').some((line) => columns(line) > width) ? stacked(rows, width) : table
}
