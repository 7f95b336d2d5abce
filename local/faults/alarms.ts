import type { Random } from './random.ts'

/** One alarm's life in a run: it fires, and half of them resolve. */
export interface RunAlarm {
  arn: string
  fires: string
  resolves: string | undefined
}

const START = Date.UTC(2026, 10, 3, 10)
const DAY_MS = 86_400_000

/** Alarms as CloudWatch tells of them. `spreadDays`: how far the clocks of different alarms are apart. */
export function alarmsOf(count: number, random: Random, spreadDays = 0): RunAlarm[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `faults-${index}`
    const arn = `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`
    const at = START + (spreadDays > 0 ? (random.int(2 * spreadDays + 1) - spreadDays) * DAY_MS : 0)
    const message = (state: 'ALARM' | 'OK', atMs: number) =>
      JSON.stringify({
        AlarmName: name,
        AlarmArn: arn,
        NewStateValue: state,
        OldStateValue: state === 'OK' ? 'ALARM' : 'OK',
        NewStateReason: 'Threshold Crossed',
        StateChangeTime: new Date(atMs).toISOString().replace('Z', '+0000'),
        Trigger: { MetricName: 'Errors', Namespace: 'Faults', Dimensions: [{ name: 'Service', value: name }] },
      })
    return { arn, fires: message('ALARM', at), resolves: index % 2 === 0 ? message('OK', at + 60_000) : undefined }
  })
}
