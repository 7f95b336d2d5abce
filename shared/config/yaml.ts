import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
} from 'yaml'
import { allowed } from './allowed.ts'
import { ConfigError, type Place, type Problem } from './problem.ts'
import { syntaxProblem } from './yaml-syntax.ts'

/** A parsed text. */
export interface Opened {
  path: string
  data: unknown
  /** Where a path of the data was written: its key, or its nearest ancestor in the text. */
  placeOf(path: Problem['path']): Place
}

const NOT_YAML = 'YAML syntax error'

/** No rules that a person wrote have aliases for more values than this. */
const MAX_VALUES = 1_000_000

/** A number, a `true` or a `false`, as it is written. */
export interface Written {
  source: string
  value: unknown
  /** Its key is in double quotes, as all keys in JSON. */
  isJson: boolean
}

export type IsText = (within: Problem['path'], written: Written) => boolean

/**
 * Reads YAML (JSON is YAML too).
 * @param isText whether a number, a `true` or a `false` at a path is read as the text as written: `1.10`, not 1.1.
 * @throws {ConfigError} for invalid YAML, with the line.
 */
export function openYaml(text: string, path: string, isText: IsText = () => false): Opened {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const refuse = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset)
    const problem = { code: 'syntax', path: [], message, place: { file: path, line, col, path: [] } }
    const written = text.split('\n')[line - 1] ?? ''
    return new ConfigError([problem], `${path}:${line}:${col}: ${message}:\n  ${shownLine(written)}`)
  }
  const control = /[\0-\x08\v\f\x0e-\x1f]/.exec(text)
  if (control)
    throw refuse(control.index, `${NOT_YAML}: found a control character (${codePoint(control[0])}). Remove it`)
  const [syntax] = document.errors
  if (syntax) {
    const { offset, message } = syntaxProblem(syntax, text, lines)
    throw refuse(offset, `${NOT_YAML}: ${message}`)
  }
  const [warning] = document.warnings
  if (warning) throw refuse(warning.pos[0], tagHint(text.slice(...warning.pos)) ?? warning.message)
  const wrong = aliasProblem(document)
  if (wrong) throw refuse(wrong.offset, wrong.why)
  keepTexts(document, isText)
  return {
    path,
    // aliasProblem has limited the aliases already.
    data: document.toJS({ maxAliasCount: -1 }),
    placeOf: (within) => ({
      file: path,
      ...lines.linePos(offsetOf(document, within)),
      path: within,
      ...namedIn(within, document),
    }),
  }
}

const MAX_SHOWN = 160

/** A tab would shift it, other control characters would affect the terminal, and a file may be one long line. */
function shownLine(written: string): string {
  const text = written.replace(/\p{Cc}/gu, ' ').trimEnd()
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text
}

function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** The parser only warns about an unknown tag, and drops it: `!Ref x` would be the text `x`. */
function tagHint(written: string): string | undefined {
  if (!written.startsWith('!')) return undefined
  return `unsupported tag "${written}". Write the value itself; quote a text that starts with !`
}

/** Restores the written text of each plain number, `true` and `false` that must be a text. */
function keepTexts(document: Document, isText: IsText): void {
  const path: Problem['path'] = []

  function keepBelow(step: string | number, node: unknown, isJson: boolean): void {
    path.push(step)
    keep(node, isJson)
    path.pop()
  }

  function keep(node: unknown, isJson: boolean): void {
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) keepBelow(index, item, isJson)
    } else if (isMap(node)) {
      for (const item of node.items) keep(item, isJson)
    } else if (isPair(node)) {
      const { key, value } = node
      if (!isScalar(key)) keepBelow('', key, false)
      else if (isPlain(key)) key.value = key.source
      keepBelow(isScalar(key) ? String(key.value) : '', value, isScalar(key) && key.type === 'QUOTE_DOUBLE')
    } else if (isPlain(node) && isText([...path], { source: node.source, value: node.value, isJson })) {
      node.value = node.source
    }
  }

  keep(document.contents, false)
}

function isPlain(node: unknown): node is Scalar & { source: string } {
  return isScalar(node) && node.source !== undefined && typeof node.value !== 'string' && node.value !== null
}

/** An alias without an anchor before it, one within itself, or one with which the document grows without bound. */
function aliasProblem(document: Document): { offset: number; why: string } | undefined {
  // How many values each anchor stands for, with its own aliases expanded; `undefined` while it is being counted.
  const sizes = new Map<string, number | undefined>()
  let problem: { offset: number; why: string } | undefined
  let total = 0

  function sizeOfAlias({ source, range }: Alias): number {
    const size = sizes.get(source)
    total += size ?? 0
    const why = !sizes.has(source)
      ? `${NOT_YAML}: unknown alias "*${source}": no "&${source}" before it. ${allowed(source, [...sizes.keys()])} Quote a text that starts with *`
      : size === undefined
        ? `the alias "*${source}" contains itself. Write out the value`
        : total > MAX_VALUES
          ? `with "*${source}", the aliases expand to more than ${MAX_VALUES.toLocaleString('en')} values. Shorten "&${source}", or use it less often`
          : undefined
    if (why !== undefined) problem ??= { offset: range?.[0] ?? 0, why }
    return size ?? 0
  }

  function sizeOf(node: unknown): number {
    if (problem) return 0
    if (isPair(node)) return sizeOf(node.key) + sizeOf(node.value)
    if (isAlias(node)) return sizeOfAlias(node)
    const anchor = isNode(node) ? node.anchor : undefined
    if (anchor !== undefined) sizes.set(anchor, undefined)
    const size = isCollection(node) ? node.items.reduce<number>((sum, item) => sum + sizeOf(item), 1) : 1
    if (anchor !== undefined) sizes.set(anchor, size)
    return size
  }

  sizeOf(document.contents)
  return problem
}

/** The name of the rule that a path is in; in a file of cases, which is a list, of the case. */
function namedIn(path: Problem['path'], document: Document): Pick<Place, 'rule' | 'case'> {
  const [what, item] = path[0] === 'rules' ? ['rule', path.slice(0, 2)] : ['case', path.slice(0, 1)]
  const name = typeof item.at(-1) === 'number' ? document.getIn([...item, 'name']) : undefined
  return typeof name === 'string' ? { [what]: name } : {}
}

function offsetOf(document: Document, path: Problem['path']): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    const key = path[depth - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key)
      const range = (pair?.key as Node | undefined)?.range
      if (range) return range[0]
    }
    if (isCollection(parent)) {
      const range = (parent.get(key, true) as Node | undefined)?.range
      if (range) return range[0]
    }
  }
  return 0
}
