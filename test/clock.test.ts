import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../local/engine.ts'
import { fromSource, type RunningRouter, startRouter } from '../local/router.ts'
import { readConfig } from '../shared/config/read.ts'
import { shardOf } from '../shared/store/due-index.ts'
import { startLocalEngine } from './local-engine.ts'

/** The local router with the real clock; its `route` does what a test wants, and the others nothing. */
const local = globalThis as { route?: (event: SQSEvent) => Promise<void> }
let engine: Engine
let router: RunningRouter
let table: DynamoDBClient

beforeAll(async () => {
  engine = await startLocalEngine(readConfig('config/alerts.yml'))
  const standIn = join(mkdtempSync(join(tmpdir(), 'functions-')), 'function.mjs')
  writeFileSync(standIn, 'export const handler = (event) => globalThis.route?.(event)')
  router = await startRouter(engine, {
    configFile: process.env.CONFIG_FILE ?? '',
    functionFile: (name) => (name === 'tick' ? fromSource(name) : standIn),
  })
  table = new DynamoDBClient({})
})
afterAll(async () => {
  await router.stop()
  await engine.stop()
})

let notified: { due: string }[]
beforeEach(() => {
  notified = []
})

const keyOf = (pk: string) => ({ pk: { S: pk }, sk: { S: 'state.2' } })
const settle = (pk: string) => table.send(new DeleteItemCommand({ TableName: process.env.TABLE_NAME, Key: keyOf(pk) }))

async function due(pk: string, inSeconds: number): Promise<void> {
  const dueAt = new Date(Date.now() + inSeconds * 1_000).toISOString()
  const Item = { ...keyOf(pk), dueAt: { S: dueAt }, dueShard: { S: shardOf(pk) } }
  await table.send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item }))
}

/** What `route` does with a due entry. */
function routeBy(look: (pk: string) => Promise<unknown>): void {
  local.route = async ({ Records }) => {
    for (const { body } of Records) {
      notified.push(JSON.parse(body))
      await look(JSON.parse(body).due)
    }
  }
}

test('is done when overdue entries have been evaluated, and so has what follows', async () => {
  routeBy(async (pk) => {
    await settle(pk)
    if (pk === 'first') await due('second', 0)
  })
  await due('first', -1)
  await router.drained()
  expect(new Set(notified.map((one) => one.due))).toEqual(new Set(['first', 'second']))
})

test('does not wait for held alerts, nor for what stays overdue', async () => {
  routeBy(async () => {})
  for (const [pk, inSeconds] of Object.entries({ soon: 40, tomorrow: 86_400, stuck: -1 })) await due(pk, inSeconds)
  await router.drained()
  expect(new Set(notified.map((one) => one.due))).toEqual(new Set(['stuck']))
  for (const pk of ['soon', 'tomorrow', 'stuck']) await settle(pk)
})
