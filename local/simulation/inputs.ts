import type { Input, Reaction, SilenceInWorld } from './world.ts'

/** ALARM, …: CloudWatch's names. */
export const STATES = { firing: 'ALARM', resolved: 'OK', 'insufficient-data': 'INSUFFICIENT_DATA' } as const

/** The message to the alarms topic for an input. */
export function messageOf(input: Input, startedAt: number): string {
  const { alert, status, changedAtMs, severity, form, mark, by } = input
  const time = new Date(startedAt + changedAtMs).toISOString()
  if (by === 'deletion') return JSON.stringify(deletionOf(input, time))
  if (form === 'text') return `${alert} ${severity}: something happened (${mark})`
  if (form === 'event') {
    return JSON.stringify({ title: alert, id: alert, source: 'simulation', severity, status, time, resource: mark })
  }
  return JSON.stringify({
    AlarmName: alert,
    AlarmArn: arnOf(alert),
    NewStateValue: STATES[status],
    OldStateValue: status === 'firing' ? 'OK' : 'ALARM',
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: time.replace('Z', '+0000'),
    // Rules read it from here.
    AlarmDescription: `severity ${severity}`,
    Trigger: {
      MetricName: 'Errors',
      Namespace: `Simulated/${severity}`,
      Dimensions: [{ name: 'Service', value: mark }],
    },
  })
}

const arnOf = (alert: string) => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alert}`

/** The message of a manual resolve. */
export function orderOf({ mark, ...of }: Input): string {
  return JSON.stringify({ resolve: keyOf(of), by: mark })
}

/** The message of an acknowledgement, and of its end. */
export function reactionOf({ saidAtMs, by, untilMs, isTakenBack, ...of }: Reaction, startedAt: number): string {
  const time = (ms: number) => new Date(startedAt + ms).toISOString()
  const said = { by, via: 'cli', at: time(saidAtMs) }
  if (isTakenBack) return JSON.stringify({ unacknowledge: keyOf(of), ...said })
  return JSON.stringify({ acknowledge: keyOf(of), ...said, ...(untilMs !== undefined && { until: time(untilMs) }) })
}

/** The messages of a silence, each with the time at which it is sent. */
export function silenceOrdersOf(silence: SilenceInWorld, startedAt: number): { atMs: number; body: string }[] {
  const { id, alert, by, atMs, untilMs, changes, isCritical } = silence
  const time = (ms: number) => new Date(startedAt + ms).toISOString()
  const said = (ms: number) => ({ by, via: 'cli', at: time(ms) })
  const made = {
    ...{ id, when: { name: alert }, about: `what ${by} tests`, until: time(untilMs), why: 'a test', ...said(atMs) },
    ...(isCritical && { critical: true }),
  }
  return [
    { atMs, body: JSON.stringify({ silence: made }) },
    ...changes.map((change) => {
      const isEnd = change.untilMs <= change.atMs
      const what = isEnd ? { expireSilence: id } : { extendSilence: id, until: time(change.untilMs) }
      return { atMs: change.atMs, body: JSON.stringify({ ...what, ...said(change.atMs) }) }
    }),
  ]
}

const keyOf = ({ alert, form }: Pick<Input, 'alert' | 'form'>) =>
  form === 'alarm' ? arnOf(alert) : `event:simulation:${alert}`

/** EventBridge's event for a deleted alarm. */
function deletionOf({ alert, severity, mark }: Input, time: string) {
  const metric = { namespace: `Simulated/${severity}`, name: 'Errors', dimensions: { Service: mark } }
  const configuration = { metrics: [{ id: 'm1', metricStat: { metric, period: 60, stat: 'Sum' }, returnData: true }] }
  return {
    version: '0',
    id: mark,
    'detail-type': 'CloudWatch Alarm Configuration Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    time,
    region: 'eu-west-1',
    resources: [arnOf(alert)],
    detail: {
      alarmName: alert,
      operation: 'delete',
      state: { value: 'ALARM', timestamp: time },
      configuration: { alarmName: alert, timestamp: time, ...configuration },
    },
  }
}
