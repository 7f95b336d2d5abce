import {
  GetItem$,
  type GetItemCommandInput,
  type GetItemCommandOutput,
  Query$,
  type QueryCommandInput,
  type QueryCommandOutput,
  Scan$,
  type ScanCommandInput,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb'
import type { HttpAnswer, Request } from '../exchange.ts'
import { forward } from '../forward.ts'
import type { AwsData } from './data.ts'
import { type Operation, operation } from './operation.ts'

/** What of DynamoDB is asked: dynalite answers, over the data's items. */
export const DYNAMODB: Operation[] = [
  operation<GetItemCommandInput, GetItemCommandOutput>('dynamoDb', GetItem$, byTable),
  operation<ScanCommandInput, ScanCommandOutput>('dynamoDb', Scan$, byTable),
  operation<QueryCommandInput, QueryCommandOutput>('dynamoDb', Query$, byTable),
]

function byTable(): never {
  throw new Error('the table answers')
}

/** The router's table, started when it is first asked. */
export class Tables {
  readonly #started = new Map<AwsData['alertItems'], Promise<{ url: string; stop(): Promise<void> }>>()

  async answer(request: Request, items: AwsData['alertItems']): Promise<HttpAnswer> {
    const table = this.#started.get(items) ?? start(items)
    this.#started.set(items, table)
    const { url } = await table
    const answer = await forward(request, new URL(url), new AbortController().signal)
    if (typeof answer === 'string') throw new Error(`dynalite: ${answer}`)
    return answer
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#started.values()].map(async (table) => (await table).stop()))
  }
}

/** Not loaded by those who ask nothing of it. */
async function start(items: AwsData['alertItems']) {
  const { startTable } = await import('../../table.ts')
  return startTable(items)
}
