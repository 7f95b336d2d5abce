import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { log } from '../observe/log.ts'
import { measureWaiting } from '../observe/waiting.ts'
import { DeferredError } from './deferred.ts'

/**
 * The handler of a function that a queue feeds. Each record of a batch succeeds or fails alone: when `handle` throws,
 * the error is logged, the record reported to SQS (ReportBatchItemFailures) and retried. Measures how long failed
 * records have waited; one that threw DeferredError has not failed.
 */
export async function handleBatch(
  queue: string,
  event: SQSEvent,
  context: Context,
  handle: (record: SQSRecord, context: Context) => Promise<void>,
): Promise<SQSBatchResponse> {
  const failed: SQSRecord[] = []
  const handleRecord = async (record: SQSRecord) => {
    try {
      await handle(record, context)
    } catch (error) {
      log.warn('message.retry', 'retry scheduled', { messageId: record.messageId, reason: String(error) })
      if (!(error instanceof DeferredError)) failed.push(record)
      throw error
    }
  }
  const processor = new BatchProcessor(EventType.SQS)
  const answer = await processPartialResponse(event, handleRecord, processor, {
    context,
    throwOnFullBatchFailure: false,
  })
  measureWaiting(queue, failed)
  return answer
}
