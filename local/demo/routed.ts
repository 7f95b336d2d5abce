import type { AlarmHistoryItem, MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { Item } from '../../shared/aws/table.ts'
import { acknowledge } from '../../shared/decide/acknowledge.ts'
import type { AlertState } from '../../shared/decide/alert-state.ts'
import { nextByChange } from '../../shared/decide/next.ts'
import { claimed, notified } from '../../shared/decide/turn.ts'
import { parse } from '../../shared/parse/parse.ts'
import { itemOfState } from '../../shared/store/alerts.ts'
import { itemOfChange, keyOfChange, takeLogs } from '../../shared/store/changes.ts'
import type { AwsData } from '../stand-ins/aws/data.ts'
import type { Noise } from './noise.ts'
import type { Place } from './place.ts'

const LEASE_MS = 60_000

/** Somebody works on this one. */
const ACKNOWLEDGED = { alarm: 'error-rate', by: 'ann', afterMs: 6 * 60_000 }

/**
 * What the router has recorded of the demo's alarms: decided by the real rules, and each delivered some seconds later. A
 * change to which there is nobody to notify is recorded, too.
 */
export function routedOf(
  { alarmHistory, metricAlarms, compositeAlarms }: Pick<AwsData, 'alarmHistory' | 'metricAlarms' | 'compositeAlarms'>,
  rules: Config,
  place: Place,
  noise: Noise,
): Item[] {
  const alarms = new Map([...metricAlarms, ...compositeAlarms].map((alarm) => [alarm.AlarmName, alarm as MetricAlarm]))
  const inTime = alarmHistory.toSorted((one, other) => timeOf(one) - timeOf(other))
  const changes = inTime.flatMap((item) => parse(messageOf(item, alarms.get(item.AlarmName), place)))
  const byAlert = Map.groupBy(changes, ({ fingerprint }) => fingerprint)
  return [...byAlert].flatMap(([fingerprint, of]) => itemsOf(fingerprint, of, rules, noise))
}

const timeOf = ({ Timestamp }: AlarmHistoryItem) => Timestamp?.getTime() ?? 0

/** As CloudWatch publishes it to SNS. */
function messageOf(item: AlarmHistoryItem, alarm: MetricAlarm | undefined, { account, region, arn }: Place): object {
  const { newState, oldState } = JSON.parse(item.HistoryData ?? '{}')
  return {
    ...{ AlarmName: item.AlarmName, AlarmDescription: alarm?.AlarmDescription ?? null, AWSAccountId: account },
    ...{ NewStateValue: newState.stateValue, OldStateValue: oldState.stateValue, NewStateReason: newState.stateReason },
    ...{ StateChangeTime: new Date(timeOf(item)).toISOString().replace('Z', '+0000'), Region: region },
    ...{ AlarmArn: arn('cloudwatch', `alarm:${item.AlarmName}`), OKActions: [], AlarmActions: [] },
    Trigger: { MetricName: alarm?.MetricName, Namespace: alarm?.Namespace, Dimensions: [] },
  }
}

function itemsOf(fingerprint: string, changes: Alert[], rules: Config, noise: Noise): Item[] {
  let state: AlertState | undefined
  const items: Item[] = []
  for (const [at, alert] of changes.entries()) {
    const now = new Date(Date.parse(alert.changedAt) + 1_000)
    const messageId = `${String(at).padStart(8, '0')}-0000-4000-8000-000000000000`
    const change = keyOfChange(alert, messageId, 0)
    const next = nextByChange(state, { alert, change }, rules, now)
    const { decision, outcome, firing } = next
    const earlier = next.state === state ? {} : takeLogs(next.state, state)
    const version = state?.version ?? 0
    const kept = { alert, change, decision, outcome, firingSince: firing?.since, earlier, messageId, version }
    items.push(itemOfChange(fingerprint, kept, now))
    state = { ...delivered(next.state, next.wake, now, noise), version: version + 1 }
  }
  if (!state) return items
  const last = state.title.endsWith(ACKNOWLEDGED.alarm) ? acknowledged(state, rules, noise) : state
  return [...items, itemOfState(last, new Date(last.changedAt))]
}

function acknowledged(state: AlertState, rules: Config, noise: Noise): AlertState {
  const now = new Date(Date.parse(state.changedAt) + ACKNOWLEDGED.afterMs)
  const said = { by: ACKNOWLEDGED.by, via: 'cli', at: now.toISOString() } as const
  const next = acknowledge(state, said, rules, now)
  return delivered(next.state, next.wake, now, noise)
}

/** Each recipient is sent what it is owed, within some seconds. */
function delivered(state: AlertState, recipients: string[], now: Date, noise: Noise): AlertState {
  return recipients.reduce((before, recipient) => {
    const one = before.recipients[recipient]
    if (!one?.owed) return before
    const { change, at: changedAt, status, update } = one.owed
    const claim = { token: 'demo', leaseMs: LEASE_MS, incident: undefined, isRedriven: false }
    const notifiedAt = new Date(now.getTime() + 500 + 4_000 * noise(now.getTime())).toISOString()
    const { fingerprint } = state
    const note = {
      ...{ fingerprint, recipient, change, changedAt, status, notifiedAt, token: claim.token },
      ...(update && { update }),
    }
    return notified(claimed(before, recipient, claim, now), { ...note, said: `${state.title}: ${status}` })
  }, state)
}
