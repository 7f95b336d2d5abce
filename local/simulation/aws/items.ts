import { AwsError } from './error.ts'
import type { Item, Value } from './expressions.ts'

/*
 * DynamoDB's limits for an item: its keys, its values, its size.
 */

const MAX_ITEM_BYTES = 400 * 1_024

export function identity(key: Item): string {
  return JSON.stringify(
    Object.keys(key)
      .sort()
      .map((name) => key[name]),
  )
}

export function checkDistinct(keys: Item[], message: string): void {
  if (new Set(keys.map(identity)).size < keys.length) throw new AwsError('ValidationException', message)
}

export function checkKey(key: Item, { partitionKey, sortKey }: { partitionKey: string; sortKey: string }): void {
  const names = Object.keys(key ?? {})
  if (names.length !== 2 || !names.includes(partitionKey) || !names.includes(sortKey)) {
    throw new AwsError('ValidationException', 'The provided key element does not match the schema')
  }
  for (const [name, most] of [
    [partitionKey, 2_048],
    [sortKey, 1_024],
  ] as const) {
    const text = key[name]?.S
    if (typeof text !== 'string')
      throw new AwsError('ValidationException', 'The provided key element does not match the schema')
    if (text === '')
      throw new AwsError(
        'ValidationException',
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
      )
    if (Buffer.byteLength(text) > most)
      throw new AwsError(
        'ValidationException',
        `One or more parameter values were invalid: Size of key has exceeded the maximum size limit of ${most} bytes`,
      )
  }
}

export function checkItem(item: Item): void {
  if (sizeOf(item) > MAX_ITEM_BYTES)
    throw new AwsError('ValidationException', 'Item size has exceeded the maximum allowed size')
}

/** Its names and values (Developer Guide, DynamoDB item sizes and formats). */
export function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0)
}

function bytesOf(value: Value): number {
  const [type, inside] = Object.entries(value)[0] ?? []
  if (type === undefined)
    throw new AwsError(
      'ValidationException',
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    )
  if (typeof inside === 'string') {
    if (type === 'N' && (inside.trim() === '' || Number.isNaN(Number(inside))))
      throw new AwsError('ValidationException', `A value provided cannot be converted into a number`)
    if (type === 'N') return Math.ceil(inside.length / 2) + 1
    return Buffer.byteLength(inside, type === 'B' ? 'base64' : 'utf8')
  }
  if (typeof inside === 'boolean') return 1
  if (type === 'L') return (inside as Value[]).reduce((sum, one) => sum + bytesOf(one) + 1, 3)
  if (type === 'M')
    return Object.entries(inside as Item).reduce(
      (sum, [name, one]) => sum + Buffer.byteLength(name) + bytesOf(one) + 1,
      3,
    )
  const set = inside as string[]
  if (set.length === 0)
    throw new AwsError(
      'ValidationException',
      'One or more parameter values were invalid: An string set  may not be empty',
    )
  if (new Set(set).size < set.length)
    throw new AwsError(
      'ValidationException',
      'One or more parameter values were invalid: Input collection contains duplicates.',
    )
  return set.reduce((sum, one) => sum + Buffer.byteLength(one), 0)
}
