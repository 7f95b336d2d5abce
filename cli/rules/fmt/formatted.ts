import { isDeepStrictEqual } from 'node:util'
import { type CST, type Document, type Node, Parser, parseDocument, Scalar, visit } from 'yaml'
import { ConfigError } from '../../../shared/config/check.ts'
import { readYaml } from '../../../shared/config/read.ts'

/**
 * Formats YAML: indentation and spacing. Keeps multi-line values (a list or map in brackets, a text) and the
 * notation of numbers, and also comments and their places, anchors, quotes, the order and line endings.
 * @throws {ConfigError} with the line of a YAML syntax error, or if something would be lost, which should never
 * happen.
 */
export function formatted(text: string, path: string): string {
  readYaml(text, path, () => undefined)
  const [mark = ''] = /^\ufeff/.exec(text) ?? []
  const isWindows = /^[^\n]*\r\n/.test(text)
  const result = inPlace(text.slice(mark.length).replaceAll('\r\n', '\n'))
  if (result === undefined) {
    throw new ConfigError([], `${path}: cannot be formatted without losing something, and was left unchanged`)
  }
  return mark + (isWindows ? result.replaceAll('\n', '\r\n') : result)
}

/** Formatted, with each comment where it was: on its own line, or not; `undefined` if that is impossible. */
function inPlace(text: string): string | undefined {
  const result = withCommentsBack(even(text), text)
  const [before, after] = [comments(text), comments(result)]
  const source = parseDocument(text)
  const parsed = parseDocument(result)
  const isSame =
    parsed.errors.length === 0 &&
    isDeepStrictEqual(parsed.toJS(), source.toJS()) &&
    isDeepStrictEqual(textsOf(after), textsOf(before))
  if (!isSame) return undefined
  // The library reads a comment indented deeper than a value as a trailing comment.
  const moved = before.filter((comment, index) => comment.isAlone && !after[index]?.isAlone)
  const isBehind = before.every((comment, index) => comment.isAlone || !after[index]?.isAlone)
  if (moved.length === 0) return isBehind ? result : undefined
  const moreEven = moved.reduceRight(lessDeep, text)
  return moreEven === text ? undefined : inPlace(moreEven)
}

/** The library moves a comment after `key:` below it, and indents a comment above a line like the line before it. */
function withCommentsBack(result: string, text: string): string {
  const [before, after] = [comments(text), comments(result)]
  if (!isDeepStrictEqual(textsOf(after), textsOf(before))) return result
  return after.reduceRight((whole, comment, index) => {
    const was = before[index] as Comment
    if (!comment.isAlone || was.isInBrackets) return whole
    const start = whole.lastIndexOf('\n', comment.offset) + 1
    const rest = whole.slice(comment.offset)
    if (!was.isAlone) return `${whole.slice(0, start).trimEnd()} ${rest}`
    const isAbove = indentOf(lineAt(text, was.offset)).length <= indentBelow(text, was).length
    const indent = indentBelow(whole, comment)
    return isAbove && indent.length !== comment.offset - start ? whole.slice(0, start) + indent + rest : whole
  }, result)
}

/** The indentation of the next non-comment, non-empty line. */
function indentBelow(text: string, { offset }: Comment): string {
  const lines = /\n( *)(?=[^\s#])/g
  lines.lastIndex = offset
  return lines.exec(text)?.[1] ?? ''
}

/** At most as deep as the line above it, and less deep than before. */
function lessDeep(text: string, { offset }: Comment): string {
  const start = text.lastIndexOf('\n', offset) + 1
  const [above = ''] = /[^\n]*\n(?:\s*#[^\n]*\n|\s*\n)*$/.exec(text.slice(0, start)) ?? []
  const depth = Math.max(0, Math.min(indentOf(above).length, offset - start - 1))
  return text.slice(0, start) + ' '.repeat(depth) + text.slice(offset)
}

// ── what stays unchanged ─────────────────────────────────────────────────────────────────────────────────────────

interface Kept {
  written: string
  /** The indentation of its first line. */
  indent: string
}

function even(text: string): string {
  const document = parseDocument(text)
  const name = nameNotIn(text)
  const kept: Kept[] = []
  const standIn = (node: Node): Scalar => {
    const [from = 0, to = 0] = node.range ?? []
    kept.push({ written: text.slice(from, to).replace(/\n$/, ''), indent: indentOf(lineAt(text, from)) })
    return Object.assign(new Scalar(`${name}${kept.length - 1}_`), propertiesOf(node))
  }
  visit(document, {
    Collection: (_, node) => (node.flow && isOverLines(node, text) ? standIn(node) : undefined),
    Scalar(key, node) {
      // The library writes an omitted value as nothing, without a blank before it.
      if (key === 'key' || node.type === 'BLOCK_LITERAL' || node.source === '') return undefined
      return typeof node.value !== 'string' || isOverLines(node, text) ? standIn(node) : undefined
    },
  })
  return withoutPadding(withKept(document, name, kept))
}

/** A placeholder for kept text while the rest is formatted. */
function nameNotIn(text: string): string {
  let name = 'KEPT_'
  while (text.includes(name)) name = `_${name}`
  return name
}

function propertiesOf({ comment, commentBefore, spaceBefore, tag, ...node }: Node): Partial<Scalar> {
  const anchor = 'anchor' in node ? node.anchor : undefined
  return {
    ...{ comment, commentBefore, spaceBefore },
    ...(tag !== undefined && { tag }),
    ...(anchor !== undefined && { anchor }),
  } as Partial<Scalar>
}

function isOverLines({ range }: Node, text: string): boolean {
  // The placeholder has none.
  return range !== undefined && range !== null && text.slice(range[0], range[1]).includes('\n')
}

/** Restores the kept text, its lines shifted as far as its first one was. */
function withKept(document: Document, name: string, kept: Kept[]): string {
  const text = document.toString({ lineWidth: 0 })
  return text.replaceAll(new RegExp(`${name}(\\d+)_`, 'g'), (_, index: string, at: number) => {
    const { written, indent } = kept[Number(index)] as Kept
    const shift = indentOf(lineAt(text, at)).length - indent.length
    return written.replaceAll(
      /\n( *)(?=[^\n])/g,
      (__, spaces: string) => `\n${' '.repeat(Math.max(0, spaces.length + shift))}`,
    )
  })
}

function lineAt(text: string, at: number): string {
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
}

function indentOf(line: string): string {
  return /^ */.exec(line)?.[0] ?? ''
}

/** `[a, b]`, as most people write it; the library pads it as in `{ a: b }`. And no blank before an omitted item. */
function withoutPadding(text: string): string {
  const pads: number[] = []
  visit(parseDocument(text), {
    Scalar(key, { source, range }) {
      if (key === 'key' || source !== '' || !range) return
      const end = `${text}\n`.indexOf('\n', range[0])
      for (let at = end - 1; text[at] === ' '; at--) pads.push(at)
    },
    Seq(_, node) {
      const [from, to] = node.range ?? [0, 0]
      if (!node.flow || text.slice(from, to).includes('\n')) return
      if (text[from + 1] === ' ') pads.push(from + 1)
      if (text[to - 2] === ' ' && to - 2 > from + 1) pads.push(to - 2)
    },
  })
  return pads.sort((a, b) => b - a).reduce((result, at) => result.slice(0, at) + result.slice(at + 1), text)
}

// ── comments
// ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Comment {
  text: string
  offset: number
  /** On a separate line. */
  isAlone: boolean
  isInBrackets: boolean
}

function comments(text: string): Comment[] {
  const found: Comment[] = []
  const collect = (token: unknown, isInBrackets: boolean): void => {
    if (typeof token !== 'object' || token === null) return
    const { type, source, offset } = token as CST.SourceToken
    if (type === 'comment') {
      found.push({ text: source.trim(), offset, isAlone: lineAt(text, offset).trim() === '', isInBrackets })
    }
    // A comment after the closing bracket is in the same token.
    const isFlow = type === ('flow-collection' as string)
    for (const [key, value] of Object.entries(token)) collect(value, isInBrackets || (isFlow && key === 'items'))
  }
  for (const token of new Parser().parse(text)) collect(token, false)
  return found.sort((a, b) => a.offset - b.offset)
}

function textsOf(all: Comment[]): string[] {
  return all.map(({ text }) => text)
}
