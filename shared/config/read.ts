import { readFileSync } from 'node:fs'
import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import type { Config } from '../../schemas/config.ts'
import { ConfigError, checkConfig, type Problem, pathText } from './check.ts'

/**
 * Reads and checks a config file that people edit (YAML; JSON is YAML too).
 * @throws {ConfigError} whose message names the file, and for each problem its line, path, what was found and what is
 *   allowed. It is meant to be shown as it is.
 */
export function readConfig(path: string): Config {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error)
    throw new ConfigError([], `${path}: ${why}. Name a rules file, such as config/alerts.yml`)
  }
  return readConfigText(text, path)
}

/** As `readConfig`, of a text; `path` is for messages. */
export function readConfigText(text: string, path: string): Config {
  return readYaml(text, path, checkConfig)
}

/**
 * Reads a text that people edit, and checks what it holds.
 * @throws {ConfigError} as `readConfig`: what `check` throws is given the lines.
 */
export function readYaml<T>(text: string, path: string, check: (data: unknown) => T): T {
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
  try {
    return check(document.toJS({ maxAliasCount: 100 }))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const located = error.problems.map((problem) => locate(problem, document, lines, path))
    throw new ConfigError(error.problems, located.join('\n'))
  }
}

function locate(problem: Problem, document: Document, lines: LineCounter, path: string): string {
  const { line, col } = lines.linePos(offsetOf(document, problem.path))
  const where = pathText(problem.path) + namedIn(problem.path, document)
  return `${path}:${line}:${col}: ${where === '' ? '' : `${where}: `}${problem.message}`
}

/** ` (rule "data loss")`, where the path leads into one; in a file of cases, ` (case "a breach pages")`. */
function namedIn(path: Problem['path'], document: Document): string {
  const [what, item] = path[0] === 'rules' ? ['rule', path.slice(0, 2)] : ['case', path.slice(0, 1)]
  const name = typeof item.at(-1) === 'number' ? document.getIn([...item, 'name']) : undefined
  return typeof name === 'string' ? ` (${what} "${name}")` : ''
}

/** Where a path starts in the text: its key, or the nearest of its ancestors that is there. */
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
