import type { Input } from './world.ts'

/** In ALARM, … as CloudWatch says it. */
const STATES = { firing: 'ALARM', resolved: 'OK', 'insufficient-data': 'INSUFFICIENT_DATA' } as const

/** The message that an input is to the alarms topic. */
export function messageOf({ alert, status, changedAtMs, severity, form, mark }: Input, startedAt: number): string {
  const time = new Date(startedAt + changedAtMs).toISOString()
  if (form === 'text') return `${alert} ${severity}: something happened (${mark})`
  if (form === 'event') {
    return JSON.stringify({ title: alert, id: alert, source: 'simulation', severity, status, time, resource: mark })
  }
  return JSON.stringify({
    AlarmName: alert,
    AlarmArn: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alert}`,
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
