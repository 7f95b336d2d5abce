import { AwsError } from './error.ts'
import { type Change, type Condition, invalid, type Operand, type Path } from './expression-syntax.ts'

/*
 * Evaluates DynamoDB's expressions, as trees (expression-syntax.ts), on items in wire format.
 */

/** One value in wire format: `{S: 'text'}`. */
export type Value = Record<string, unknown>
export type Item = Record<string, Value>

/** The names and values of one call's expressions. */
export class Placeholders {
  readonly names: Record<string, string>
  readonly values: Record<string, Value>
  readonly #used = new Set<string>()
  readonly #isReserved: (name: string) => boolean

  constructor(
    { ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Record<string, unknown>,
    isReserved: (name: string) => boolean,
  ) {
    this.names = ExpressionAttributeNames as Record<string, string>
    this.values = ExpressionAttributeValues as Record<string, Value>
    this.#isReserved = isReserved
  }

  /** @throws {AwsError} */
  path(path: Path): Path {
    return path.map((part) => {
      if (typeof part === 'number') return part
      if (!part.startsWith('#')) {
        if (this.#isReserved(part)) throw invalid(`Attribute name is a reserved keyword; reserved keyword: ${part}`)
        return part
      }
      this.#used.add(part)
      const name = this.names[part]
      if (name === undefined)
        throw invalid(`An expression attribute name used in the document path is not defined; attribute name: ${part}`)
      return name
    })
  }

  value(name: string): Value {
    this.#used.add(name)
    const value = this.values[name]
    if (value === undefined)
      throw invalid(`An expression attribute value used in expression is not defined; attribute value: ${name}`)
    return value
  }

  /** Called after all expressions were evaluated. @throws {AwsError} if something is unused. */
  checkAllUsed(): void {
    for (const [what, of] of [['Names', this.names] as const, ['Values', this.values] as const]) {
      const unused = Object.keys(of).filter((name) => !this.#used.has(name))
      if (unused.length > 0) {
        throw new AwsError(
          'ValidationException',
          `Value provided in ExpressionAttribute${what} unused in expressions: keys: {${unused.join(', ')}}`,
        )
      }
    }
  }
}

export function holds(condition: Condition, item: Item, given: Placeholders): boolean {
  switch (condition.kind) {
    // Both sides are always evaluated: an undefined name is rejected anywhere.
    case 'and': {
      const [first, second] = [holds(condition.first, item, given), holds(condition.second, item, given)]
      return first && second
    }
    case 'or': {
      const [first, second] = [holds(condition.first, item, given), holds(condition.second, item, given)]
      return first || second
    }
    case 'not':
      return !holds(condition.of, item, given)
    case 'compare':
      return compares(condition.by, evaluate(condition.first, item, given), evaluate(condition.second, item, given))
    case 'between': {
      checkBounds(condition, given)
      const [of, from, to] = [condition.of, condition.from, condition.to].map((one) => evaluate(one, item, given))
      return compares('>=', of, from) && compares('<=', of, to)
    }
    case 'in': {
      const of = evaluate(condition.of, item, given)
      return condition.among.map((one) => compares('=', of, evaluate(one, item, given))).includes(true)
    }
    case 'call':
      return predicate(
        condition.name,
        evaluate(condition.path, item, given),
        condition.value && evaluate(condition.value, item, given),
      )
  }
}

function checkBounds({ from, to }: { from: Operand; to: Operand }, given: Placeholders): void {
  if (from.kind !== 'value' || to.kind !== 'value') return
  const order = orderOf(given.value(from.name), given.value(to.name))
  if (order !== undefined && order <= 0) return
  throw invalid('The BETWEEN operator requires upper bound to be greater than or equal to lower bound;')
}

function predicate(name: string, of: Value | undefined, value: Value | undefined): boolean {
  if (name === 'attribute_exists') return of !== undefined
  if (name === 'attribute_not_exists') return of === undefined
  if (of === undefined || value === undefined) return false
  const [type, inside] = Object.entries(of)[0] as [string, unknown]
  if (name === 'attribute_type') return type === value.S
  if (name === 'begins_with') return type === 'S' && typeof value.S === 'string' && String(inside).startsWith(value.S)
  if (type === 'S') return typeof value.S === 'string' && String(inside).includes(value.S)
  if (type === 'L') return (inside as Value[]).some((one) => compares('=', one, value))
  return (type === 'SS' || type === 'NS') && (inside as string[]).includes(String(value.S ?? value.N))
}
/** Compares two values; numbers as numbers, strings by their bytes. Values of different types are only unequal. */
function compares(by: string, first: Value | undefined, second: Value | undefined): boolean {
  if (first === undefined || second === undefined) return false
  const order = orderOf(first, second)
  if (by === '=') return order === 0
  if (by === '<>') return order !== 0
  if (order === undefined) return false
  return by === '<' ? order < 0 : by === '<=' ? order <= 0 : by === '>' ? order > 0 : order >= 0
}

/** `undefined`: they have no order, and are not equal. */
export function orderOf(first: Value, second: Value): number | undefined {
  if (typeof first.N === 'string' && typeof second.N === 'string') return Number(first.N) - Number(second.N)
  if (typeof first.S === 'string' && typeof second.S === 'string')
    return Buffer.compare(Buffer.from(first.S), Buffer.from(second.S))
  return canonical(first) === canonical(second) ? 0 : undefined
}

/** The same text for equal values: sets and the keys of maps have no order. */
function canonical(value: Value): string {
  return JSON.stringify(value, (_key, inside) => {
    if (typeof inside !== 'object' || inside === null || Array.isArray(inside)) return inside
    if (Array.isArray(inside.SS)) return { SS: [...inside.SS].sort() }
    return Object.fromEntries(Object.entries(inside).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function evaluate(operand: Operand, item: Item, given: Placeholders): Value | undefined {
  switch (operand.kind) {
    case 'value':
      return given.value(operand.name)
    case 'path':
      return at(item, given.path(operand.path))
    case 'size':
      return sizeOf(at(item, given.path(operand.path)))
    case 'if_not_exists': {
      const otherwise = evaluate(operand.otherwise, item, given)
      return at(item, given.path(operand.path)) ?? otherwise
    }
    case 'list_append': {
      const [first, second] = [evaluate(operand.first, item, given), evaluate(operand.second, item, given)]
      if (!Array.isArray(first?.L) || !Array.isArray(second?.L)) throw wrongType('list_append')
      return { L: [...first.L, ...second.L] }
    }
    case 'sum': {
      const [first, second] = [evaluate(operand.first, item, given), evaluate(operand.second, item, given)]
      if (first === undefined)
        throw new AwsError(
          'ValidationException',
          'The provided expression refers to an attribute that does not exist in the item',
        )
      if (typeof first.N !== 'string' || typeof second?.N !== 'string') throw wrongType(operand.sign)
      return {
        N: String(operand.sign === '+' ? Number(first.N) + Number(second.N) : Number(first.N) - Number(second.N)),
      }
    }
  }
}

function wrongType(operator: string): AwsError {
  return new AwsError(
    'ValidationException',
    `An operand in the update expression has an incorrect data type: ${operator}`,
  )
}

function sizeOf(value: Value | undefined): Value | undefined {
  if (value === undefined) return undefined
  const [inside] = Object.values(value)
  if (typeof inside === 'string') return { N: String(Buffer.byteLength(inside)) }
  return { N: String(Array.isArray(inside) ? inside.length : Object.keys(inside as object).length) }
}

/** The value at a path in an item. */
export function at(item: Item, path: Path): Value | undefined {
  let value: Value | undefined = { M: item }
  for (const part of path) {
    const inside: unknown = typeof part === 'number' ? value?.L : value?.M
    value = (inside as Record<string | number, Value> | undefined)?.[part]
    if (value === undefined) return undefined
  }
  return value
}
/** An item after an update. The item itself is not changed. */
export function updated(item: Item, changes: Change[], given: Placeholders): Item {
  const after = structuredClone(item)
  const paths = changes.map(({ path }) => given.path(path))
  // All operands refer to the item before the update.
  const values = changes.map(({ operand }) => operand && evaluate(operand, item, given))
  for (const [index, { action }] of changes.entries()) apply(after, action, paths[index] ?? [], values[index], item)
  return after
}

/** @throws {AwsError} when an update changes the same thing twice. */
export function checkApart(paths: Path[]): void {
  const texts = paths.map((path) => JSON.stringify(path).slice(0, -1))
  for (const [index, text] of texts.entries()) {
    if (texts.some((other, at) => at !== index && (other === text || other.startsWith(`${text},`)))) {
      throw invalid('Two document paths overlap with each other; must remove or rewrite one of these paths;')
    }
  }
}

function apply(item: Item, action: Change['action'], path: Path, value: Value | undefined, before: Item): void {
  const last = path.at(-1) ?? ''
  const parent = path.length === 1 ? { M: item } : at(item, path.slice(0, -1))
  const inside = (typeof last === 'number' ? parent?.L : parent?.M) as Record<string | number, Value> | undefined
  if (inside === undefined) {
    if (action === 'REMOVE') return
    throw new AwsError(
      'ValidationException',
      'The document path provided in the update expression is invalid for update',
    )
  }
  if (action === 'REMOVE') {
    if (Array.isArray(inside)) inside.splice(Number(last), 1)
    else delete inside[last]
    return
  }
  if (action === 'SET') {
    if (value === undefined)
      throw new AwsError(
        'ValidationException',
        'The provided expression refers to an attribute that does not exist in the item',
      )
    inside[last] = value
    return
  }
  const result = action === 'ADD' ? added(at(before, path), value) : removed(at(before, path), value)
  if (result === undefined) delete inside[last]
  else inside[last] = result
}

function added(before: Value | undefined, value: Value | undefined): Value | undefined {
  if (value === undefined) return before
  if (typeof value.N === 'string') {
    if (before !== undefined && typeof before.N !== 'string') throw wrongType('ADD')
    return { N: String(Number(before?.N ?? 0) + Number(value.N)) }
  }
  const type = ['SS', 'NS', 'BS'].find((one) => Array.isArray(value[one]))
  if (type === undefined || (before !== undefined && !Array.isArray(before[type]))) throw wrongType('ADD')
  return { [type]: [...new Set([...((before?.[type] as string[]) ?? []), ...(value[type] as string[])])] }
}

/** An empty set is removed. */
function removed(before: Value | undefined, value: Value | undefined): Value | undefined {
  const type = ['SS', 'NS', 'BS'].find((one) => Array.isArray(value?.[one]))
  if (type === undefined || (before !== undefined && !Array.isArray(before[type]))) throw wrongType('DELETE')
  const gone = value?.[type] as string[]
  const left = ((before?.[type] as string[]) ?? []).filter((one) => !gone.includes(one))
  return left.length > 0 ? { [type]: left } : undefined
}
