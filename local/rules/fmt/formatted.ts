import { isDeepStrictEqual } from 'node:util'
import { type CST, type Document, isScalar, type Node, Parser, parseDocument, visit } from 'yaml'
import { ConfigError } from '../../../shared/config/check.ts'
import { readYaml } from '../../../shared/config/read.ts'

/**
 * YAML with even indentation and spacing. What is written over several lines by hand (a list in brackets, a text), and
 * how a number is written, stays as it is; so do comments, anchors, quotes and the order.
 * @throws {ConfigError} with the line of what is no YAML, or when something would be lost, which should never be.
 */
export function formatted(text: string, path: string): string {
  readYaml(text, path, () => undefined)
  const source = parseDocument(text)
  const even = source.toString({ lineWidth: 0 })
  const result = withoutPadding(withKept(even, text, source))
  const after = parseDocument(result)
  if (
    after.errors.length > 0 ||
    !isDeepStrictEqual(after.toJS(), source.toJS()) ||
    !isDeepStrictEqual(comments(result), comments(text))
  ) {
    throw new ConfigError([], `${path}: can't be formatted without losing something, and is left as it is`)
  }
  return result
}

/** Puts what must stay as it was written back into its place. */
function withKept(even: string, text: string, source: Document): string {
  const [before, now] = [keepable(source), keepable(parseDocument(even))]
  if (before.length !== now.length) return even
  return before.reduceRight((result, node, index) => {
    const [from, to] = now[index]?.range ?? [0, 0]
    const written = text.slice(node.range?.[0], node.range?.[1])
    const isNumberOrSo = isScalar(node) && typeof node.value !== 'string'
    if (!isNumberOrSo && !written.includes('\n')) return result
    return result.slice(0, from) + written + result.slice(to)
  }, even)
}

/** Lists and maps in brackets, as a whole, and single values but those that keep their lines anyway (`|`). */
function keepable(document: Document): Node[] {
  const nodes: Node[] = []
  visit(document, {
    Collection(_, node) {
      if (!node.flow) return undefined
      nodes.push(node)
      return visit.SKIP
    },
    Scalar(key, node) {
      if (key !== 'key' && node.type !== 'BLOCK_LITERAL') nodes.push(node)
    },
  })
  return nodes
}

/** `[a, b]`, as most people write it; the library pads as in `{ a: b }`. */
function withoutPadding(text: string): string {
  const pads: number[] = []
  visit(parseDocument(text), {
    Seq(_, node) {
      const [from, to] = node.range ?? [0, 0]
      if (!node.flow || text.slice(from, to).includes('\n')) return
      if (text[from + 1] === ' ') pads.push(from + 1)
      if (text[to - 2] === ' ' && to - 2 > from + 1) pads.push(to - 2)
    },
  })
  return pads.sort((a, b) => b - a).reduce((result, at) => result.slice(0, at) + result.slice(at + 1), text)
}

function comments(text: string): string[] {
  const found: string[] = []
  const collect = (token: unknown): void => {
    if (typeof token !== 'object' || token === null) return
    if ((token as CST.Token).type === 'comment') found.push((token as CST.SourceToken).source.trim())
    for (const value of Object.values(token)) collect(value)
  }
  for (const token of new Parser().parse(text)) collect(token)
  return found
}
