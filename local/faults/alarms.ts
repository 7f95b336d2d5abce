import { parse } from '../../shared/parse/parse.ts'
import type { Random } from './random.ts'

/** One alarm's life in a run: it fires, in some runs loses its data soon after, and half of them resolve. */
export interface RunAlarm {
  name: string
  arn: string
  /** Its key in the table. */
  fingerprint: string
  namespace: string
  fires: Change
  losesData: Change
  resolves: Change | undefined
}

/** A state change as CloudWatch publishes it. */
export interface Change {
  message: string
  /** A text that only this message contains: everything that shows it is about this change. */
  mark: string
}

/** The marks in a text. */
export function marksIn(text: string): string[] {
  return text.match(/faults-\d+-(fires|loses|resolves)/g) ?? []
}

const START = Date.UTC(2026, 10, 3, 10)
const DAY_MS = 86_400_000
const NAMESPACES = 20

/** How the alarms of a run differ from the usual ones. */
export interface Alike {
  /** How far apart the clocks of different alarms are. */
  spreadDays?: number | undefined
  /** What an alarm is called, of so many. */
  nameOf?: ((index: number, count: number) => string) | undefined
  /** Whether it resolves. */
  ends?: ((index: number, count: number) => boolean) | undefined
}

const EVERY_SECOND = (index: number) => index % 2 === 0

export function alarmsOf(
  count: number,
  random: Random,
  { spreadDays = 0, nameOf, ends = EVERY_SECOND }: Alike = {},
): RunAlarm[] {
  return Array.from({ length: count }, (_, index) => {
    const mark = `faults-${index}`
    const name = nameOf?.(index, count) ?? mark
    const namespace = `Faults/${random.int(NAMESPACES)}`
    const arn = `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`
    const at = START + (spreadDays > 0 ? (random.int(2 * spreadDays + 1) - spreadDays) * DAY_MS : 0)
    const change = (state: State, before: State, mark: string, atMs: number): Change => ({
      mark,
      message: JSON.stringify({
        AlarmName: name,
        AlarmArn: arn,
        NewStateValue: state,
        OldStateValue: before,
        NewStateReason: 'Threshold Crossed',
        StateChangeTime: new Date(atMs).toISOString().replace('Z', '+0000'),
        Trigger: { MetricName: 'Errors', Namespace: namespace, Dimensions: [{ name: 'Service', value: mark }] },
      }),
    })
    const fires = change('ALARM', 'OK', `${mark}-fires`, at)
    const losesData = change('INSUFFICIENT_DATA', 'ALARM', `${mark}-loses`, at + 30_000)
    const resolves = ends(index, count) ? change('OK', 'ALARM', `${mark}-resolves`, at + 60_000) : undefined
    return { name, arn, fingerprint: fingerprintOf(fires), namespace, fires, losesData, resolves }
  })
}

type State = 'ALARM' | 'OK' | 'INSUFFICIENT_DATA'

function fingerprintOf({ message }: Change): string {
  const [alert] = parse(message)
  if (!alert) throw new Error('an alarm of the run is not an alert')
  return alert.fingerprint
}
