import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { chooseRouter } from '../cli/which-router.ts'
import { type StandIn, startStandIn } from '../local/stand-ins/stand-in.ts'

/*
 * A table that outlives its stack (deploy/table.yml) has a name like the next stack's, with a random suffix.
 */
const OF = (stage: string, end: string) => `alert-router-${stage}-AlertTable-${end}`
let tables: Record<string, { day: string; status?: string }> = {}
let aws: StandIn
let client: DynamoDBClient
beforeAll(async () => {
  aws = await startStandIn({
    capture: ({ path, json }) => ({ path, body: json }),
    answer({ headers, json }) {
      if (String(headers['x-amz-target']).endsWith('ListTables')) {
        return { status: 200, body: { TableNames: Object.keys(tables).sort() } }
      }
      const { TableName } = json as { TableName: string }
      const { day = '', status = 'ACTIVE' } = tables[TableName] ?? {}
      return {
        status: 200,
        body: { Table: { TableName, TableStatus: status, CreationDateTime: Date.parse(day) / 1_000 } },
      }
    },
  })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  client = new DynamoDBClient({ endpoint: aws.url, region: 'us-east-1', credentials })
})
afterAll(async () => {
  client.destroy()
  await aws.close()
})

async function tableOf(stage: string): Promise<{ name: string; said: string }> {
  let said = ''
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
  try {
    const name = await (await chooseRouter(stage)).tableName(client)
    return { name, said }
  } finally {
    spy.mockRestore()
  }
}

test('the only table is used, whenever it was created, without another call', async () => {
  tables = {
    [OF('prod', 'B1')]: { day: '2026-01-01' },
    [OF('prod-eu', 'A1')]: { day: '2026-09-01' },
    [OF('dev', 'A1')]: { day: '2026-09-01' },
    'alert-router-prod-other': { day: '2026-09-01' },
  }
  aws.requests.length = 0
  expect(await tableOf('prod')).toEqual({ name: OF('prod', 'B1'), said: '' })
  expect(aws.requests).toHaveLength(1)
})

test.each([
  ['first', 'A1', 'B1'],
  ['last', 'B1', 'A1'],
])('of two the newest is used, even if it sorts %s by name, and the other is reported', async (_, newer, older) => {
  tables = { [OF('prod', newer)]: { day: '2026-09-01' }, [OF('prod', older)]: { day: '2026-03-01' } }
  const { name, said } = await tableOf('prod')
  expect(name).toBe(OF('prod', newer))
  expect(said).toBe(
    `Using the newest of 2 tables: ${OF('prod', newer)} (2026-09-01). Left behind: ${OF('prod', older)} (2026-03-01)\n`,
  )
})

test('one that is being deleted is ignored', async () => {
  tables = {
    [OF('prod', 'A1')]: { day: '2026-09-01', status: 'DELETING' },
    [OF('prod', 'B1')]: { day: '2026-03-01' },
  }
  expect(await tableOf('prod')).toEqual({ name: OF('prod', 'B1'), said: '' })
})

test('without any the stack is reported as missing', async () => {
  tables = { [OF('dev', 'A1')]: { day: '2026-09-01' } }
  await expect(tableOf('prod')).rejects.toMatchObject({ name: 'NoSuchRouter' })
})
