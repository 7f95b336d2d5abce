/** What needs no quotes in any shell: zsh makes a path of `=name`. */
const PLAIN = /^(?!=)[\w@%+=:,./-]+$/
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
  return `$'${text.replace(/['\\]/g, octal).replace(UNSEEN, octal)}'`
}

/** By its bytes, so that it is the same in any locale. */
function octal(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}

/**
 * The parts of such a command, each with its quotes: between them it may be broken. An option stays beside its value, unless
 * both are longer than `most`.
 */
export function partsOf(command: string, most = Number.POSITIVE_INFINITY): string[] {
  const words = command.match(/(?:\$?'[^']*'|\\'|[^\s'])+/g) ?? []
  return words.reduce<string[]>((parts, word, at) => {
    const option = words[at - 1]
    const isValue = option?.startsWith('--') && !word.startsWith('--')
    if (isValue && `${option} ${word}`.length <= most) parts.push(`${parts.pop()} ${word}`)
    else parts.push(word)
    return parts
  }, [])
}

/** Whether a text is such a command, or words. */
export const isCommand = (text: string): boolean => /^(aws|npm|alert-router) /.test(text)
