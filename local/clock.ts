import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'
import { contextOf } from './event-source.ts'
import { traced } from './lineage.ts'
import { TICK } from './topology.ts'

/** The handler of `tick`. */
export type TickHandler = (event: unknown, context: Context) => Promise<unknown>

export interface Clock {
  /** Runs `tick` once. */
  tick(): Promise<void>
  /**
   * Runs `tick` now, as if it had not run before: everything overdue is processed, whenever it was processed last.
   * Otherwise hardly anything would be, within a minute.
   */
  catchUp(): Promise<void>
  /** What is overdue, as one text: unchanged until something is processed; empty if nothing is overdue. */
  overdue(): Promise<string>
  stop(): Promise<void>
}

/**
 * Runs `tick` every minute, as EventBridge does. The first run is a minute from now, or on request; the function is
 * only loaded then, because most replays end before.
 */
export function startClock(load: () => Promise<TickHandler>): Clock {
  const stopped = new AbortController()
  const table = new DynamoDBClient({})
  let loaded: Promise<TickHandler> | undefined

  async function tick(): Promise<void> {
    loaded ??= load()
    const handler = await loaded
    const { functionName, timeoutS } = TICK
    const context = contextOf({ functionName, timeoutMs: timeoutS * 1_000 })
    // On Lambda the error would be in the function's log, and the next run does what this one could not.
    await traced(functionName, [], () => handler({}, context)).catch(() => {})
  }

  async function run(): Promise<void> {
    for (;;) {
      await sleep(TICK.everyS * 1_000, undefined, { signal: stopped.signal }).catch(() => {})
      if (stopped.signal.aborted) return
      await tick()
    }
  }
  const running = run()

  return {
    tick,
    async catchUp() {
      await table.send(
        new UpdateItemCommand({
          TableName: process.env.TABLE_NAME,
          Key: { pk: { S: 'tick' }, sk: { S: 'last' } },
          UpdateExpression: 'REMOVE #at',
          ExpressionAttributeNames: { '#at': 'at' },
        }),
      )
      await tick()
    },
    async overdue() {
      const { Items = [] } = await table.send(
        new ScanCommand({
          TableName: process.env.TABLE_NAME,
          IndexName: 'due',
          FilterExpression: 'dueAt <= :now',
          ExpressionAttributeValues: { ':now': { S: new Date().toISOString() } },
        }),
      )
      return Items.length === 0 ? '' : JSON.stringify(Items)
    },
    async stop() {
      stopped.abort()
      await running
      table.destroy()
    },
  }
}
