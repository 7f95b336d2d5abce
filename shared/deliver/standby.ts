import type { SQSBatchResponse, SQSRecord } from 'aws-lambda'
import { readStanding } from '../store/beats.ts'

/**
 * What becomes of wake-ups in a region that does not send; `undefined`: it does. Where the other one sends, they are deleted:
 * it finds in the table what is owed. Where nobody knows who does, they stay.
 */
export async function leftToOther(records: SQSRecord[]): Promise<SQSBatchResponse | undefined> {
  const standing = await readStanding()
  if (standing === 'active') return undefined
  const stay = standing === 'waiting' ? records : []
  return { batchItemFailures: stay.map(({ messageId }) => ({ itemIdentifier: messageId })) }
}
