/*
 * In a line of JSON, a new line is two characters, `\n`: what follows it stands behind a letter, and a pattern that needs the
 * beginning of a word would not find it. So each escape is one character while secrets are looked for.
 */

const LETTERS = 'nrtbf'
/** The first of Unicode's noncharacters: no text that is exchanged has them (Unicode Standard, 23.7). */
const FIRST = 0xfdd0
const ESCAPE = /\\([nrtbf])/g
const MARK = /[\ufdd0-\ufdd4]/g

/** Changes a text whose escapes (`\n`) are one character that is no letter, and puts them back. */
export function withEscapesAside(text: string, change: (text: string) => string): string {
  const plain = text.replace(MARK, '')
  if (!plain.includes('\\')) return change(plain)
  const marked = plain.replace(ESCAPE, (_, letter: string) => String.fromCharCode(FIRST + LETTERS.indexOf(letter)))
  return change(marked).replace(MARK, (mark) => `\\${LETTERS.charAt(mark.charCodeAt(0) - FIRST)}`)
}
