import { AwsError } from './error.ts'
import { conjuncts, readCondition, readProjection } from './expression-syntax.ts'
import { at, holds, type Item, Placeholders, type Value } from './expressions.ts'
import { RESERVED_WORDS } from './reserved-words.ts'

/*
 * What a call's expressions request: which items, and which attributes.
 */

export type Input = Record<string, unknown>

export function placeholders(input: Input): Placeholders {
  return new Placeholders(input, (name) => RESERVED_WORDS.has(name.toUpperCase()))
}

export function projection({ ProjectionExpression }: Input, given: Placeholders): (item: Item) => Item {
  if (ProjectionExpression === undefined) return (item) => item
  const paths = readProjection(String(ProjectionExpression)).map((path) => given.path(path))
  return (item) =>
    Object.fromEntries(
      paths.flatMap((path) => {
        const value = at(item, path)
        return value === undefined
          ? []
          : [[String(path[0]), path.length === 1 ? value : (item[String(path[0])] as Value)]]
      }),
    )
}

export function keyCondition(
  input: Input,
  given: Placeholders,
  partitionKey: string,
  sortKey: string,
): (item: Item) => boolean {
  const condition = readCondition(String(input.KeyConditionExpression ?? ''))
  const asked = conjuncts(condition).map((one) => {
    const operand =
      one.kind === 'compare'
        ? one.first
        : one.kind === 'between'
          ? one.of
          : one.kind === 'call' && one.name === 'begins_with'
            ? one.path
            : undefined
    if (operand?.kind !== 'path')
      throw new AwsError('ValidationException', 'Invalid operator used in KeyConditionExpression')
    return {
      name: String(given.path(operand.path)[0]),
      isEqual: one.kind === 'compare' && one.by === '=',
      by: one.kind === 'compare' ? one.by : '',
    }
  })
  if (
    !asked.some(({ name, isEqual }) => name === partitionKey && isEqual) ||
    asked.some(({ name, by }) => by === '<>' || (name !== partitionKey && name !== sortKey))
  ) {
    throw new AwsError('ValidationException', `Query condition missed key schema element: ${partitionKey}`)
  }
  // So that every name in it counts as used, even without an item.
  holds(condition, {}, given)
  return (item) => holds(condition, item, given)
}
