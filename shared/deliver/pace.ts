import { setTimeout as sleep } from 'node:timers/promises'
import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { ChannelType } from '../../schemas/channel.ts'
import { environment } from '../aws/client.ts'
import { expiry, type Item, key, table } from '../aws/table.ts'
import { FACTS } from '../channels/types.ts'

/** How often a target may be sent a message: one every `intervalMs`, and up to `burst` at once after a rest. */
export interface Pace {
  intervalMs: number
  burst: number
}

/** A channel's pace: its type's, or its config's `perMinute`. */
export function paceOf(type: ChannelType, perMinute: number | undefined): Pace {
  const usual = FACTS[type].pace
  const rate = perMinute ?? usual.perMinute
  return { intervalMs: 60_000 / rate, burst: Math.max(1, Math.round((usual.burst * rate) / usual.perMinute)) }
}

/** When the next messages may be sent, given when the target is free in theory (all times in ms). Pure. */
export function slotsFrom(
  freeAt: number,
  count: number,
  { intervalMs, burst }: Pace,
  now: number,
): { slots: number[]; freeAt: number } {
  const slots: number[] = []
  let free = freeAt
  for (let n = 0; n < count; n++) {
    slots.push(Math.max(now, free - (burst - 1) * intervalMs))
    free = Math.max(free, now) + intervalMs
  }
  return { slots, freeAt: free }
}

/** What a pace is kept under: its channel, and which of several targets of it. */
export function pacedAs(channel: string, lane: string | undefined): string {
  return lane === undefined ? channel : `${channel}#${lane}`
}

/** How many messages could be sent right now. */
export async function freeSlots(channel: string, pace: Pace, now = Date.now()): Promise<number> {
  const { slots } = slotsFrom(await readFreeAt(channel), pace.burst, pace, now)
  return slots.filter((slot) => slot <= now).length
}

/** When each message may be sent, and when one without a slot may try again (ms). */
export interface Reservation {
  slots: number[]
  nextAt: number
}

/**
 * When targets are free, as this process has reserved it last. Only a guess, which each reservation checks: others reserve,
 * too. With it a busy target takes one write, as one that rests does.
 */
const guesses = new Map<string, number>()

/**
 * Reserves the right to send up to `count` messages to a channel's target, across all functions: each slot is a time at
 * which one message may be sent. Reserves only slots within `maxWaitMs`.
 * @throws {Error} when too many others reserve at the same time.
 */
export async function reserveSlots(
  channel: string,
  count: number,
  pace: Pace,
  maxWaitMs: number,
  now = Date.now(),
): Promise<Reservation> {
  if (count === 0) return { slots: [], nextAt: now }
  // Usually nothing was sent for a while.
  let freeAt = guesses.get(channel) ?? 0
  let isRead = false
  for (let attempt = 1; attempt <= 10; attempt++) {
    const within = slotsFrom(freeAt, count, pace, now).slots.filter((slot) => slot <= now + maxWaitMs)
    const after = slotsFrom(freeAt, within.length, pace, now).freeAt
    const nextAt = slotsFrom(after, 1, pace, now).slots[0] ?? now
    if (within.length === 0 && isRead) return { slots: within, nextAt }
    const found = within.length === 0 ? await readFreeAt(channel) : await advance(channel, freeAt, after, now)
    if (found === 'advanced') {
      guesses.set(channel, Math.ceil(after))
      return { slots: within, nextAt }
    }
    freeAt = found
    isRead = true
    if (attempt > 2) await sleep(Math.random() * 20 * attempt)
  }
  throw new Error(`too many concurrent sends to ${channel}`)
}

/** Nothing is sent to the channel's target until then: it asked to wait. */
export async function pauseTarget(channel: string, pace: Pace, untilMs: number, now = Date.now()): Promise<void> {
  // This uses up the whole burst: the first slot is at that time.
  const freeAt = untilMs + (pace.burst - 1) * pace.intervalMs
  await update(channel, freeAt, 'attribute_not_exists(freeAt) OR freeAt < :freeAt', {}, now)
}

async function readFreeAt(channel: string): Promise<number> {
  const { Item } = await table.send(
    new GetItemCommand({ TableName: environment('TABLE_NAME'), Key: keyOf(channel), ConsistentRead: true }),
  )
  return freeAtIn(Item)
}

const freeAtIn = (item: Item | undefined) => Number(item?.freeAt?.N ?? 0)

/** Reserves from one time to another, if nobody else has; else when the target is free. */
async function advance(channel: string, from: number, to: number, now: number): Promise<'advanced' | number> {
  const rests = from <= now
  const [condition, value] = rests ? ['attribute_not_exists(freeAt) OR freeAt <= :from', now] : ['freeAt = :from', from]
  return update(channel, to, condition, { ':from': { N: String(value) } }, now)
}

/** When the target is free, if the condition was not met. */
async function update(
  channel: string,
  freeAt: number,
  condition: string,
  values: Record<string, { N: string }>,
  now: number,
): Promise<'advanced' | number> {
  try {
    await table.send(
      new UpdateItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: keyOf(channel),
        UpdateExpression: 'SET freeAt = :freeAt, expiresAt = :expiresAt',
        ConditionExpression: condition,
        ExpressionAttributeValues: {
          ':freeAt': { N: String(Math.ceil(freeAt)) },
          ':expiresAt': expiry(new Date(now), 1),
          ...values,
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    )
    return 'advanced'
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    // Not every DynamoDB says what it has.
    return error.Item ? freeAtIn(error.Item) : readFreeAt(channel)
  }
}

function keyOf(channel: string) {
  return key(`target#${channel}`, 'pace')
}
