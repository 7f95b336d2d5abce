import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as appConfigOfSdk from '@aws-sdk/client-appconfigdata'
import * as dynamoDbOfSdk from '@aws-sdk/client-dynamodb'
import * as secretsOfSdk from '@aws-sdk/client-secrets-manager'
import * as snsOfSdk from '@aws-sdk/client-sns'
import * as sqsOfSdk from '@aws-sdk/client-sqs'
import { ConfiguredRetryStrategy } from '@smithy/core/retry'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import * as appConfig from '../shared/aws/direct/appconfigdata.ts'
import * as dynamoDb from '../shared/aws/direct/dynamodb.ts'
import { ConfiguredRetryStrategy as OurStrategy } from '../shared/aws/direct/retry.ts'
import * as secrets from '../shared/aws/direct/secrets-manager.ts'
import * as sns from '../shared/aws/direct/sns.ts'
import * as sqs from '../shared/aws/direct/sqs.ts'

/**
 * On Lambda, AWS is called without its SDK (shared/aws/direct). Each call here is made by the SDK, and so: both must send the
 * same requests, as often, and make the same of the same answers.
 */

interface Canned {
  status?: number
  headers?: Record<string, string>
  body?: string
  breaks?: true
  hangs?: true
}
interface Asked {
  method?: string | undefined
  url?: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

let server: Server
let origin: string
let answers: Canned[]
let asked: Asked[]

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    asked.push({ method: request.method, url: request.url, headers: request.headers, body })
    const { status = 200, headers = {}, body: text = '', breaks, hangs } = answers.shift() ?? { status: 500 }
    if (hangs) return
    if (breaks) request.socket.destroy()
    else response.writeHead(status, headers).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const [name, value] of Object.entries({
    ...{ AWS_ENDPOINT_URL: origin, AWS_REGION: 'eu-west-1', AWS_LAMBDA_FUNCTION_NAME: 'route' },
    ...{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' },
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  }))
    vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

interface Sends {
  send(command: unknown, options?: object): Promise<unknown>
  destroy(): void
}
type Module = Record<string, new (given: never) => unknown>
const OURS = [appConfig, dynamoDb, secrets, sns, sqs] as unknown as Module[]

async function outcomeOf(
  module: Module,
  client: string,
  operation: string,
  input: object,
  given: Canned[],
  { signal, timeoutMs = 3_000 }: { signal?: AbortSignal; timeoutMs?: number } = {},
) {
  asked = []
  answers = structuredClone(given)
  // The SDK's own makes as many attempts as its strategy says, whatever else it is given.
  const Strategy = OURS.includes(module) ? OurStrategy : ConfiguredRetryStrategy
  const options = { maxAttempts: 2, retryStrategy: new Strategy(3, () => 0) }
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: timeoutMs, throwOnRequestTimeout: true }
  const made = new (module[client] as new (options: object) => Sends)({ ...options, requestHandler })
  const Command = module[`${operation}Command`] as new (input: object) => unknown
  const outcome = await made.send(new Command(input), { abortSignal: signal }).then(plain, described)
  made.destroy()
  return { outcome, requests: asked.map(essence) }
}

/** What counts of an answer: without what the SDK adds, and blobs as texts. */
function plain(answer: unknown): unknown {
  const text = JSON.stringify(answer, function (this: Record<string, unknown>, key, value) {
    const raw = this[key]
    // Nobody reads the type of a document.
    if (key === '$metadata' || key === 'ContentType') return undefined
    if (key === 'Configuration') return (raw as { transformToString(): string } | undefined)?.transformToString()
    return raw instanceof Uint8Array ? `bytes ${Buffer.from(raw).toString('hex')}` : value
  })
  return JSON.parse(text)
}

function described(error: Error & { $fault?: string; $metadata?: { httpStatusCode?: number }; code?: string }) {
  const { name, message, $fault, $metadata, code } = error
  const { Item, ResourceType } = error as { Item?: unknown; ResourceType?: string }
  const status = $metadata?.httpStatusCode
  // Of a broken connection its code is read.
  return { ...(code === undefined && { name, message }), $fault, status, code, Item: Item && plain(Item), ResourceType }
}

function essence({ method, url, headers, body }: Asked) {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  const sent = isForm ? [...new URLSearchParams(body)].sort() : body === '' ? '' : JSON.parse(body)
  const { 'x-amz-target': target, 'x-amzn-trace-id': trace, 'x-amz-security-token': token } = headers
  const [, scope, signed] =
    /Credential=\w+\/\d+\/([\w/-]+), ?SignedHeaders=([\w;-]+)/.exec(headers.authorization ?? '') ?? []
  const isSigned = ['host', 'x-amz-date'].every((name) => signed?.split(';').includes(name))
  return { method, url, type: headers['content-type'], target, trace, token, scope, isSigned, sent }
}

const json = (body: object, status = 200): Canned => ({ status, body: JSON.stringify(body) })
const xml = (body: string, status = 200): Canned => ({ status, body: `<?xml version="1.0"?>\n${body}` })
const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const ofDynamoDb = (name: string, more: object = {}, status = 400) =>
  json({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: `it is ${name}`, ...more }, status)
const snsError = (code: string, status: number) =>
  xml(
    `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>it&apos;s ${code} &lt;&#233;&gt;</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    status,
  )
const snsAnswer = (operation: string, inside: string) =>
  xml(
    `<${operation}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/">\n  <${operation}Result>${inside}</${operation}Result>\n  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>\n</${operation}Response>`,
  )

const item = {
  pk: { S: 'an "alarm" é 😀\n' },
  doc: { B: new Uint8Array([0, 1, 254, 255]) },
  part: { B: Buffer.from('a part of a pool') },
  list: { L: [{ S: 'x' }, { NULL: true }, { M: { B: { S: 'a field named B' }, inner: { B: new Uint8Array([7]) } } }] },
  version: { N: '12' },
}
const itemOnWire = JSON.parse(
  JSON.stringify(item, function (this: Record<string, unknown>, key, value) {
    const raw = this[key]
    return raw instanceof Uint8Array ? Buffer.from(raw).toString('base64') : value
  }),
)
const put = {
  ...{ TableName: 't', Item: item, ConditionExpression: 'version = :v' },
  ExpressionAttributeValues: { ':v': { N: '11' } },
}
const queue = () => `${origin}/000000000000/q`
const text = 'a message: é 😀 & <b>"quotes"</b>'
const entries = (texts: string[]) => texts.map((MessageBody, n) => ({ Id: String(n), MessageBody, DelaySeconds: n }))
const topic = 'arn:aws:sns:eu-west-1:123456789012:alerts'
const attributes = {
  channelType: { DataType: 'String', StringValue: 'slack & co' },
  b: { DataType: 'String', StringValue: 'c' },
}

type Case = [what: string, operation: string, input: object | (() => object), answers: Canned[]]

const CASES: [service: string, ofSdk: object, direct: object, client: string, cases: Case[]][] = [
  [
    'DynamoDB',
    dynamoDbOfSdk,
    dynamoDb,
    'DynamoDBClient',
    [
      ['an item of all kinds', 'GetItem', { TableName: 't', Key: { pk: { S: 'a' } } }, [json({ Item: itemOnWire })]],
      ['no item', 'GetItem', { TableName: 't', Key: { pk: { S: 'a' } }, ConsistentRead: true }, [json({})]],
      ['a put', 'PutItem', put, [json({})]],
      ['an undefined option', 'PutItem', { ...put, ReturnValuesOnConditionCheckFailure: undefined }, [json({})]],
      ['a condition that fails', 'PutItem', put, [ofDynamoDb('ConditionalCheckFailedException')]],
      [
        'the same, with the item',
        'PutItem',
        put,
        [ofDynamoDb('ConditionalCheckFailedException', { Item: itemOnWire })],
      ],
      ['a refusal', 'PutItem', put, [ofDynamoDb('ValidationException')]],
      ['a busy table', 'PutItem', put, [ofDynamoDb('ProvisionedThroughputExceededException'), json({})]],
      ['throttling', 'PutItem', put, [ofDynamoDb('ThrottlingException'), ofDynamoDb('ThrottlingException'), json({})]],
      ['a server error, and another', 'PutItem', put, [{ status: 503, body: '<html>' }, { status: 500 }, json({})]],
      ['only server errors', 'PutItem', put, Array(4).fill(ofDynamoDb('InternalServerError', {}, 500))],
      ['a broken connection', 'PutItem', put, [{ breaks: true }, json({})]],
      ['broken connections', 'PutItem', put, Array(4).fill({ breaks: true })],
      [
        'a query',
        'Query',
        { TableName: 't', IndexName: 'due' },
        [json({ Items: [itemOnWire], LastEvaluatedKey: { pk: { S: 'z' } } })],
      ],
      ['a scan', 'Scan', { TableName: 't', Limit: 3 }, [json({ Items: [], Count: 0 })]],
      [
        'some of a batch',
        'BatchGetItem',
        { RequestItems: { t: { Keys: [{ pk: { S: 'a' } }], ConsistentRead: true } } },
        [json({ Responses: { t: [itemOnWire] }, UnprocessedKeys: { t: { Keys: [{ pk: { S: 'b' } }] } } })],
      ],
      [
        'an update',
        'UpdateItem',
        { TableName: 't', Key: { pk: { S: 'a' } }, UpdateExpression: 'SET a = :a' },
        [json({})],
      ],
      ['a deletion', 'DeleteItem', { TableName: 't', Key: { pk: { S: 'a' } } }, [json({})]],
    ],
  ],
  [
    'SQS',
    sqsOfSdk,
    sqs,
    'SQSClient',
    [
      [
        'a message',
        'SendMessage',
        () => ({
          QueueUrl: queue(),
          MessageBody: text,
          MessageAttributes: { reason: { DataType: 'String', StringValue: text } },
        }),
        [json({ MessageId: 'm', MD5OfMessageBody: md5(text) })],
      ],
      [
        'a batch, of which one fails',
        'SendMessageBatch',
        () => ({ QueueUrl: queue(), Entries: entries(['a', 'b']) }),
        [
          json({
            Successful: [{ Id: '0', MessageId: 'm', MD5OfMessageBody: md5('a') }],
            Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false, Message: 'x' }],
          }),
        ],
      ],
      [
        'messages',
        'ReceiveMessage',
        () => ({
          QueueUrl: queue(),
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['All'],
        }),
        [
          json({
            Messages: [
              {
                ...{ MessageId: 'm', ReceiptHandle: 'r', Body: text, MD5OfBody: md5(text) },
                Attributes: { ApproximateReceiveCount: '1' },
                MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } },
              },
            ],
          }),
        ],
      ],
      ['no messages', 'ReceiveMessage', () => ({ QueueUrl: queue() }), [json({})]],
      [
        'a deletion',
        'DeleteMessageBatch',
        () => ({ QueueUrl: queue(), Entries: [{ Id: '0', ReceiptHandle: 'r' }] }),
        [json({ Successful: [{ Id: '0' }], Failed: [] })],
      ],
      [
        'a delay',
        'ChangeMessageVisibility',
        () => ({ QueueUrl: queue(), ReceiptHandle: 'r', VisibilityTimeout: 5 }),
        [{ body: '' }],
      ],
      [
        'throttling',
        'SendMessage',
        () => ({ QueueUrl: queue(), MessageBody: 'x' }),
        [
          json({ __type: 'com.amazonaws.sqs#RequestThrottled', message: 'slower' }, 403),
          json({ MessageId: 'm', MD5OfMessageBody: md5('x') }),
        ],
      ],
      [
        'no such queue',
        'SendMessage',
        () => ({ QueueUrl: queue(), MessageBody: 'x' }),
        [json({ __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'The specified queue does not exist.' }, 400)],
      ],
    ],
  ],
  [
    'SNS',
    snsOfSdk,
    sns,
    'SNSClient',
    [
      [
        'a message',
        'Publish',
        { TopicArn: topic, Message: text, Subject: 'é', MessageAttributes: attributes },
        [snsAnswer('Publish', '<MessageId>m</MessageId>')],
      ],
      [
        'a batch',
        'PublishBatch',
        {
          TopicArn: topic,
          PublishBatchRequestEntries: [
            { Id: '0', Message: text, MessageAttributes: attributes },
            { Id: '1', Message: 'b' },
          ],
        },
        [
          snsAnswer(
            'PublishBatch',
            '<Failed/><Successful><member><MessageId>m</MessageId><Id>0</Id></member><member><MessageId>n</MessageId><Id>1</Id></member></Successful>',
          ),
        ],
      ],
      [
        'a batch, of which one fails',
        'PublishBatch',
        { TopicArn: topic, PublishBatchRequestEntries: [{ Id: '0', Message: 'a' }] },
        [
          snsAnswer(
            'PublishBatch',
            '<Failed>\n<member><Id>0</Id><Code>InternalError</Code><Message>a &amp; b</Message></member>\n</Failed><Successful/>',
          ),
        ],
      ],
      [
        "a topic's attributes",
        'GetTopicAttributes',
        { TopicArn: topic },
        [
          snsAnswer(
            'GetTopicAttributes',
            '<Attributes><entry><key>SubscriptionsConfirmed</key><value>2</value></entry><entry><key>DisplayName</key><value></value></entry><entry><key>Policy</key><value>{&quot;a&quot;:1}</value></entry></Attributes>',
          ),
        ],
      ],
      [
        'one without any',
        'GetTopicAttributes',
        { TopicArn: topic },
        [snsAnswer('GetTopicAttributes', '<Attributes></Attributes>')],
      ],
      [
        'subscriptions',
        'ListSubscriptionsByTopic',
        { TopicArn: topic, NextToken: 'a+b/=' },
        [
          snsAnswer(
            'ListSubscriptionsByTopic',
            '<Subscriptions><member><SubscriptionArn>PendingConfirmation</SubscriptionArn><Endpoint>a@b</Endpoint></member></Subscriptions><NextToken>t</NextToken>',
          ),
        ],
      ],
      [
        'no subscription',
        'ListSubscriptionsByTopic',
        { TopicArn: topic },
        [snsAnswer('ListSubscriptionsByTopic', '<Subscriptions/>')],
      ],
      ['no such topic', 'Publish', { TopicArn: topic, Message: 'x' }, [snsError('NotFound', 404)]],
      ['no right', 'Publish', { TopicArn: topic, Message: 'x' }, [snsError('AuthorizationError', 403)]],
      ['a bad message', 'Publish', { TopicArn: topic, Message: 'x' }, [snsError('InvalidParameter', 400)]],
      [
        'throttling',
        'Publish',
        { TopicArn: topic, Message: 'x' },
        [snsError('Throttled', 429), snsAnswer('Publish', '<MessageId>m</MessageId>')],
      ],
      [
        'throttling without end',
        'Publish',
        { TopicArn: topic, Message: 'x' },
        Array(4).fill(snsError('Throttled', 429)),
      ],
      [
        'an error of its own',
        'Publish',
        { TopicArn: topic, Message: 'x' },
        [snsError('InternalError', 500), snsAnswer('Publish', '<MessageId>m</MessageId>')],
      ],
    ],
  ],
  [
    'Secrets Manager',
    secretsOfSdk,
    secrets,
    'SecretsManagerClient',
    [
      ['a secret', 'GetSecretValue', { SecretId: 'a/b' }, [json({ Name: 'a/b', SecretString: 'é' })]],
      [
        'no such secret',
        'GetSecretValue',
        { SecretId: 'a/b' },
        [json({ __type: 'ResourceNotFoundException', Message: "can't find it" }, 400)],
      ],
      [
        'no right',
        'GetSecretValue',
        { SecretId: 'a/b' },
        [json({ __type: 'AccessDeniedException', Message: 'no' }, 400)],
      ],
    ],
  ],
  [
    'AppConfig',
    appConfigOfSdk,
    appConfig,
    'AppConfigDataClient',
    [
      [
        'a session',
        'StartConfigurationSession',
        {
          ApplicationIdentifier: 'a',
          EnvironmentIdentifier: 'e',
          ConfigurationProfileIdentifier: 'p',
          RequiredMinimumPollIntervalInSeconds: 60,
        },
        [json({ InitialConfigurationToken: 'x+/=' }, 201)],
      ],
      [
        'a document',
        'GetLatestConfiguration',
        { ConfigurationToken: 'x+/= é' },
        [
          {
            headers: {
              'Next-Poll-Configuration-Token': 'y',
              'Next-Poll-Interval-In-Seconds': '60',
              'Content-Type': 'application/json',
            },
            body: '{"a":"é"}',
          },
        ],
      ],
      [
        'nothing new',
        'GetLatestConfiguration',
        { ConfigurationToken: 'x' },
        [{ headers: { 'Next-Poll-Configuration-Token': 'y', 'Next-Poll-Interval-In-Seconds': '60' } }],
      ],
      [
        'nothing pushed',
        'GetLatestConfiguration',
        { ConfigurationToken: 'x' },
        [
          {
            status: 404,
            headers: { 'x-amzn-errortype': 'ResourceNotFoundException:http://internal/' },
            body: '{"Message":"none","ResourceType":"Deployment"}',
          },
        ],
      ],
      [
        'an error of its own',
        'GetLatestConfiguration',
        { ConfigurationToken: 'x' },
        Array(4).fill({
          status: 500,
          headers: { 'x-amzn-errortype': 'InternalServerException' },
          body: '{"Message":"no"}',
        }),
      ],
    ],
  ],
]

for (const [service, ofSdk, direct, client, cases] of CASES)
  describe(`${service}, as by the SDK`, () => {
    test.each(cases)('%s', async (_, operation, input, given) => {
      const asks = typeof input === 'function' ? input() : input
      const expected = await outcomeOf(ofSdk as Module, client, operation, asks, given)
      const ours = await outcomeOf(direct as unknown as Module, client, operation, asks, given)
      expect(ours).toEqual(expected)
      expect(ours.requests.length).toBe(Math.min(3, given.length))
    })
  })

test.each(['AuthorizationError', 'EndpointDisabled', 'KMSDisabled', 'ParameterValueInvalid', 'SignatureDoesNotMatch'])(
  "SNS's %s has the SDK's name",
  async (code) => {
    const input = { TopicArn: topic, Message: 'x' }
    const [expected, ours] = [
      await outcomeOf(snsOfSdk as unknown as Module, 'SNSClient', 'Publish', input, Array(3).fill(snsError(code, 400))),
      await outcomeOf(sns as unknown as Module, 'SNSClient', 'Publish', input, Array(3).fill(snsError(code, 400))),
    ]
    expect(ours.outcome).toEqual(expected.outcome)
  },
)

describe('without an answer', () => {
  const ask = { TableName: 't', Key: { pk: { S: 'a' } } }
  const both = async (given: Canned[], how: Parameters<typeof outcomeOf>[5]) =>
    Promise.all([
      outcomeOf(dynamoDbOfSdk as unknown as Module, 'DynamoDBClient', 'GetItem', ask, given, how),
      outcomeOf(dynamoDb as unknown as Module, 'DynamoDBClient', 'GetItem', ask, given, how),
    ])

  test('an attempt ends in time, and is made again', async () => {
    const given = [{ hangs: true as const }, json({ Item: itemOnWire })]
    for (const module of [dynamoDbOfSdk, dynamoDb] as unknown as Module[]) {
      const { outcome, requests } = await outcomeOf(module, 'DynamoDBClient', 'GetItem', ask, given, { timeoutMs: 50 })
      expect(outcome).toMatchObject({ Item: { version: { N: '12' } } })
      expect(requests).toHaveLength(2)
    }
  })

  test('what the caller ends is not made again, nor made at all when that was before', async () => {
    for (const { outcome, requests } of await both([], { signal: AbortSignal.abort(new Error('over')) })) {
      expect(outcome).toMatchObject({ name: 'AbortError' })
      expect(requests).toEqual([])
    }
    for (const module of [dynamoDbOfSdk, dynamoDb] as unknown as Module[]) {
      const over = new AbortController()
      const given = {
        TableName: 't',
        get Key() {
          setImmediate(() => setImmediate(() => over.abort(new Error('over'))))
          return { pk: { S: 'a' } }
        },
      }
      const { outcome } = await outcomeOf(module, 'DynamoDBClient', 'GetItem', given, [{ hangs: true }], {
        signal: over.signal,
      })
      expect(outcome).toMatchObject({ name: 'AbortError' })
    }
  })
})
