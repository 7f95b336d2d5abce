import type { LineCounter, YAMLParseError } from 'yaml'

/** A YAML syntax error, where it is, and how to fix it. */
export interface SyntaxProblem {
  offset: number
  message: string
}

/** The parser's first error, reworded for the people who edit the text; later errors mostly follow from it. */
export function syntaxProblem(error: YAMLParseError, text: string, lines: LineCounter): SyntaxProblem {
  const offset = error.pos[0]
  return (
    conflict(text) ??
    listBesideKeys(error, text) ??
    notClosed(error, text) ?? { offset, message: messageOf(error, text, lines) }
  )
}

/** The marks that git writes between two versions of the same lines. */
function conflict(text: string): SyntaxProblem | undefined {
  const mark = /^(<{7}|={7}|>{7}|\|{7})(?= |\r?$)/m.exec(text)
  if (!mark) return undefined
  const message = `unresolved merge conflict (${mark[0]}). Keep the right lines, and remove git's markers`
  return { offset: mark.index, message }
}

/** Keys, and then list items in the same place. The parser points to the end of the keys; people look for the item. */
function listBesideKeys({ message, pos }: YAMLParseError, text: string): SyntaxProblem | undefined {
  if (!message.startsWith('A block sequence may not be used')) return undefined
  const skipped = /^(\s*(#.*)?\n)*\s*/.exec(text.slice(pos[0]))?.[0].length ?? 0
  return {
    offset: pos[0] + skipped,
    message: `list item among keys that are not in a list. Put "- " before the first of the keys above, or indent this item like its list`,
  }
}

function messageOf(error: YAMLParseError, text: string, lines: LineCounter): string {
  const { code, message, pos } = error
  if (code === 'MULTIPLE_DOCS') return `a second document starts here (---). Remove that line, or everything after it`
  if (message.startsWith('Maximum call stack')) {
    return 'this is nested too deeply. Write it with fewer brackets within brackets'
  }
  if (code === 'DUPLICATE_KEY') return `${message}. ${firstOf(pos[0], text, lines)}`
  if (code === 'BAD_DQ_ESCAPE') {
    const written = message.replace('Invalid escape sequence ', '')
    return `"${written}" is not a valid escape in double quotes. Use single quotes, '…', or write \\${written}`
  }
  const hint = HINTS.find(([which]) => which.test(message))?.[1] ?? CLOSE
  return `${message}. ${hint}`
}

const CLOSE = 'Check for an unclosed bracket or quote; quote a pattern with special characters'
const COLON = 'Quote a text that contains ": "; in { … } separate keys with commas'

/** By the parser's messages: its codes are too coarse. */
const HINTS: [RegExp, string][] = [
  [/^Tabs /, 'Indent with spaces: two per level'],
  [
    /^(All mapping items|All sequence items|Sequence item without)/,
    'Indent it like its sibling keys; a list item starts with "- "',
  ],
  [/^Nested mappings are not allowed|^Block collections are not allowed/, COLON],
  [/^Plain value cannot start with|^Alias cannot be an empty/, 'Quote the text'],
  [/^(Block scalar header|Not a YAML token)/, 'Quote a text that starts with > or |, as in ">= 99"'],
  [/^Implicit (map )?keys need/, 'Put ": " after the key, and quote a text of several lines'],
  [/^Missing , /, 'Put a comma between the two, or quote the text'],
  [/^Unexpected \S+ at node end/, 'A text ends at its closing quote or bracket: quote all of it'],
]

/**
 * The parser points to the end of the text, which helps little: the quote opens on the first line with an odd number of
 * them.
 */
function notClosed({ message, pos }: YAMLParseError, text: string): SyntaxProblem | undefined {
  const quote = /^Missing closing (["'])/.exec(message)?.[1]
  if (quote === undefined) return undefined
  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.replace(/\\.|(^|\s)#.*$/g, '').split(quote).length % 2 === 0)
  const start = lines.slice(0, Math.max(0, at)).reduce((sum, line) => sum + line.length + 1, 0)
  return {
    offset: at < 0 ? pos[0] : start + (lines[at] ?? '').lastIndexOf(quote),
    message: `this quote (${quote}) is not closed. Close it, or use the other kind around a text that contains one`,
  }
}

function firstOf(offset: number, text: string, lines: LineCounter): string {
  const key = /^[^\s:]+/.exec(text.slice(offset))?.[0] ?? ''
  const indent = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  const first = text
    .slice(0, offset)
    .split('\n')
    .findLastIndex((line) => line.startsWith(`${indent}${key}:`))
  const where = first < 0 ? 'above' : `on line ${first + 1}`
  return `"${key}" is defined already, ${where}: merge the two (line ${lines.linePos(offset).line} is the second)`
}
