import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import { handleBatch } from '../shared/batch.ts'
import { liveConfig } from '../shared/config/live.ts'
import { rulesIn } from '../shared/config/load.ts'
import { within } from '../shared/deadline.ts'
import { decide } from '../shared/decide/decide.ts'
import { firingAfter, isHeldChange, outcomeOf } from '../shared/decide/follow.ts'
import { hold, type Timed } from '../shared/decide/hold.ts'
import { keptTrace } from '../shared/explain/kept-trace.ts'
import { HEARTBEAT, isHeartbeat } from '../shared/heartbeat.ts'
import { log } from '../shared/log.ts'
import { noticesBetween } from '../shared/maintenance.ts'
import { measure } from '../shared/metrics.ts'
import { notificationsOf } from '../shared/notifications.ts'
import { publish, publishEvent } from '../shared/notify.ts'
import { parse } from '../shared/parse/parse.ts'
import { RefusedEvent } from '../shared/parse/refused.ts'
import { deadLetter, enqueueEvent } from '../shared/queue.ts'
import { type Outcome, pastOf, recordChange } from '../shared/state.ts'

const rules = liveConfig(rulesIn)

/**
 * From an event to notifications on their way: published first, recorded after.
 * @returns the first moment at which somebody is to be told who must not be told now (ISO 8601).
 */
async function route(event: unknown, messageId: string): Promise<string | undefined> {
  const later: string[] = []
  for (const [position, alert] of parse(event).entries()) {
    try {
      const now = new Date()
      const [{ config, version: configVersion }, past] = await Promise.all([rules.current(), pastOf(alert)])
      const news = outcomeOf(alert, past)
      const decided = decide(alert, config, past?.firing, now)
      const decision = news === 'sent' ? hold(alert, decided, config, past, now) : { ...decided, held: [] }
      const notifications = news === 'sent' ? notificationsOf(alert, decision, config, past?.firing?.since) : []
      const outcome = news === 'sent' && notifications.length === 0 ? 'held' : news
      if (isHeartbeat(alert) && news === 'sent') await announceMaintenance(config, past?.changedAt, alert.changedAt)
      await publish(notifications)
      const firing = firingAfter(alert, decision, past)
      const trace = keptTrace({ alert, config, firing: past?.firing, decided, decision, at: now })
      await recordChange({ alert, decision, configVersion, trace, outcome, firing, messageId, position })
      tell({ alert, decision, configVersion, outcome, notifications, messageId, isAgain: isHeldChange(alert, past) })
      later.push(...decision.held.map(({ until }) => until))
    } catch (error) {
      log.warn('not routed', { fingerprint: alert.fingerprint, messageId, reason: String(error) })
      throw error
    }
  }
  return later.sort()[0]
}

/** The heartbeat is the clock: what began or was over since the last one is an event of its own. */
async function announceMaintenance(config: Config, lastBeat: string | undefined, beat: string): Promise<void> {
  const upTo = new Date(beat)
  const after = lastBeat ? new Date(lastBeat) : new Date(upTo.getTime() - HEARTBEAT.minutes * 60_000)
  for (const notice of noticesBetween(config, after, upTo)) await enqueueEvent(JSON.stringify(notice))
}

/** After it is recorded: what failed, and comes again, is counted once. */
function tell(routed: {
  alert: Alert
  decision: Timed
  configVersion: string
  outcome: Outcome
  notifications: Notification[]
  messageId: string
  /** It was counted when it first came, and was held. */
  isAgain: boolean
}): void {
  const { alert, decision, configVersion, outcome, notifications, messageId, isAgain } = routed
  const notificationIds = notifications.map(({ id }) => id).join(' ')
  const { fingerprint, status } = alert
  log.info('routed', { fingerprint, status, outcome, messageId, notificationIds, configVersion, ...decision })
  // People ask how many alerts there were; the heartbeat is counted where it arrives.
  if (isHeartbeat(alert)) return
  measure({ Received: isAgain ? 0 : 1, Suppressed: outcome === 'duplicate' || outcome === 'stale' ? 1 : 0 })
  if (outcome === 'sent') measure({ Classified: 1 }, { Severity: decision.severity })
}

/** What is no event at all can't succeed later either: it is a dead letter at once, with the reason. */
async function routeOrRefuse(event: unknown, messageId: string, body: string): Promise<string | undefined> {
  try {
    return await route(event, messageId)
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    log.error('refused', { messageId, reason: error.message })
    await deadLetter('alarms', { messageId, body, reason: error.message })
    measure({ Refused: 1 })
    return undefined
  }
}

/**
 * SQS invokes it with a batch of what SNS delivered. A CloudWatch alarm's Lambda action invokes it directly: that goes onto
 * the alarms topic, as if the alarm had named that, so that it is kept, tried again and archived as all others are.
 */
export const handler = middy<SQSEvent, SQSBatchResponse | undefined>().handler((event, context) =>
  within(context.getRemainingTimeInMillis(), async () => {
    if (event?.Records?.[0]?.eventSource === 'aws:sqs') return handleBatch(event, context, routeAndKeep)
    await publishEvent(JSON.stringify(event ?? null))
  }),
)

/**
 * Who must not be told now is told later: a copy of the message takes its place, again and again until the time has
 * come. Each copy is a new message to SQS, whose age and tries begin anew.
 */
async function routeAndKeep(record: SQSRecord): Promise<void> {
  const first = asFirst(record)
  const { messageId, body, attributes } = first
  const heldUntil = await routeOrRefuse({ Records: [first] }, messageId, body)
  if (heldUntil === undefined) return
  const delayMs = Date.parse(heldUntil) - Date.now()
  await enqueueEvent(body, { delayMs, messageId, sentAt: attributes?.SentTimestamp })
}

/** A copy, and what comes back from the dead letters, goes by the id of the first, and by its time where an event tells none. */
function asFirst(record: SQSRecord): SQSRecord {
  const { messageId, sentAt } = record.messageAttributes ?? {}
  const SentTimestamp = sentAt?.stringValue ?? record.attributes?.SentTimestamp
  return {
    ...record,
    messageId: messageId?.stringValue ?? record.messageId,
    attributes: { ...record.attributes, SentTimestamp },
  }
}
