import { BatchWriteItemCommand, DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Context, SQSRecord } from 'aws-lambda'
import { vi } from 'vitest'
import { emulated } from '../local/emulated.ts'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import { type AwsProxies, startAwsProxies } from '../local/faults/aws-proxies.ts'
import { deadLettersOf, FUNCTION_OF, QUEUES, type QueueName } from '../local/topology.ts'
import type { Config } from '../schemas/config.ts'
import type { AlertState } from '../shared/decide/alert-state.ts'
import type { Published } from '../shared/drill/classes.ts'
import { contextOf, deadLettersUrlOf, gather, type Hand, nextMinute, recordOf, remove, step, urlOf } from './hand.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'
import { waitsInTestTime } from './test-time.ts'

/**
 * The real handlers on the local engine, stepped by hand: time is what the test says, and a message is handled when the test
 * lets it be. The emulator only carries messages; how long one waits before it is retried is counted here, in the test's
 * time.
 */
export interface RouterByHand {
  engine: Engine
  /** Stand before SNS and the table, so that these can fail: only where it was started so. */
  readonly aws: AwsProxies
  /** A function's handler, and another container's of the same function. */
  handler(queue: QueueName): Handler
  anotherContainer(queue: QueueName): Promise<Handler>
  /** An event arrives in the alarms' queue, in SNS's envelope, sent now. */
  come(...events: (object | string)[]): Promise<void>
  /** The same, with a subject, and with attributes as SNS delivers them. */
  publish(published: Published, attributes: Record<string, { Type: string; Value: string }>): Promise<void>
  /** The same message again, unchanged. */
  comeAgain(times?: number): Promise<void>
  /** Lets all that may be handled now be handled, until nothing is left that may. `queues`: only these. */
  work(...queues: QueueName[]): Promise<void>
  /** The clock's function runs. */
  tick(): Promise<void>
  /** Lets time pass, with a tick and work in each minute in which something is to be done. */
  passUntil(time: string): Promise<void>
  /** Takes the messages of a queue, instead of its function. */
  take(queue: QueueName): Promise<SQSRecord[]>
  /** Messages that wait in a queue, those for later among them. */
  waiting(queue: QueueName): number
  /** Messages of a queue get lost. */
  lose(queue: QueueName): Promise<number>
  /** The reasons of a queue's dead letters. */
  deadLetters(queue: QueueName): Promise<{ reason: string; record: SQSRecord }[]>
  redrive(queue: QueueName): Promise<number>
  state(fingerprint: string): Promise<AlertState | undefined>
  changes(
    fingerprint: string,
  ): Promise<{ outcome: string | undefined; because: string[]; channels: string[]; held: string[] }[]>
  /** The subjects of the emails that came since. */
  emails(): Promise<string[]>
  /** Nothing is known, and nothing on its way: for a test whose time is before that of others. */
  startAnew(): Promise<void>
  /** From now on the functions have these rules. */
  push(config: Config): Promise<void>
  stop(): Promise<void>
}

type TickHandler = (event: unknown, context: Context) => Promise<unknown>

/**
 * With Date faked: `vi.setSystemTime` is the clock.
 * @param awsMayFail whether `aws` is there: each call of SNS and the table goes through it, which takes time
 */
export async function startRouterByHand(config: Config, { awsMayFail = false } = {}): Promise<RouterByHand> {
  const engine = await startLocalEngine(config)
  const proxies = awsMayFail ? await startAwsProxies(engine) : undefined
  Object.assign(process.env, proxies?.environment)
  const waitOf = waitsInTestTime()
  // Before the handlers are loaded: some of them take the clock as it is then.
  vi.useFakeTimers({ toFake: ['Date'] })
  const handlers = Object.fromEntries(
    await Promise.all(QUEUES.map(async (queue) => [queue, await loadHandler(FUNCTION_OF[queue])] as const)),
  ) as Record<QueueName, Handler>
  const tickHandler = (await import('../functions/tick.ts')).handler as TickHandler
  const hand: Hand = {
    engine,
    handlers,
    sqs: new SQSClient({}),
    table: new DynamoDBClient(emulated(engine.environment, 'DYNAMODB')),
    waitOf,
    waiting: [],
    last: [],
    tickedAt: undefined,
  }
  const queues = queuesOf(hand)
  return {
    engine,
    get aws() {
      if (!proxies) throw new Error('started without awsMayFail')
      return proxies
    },
    handler: (queue) => hand.handlers[queue],
    async anotherContainer(queue) {
      vi.resetModules()
      return loadHandler(FUNCTION_OF[queue])
    },
    ...queues,
    ...timeOf(hand, tickHandler),
    ...keptOf(hand),
    async startAnew() {
      for (const queue of QUEUES) await queues.lose(queue)
      await forgetAll(hand)
    },
    async push(changed) {
      const { writeFileSync, utimesSync } = await import('node:fs')
      const file = process.env.CONFIG_FILE ?? ''
      writeFileSync(file, JSON.stringify(changed))
      // The file is read when its time has changed, at most once a second.
      utimesSync(file, new Date(), new Date(Date.now() + 1))
      vi.setSystemTime(Date.now() + 5_000)
      hand.tickedAt = undefined
    },
    async stop() {
      vi.useRealTimers()
      hand.sqs.destroy()
      hand.table.destroy()
      await Promise.all([proxies?.sns.close(), proxies?.table.close()])
      await engine.stop()
    },
  }
}

/** Dead letters, and the table's content. */
async function forgetAll(hand: Hand): Promise<void> {
  const { engine, sqs, table } = hand
  for (const queue of QUEUES) {
    if (!engine.hasMessage(deadLettersOf(queue))) continue
    await sqs.send(new PurgeQueueCommand({ QueueUrl: deadLettersUrlOf(queue) }))
  }
  const name = process.env.TABLE_NAME ?? ''
  const { Items = [] } = await table.send(new ScanCommand({ TableName: name }))
  const deletions = Items.map(({ pk, sk }) => ({
    DeleteRequest: { Key: { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } } },
  }))
  // So many at once at most (DynamoDB, BatchWriteItem).
  while (deletions.length > 0) {
    await table.send(new BatchWriteItemCommand({ RequestItems: { [name]: deletions.splice(0, 25) } }))
  }
  hand.tickedAt = undefined
}

/** What arrives, and what is on its way. */
function queuesOf(
  hand: Hand,
): Pick<RouterByHand, 'come' | 'publish' | 'comeAgain' | 'take' | 'waiting' | 'lose'> & Letters {
  const { sqs, waiting } = hand
  let sent = 0
  const take = async (queue: QueueName) => {
    await gather(hand, queue)
    const taken = waiting.filter((one) => one.queue === queue)
    for (const one of taken) {
      waiting.splice(waiting.indexOf(one), 1)
      // The emulator would redeliver it after its own timeout.
      await remove(hand, one)
    }
    return taken.map(({ record }) => record)
  }
  const publish: RouterByHand['publish'] = async ({ message, subject }, MessageAttributes) => {
    const envelope = {
      Type: 'Notification',
      MessageId: `message-${sent++}`,
      TopicArn: 'arn:aws:sns:eu-west-1:123456789012:alarms',
      ...(subject !== undefined && { Subject: subject }),
      Timestamp: new Date().toISOString(),
      Message: message,
      ...(Object.keys(MessageAttributes).length > 0 && { MessageAttributes }),
    }
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('alarms'), MessageBody: JSON.stringify(envelope) }))
  }
  return {
    publish,
    async come(...events) {
      for (const event of events) {
        await publish({ message: typeof event === 'string' ? event : JSON.stringify(event) }, {})
      }
    },
    async comeAgain(times = 1) {
      for (let n = 0; n < times; n++) waiting.push(...hand.last.map((one) => ({ ...one, at: Date.now() })))
    },
    take,
    waiting: (queue) => waiting.filter((one) => one.queue === queue).length,
    async lose(queue) {
      return (await take(queue)).length
    },
    ...lettersOf(hand),
  }
}

type Letters = Pick<RouterByHand, 'deadLetters' | 'redrive'>

function lettersOf({ sqs, waiting }: Hand): Letters {
  const deadLetters = async (queue: QueueName) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: deadLettersUrlOf(queue),
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        VisibilityTimeout: 0,
      }),
    )
    return Messages.map((message) => {
      const record = recordOf(message, queue)
      return { record, reason: record.messageAttributes?.reason?.stringValue ?? '' }
    })
  }
  return {
    deadLetters,
    async redrive(queue) {
      const letters = await deadLetters(queue)
      for (const { record } of letters) {
        await sqs.send(
          new DeleteMessageCommand({
            QueueUrl: deadLettersUrlOf(queue),
            ReceiptHandle: record.receiptHandle,
          }),
        )
        waiting.push({ queue, record, at: Date.now() })
      }
      return letters.length
    },
  }
}

/** Time passes, and everything due in it is done. */
function timeOf(hand: Hand, tickHandler: TickHandler): Pick<RouterByHand, 'work' | 'tick' | 'passUntil'> {
  const work = async (...only: QueueName[]) => {
    const queues = only.length > 0 ? only : QUEUES
    for (let round = 0; round < 50; round++) if (await step(hand, queues)) return
    throw new Error('the router does not come to rest')
  }
  const tick = async () => {
    hand.tickedAt = new Date()
    await tickHandler({ time: new Date().toISOString() }, contextOf(50_000))
  }
  return {
    work,
    tick,
    async passUntil(time) {
      const end = Date.parse(time)
      while (Date.now() < end) {
        vi.setSystemTime(await nextMinute(hand, end))
        await tick()
        await work()
      }
    },
  }
}

/** What is known so far, and who was notified. */
function keptOf({ sqs, table }: Hand): Pick<RouterByHand, 'state' | 'changes' | 'emails'> {
  return {
    async state(fingerprint) {
      const items = await query(table, fingerprint, 'state.2')
      const [item] = items
      return item && (await import('../shared/store/alerts.ts')).stateIn(item)
    },
    async changes(fingerprint) {
      const items = await query(table, fingerprint, 'change#')
      return items.map(({ outcome, because, channels, held }) => ({
        outcome: outcome?.S,
        held: held?.L?.map(({ M }) => `${M?.channel?.S} ${M?.until?.S}`) ?? [],
        because: because?.L?.map(({ S = '' }) => S) ?? [],
        channels: channels?.L?.map(({ S = '' }) => S) ?? [],
      }))
    },
    async emails() {
      const QueueUrl = urlOf('inbox')
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
      for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      return Messages.map(({ Body = '{}' }) => JSON.parse(Body).Subject)
    },
  }
}

async function query(table: DynamoDBClient, pk: string, sk: string) {
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName: process.env.TABLE_NAME,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } },
      ConsistentRead: true,
    }),
  )
  return Items
}

/** As EventBridge sends it. */
export function alarmChange(
  alarm: string,
  value: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA',
  time: string,
  more: object = {},
) {
  return {
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-west-1',
    time: new Date(time).toISOString(),
    resources: [arnOf(alarm)],
    detail: {
      alarmName: alarm,
      state: { value, reason: 'x', timestamp: new Date(time).toISOString().replace('Z', '+0000'), ...more },
      configuration: {},
    },
  }
}

export const arnOf = (alarm: string) => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alarm}`
