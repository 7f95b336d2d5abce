import { stripVTControlCharacters } from 'node:util'

/** Wraps a text to at most `width` columns, between words. */
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

/** How many columns of a terminal a text takes, without its colours. */
export function columns(text: string): number {
  return stripVTControlCharacters(text).length
}

/** How many columns the widest takes; 0 without any. There may be too many for one call of `Math.max`. */
export function widest(texts: string[]): number {
  return texts.reduce((most, text) => Math.max(most, columns(text)), 0)
}

/**
 * The width for text: COLUMNS, or the terminal's, or `unknown` if neither is known; at least 40, and at most `most`,
 * because longer lines are hard to read.
 */
export function widthOf({ columns }: { columns?: number }, most = 120, unknown = 100): number {
  const said = Number(process.env.COLUMNS)
  const wanted = Number.isInteger(said) && said > 0 ? said : columns || unknown
  return Math.max(40, Math.min(wanted, most))
}
