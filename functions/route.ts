import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { handleBatch } from '../shared/batch.ts'
import { loadConfig } from '../shared/config/load.ts'
import { decide } from '../shared/decide/decide.ts'
import { firingAfter, outcomeOf } from '../shared/decide/follow.ts'
import { log } from '../shared/log.ts'
import { notificationsOf, publish } from '../shared/notify.ts'
import { parse } from '../shared/parse/parse.ts'
import { RefusedEvent } from '../shared/parse/refused.ts'
import { deadLetter } from '../shared/queue.ts'
import { pastOf, recordChange } from '../shared/state.ts'

const config = loadConfig()

/** From an event to notifications on their way: published first, recorded after. */
async function route(event: unknown, messageId: string): Promise<void> {
  for (const [position, alert] of parse(event).entries()) {
    const past = await pastOf(alert)
    const decision = decide(alert, config, past?.firing)
    const outcome = outcomeOf(alert, past)
    if (outcome === 'sent') await publish(notificationsOf(alert, decision, config, past?.firing?.since))
    await recordChange({ alert, decision, outcome, firing: firingAfter(alert, decision, past), messageId, position })
    log.info('routed', { fingerprint: alert.fingerprint, status: alert.status, outcome, messageId, ...decision })
  }
}

/** What is no event at all can't succeed later either: it is a dead letter at once, with the reason. */
async function routeOrRefuse(event: unknown, messageId: string, body: string): Promise<void> {
  try {
    await route(event, messageId)
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    log.error('refused', { messageId, reason: error.message })
    await deadLetter('alarms', { messageId, body, reason: error.message })
  }
}

/** SQS invokes it with a batch of what SNS delivered; a CloudWatch alarm's Lambda action invokes it directly. */
export const handler = middy<SQSEvent, SQSBatchResponse | undefined>().handler(async (event, context) => {
  if (event?.Records?.[0]?.eventSource === 'aws:sqs') {
    return handleBatch(event, context, (record) => routeOrRefuse({ Records: [record] }, record.messageId, record.body))
  }
  await routeOrRefuse(event, context.awsRequestId, JSON.stringify(event))
})
