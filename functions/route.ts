import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { Alert } from '../schemas/alert.ts'
import type { Notification } from '../schemas/notification.ts'
import { handleBatch } from '../shared/batch.ts'
import { liveConfig } from '../shared/config/live.ts'
import { rulesIn } from '../shared/config/load.ts'
import { type Decision, decide } from '../shared/decide/decide.ts'
import { firingAfter, outcomeOf } from '../shared/decide/follow.ts'
import { isHeartbeat } from '../shared/heartbeat.ts'
import { log } from '../shared/log.ts'
import { measure } from '../shared/metrics.ts'
import { notificationsOf, publish } from '../shared/notify.ts'
import { parse } from '../shared/parse/parse.ts'
import { RefusedEvent } from '../shared/parse/refused.ts'
import { deadLetter } from '../shared/queue.ts'
import { type Outcome, pastOf, recordChange } from '../shared/state.ts'

const rules = liveConfig(rulesIn)

/** From an event to notifications on their way: published first, recorded after. */
async function route(event: unknown, messageId: string): Promise<void> {
  for (const [position, alert] of parse(event).entries()) {
    try {
      const [{ config, version: configVersion }, past] = await Promise.all([rules.current(), pastOf(alert)])
      const decision = decide(alert, config, past?.firing)
      const outcome = outcomeOf(alert, past)
      const notifications = outcome === 'sent' ? notificationsOf(alert, decision, config, past?.firing?.since) : []
      await publish(notifications)
      const firing = firingAfter(alert, decision, past)
      await recordChange({ alert, decision, configVersion, outcome, firing, messageId, position })
      tell({ alert, decision, configVersion, outcome, notifications, messageId })
    } catch (error) {
      log.warn('not routed', { fingerprint: alert.fingerprint, messageId, reason: String(error) })
      throw error
    }
  }
}

/** After it is recorded: what failed, and comes again, is counted once. */
function tell(routed: {
  alert: Alert
  decision: Decision
  configVersion: string
  outcome: Outcome
  notifications: Notification[]
  messageId: string
}): void {
  const { alert, decision, configVersion, outcome, notifications, messageId } = routed
  const notificationIds = notifications.map(({ id }) => id).join(' ')
  const { fingerprint, status } = alert
  log.info('routed', { fingerprint, status, outcome, messageId, notificationIds, configVersion, ...decision })
  // People ask how many alerts there were; the heartbeat is counted where it arrives.
  if (isHeartbeat(alert)) return
  measure({ Received: 1, Suppressed: outcome === 'sent' ? 0 : 1 })
  if (outcome === 'sent') measure({ Classified: 1 }, { Severity: decision.severity })
}

/** What is no event at all can't succeed later either: it is a dead letter at once, with the reason. */
async function routeOrRefuse(event: unknown, messageId: string, body: string): Promise<void> {
  try {
    await route(event, messageId)
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    log.error('refused', { messageId, reason: error.message })
    await deadLetter('alarms', { messageId, body, reason: error.message })
    measure({ Refused: 1 })
  }
}

/** SQS invokes it with a batch of what SNS delivered; a CloudWatch alarm's Lambda action invokes it directly. */
export const handler = middy<SQSEvent, SQSBatchResponse | undefined>().handler(async (event, context) => {
  if (event?.Records?.[0]?.eventSource === 'aws:sqs') {
    return handleBatch(event, context, (record) => routeOrRefuse({ Records: [record] }, record.messageId, record.body))
  }
  await routeOrRefuse(event, context.awsRequestId, JSON.stringify(event))
})
