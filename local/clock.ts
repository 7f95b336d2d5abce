import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'
import { contextOf } from './event-source.ts'
import { traced } from './lineage.ts'
import { TICK } from './topology.ts'

/** The handler of `tick`. */
export type TickHandler = (event: unknown, context: Context) => Promise<unknown>

export interface Clock {
  /**
   * Runs `tick` now, as if it had not run before: what is overdue has its turn at once, whenever it had it last. Else, between
   * two minutes, hardly anything would.
   */
  catchUp(): Promise<void>
  /** What is overdue, as one text: the same as long as nothing has come of it; empty when nothing is. */
  overdue(): Promise<string>
  stop(): Promise<void>
}

/**
 * Runs `tick` each minute, as EventBridge does. The first time is a minute from now, or when it is asked for: only then is the
 * function loaded, for most replays are over before.
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
    // On Lambda it would be in the function's log, and the next run does what this one has not.
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
