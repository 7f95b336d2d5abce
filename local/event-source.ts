import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { AT_ONCE, recordOf as received } from '../shared/aws/queue.ts'
import { MAX_TIMES, timesIn, traced } from './lineage.ts'

/** A deployed function's handler. */
export type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse | undefined>

export interface EventSource {
  queueUrl: string
  queueArn: string
  handler: Handler
  /** The function's name and timeout, as it is deployed. */
  functionName: string
  timeoutMs: number
  /** The batch size, at most the 10 of one receive: none waits for more messages. */
  batchSize: number
  /** How many invocations run at once (Lambda's maximum concurrency). */
  concurrency: number
  /** Called when the handler has exceeded its timeout: Lambda would kill its process. */
  onTimeout?: () => void
  /** Called when the handler threw: its whole batch is redelivered. */
  onThrow?: (error: unknown) => void
  /** Called with each record before it is handled. */
  onRecord?: (record: SQSRecord) => void
}

/**
 * Does what Lambda's event source mapping does for an SQS queue: receives batches, invokes the handler, deletes the
 * messages that succeeded, and leaves those that the response reports as failed; all of them if the handler throws
 * or exceeds its timeout. Remaining messages are redelivered after their visibility timeout, up to the limit of the
 * queue's redrive policy. A message that has passed through the function so often that it must be in a loop
 * (lineage.ts) becomes a dead letter without an invocation. Runs until `signal` is aborted; then it finishes the
 * current batch.
 */
export async function runEventSource(source: EventSource, signal: AbortSignal): Promise<void> {
  const sqs = new SQSClient({})
  await Promise.all(Array.from({ length: source.concurrency }, () => poll(sqs, source, signal)))
  sqs.destroy()
}

const LONG_POLL_S = 5

async function poll(sqs: SQSClient, source: EventSource, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const messages = await receive(sqs, source, signal)
    if (messages.length === 0) continue
    const all = messages.map((message) => recordOf(message, source.queueArn))
    const { records = [], looping = [] } = Object.groupBy(all, (record) =>
      timesIn(record.attributes.AWSTraceHeader, source.functionName) < MAX_TIMES ? 'records' : 'looping',
    )
    if (looping.length > 0) await giveUp(sqs, source, looping)
    if (records.length === 0) continue
    for (const record of records) source.onRecord?.(record)
    const failed = await invoke(source, { Records: records })
    await remove(
      sqs,
      source.queueUrl,
      records.filter((record) => !failed.has(record.messageId)),
    )
  }
}

/** Moves it to the dead-letter queue, with the reason; without such a queue it stays, unhandled. */
async function giveUp(sqs: SQSClient, { queueUrl, functionName }: EventSource, looping: SQSRecord[]): Promise<void> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] }),
  )
  const deadLetters = /"deadLetterTargetArn":"[^"]*:([^":]+)"/.exec(Attributes?.RedrivePolicy ?? '')?.[1]
  if (deadLetters === undefined) return
  const QueueUrl = queueUrl.replace(/[^/]+$/, deadLetters)
  const reason = `Lambda would stop invoking ${functionName}: it was invoked ${MAX_TIMES} times in one chain of requests`
  for (const { body, messageId } of looping) {
    const MessageAttributes = {
      reason: { DataType: 'String', StringValue: reason },
      messageId: { DataType: 'String', StringValue: messageId },
    }
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }))
  }
  await remove(sqs, queueUrl, looping)
}

async function receive(sqs: SQSClient, { queueUrl, batchSize }: EventSource, signal: AbortSignal): Promise<Message[]> {
  try {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: batchSize,
        WaitTimeSeconds: LONG_POLL_S,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: signal },
    )
    return Messages
  } catch (error) {
    if (signal.aborted) return []
    throw error
  }
}

async function remove(sqs: SQSClient, queueUrl: string, records: SQSRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += AT_ONCE) {
    const Entries = records
      .slice(from, from + AT_ONCE)
      .map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
  }
}

/** The ids of the records that failed. */
async function invoke(source: EventSource, event: SQSEvent): Promise<Set<string>> {
  const all = new Set(event.Records.map((record) => record.messageId))
  const timeout = new AbortController()
  try {
    const traceHeaders = event.Records.map(({ attributes }) => attributes.AWSTraceHeader)
    const answer = await Promise.race([
      traced(source.functionName, traceHeaders, () => source.handler(event, contextOf(source))),
      sleep(source.timeoutMs, undefined, { signal: timeout.signal }).then(() => {
        source.onTimeout?.()
        throw new Error(`${source.functionName} did not answer within ${source.timeoutMs} ms`)
      }),
    ])
    return new Set(answer?.batchItemFailures.map((failure) => failure.itemIdentifier))
  } catch (error) {
    source.onThrow?.(error)
    // On Lambda the error is in the function's own log, and the batch is redelivered.
    return all
  } finally {
    timeout.abort()
  }
}

/** A message as Lambda gives it to a function. */
export function recordOf(message: Message, queueArn: string): SQSRecord {
  return { ...received(message), eventSourceARN: queueArn, awsRegion: queueArn.split(':')[3] ?? '' }
}

/** The context that a function receives. */
export function contextOf({ functionName, timeoutMs }: Pick<EventSource, 'functionName' | 'timeoutMs'>): Context {
  const deadline = Date.now() + timeoutMs
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    awsRequestId: crypto.randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  }
}
