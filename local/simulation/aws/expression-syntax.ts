import { AwsError } from './error.ts'

/*
 * DynamoDB's expressions (Developer Guide, Condition and filter expressions; Update expressions; Projection
 * expressions), parsed into a tree, once for each text.
 */

export type Path = (string | number)[]

export type Operand =
  | { kind: 'path'; path: Path }
  | { kind: 'value'; name: string }
  | { kind: 'size'; path: Path }
  | { kind: 'if_not_exists'; path: Path; otherwise: Operand }
  | { kind: 'list_append'; first: Operand; second: Operand }
  | { kind: 'sum'; sign: '+' | '-'; first: Operand; second: Operand }

export type Condition =
  | { kind: 'and' | 'or'; first: Condition; second: Condition }
  | { kind: 'not'; of: Condition }
  | { kind: 'compare'; by: string; first: Operand; second: Operand }
  | { kind: 'between'; of: Operand; from: Operand; to: Operand }
  | { kind: 'in'; of: Operand; among: Operand[] }
  | { kind: 'call'; name: string; path: Operand; value?: Operand }

export interface Change {
  action: 'SET' | 'REMOVE' | 'ADD' | 'DELETE'
  path: Path
  operand?: Operand
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', `Invalid expression: ${message}`)
}

const TOKEN = /\s*(<>|<=|>=|[=<>(),.[\]+-]|:[\w]+|#[\w]+|[A-Za-z_][\w-]*|\d+)/y

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex
    const found = TOKEN.exec(text)
    if (found?.[1] === undefined) {
      if (text.slice(from).trim() === '') break
      throw invalid(`Syntax error; token: "${text.slice(from, from + 10)}"`)
    }
    tokens.push(found[1])
  }
  return tokens
}

const COMPARATORS = ['=', '<>', '<', '<=', '>', '>=']

const PREDICATES = ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains']

class Reader {
  readonly #tokens: string[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
    if (this.#tokens.length === 0) throw invalid('The expression can not be empty;')
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length
  }

  #peek(ahead = 0): string {
    return this.#tokens[this.#at + ahead] ?? ''
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? ''
  }

  #isNext(word: string): boolean {
    return this.#peek().toUpperCase() === word
  }

  takes(word: string): boolean {
    if (!this.#isNext(word)) return false
    this.#at++
    return true
  }

  #expect(word: string): void {
    if (!this.takes(word)) throw invalid(`Syntax error; token: "${this.#peek() || '<EOF>'}", expected: "${word}"`)
  }

  list<T>(read: () => T): T[] {
    const all = [read()]
    while (this.takes(',')) all.push(read())
    return all
  }

  condition(): Condition {
    let first = this.#conjunction()
    while (this.takes('OR')) first = { kind: 'or', first, second: this.#conjunction() }
    return first
  }

  #conjunction(): Condition {
    let first = this.#negation()
    while (this.takes('AND')) first = { kind: 'and', first, second: this.#negation() }
    return first
  }

  #negation(): Condition {
    if (this.takes('NOT')) return { kind: 'not', of: this.#negation() }
    if (this.takes('(')) {
      const inside = this.condition()
      this.#expect(')')
      return inside
    }
    if (PREDICATES.includes(this.#peek()) && this.#peek(1) === '(') return this.#predicate()
    return this.#comparison()
  }

  #predicate(): Condition {
    const name = this.#next()
    this.#expect('(')
    const path = this.operand()
    const value = this.takes(',') ? this.operand() : undefined
    this.#expect(')')
    const needsValue = !name.startsWith('attribute_') || name === 'attribute_type'
    if (needsValue !== (value !== undefined))
      throw invalid(`Incorrect number of operands for operator or function; operator or function: ${name}`)
    return { kind: 'call', name, path, value }
  }

  #comparison(): Condition {
    const first = this.operand()
    if (this.takes('BETWEEN')) {
      const from = this.operand()
      this.#expect('AND')
      return { kind: 'between', of: first, from, to: this.operand() }
    }
    if (this.takes('IN')) {
      this.#expect('(')
      const among = this.list(() => this.operand())
      this.#expect(')')
      return { kind: 'in', of: first, among }
    }
    const by = this.#next()
    if (!COMPARATORS.includes(by)) throw invalid(`Syntax error; token: "${by || '<EOF>'}"`)
    return { kind: 'compare', by, first, second: this.operand() }
  }

  operand(): Operand {
    const token = this.#peek()
    if (token.startsWith(':')) return { kind: 'value', name: this.#next() }
    if (this.#peek(1) !== '(') return { kind: 'path', path: this.path() }
    this.#at += 2
    const operand = this.#call(token)
    this.#expect(')')
    return operand
  }

  #call(name: string): Operand {
    if (name === 'size') return { kind: 'size', path: this.path() }
    if (name === 'if_not_exists') {
      const path = this.path()
      this.#expect(',')
      return { kind: 'if_not_exists', path, otherwise: this.operand() }
    }
    if (name !== 'list_append') throw invalid(`Invalid function name; function: ${name}`)
    const first = this.operand()
    this.#expect(',')
    return { kind: 'list_append', first, second: this.operand() }
  }

  sum(): Operand {
    const first = this.operand()
    for (const sign of ['+', '-'] as const)
      if (this.takes(sign)) return { kind: 'sum', sign, first, second: this.operand() }
    return first
  }

  path(): Path {
    const path: Path = [this.#name()]
    for (;;) {
      if (this.takes('.')) path.push(this.#name())
      else if (this.takes('[')) {
        path.push(Number(this.#next()))
        this.#expect(']')
      } else return path
    }
  }

  #name(): string {
    const name = this.#next()
    if (/^[A-Za-z_#]/.test(name)) return name
    throw invalid(`Syntax error; token: "${name || '<EOF>'}"`)
  }

  changes(): Change[] {
    const changes: Change[] = []
    const seen = new Set<string>()
    while (!this.isDone) {
      const action = this.#next().toUpperCase()
      if (!isAction(action)) throw invalid(`Syntax error; token: "${action}"`)
      if (seen.has(action)) throw invalid(`The "${action}" section can only be used once in an update expression;`)
      seen.add(action)
      changes.push(...this.list(() => this.#change(action)))
    }
    return changes
  }

  #change(action: Change['action']): Change {
    const path = this.path()
    if (action === 'REMOVE') return { action, path }
    if (action === 'SET') this.#expect('=')
    return { action, path, operand: action === 'SET' ? this.sum() : this.operand() }
  }
}

function isAction(word: string): word is Change['action'] {
  return ['SET', 'REMOVE', 'ADD', 'DELETE'].includes(word)
}

export function once<T>(read: (reader: Reader) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const reader = new Reader(text)
    const result = read(reader)
    if (!reader.isDone) throw invalid('Syntax error; what follows is not understood')
    known.set(text, result)
    return result
  }
}

export const readCondition = once((reader) => reader.condition())

export const readChanges = once((reader) => reader.changes())

export const readProjection = once((reader) => reader.list(() => reader.path()))

/** The attributes that a condition requires to be equal to something, or in a range: a query's key condition. */
export function conjuncts(condition: Condition): Condition[] {
  return condition.kind === 'and' ? [...conjuncts(condition.first), ...conjuncts(condition.second)] : [condition]
}
