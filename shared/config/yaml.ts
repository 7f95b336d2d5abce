import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
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
  if (syntax) {
    // Only the first: the others mostly follow from it.
    const { line, col } = lines.linePos(syntax.pos[0])
    const hint =
      'Look there for a bracket or a quote that is not closed; a pattern with special characters needs quotes'
    throw new ConfigError(
      [],
      `${path}:${line}:${col}: this is not YAML: ${syntax.message}. ${hint}:\n  ${text.split('\n')[line - 1]}`,
    )
  }
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
