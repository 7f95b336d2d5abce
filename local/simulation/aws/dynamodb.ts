import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import { type Input, keyCondition, placeholders, projection } from './asked.ts'
import { AwsError } from './error.ts'
import { readChanges, readCondition } from './expression-syntax.ts'
import { checkApart, holds, type Item, orderOf, type Placeholders, updated, type Value } from './expressions.ts'
import { checkDistinct, checkItem, checkKey, identity } from './items.ts'

export interface TableOptions {
  partitionKey: string
  sortKey: string
  indexes: Record<string, { partitionKey: string; sortKey: string; isKeysOnly: boolean }>
  /** The TTL attribute. */
  expiresBy?: string
}

/** How a read is answered: as of which time, and whether it is truncated. */
export interface Reading {
  /** An eventually consistent read sees writes up to this time. */
  asOf: number
  /** The maximum number of items in a page of a query. */
  pageOf?: number
  /** Whether one item of a batch is unprocessed. */
  leavesOut: (index: number) => boolean
}

/** When and where an item was written, and which write it was: of two writes of an item in two replicas the last one stays. */
export interface Stamp {
  at: number
  by: number
  write: number
}

/** An item's versions of the last seconds. */
interface Row {
  key: Item
  stamp?: Stamp
  /** Newest last; `undefined`: it did not exist. */
  versions: { at: number; item: Item | undefined }[]
}

/** No read is older than this. */
const REMEMBERED_MS = 120_000

/** One table of DynamoDB, as far as the router uses it (DynamoDB API Reference, protocol awsJson1_0). */
export class Table {
  readonly #clock: Clock
  readonly #random: Random
  readonly #name: string
  readonly #options: TableOptions
  readonly #rows = new Map<string, Row>()
  /** The number of effective writes. */
  writes = 0
  /** Called for each item that was written. */
  onWritten: (item: Item) => void = () => {}
  /** Called for each row that was written or deleted here, for the other replica of a global table. */
  onRow: ((key: Item, item: Item | undefined, stamp: Stamp) => void) | undefined
  /** Which replica it is. */
  replica = 0
  #due: number[] = []
  #dueAsOf = -1

  constructor(clock: Clock, random: Random, name: string, options: TableOptions) {
    this.#clock = clock
    this.#random = random
    this.#name = name
    this.#options = options
  }

  /** All its items, in key order. */
  items(): Item[] {
    const rows = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1))
    return rows.flatMap(([, row]) => listed(this.#itemOf(row)))
  }

  /** The due times of the entries in the index `due` (ms), and when others were freed: both are for `tick`. */
  dueTimes(): number[] {
    if (this.#dueAsOf !== this.writes) {
      this.#dueAsOf = this.writes
      this.#due = [...this.#rows.values()].flatMap((row) => {
        const { pk, dueAt: indexed, at } = row.versions.at(-1)?.item ?? {}
        const dueAt = pk?.S === 'freed' ? at?.S : indexed?.S
        return dueAt === undefined ? [] : Date.parse(String(dueAt))
      })
    }
    return this.#due
  }

  /** @throws {AwsError} */
  call(operation: string, input: Input, reading: Reading): object {
    switch (operation) {
      case 'GetItem':
        return this.#getItem(input, reading)
      case 'PutItem':
        return this.#putItem(input)
      case 'UpdateItem':
        return this.#updateItem(input)
      case 'DeleteItem':
        return this.#deleteItem(input)
      case 'Query':
      case 'Scan':
        return this.#query(input, reading, operation === 'Scan')
      case 'BatchGetItem':
        return this.#batchGet(input, reading)
      case 'BatchWriteItem':
        return this.#batchWrite(input, reading)
      case 'TransactWriteItems':
        return this.#transactWrite(input)
      default:
        throw new AwsError('UnknownOperationException', `the model of DynamoDB has no ${operation}`)
    }
  }

  #checkName({ TableName }: Input): void {
    if (TableName === this.#name) return
    throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
  }

  #getItem(input: Input, reading: Reading): object {
    this.#checkName(input)
    const given = placeholders(input)
    const project = projection(input, given)
    given.checkAllUsed()
    const item = this.#read(this.#row(input.Key), input.ConsistentRead === true ? undefined : reading.asOf)
    return item ? { Item: project(item) } : {}
  }

  #putItem(input: Input): object {
    this.#checkName(input)
    const item = input.Item as Item
    checkItem(item)
    const row = this.#row(this.#keyOf(item))
    const before = this.#itemOf(row)
    this.#checkCondition(input, before)
    this.#write(row, item)
    return input.ReturnValues === 'ALL_OLD' && before ? { Attributes: before } : {}
  }

  #deleteItem(input: Input): object {
    this.#checkName(input)
    const row = this.#row(input.Key)
    const before = this.#itemOf(row)
    this.#checkCondition(input, before)
    if (before) this.#write(row, undefined)
    return input.ReturnValues === 'ALL_OLD' && before ? { Attributes: before } : {}
  }

  #updateItem(input: Input): object {
    this.#checkName(input)
    const row = this.#row(input.Key)
    const before = this.#itemOf(row)
    const given = placeholders(input)
    const changes = input.UpdateExpression === undefined ? [] : readChanges(String(input.UpdateExpression))
    const isAllowed = this.#condition(input, given)
    // An invalid update is rejected before its condition is evaluated.
    checkApart(changes.map(({ path }) => given.path(path)))
    for (const { path, operand } of changes) {
      this.#checkIsNoKey(given.path(path)[0])
      if (operand?.kind === 'value') given.value(operand.name)
    }
    const after = attempt(() => updated(before ?? row.key, changes, given))
    const mayBe = isAllowed(before)
    given.checkAllUsed()
    if (!mayBe) throw conditionFailed(input, before)
    if ('error' in after) throw after.error
    checkItem(after.result)
    this.#write(row, after.result)
    return returned(
      String(input.ReturnValues ?? 'NONE'),
      before,
      after.result,
      changes.map(({ path }) => given.path(path)),
    )
  }

  #checkIsNoKey(name: string | number | undefined): void {
    const { partitionKey, sortKey } = this.#options
    if (name !== partitionKey && name !== sortKey) return
    throw new AwsError(
      'ValidationException',
      `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
    )
  }

  #condition(input: Input, given: Placeholders): (item: Item | undefined) => boolean {
    if (input.ConditionExpression === undefined) return () => true
    const condition = readCondition(String(input.ConditionExpression))
    return (item) => holds(condition, item ?? {}, given)
  }

  #checkCondition(input: Input, before: Item | undefined): void {
    const given = placeholders(input)
    const mayBe = this.#condition(input, given)(before)
    given.checkAllUsed()
    if (!mayBe) throw conditionFailed(input, before)
  }

  #batchGet({ RequestItems }: Input, reading: Reading): object {
    const request = (RequestItems as Record<string, Input>)[this.#name]
    if (!request) throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
    const keys = request.Keys as Item[]
    if (keys.length > 100)
      throw new AwsError('ValidationException', 'Too many items requested for the BatchGetItem call')
    const rows = keys.map((key) => this.#row(key))
    checkDistinct(
      rows.map(({ key }) => key),
      'Provided list of item keys contains duplicates',
    )
    const given = placeholders(request)
    const project = projection(request, given)
    given.checkAllUsed()
    const asOf = request.ConsistentRead === true ? undefined : reading.asOf
    const left = keys.filter((_, index) => reading.leavesOut(index))
    const items = rows.flatMap((row, index) =>
      left.includes(keys[index] as Item) ? [] : listed(this.#read(row, asOf)),
    )
    return {
      Responses: { [this.#name]: items.map(project) },
      UnprocessedKeys: left.length > 0 ? { [this.#name]: { ...request, Keys: left } } : {},
    }
  }

  #batchWrite({ RequestItems }: Input, reading: Reading): object {
    const requests = (RequestItems as Record<string, { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }[]>)[
      this.#name
    ]
    if (!requests) throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
    if (requests.length === 0 || requests.length > 25)
      throw new AwsError('ValidationException', 'Too many items requested for the BatchWriteItem call')
    const rows = requests.map(({ PutRequest, DeleteRequest }) => {
      if (PutRequest) checkItem(PutRequest.Item)
      return this.#row(PutRequest ? this.#keyOf(PutRequest.Item) : DeleteRequest?.Key)
    })
    checkDistinct(
      rows.map(({ key }) => key),
      'Provided list of item keys contains duplicates',
    )
    const left = requests.filter((_, index) => reading.leavesOut(index))
    for (const [index, request] of requests.entries()) {
      if (!left.includes(request)) this.#write(rows[index] as Row, request.PutRequest?.Item)
    }
    return { UnprocessedItems: left.length > 0 ? { [this.#name]: left } : {} }
  }

  /** All or nothing. The same item twice is rejected. */
  #transactWrite({ TransactItems }: Input): object {
    const items = (TransactItems as Record<string, Input>[]).map((one) => Object.entries(one)[0] as [string, Input])
    const rows = items.map(([action, input]) =>
      this.#row(action === 'Put' ? this.#keyOf(input.Item as Item) : input.Key),
    )
    checkDistinct(
      rows.map(({ key }) => key),
      'Transaction request cannot include multiple operations on one item',
    )
    const reasons = items.map(([, input], index) => {
      try {
        this.#checkTransacted(input, this.#itemOf(rows[index] as Row))
        return { Code: 'None' }
      } catch (error) {
        if (error instanceof AwsError && error.code === 'ConditionalCheckFailedException')
          return { Code: 'ConditionalCheckFailed', Message: error.message }
        throw error
      }
    })
    if (reasons.some(({ Code }) => Code !== 'None')) {
      const codes = reasons.map(({ Code }) => Code).join(', ')
      throw new AwsError(
        'TransactionCanceledException',
        `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
        { CancellationReasons: reasons },
      )
    }
    for (const [action, input] of items) {
      if (action === 'ConditionCheck') continue
      this.call(`${action}Item`, input, { asOf: 0, leavesOut: () => false })
    }
    return {}
  }

  #checkTransacted(input: Input, before: Item | undefined): void {
    const given = placeholders(input)
    if (!this.#condition(input, given)(before)) throw conditionFailed(input, before)
  }

  #query(input: Input, reading: Reading, isScan: boolean): object {
    this.#checkName(input)
    const given = placeholders(input)
    const index = input.IndexName === undefined ? undefined : this.#options.indexes[String(input.IndexName)]
    if (input.IndexName !== undefined && !index)
      throw new AwsError('ValidationException', `The table does not have the specified index: ${input.IndexName}`)
    if (index && input.ConsistentRead)
      throw new AwsError('ValidationException', 'Consistent reads are not supported on global secondary indexes')
    const { partitionKey, sortKey } = index ?? this.#options
    const matches = isScan ? () => true : keyCondition(input, given, partitionKey, sortKey)
    const filter = input.FilterExpression === undefined ? undefined : readCondition(String(input.FilterExpression))
    if (filter) holds(filter, {}, given)
    const project = projection(input, given)
    given.checkAllUsed()
    const asOf = input.ConsistentRead === true ? undefined : reading.asOf
    const found = [...this.#rows.values()]
      .flatMap((row) => listed(this.#read(row, asOf)))
      .filter((item) => item[partitionKey] !== undefined && item[sortKey] !== undefined && matches(item))
      .sort((a, b) => this.#order(a, b, sortKey))
    if (input.ScanIndexForward === false) found.reverse()
    const from = input.ExclusiveStartKey as Item | undefined
    const after = from
      ? found.filter((item) => this.#isAfter(item, from, sortKey, input.ScanIndexForward !== false))
      : found
    const most = Math.min(Number(input.Limit ?? Number.POSITIVE_INFINITY), reading.pageOf ?? Number.POSITIVE_INFINITY)
    const page = after.slice(0, most)
    const last = after.length > page.length || page.length === input.Limit ? page.at(-1) : undefined
    const kept = filter ? page.filter((item) => holds(filter, item, given)) : page
    return {
      ...(input.Select !== 'COUNT' && {
        Items: kept.map((item) => project(index?.isKeysOnly ? this.#keysOf(item, index) : item)),
      }),
      Count: kept.length,
      ScannedCount: page.length,
      ...(last && { LastEvaluatedKey: this.#keysOf(last, index) }),
    }
  }

  #order(a: Item, b: Item, sortKey: string): number {
    const bySortKey = orderOf(a[sortKey] as Value, b[sortKey] as Value) ?? 0
    return bySortKey || (identity(this.#keyOf(a)) < identity(this.#keyOf(b)) ? -1 : 1)
  }

  #isAfter(item: Item, from: Item, sortKey: string, isForward: boolean): boolean {
    if (identity(this.#keyOf(item)) === identity(this.#keyOf(from))) return false
    return this.#order(item, from, sortKey) > 0 === isForward
  }

  #keysOf(item: Item, index: TableOptions['indexes'][string] | undefined): Item {
    const names = [
      this.#options.partitionKey,
      this.#options.sortKey,
      ...(index ? [index.partitionKey, index.sortKey] : []),
    ]
    return Object.fromEntries(names.map((name) => [name, item[name] as Value]))
  }

  #keyOf(item: Item): Item {
    const { partitionKey, sortKey } = this.#options
    return Object.fromEntries([partitionKey, sortKey].flatMap((name) => (item[name] ? [[name, item[name]]] : [])))
  }

  #row(key: unknown): Row {
    checkKey(key as Item, this.#options)
    const name = identity(key as Item)
    const known = this.#rows.get(name)
    if (known) return known
    return { key: key as Item, versions: [] }
  }

  #itemOf(row: Row): Item | undefined {
    return this.#read(row, undefined)
  }

  /** As of a time, or the current version without one. An expired item may still exist, but usually does not. */
  #read({ versions }: Row, asOf: number | undefined): Item | undefined {
    const item = versions.findLast(({ at }) => asOf === undefined || at <= asOf)?.item
    const expiresAt = item?.[this.#options.expiresBy ?? '']?.N
    // AWS deletes expired items within a few days: here some are deleted after an hour, some never.
    if (expiresAt === undefined || Number(expiresAt) * 1_000 + 3_600_000 > this.#clock.now) return item
    return Number(expiresAt) % 2 === 0 ? undefined : item
  }

  #write(row: Row, item: Item | undefined): void {
    row.stamp = { at: this.#clock.now, by: this.replica, write: this.writes }
    this.#keep(row, item)
    if (item) this.onWritten(item)
    this.onRow?.(row.key, item, row.stamp)
  }

  /** A write of the other replica arrives, unless the item was written later. */
  replicate(key: Item, item: Item | undefined, stamp: Stamp): void {
    const row = this.#row(key)
    if (row.stamp && isBefore(stamp, row.stamp)) return
    row.stamp = stamp
    this.#keep(row, item)
  }

  #keep(row: Row, item: Item | undefined): void {
    const { now } = this.#clock
    row.versions = [
      ...row.versions.filter(({ at }, index) => at > now - REMEMBERED_MS || index === row.versions.length - 1),
      { at: now, item },
    ]
    this.#rows.set(identity(row.key), row)
    this.writes++
  }

  /** The time that an eventually consistent read sees: usually now, sometimes a little earlier. */
  staleness(most: number): number {
    return this.#clock.now - (this.#random.chance(0.5) ? 0 : this.#random.int(most))
  }
}

function isBefore(a: Stamp, b: Stamp): boolean {
  return a.at !== b.at ? a.at < b.at : a.by !== b.by ? a.by < b.by : a.write < b.write
}

function conditionFailed(input: Input, before: Item | undefined): AwsError {
  const shown = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before ? { Item: before } : {}
  return new AwsError('ConditionalCheckFailedException', 'The conditional request failed', shown)
}

function attempt<T>(work: () => T): { result: T } | { error: unknown } {
  try {
    return { result: work() }
  } catch (error) {
    return { error }
  }
}

function returned(which: string, before: Item | undefined, after: Item, paths: (string | number)[][]): object {
  if (which === 'ALL_NEW') return { Attributes: after }
  if (which === 'ALL_OLD') return before ? { Attributes: before } : {}
  if (which === 'NONE') return {}
  const from = which === 'UPDATED_NEW' ? after : before
  const names = paths.map(([name]) => String(name)).filter((name) => from?.[name] !== undefined)
  return names.length > 0 ? { Attributes: Object.fromEntries(names.map((name) => [name, from?.[name]])) } : {}
}

function listed(item: Item | undefined): Item[] {
  return item ? [item] : []
}
