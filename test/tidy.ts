import { parseSync } from '@swc/core'
import { PURE, ROOMS } from './rooms.ts'

/*
 * Rules of the house that neither the formatter nor the linter knows. Each problem says where it is and how to fix it.
 */

export interface File {
  /** From the repository's root: `shared/parse/parse.ts`. */
  path: string
  text: string
}

export interface Rules {
  /** Functions that are longer than a screen, as `path name`: the list only gets shorter. */
  long: string[]
  /** How many comments of a folder are too wide: the number only gets smaller. */
  wideComments: Record<string, number>
  /** Why two tables that are equal are not one fact, by their entries as `tableOf` writes them. */
  coincidences: Record<string, string>
  /** A word that nobody should write, and what to write in its place. */
  words: Record<string, string>
  /** Files that load what only a run can name, and so may go past the lint rule on the rooms: the list only gets shorter. */
  loaders: string[]
  /** Text that starts files of test/ by their names: npm's scripts, the runner's config. */
  startedBy: string
}

/** A screen. */
const MAX_LINES = 70
const MAX_COLUMNS = 120
/** The formatter leaves comments as they are. */
const MAX_COLUMNS_OF_A_COMMENT = 128
const FEWEST_ENTRIES = 4
/** Tests that list words which nobody should write. */
const LISTS_OF_WORDS = ['test/tidy.test.ts', 'test/docs.test.ts']
const NAMELESS = /(^|\/)(utils?|helpers?|common|managers?|misc)(\/|\.(test\.)?ts$)/

/** What is untidy in these files, a line each, by file and line; nothing is how it should be. */
export function tidy(files: File[], rules: Rules): string[] {
  const parsed = files.map(parse)
  return [
    ...longFunctions(parsed, rules.long),
    ...wideLines(parsed, rules.wideComments),
    ...tablesWrittenTwice(parsed, rules.coincidences),
    ...files.flatMap(namelessFile),
    ...files.flatMap(fileWithoutRoom),
    ...deadTestFiles(parsed, rules.startedBy),
    ...files.flatMap((file) => badWords(file, rules.words)),
    ...waysRoundTheRooms(parsed, rules.loaders),
  ]
}

const isTest = (path: string) => path.startsWith('test/')

/** With lines from 1. */
interface Parsed extends File {
  functions: { name: string; from: number; to: number; isDescribe: boolean }[]
  /** Strings, templates and regular expressions. */
  literals: { from: number; to: number }[]
  /** Values of strings, of imports too. */
  strings: string[]
  tables: { entries: string; line: number }[]
  /** What reaches another module, or the world, unseen by who reads the imports. */
  hidden: { what: string; line: number }[]
}

interface Seen {
  type: string
  span?: { start: number; end: number }
  [key: string]: unknown
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
])
const LITERALS = new Set(['StringLiteral', 'TemplateLiteral', 'RegExpLiteral'])

function parse(file: File): Parsed {
  // The parser counts bytes on from the file before: the first statement says from where.
  const text = `;${file.text}`
  const { body } = parseSync(text, { syntax: 'typescript', target: 'es2024' })
  const base = (body[0] as { span: { start: number } }).span.start
  const line = linesIn(file.text)
  const at = (position: number) => line(position - base - 1)
  const parsed: Parsed = { ...file, functions: [], literals: [], strings: [], tables: [], hidden: [] }
  visit(body.slice(1), '', (node, name, isDescribe) => {
    if (!node.span) return
    const [from, to] = [at(node.span.start), at(node.span.end)]
    if (FUNCTIONS.has(node.type)) parsed.functions.push({ name, from, to, isDescribe })
    if (LITERALS.has(node.type)) parsed.literals.push({ from, to })
    if (node.type === 'StringLiteral') parsed.strings.push(String(node.value))
    const entries = tableOf(node)
    if (entries) parsed.tables.push({ entries, line: from })
    const what = hiddenIn(node)
    if (what) parsed.hidden.push({ what, line: from })
  })
  return parsed
}

const LOADERS = ['createRequire', 'getBuiltinModule']

/** `import('…')` of a type; what loads a module by a name that nobody can read; `fetch`. */
function hiddenIn({ type, value, callee, arguments: given }: Seen): string | undefined {
  if (type === 'TsImportType') return 'a type'
  if (type === 'Identifier') return [...LOADERS, 'fetch'].find((name) => name === value)
  if (type !== 'CallExpression' || (callee as Seen).type !== 'Import') return undefined
  const [first] = given as { expression: Seen }[]
  return first?.expression.type === 'StringLiteral' ? undefined : 'import(…)'
}

/** The line, from 1, that an offset in bytes is on. */
function linesIn(text: string): (byte: number) => number {
  const bytes = Buffer.from(text)
  const starts = [0]
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1)
  return (byte) => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= byte) low = middle
      else high = middle - 1
    }
    return low + 1
  }
}

/** In columns. */
const lengthOf = (text: string) => [...text].length

/** Each node, with the name of what it belongs to, and whether it is what `describe` is given. */
function visit(
  node: unknown,
  name: string,
  see: (node: Seen, name: string, isDescribe: boolean) => void,
  isDescribe = false,
): void {
  if (Array.isArray(node)) for (const one of node) visit(one, name, see, isDescribe)
  else if (typeof node === 'object' && node !== null) {
    const seen = node as Seen
    const own = nameOf(seen) ?? name
    if (seen.type) see(seen, own, isDescribe)
    const describes = seen.type === 'CallExpression' ? isOfDescribe(seen.callee as Seen) : isDescribe && !seen.type
    for (const [key, value] of Object.entries(seen)) {
      if (key !== 'span') visit(value, own, see, describes && (key === 'arguments' || key === 'expression'))
    }
  }
}

function nameOf({ identifier, key, id }: Seen): string | undefined {
  for (const one of [identifier, key, id] as (Seen | null | undefined)[]) {
    if (typeof one?.value === 'string') return one.value
  }
  return undefined
}

/** `describe(…)`, `describe.each(…)(…)`. */
function isOfDescribe(callee: Seen): boolean {
  if (callee.type === 'Identifier') return callee.value === 'describe'
  const inner = callee.type === 'CallExpression' ? callee.callee : callee.object
  return inner !== undefined && isOfDescribe(inner as Seen)
}

const PLACES = [...ROOMS.map((room) => `${room}/`), 'test/', 'bin/', 'vitest.config.ts']

/** Lint reads the rooms alone. */
function fileWithoutRoom({ path }: File): string[] {
  return PLACES.some((place) => path.startsWith(place))
    ? []
    : [`${path}: is in no room, where no rule reaches it: move it into one (CONTRIBUTING.md lists them)`]
}

/** The lint rule on the rooms reads imports alone: these it does not see. */
function waysRoundTheRooms(files: Parsed[], loaders: string[]): string[] {
  const found = files.flatMap(({ path, hidden }) =>
    hidden.map((one) => ({ ...one, path, where: `${path}:${one.line}` })).filter(({ path }) => !isTest(path)),
  )
  const loading = found.filter(({ what }) => what !== 'a type' && what !== 'fetch')
  return [
    ...found
      .filter(({ what }) => what === 'a type')
      .map(
        ({ where }) => `${where}: a type is imported inside the code: write import type at the top, which lint reads`,
      ),
    ...found
      .filter(({ what, path }) => what === 'fetch' && PURE.some((room) => new RegExp(`^${room}`).test(path)))
      .map(({ where }) => `${where}: fetch in a pure room: take what it gets as an argument`),
    ...loading
      .filter(({ path }) => !loaders.includes(path))
      .map(({ where, what }) => `${where}: ${what} loads what lint can't see: import it by its name`),
    ...loaders
      .filter((path) => !loading.some((one) => one.path === path))
      .map((path) => `${path}: loads nothing unseen any more: take it out of the list of loaders`),
  ]
}

function longFunctions(files: Parsed[], allowed: string[]): string[] {
  const long = files.flatMap(({ path, functions }) =>
    functions
      .filter(({ from, to, isDescribe }) => !isDescribe && to - from >= MAX_LINES)
      .map(({ name, from, to }) => ({ id: `${path} ${name}`, where: `${path}:${from}`, name, lines: to - from + 1 })),
  )
  const unneeded = allowed.filter((id) => !long.some((one) => one.id === id))
  return [
    ...long
      .filter(({ id }) => !allowed.includes(id))
      .map(
        ({ where, name, lines }) =>
          `${where}: ${name || 'a function'} has ${lines} lines, more than a screen of ${MAX_LINES}: give its steps names, as functions of their own`,
      ),
    ...unneeded.map((id) => `${id}: is no longer than a screen any more: take it out of the list of long functions`),
  ]
}

/** The formatter breaks what it can: what is left is a literal, or a comment, which a person has to break. */
function wideLines(files: Parsed[], allowed: Record<string, number>): string[] {
  const comments = files.flatMap((file) => linesOver(file, MAX_COLUMNS_OF_A_COMMENT, isComment))
  const code = files.flatMap((file) => linesOver(file, MAX_COLUMNS, isCode))
  const folderOf = (where: string) => Object.keys(allowed).find((folder) => where.startsWith(folder)) ?? ''
  const byFolder = Map.groupBy(comments, ({ where }) => folderOf(where))
  return [
    ...code.map(({ where, columns }) => `${where}: a line of ${columns} columns: break it before ${MAX_COLUMNS}`),
    ...[...byFolder].flatMap(([folder, found]) =>
      found.length <= (allowed[folder] ?? 0)
        ? []
        : found.map(
            ({ where, columns }) =>
              `${where}: a comment of ${columns} columns: break it before ${MAX_COLUMNS_OF_A_COMMENT}`,
          ),
    ),
    ...Object.entries(allowed).flatMap(([folder, most]) => {
      const now = byFolder.get(folder)?.length ?? 0
      return now < most ? [`${folder}: has ${now} wide comments, not ${most} any more: write ${now} into the list`] : []
    }),
  ]
}

interface Line {
  text: string
  /** It is of a string, template or regular expression, or has a part of one. */
  hasLiteral: boolean
}

/** An address can't be broken. */
const isComment = ({ text, hasLiteral }: Line) =>
  !hasLiteral && /^\s*(\/\/|\/?\*)/.test(text) && !/https?:\/\/\S+$/.test(text)
const isCode = ({ text, hasLiteral }: Line) => !hasLiteral && !/^\s*(\/\/|\/?\*)/.test(text)

function linesOver({ path, text, literals }: Parsed, most: number, is: (line: Line) => boolean) {
  return text.split('\n').flatMap((line, index) => {
    const [columns, number] = [lengthOf(line), index + 1]
    if (columns <= most) return []
    const hasLiteral = literals.some(({ from, to }) => from <= number && number <= to)
    return is({ text: line, hasLiteral }) ? [{ where: `${path}:${number}`, columns }] : []
  })
}

/** Of a list or an object of strings alone, in one order whatever theirs is. */
function tableOf(node: Seen): string | undefined {
  const entries =
    node.type === 'ArrayExpression'
      ? (node.elements as ({ expression: Seen } | null)[]).map((one) => textOf(one?.expression))
      : node.type === 'ObjectExpression'
        ? (node.properties as Seen[]).map((one) => {
            const value = one.type === 'KeyValueProperty' ? textOf(one.value as Seen) : undefined
            return value === undefined ? undefined : `${(one.key as Seen).value}: ${value}`
          })
        : []
  if (entries.length < FEWEST_ENTRIES || entries.includes(undefined)) return undefined
  return entries.sort().join(', ')
}

function textOf(node: Seen | undefined): string | undefined {
  return node?.type === 'StringLiteral' ? String(node.value) : undefined
}

function tablesWrittenTwice(files: Parsed[], coincidences: Record<string, string>): string[] {
  const sources = files.filter(({ path }) => !isTest(path))
  const all = sources.flatMap(({ path, tables }) =>
    tables.map(({ entries, line }) => ({ entries, at: `${path}:${line}` })),
  )
  const places = Map.groupBy(all, ({ entries }) => entries)
  const twice = [...places].filter(([, found]) => found.length > 1)
  const unneeded = Object.keys(coincidences).filter((entries) => (places.get(entries)?.length ?? 0) < 2)
  return [
    ...twice
      .filter(([entries]) => coincidences[entries] === undefined)
      .map(([entries, found]) => {
        const [first, ...others] = found.map(({ at }) => at)
        return `${others.join(', ')}: the table of ${first} is written once more (${entries}): export one, and import it`
      }),
    ...unneeded.map((entries) => `"${entries}": is written once: take it out of the list of coincidences`),
  ]
}

function namelessFile({ path }: File): string[] {
  return NAMELESS.test(path) ? [`${path}: a name that says nothing: call it by what it does, or is`] : []
}

/** What no test leads to, by imports or by a name that a test starts. */
function deadTestFiles(files: Parsed[], startedBy: string): string[] {
  const inTest = files.filter(({ path }) => isTest(path))
  const nameIn = (path: string) => path.slice(path.lastIndexOf('/') + 1)
  const reached = new Set(
    inTest.filter(({ path }) => path.endsWith('.test.ts') || startedBy.includes(path)).map(({ path }) => path),
  )
  for (const path of reached) {
    const names = new Set(inTest.find((one) => one.path === path)?.strings.map(nameIn))
    for (const other of inTest) if (names.has(nameIn(other.path))) reached.add(other.path)
  }
  return inTest
    .filter(({ path }) => !reached.has(path))
    .map(({ path }) => `${path}: no test imports it: delete it, or call it *.test.ts if it is a test`)
}

function badWords({ path, text }: File, words: Record<string, string>): string[] {
  const all = Object.keys(words)
  if (all.length === 0 || LISTS_OF_WORDS.includes(path)) return []
  const pattern = new RegExp(`\\b(${all.join('|')})\\b`, 'gi')
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(pattern)].map(([word]) => {
      const better = words[word.toLowerCase()]
      return `${path}:${index + 1}: "${word}": write "${better}"`
    }),
  )
}
