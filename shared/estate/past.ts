import { asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { isoTime } from '../parse/time.ts'

/** What CloudWatch did for an alarm. */
export interface HistoryItem {
  alarm: string
  /** ISO 8601; of a message, when the alarm's state changed. */
  at: string
  /** `sent`: it ran an action, or tried to. */
  kind: 'sent' | 'changed' | 'created' | 'deleted'
  /** Of `sent`: the action's ARN, and the message, where the item has it. */
  action?: string
  message?: Json
  /** Of `sent`: it did not work, for this reason; empty where nobody says which. */
  failure?: string
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
    case 'Action':
      return sentItem(alarm, at, data, asText(item.HistorySummary) ?? '')
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
    case 'ConfigurationUpdate': {
      const kind = configured(asText(data.type), asText(item.HistorySummary) ?? '')
      return kind && { kind, alarm, at }
    }
    default:
      return undefined
  }
}

function configured(type: string | undefined, summary: string): 'created' | 'deleted' | undefined {
  if (type === 'Delete' || /" deleted$/.test(summary)) return 'deleted'
  return type === 'Create' || /" created$/.test(summary) ? 'created' : undefined
}

/** An error stands in its data, or, as the console shows it, after the action: `Received error: "…"`. */
function sentItem(alarm: string, at: string, data: Json, summary: string): HistoryItem {
  const changedAt = isoTime(asNumber(data.stateUpdateTimestamp)) ?? at
  const action = asText(data.notificationResource) ?? / action (arn:\S+?)\.?(?:\s|$)/.exec(summary)?.[1]
  const message = asObject(json(asObject(json(data.publishedMessage))?.default))
  const hasFailed = data.actionState === 'Failed' || summary.startsWith('Failed to execute')
  const failure = asText(data.error) ?? /Received error: "?(.*?)"?$/s.exec(summary)?.[1] ?? ''
  return {
    ...{ kind: 'sent', alarm, at: changedAt },
    ...(action !== undefined && { action }),
    ...(message && { message }),
    ...(hasFailed && { failure }),
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
