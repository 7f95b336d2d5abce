import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { Platform } from '../schemas/platform.ts'
import { environment } from '../shared/aws/client.ts'
import { within } from '../shared/aws/deadline.ts'
import { waitBeforeRetry } from '../shared/aws/queue.ts'
import { leftToOther } from '../shared/deliver/standby.ts'
import { followUp } from '../shared/follow-up/follow-up.ts'
import { liveConfig } from '../shared/live-config/live.ts'
import { channelsIn } from '../shared/live-config/load.ts'
import { log } from '../shared/observe/log.ts'
import { packagedPlatform } from '../shared/platform/packaged.ts'

const packaged = packagedPlatform()
const platform = packaged.services === undefined ? undefined : (packaged as Platform)

const channels = liveConfig(channelsIn)

/**
 * SQS invokes it with the wake-ups that deliverers get, some seconds later. Once an alert is out, it asks what one would ask
 * first, and sends the answers after it. It delivers nothing that is owed, and no message of its queue is ever a dead letter.
 */
export const handler = middy<SQSEvent, SQSBatchResponse>().handler(({ Records }, context) =>
  within(context.getRemainingTimeInMillis(), async () => {
    const left = await leftToOther(Records)
    if (left) return left
    const place = {
      channels: (await channels.current()).config,
      platform,
      own: { account: environment('ACCOUNT_ID'), region: environment('AWS_REGION') },
      stage: environment('STAGE'),
    }
    const again = await Promise.all(
      Records.map(async (record) => {
        const course = await followUp(record, place)
        if (course === 'done') return []
        await waitBeforeRetry('evidence', record.receiptHandle, course.againMs).catch((error) =>
          log.warn('message.retry', 'retry scheduled', { messageId: record.messageId, reason: String(error) }),
        )
        return [{ itemIdentifier: record.messageId }]
      }),
    )
    return { batchItemFailures: again.flat() }
  }),
)
