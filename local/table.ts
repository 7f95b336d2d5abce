import { once } from 'node:events'
import { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import type { Item } from '../shared/aws/table.ts'
import { emulated } from './emulated.ts'
import { REGION, TABLE, TABLE_NAME } from './topology.ts'

/** DynamoDB's limit of items per call. */
const BATCH = 25

/** The alerts' table in dynalite, with these items; with a name as CloudFormation gives it, it is that of a stage. */
export async function startTable(items: Item[] = [], name = TABLE_NAME) {
  const server = dynalite({ createTableMs: 0 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new DynamoDBClient(emulated({ AWS_REGION: REGION, AWS_ENDPOINT_URL_DYNAMODB: url }, 'DYNAMODB'))
  await client.send(new CreateTableCommand({ TableName: name, ...TABLE }))
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05 }, { TableName: name })
  for (let at = 0; at < items.length; at += BATCH) {
    const requests = items.slice(at, at + BATCH).map((Item) => ({ PutRequest: { Item } }))
    await client.send(new BatchWriteItemCommand({ RequestItems: { [name]: requests } }))
  }
  client.destroy()
  // Its own `close` closes the database in memory too, and a write of a killed worker that is still under way then throws.
  const stop = () => new Promise<void>((resolve) => Server.prototype.close.call(server, () => resolve()))
  return { url, name, stop }
}
