import type { Stamp, Table } from './aws/dynamodb.ts'
import type { Item } from './aws/expressions.ts'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** When the last write of a replica reaches the other one: usually within a second or two. */
const LAG_MS = [200, 1_500] as const
const LONG_LAG_MS = [1_500, 8_000] as const

interface Parts {
  clock: Clock
  random: Random
  /** Until when nothing gets from one to the other; `undefined`: it does. */
  heldUntil: () => number | undefined
}

/**
 * A global table of DynamoDB with eventual consistency (Developer Guide, How global tables work): each write reaches the other
 * replica later, alone, and in any order; of two writes of one item the last one wins, by the time at which it was made.
 */
export function replicate([one, other]: readonly [Table, Table], { clock, random, heldUntil }: Parts): void {
  const pass = (to: Table) => (key: Item, item: Item | undefined, stamp: Stamp) => {
    const [fromMs, toMs] = random.chance(0.05) ? LONG_LAG_MS : LAG_MS
    const lagMs = random.between(fromMs, toMs)
    const arrive = () => {
      const until = heldUntil()
      // What was held arrives when it is over.
      if (until === undefined) to.replicate(key, item, stamp)
      else clock.plan(until + lagMs, arrive)
    }
    clock.after(lagMs, arrive)
  }
  one.onRow = pass(other)
  other.onRow = pass(one)
}
