import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { log } from './log.ts'

/**
 * What the handler of a function does that a queue feeds. Each record of a batch is handled by itself and fails by itself:
 * what `handle` throws on is logged, reported to SQS (ReportBatchItemFailures), and comes again; the rest does not.
 */
export async function handleBatch(
  event: SQSEvent,
  context: Context,
  handle: (record: SQSRecord, context: Context) => Promise<void>,
): Promise<SQSBatchResponse> {
  const handleAndTell = async (record: SQSRecord) => {
    try {
      await handle(record, context)
    } catch (error) {
      log.warn('comes again', { messageId: record.messageId, reason: String(error) })
      throw error
    }
  }
  const processor = new BatchProcessor(EventType.SQS)
  return processPartialResponse(event, handleAndTell, processor, { context, throwOnFullBatchFailure: false })
}
