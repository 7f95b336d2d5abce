import type { LineCounter, YAMLParseError } from 'yaml'

/** What is wrong with a text that is no YAML, where, and how to mend it. */
export interface SyntaxProblem {
  offset: number
  message: string
}

/** The parser's first error, in the words of those who edit the text; the others mostly follow from it. */
export function syntaxProblem(error: YAMLParseError, text: string, lines: LineCounter): SyntaxProblem {
  const offset = error.pos[0]
  return (
    conflict(text) ??
    listBesideKeys(error, text) ??
    notClosed(error, text) ?? { offset, message: messageOf(error, text, lines) }
  )
}

/** What git writes between two versions of the same lines. */
function conflict(text: string): SyntaxProblem | undefined {
  const mark = /^(<{7}|={7}|>{7}|\|{7})(?= |\r?$)/m.exec(text)
  if (!mark) return undefined
  const message = `a merge conflict is left here (${mark[0]}). Keep the lines that are meant, and remove git's marks`
  return { offset: mark.index, message }
}

/** Keys, and then list items in the same place. The parser names the end of the keys; the item is what people look for. */
function listBesideKeys({ message, pos }: YAMLParseError, text: string): SyntaxProblem | undefined {
  if (!message.startsWith('A block sequence may not be used')) return undefined
  const skipped = /^(\s*(#.*)?\n)*\s*/.exec(text.slice(pos[0]))?.[0].length ?? 0
  return {
    offset: pos[0] + skipped,
    message: `a list item begins here, beside keys that are in no list. Put "- " before the first of the keys above, or indent this like the list that it belongs to`,
  }
}

function messageOf(error: YAMLParseError, text: string, lines: LineCounter): string {
  const { code, message, pos } = error
  if (code === 'MULTIPLE_DOCS') return `a second document begins here (---). Remove that line, or what follows it`
  if (code === 'DUPLICATE_KEY') return `${message}. ${firstOf(pos[0], text, lines)}`
  if (code === 'BAD_DQ_ESCAPE') {
    const written = message.replace('Invalid escape sequence ', '')
    return `"${written}" means nothing between double quotes. Put the text in single quotes, '…', or write \\${written}`
  }
  const hint = HINTS.find(([which]) => which.test(message))?.[1] ?? CLOSE
  return `${message}. ${hint}`
}

const CLOSE = 'Look there for a bracket or a quote that is not closed; a pattern with special characters needs quotes'
const COLON = 'A text with ": " in it needs quotes; in { … } a comma stands between two keys'

/** By the parser's messages: its codes are too few. */
const HINTS: [RegExp, string][] = [
  [/^Tabs /, 'Indent with spaces: two for each level'],
  [
    /^(All mapping items|All sequence items|Sequence item without)/,
    'Give it as many spaces as the keys that it stands beside; an item of a list begins with "- "',
  ],
  [/^Nested mappings are not allowed|^Block collections are not allowed/, COLON],
  [/^Plain value cannot start with|^Alias cannot be an empty/, 'Put the text in quotes'],
  [/^(Block scalar header|Not a YAML token)/, 'A text that starts with > or | needs quotes, as in ">= 99"'],
  [/^Implicit (map )?keys need/, 'Put ": " after the key, and a text of several lines in quotes'],
  [/^Missing , /, 'Put a comma between the two, or the text in quotes'],
  [/^Unexpected \S+ at node end/, 'A text ends with its closing quote or bracket: put all of it in quotes'],
]

/** The parser names the end of the text, which helps little: the quote opens on the first line with one too many. */
function notClosed({ message, pos }: YAMLParseError, text: string): SyntaxProblem | undefined {
  const quote = /^Missing closing (["'])/.exec(message)?.[1]
  if (quote === undefined) return undefined
  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.replace(/\\.|(^|\s)#.*$/g, '').split(quote).length % 2 === 0)
  const start = lines.slice(0, Math.max(0, at)).reduce((sum, line) => sum + line.length + 1, 0)
  return {
    offset: at < 0 ? pos[0] : start + (lines[at] ?? '').lastIndexOf(quote),
    message: `this quote (${quote}) is not closed. Close it; a text that holds one needs the other kind around it`,
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
  return `"${key}" is there already, ${where}: put what both say under one of them (line ${lines.linePos(offset).line} is the second)`
}
