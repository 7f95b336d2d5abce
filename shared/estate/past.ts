import { asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { isoTime } from '../parse/time.ts'

/** What CloudWatch did for an alarm. */
export interface HistoryItem {
  alarm: string
  /** ISO 8601; of a message, when the alarm's state changed. */
  at: string
  /** `sent`: it ran an action, or tried to. */
  kind: 'sent' | 'changed' | 'deleted'
  /** Of `sent`: the action's ARN, and the message, where the item has it. */
  action?: string
  message?: Json
  /** Of `changed`: its new state, and why. */
  state?: string
  reason?: string
  reasonData?: string
}

/**
 * An item of DescribeAlarmHistory; undefined for one of another kind. HistoryData is documented as JSON alone: any part
 * of it may be missing.
 */
export function historyItemOf(item: Json): HistoryItem | undefined {
  const [alarm, at] = [asText(item.AlarmName), isoTime(item.Timestamp)]
  if (alarm === undefined || at === undefined) return undefined
  const data = asObject(json(item.HistoryData)) ?? {}
  switch (item.HistoryItemType) {
    case 'Action': {
      const changedAt = isoTime(asNumber(data.stateUpdateTimestamp)) ?? at
      const action =
        asText(data.notificationResource) ?? / action (arn:\S+)/.exec(asText(item.HistorySummary) ?? '')?.[1]
      const message = asObject(json(asObject(json(data.publishedMessage))?.default))
      return {
        kind: 'sent',
        alarm,
        at: changedAt,
        ...(action !== undefined && { action }),
        ...(message && { message }),
      }
    }
    case 'StateUpdate': {
      const { stateValue, stateReason, stateReasonData } = asObject(data.newState) ?? {}
      const [state, reason] = [asText(stateValue), asText(stateReason)]
      return {
        ...{ kind: 'changed', alarm, at },
        ...(state !== undefined && { state }),
        ...(reason !== undefined && { reason }),
        ...(stateReasonData !== undefined && { reasonData: JSON.stringify(stateReasonData) }),
      }
    }
    case 'ConfigurationUpdate':
      return data.type === 'Delete' || /" deleted$/.test(asText(item.HistorySummary) ?? '')
        ? { kind: 'deleted', alarm, at }
        : undefined
    default:
      return undefined
  }
}

function json(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : text
  } catch {
    return undefined
  }
}

/** A time series of an alarm that fires: an alert of its own. */
export interface Contributor {
  id: string
  attributes: Record<string, string>
  reason?: string
  at?: string
}
