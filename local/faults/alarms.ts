import type { Random } from './random.ts'

/** One alarm's life in a run: it fires, and half of them resolve. */
export interface RunAlarm {
  arn: string
  namespace: string
  fires: Change
  resolves: Change | undefined
}

/** A change as CloudWatch tells of it. */
export interface Change {
  message: string
  /** A text in the message that is in no other's: whatever shows it tells of this change. */
  mark: string
}

/** The marks in a text. */
export function marksIn(text: string): string[] {
  return text.match(/faults-\d+-(fires|resolves)/g) ?? []
}

const START = Date.UTC(2026, 10, 3, 10)
const DAY_MS = 86_400_000
const NAMESPACES = 20

/** `spreadDays`: how far the clocks of different alarms are apart. */
export function alarmsOf(count: number, random: Random, spreadDays = 0): RunAlarm[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `faults-${index}`
    const namespace = `Faults/${random.int(NAMESPACES)}`
    const arn = `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`
    const at = START + (spreadDays > 0 ? (random.int(2 * spreadDays + 1) - spreadDays) * DAY_MS : 0)
    const change = (state: 'ALARM' | 'OK', mark: string, atMs: number): Change => ({
      mark,
      message: JSON.stringify({
        AlarmName: name,
        AlarmArn: arn,
        NewStateValue: state,
        OldStateValue: state === 'OK' ? 'ALARM' : 'OK',
        NewStateReason: 'Threshold Crossed',
        StateChangeTime: new Date(atMs).toISOString().replace('Z', '+0000'),
        Trigger: { MetricName: 'Errors', Namespace: namespace, Dimensions: [{ name: 'Service', value: mark }] },
      }),
    })
    const fires = change('ALARM', `${name}-fires`, at)
    const resolves = index % 2 === 0 ? change('OK', `${name}-resolves`, at + 60_000) : undefined
    return { arn, namespace, fires, resolves }
  })
}
