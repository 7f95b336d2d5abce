import { stripVTControlCharacters } from 'node:util'

/** A text in lines of at most `width` columns, where its words allow that. */
export function wrap(text: string, width: number, indent = '', hanging = indent): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    const start = lines.length === 0 ? indent : hanging
    if (line !== '' && columns(start) + columns(line) + 1 + columns(word) > width) {
      lines.push(start + line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, (lines.length === 0 ? indent : hanging) + line]
}

function columns(text: string): number {
  return stripVTControlCharacters(text).length
}

/**
 * How wide a text for a person may be: as COLUMNS says, or the terminal is, or `unknown` where neither is known; at least 40, and
 * at most `most`, for longer lines are hard to read.
 */
export function widthOf({ columns }: { columns?: number }, most = 120, unknown = 100): number {
  const said = Number(process.env.COLUMNS)
  const wanted = Number.isInteger(said) && said > 0 ? said : columns || unknown
  return Math.max(40, Math.min(wanted, most))
}
