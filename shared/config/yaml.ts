import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml'
import { allowed } from './allowed.ts'
import { ConfigError, type Place, type Problem } from './problem.ts'

/** A text that people edit, read. */
export interface Opened {
  path: string
  data: unknown
  /** Where a path of the data was written: its key, or the nearest of its ancestors that is there. */
  placeOf(path: Problem['path']): Place
}

/**
 * Reads YAML (JSON is YAML too).
 * @throws {ConfigError} when it is none, with the line.
 */
export function openYaml(text: string, path: string): Opened {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [syntax] = document.errors
  const refuse = (offset: number, why: string) => {
    const { line, col } = lines.linePos(offset)
    const message = `this is not YAML: ${why}`
    const problem = { code: 'syntax', path: [], message, place: { file: path, line, col, path: [] } }
    return new ConfigError([problem], `${path}:${line}:${col}: ${message}:\n  ${text.split('\n')[line - 1]}`)
  }
  // Only the first: the others mostly follow from it.
  if (syntax) throw refuse(syntax.pos[0], `${syntax.message}. ${hintFor(syntax, text, lines)}`)
  const alias = unknownAlias(document)
  if (alias) throw refuse(alias.offset, `"*${alias.name}" stands for nothing. ${alias.hint}`)
  return {
    path,
    data: document.toJS({ maxAliasCount: 100 }),
    placeOf: (within) => ({
      file: path,
      ...lines.linePos(offsetOf(document, within)),
      path: within,
      ...namedIn(within, document),
    }),
  }
}

function hintFor({ code, pos, message }: YAMLParseError, text: string, lines: LineCounter): string {
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces: two for each level'
  if (code === 'BAD_INDENT' && !/^Flow /.test(message))
    return 'Give it as many spaces as the keys that it stands beside'
  if (code !== 'DUPLICATE_KEY') {
    return 'Look there for a bracket or a quote that is not closed; a pattern with special characters needs quotes'
  }
  const key = /^[^\s:]+/.exec(text.slice(pos[0]))?.[0] ?? ''
  const indent = text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1, pos[0])
  const first = text
    .slice(0, pos[0])
    .split('\n')
    .findLastIndex((line) => line.startsWith(`${indent}${key}:`))
  const where = first < 0 ? 'above' : `on line ${first + 1}`
  return `"${key}" is there already, ${where}: put what both say under one of them (line ${lines.linePos(pos[0]).line} is the second)`
}

/** An alias of which no anchor comes before it. */
function unknownAlias(document: Document): { name: string; offset: number; hint: string } | undefined {
  const known: string[] = []
  let unknown: { name: string; offset: number } | undefined
  visit(document, {
    Alias: (_, { source, range }) => {
      if (!known.includes(source)) unknown ??= { name: source, offset: range?.[0] ?? 0 }
    },
    Value: (_, { anchor }) => {
      if (anchor) known.push(anchor)
    },
  })
  return unknown && { ...unknown, hint: `No "&${unknown.name}" comes before it. ${allowed(unknown.name, known)}` }
}

/** The name of the rule that a path leads into; in a file of cases, which is a list, of the case. */
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
