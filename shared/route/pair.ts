import type { Order } from '../../schemas/wake.ts'
import { takeOver } from '../decide/standing.ts'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { pairHere } from '../observe/regions.ts'
import { keepBeat, keepHeard, readBeats } from '../store/beats.ts'

/** An order about which of two regions sends: it is executed whether this one does or not. */
export type OrderOfPair = Extract<Order, { beat: unknown } | { takeOver: string }>

export function isOfPair(order: Order): order is OrderOfPair {
  return 'beat' in order || 'takeOver' in order
}

/** Keeps what the other region says, or claims to send as a person wants it. */
export async function executeOfPair(order: OrderOfPair, rules: string): Promise<void> {
  const pair = pairHere()
  if (!pair) return ignored(order, 'this stack has no second region')
  if ('beat' in order) return order.beat.region === pair.other ? keepHeard(order.beat) : ignored(order, 'its own')
  if (order.takeOver !== pair.here) return ignored(order, `it is for ${order.takeOver}`)
  const now = new Date()
  const beats = await readBeats(pair)
  if (beats.own?.isActive && beats.own.since >= order.at) return ignored(order, 'it has been done')
  const { beat } = takeOver(pair, beats, now)
  await keepBeat({ ...beat, rules })
  const { by } = order
  log.warn('pair.took_over', 'this region sends from now on: a person wants it', {
    by,
    region: beat.region,
    term: beat.term,
  })
  measure({ TookOver: 1 })
}

function ignored(order: OrderOfPair, reason: string): void {
  log.warn('pair.order_ignored', 'an order about which region sends was ignored', { order, reason })
}
