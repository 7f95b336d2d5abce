import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { log } from '../observe/log.ts'
import { measureWaiting } from '../observe/waiting.ts'
import { DeferredError } from './deferred.ts'

/**
 * What the handler of a function does that a queue feeds. Each record of a batch is handled by itself and fails by itself:
 * what `handle` throws on is logged, reported to SQS (ReportBatchItemFailures), and comes again; the rest does not. How long
 * what fails has waited is measured, but for what throws NotYet.
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
      log.warn('comes again', { messageId: record.messageId, reason: String(error) })
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
