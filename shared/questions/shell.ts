/** What needs no quotes in any shell. */
const PLAIN = /^[\w@%+=:,./-]+$/
/** What would not be seen, or would move the cursor. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/**
 * A command for a person to paste into bash or zsh: whatever a value holds, it is a value. `words` are ours, and stay as they
 * are.
 */
export function shell(words: string, options: Record<string, string> = {}): string {
  const given = Object.entries(options).map(([name, value]) => {
    // A value that begins like an option would be one.
    const between = value.startsWith('-') ? '=' : ' '
    return `--${name}${between}${quoted(value)}`
  })
  return [words, ...given].join(' ')
}

/** A text as one word of a shell. */
export function quoted(text: string): string {
  if (PLAIN.test(text)) return text
  if (text.search(UNSEEN) < 0) return `'${text.replaceAll("'", "'\\''")}'`
  return `$'${text.replace(/['\\]/g, hex).replace(UNSEEN, hex)}'`
}

function hex(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** The words of such a command, each with its quotes: between them it may be broken. */
export function wordsOf(command: string): string[] {
  return command.match(/(?:\$?'[^']*'|\\'|[^\s'])+/g) ?? []
}

/** Whether a text is such a command, or words. */
export const isCommand = (text: string): boolean => /^(aws|npm|alert-router) /.test(text)
