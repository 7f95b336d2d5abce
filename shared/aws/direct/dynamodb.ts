import { AwsError, Client, type Options } from './client.ts'
import { commandsOf } from './json.ts'

/* In place of @aws-sdk/client-dynamodb (client.ts). */

export class DynamoDBClient extends Client {
  constructor(options: Options) {
    super({ serviceId: 'DynamoDB', name: 'dynamodb', variable: 'DYNAMODB' }, options)
  }
}

export class ConditionalCheckFailedException extends AwsError {
  declare readonly Item?: unknown
}

const command = commandsOf({
  target: 'DynamoDB_20120810',
  version: '1.0',
  errors: { ConditionalCheckFailedException },
})

export const BatchGetItemCommand = /* @__PURE__ */ command('BatchGetItem')
export const DeleteItemCommand = /* @__PURE__ */ command('DeleteItem')
export const GetItemCommand = /* @__PURE__ */ command('GetItem')
export const PutItemCommand = /* @__PURE__ */ command('PutItem')
export const QueryCommand = /* @__PURE__ */ command('Query')
export const ScanCommand = /* @__PURE__ */ command('Scan')
export const UpdateItemCommand = /* @__PURE__ */ command('UpdateItem')

export const paginateQuery = /* @__PURE__ */ pagesOf(QueryCommand)
export const paginateScan = /* @__PURE__ */ pagesOf(ScanCommand)

/** Page by page, until there is no key at which to go on. */
function pagesOf(Asks: typeof QueryCommand) {
  return async function* pages({ client }: { client: Client }, input: Record<string, unknown>) {
    let ExclusiveStartKey = input.ExclusiveStartKey
    do {
      const page = await client.send(
        new Asks({ ...input, ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }) }),
      )
      yield page
      ExclusiveStartKey = page.LastEvaluatedKey
    } while (ExclusiveStartKey !== undefined)
  }
}
