import { identity, sizeOf } from '../local/simulation/aws/items.ts'
import { TABLE } from '../local/topology.ts'

/*
 * What DynamoDB bills of the calls that pass (Developer Guide, Read and write capacity units): a write unit for each KB of an
 * item, as it was or as it is, whichever is larger; one for each entry of an index that is added or removed; a read unit for
 * each 4 KB, half of one where the read need not be consistent.
 */

const WRITE_BYTES = 1_024
const READ_BYTES = 4_096

/** An item in a request or an answer. */
type Wire = Record<string, { S?: string; N?: string; B?: string }>

/** A call's request or answer, as far as it says what is billed. */
interface Body {
  Item?: Wire
  Key?: Wire
  Items?: Wire[]
  IndexName?: string
  ConsistentRead?: boolean
  RequestItems?: Record<string, { Keys: Wire[]; ConsistentRead?: boolean }>
}

/** Follows one table, from its first item on. */
export class Units {
  writes = 0
  reads = 0
  readonly #items = new Map<string, Wire>()

  /** Of all items that the table keeps; it adds 100 bytes to each (Developer Guide, DynamoDB item sizes and formats). */
  get storedBytes(): number {
    return [...this.#items.values()].reduce((sum, item) => sum + bytesOf(item) + 100, 0)
  }

  /** A refused write is paid, too, and not counted: whether another was faster depends on the moment. */
  saw(operation: string, asked: Body, answered: Body, isAccepted: boolean): void {
    if (operation === 'PutItem') this.#wrote(asked.Item, asked.Item, isAccepted)
    // The counters that it changes are small, and in no index.
    if (operation === 'UpdateItem' && isAccepted) this.writes++
    if (operation === 'DeleteItem') this.#wrote(asked.Key, undefined, isAccepted)
    if (operation === 'GetItem') this.#read([asked.Key], asked.ConsistentRead)
    for (const { Keys, ConsistentRead } of Object.values(asked.RequestItems ?? {})) {
      for (const key of Keys) this.#read([key], ConsistentRead)
    }
    if (operation === 'Query') this.#read(answered.Items ?? [], asked.ConsistentRead)
  }

  #wrote(key: Wire = {}, after: Wire | undefined, isAccepted: boolean): void {
    const id = keyOf(key)
    const before = this.#items.get(id)
    const bytes = Math.max(bytesOf(before), bytesOf(after))
    if (!isAccepted) return
    this.writes += Math.max(1, Math.ceil(bytes / WRITE_BYTES))
    if (after) this.#items.set(id, after)
    else this.#items.delete(id)
    for (const { KeySchema } of TABLE.GlobalSecondaryIndexes) {
      const [was, is] = [before, after].map((item) => entryOf(item, KeySchema))
      if (was !== is) this.writes += [was, is].filter(Boolean).length
    }
  }

  /** The items of one call, or of one key in a batch. A read that finds nothing is one, too. */
  #read(keys: (Wire | undefined)[], isConsistent = false): void {
    const bytes = keys.reduce((sum, key) => sum + bytesOf(key && (this.#items.get(keyOf(key)) ?? key)), 0)
    this.reads += Math.max(1, Math.ceil(bytes / READ_BYTES)) * (isConsistent ? 1 : 0.5)
  }
}

const keyOf = ({ pk, sk }: Wire) => identity({ pk: pk ?? {}, sk: sk ?? {} })

const bytesOf = (item: Wire | undefined) => (item ? sizeOf(item) : 0)

/** `undefined`: the item is not in the index. */
function entryOf(item: Wire | undefined, schema: { AttributeName: string }[]): string | undefined {
  const values = schema.map(({ AttributeName }) => item?.[AttributeName]?.S)
  return values.includes(undefined) ? undefined : values.join(' ')
}
