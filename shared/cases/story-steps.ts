import type { Alert } from '../../schemas/alert.ts'
import type { Case } from '../../schemas/case.ts'
import { identityOf } from '../alert/identity.ts'
import { onlyThis } from '../decide/silence.ts'
import { add, expire, extend } from '../decide/silencing.ts'
import type { Step } from '../player/step.ts'
import { alertOf } from './alert-of.ts'
import type { Moment } from './moment.ts'
import type { Story } from './story.ts'
import { fieldValue, type Happening, type StepLine } from './story-line.ts'

/** The name of the alert of a story that has one alone. */
const ALONE = ''

/** The alerts of a story by their names, before anything happens to them; or why there are none. */
export function alertsOf({ event, alert, alerts }: Case): Map<string, Alert> | string {
  if (alerts) {
    const all = Object.entries(alerts).map(([name, fields]) => {
      const one = alertOf({ alert: { name, ...fields } }) as Alert
      // Two alarms may have one name, in two regions, say.
      return [name, { ...one, fingerprint: fields.fingerprint ?? `${one.name} (${name})` }] as const
    })
    return new Map(all)
  }
  const one = alertOf({ event, alert })
  return typeof one === 'string' ? one : new Map([[ALONE, one]])
}

/** An alert during a story. */
interface Subject {
  /** As it is from now on: a field that was changed stays so. */
  alert: Alert
  /** Its last change. */
  last?: Alert
}

/** What a player does for each line, in the order of time. */
export function stepsOf(
  { steps }: Pick<Story, 'steps'>,
  alerts: Map<string, Alert>,
  msOf: (moment: Moment) => number,
): { step: Step; line: StepLine }[] {
  const all = new Map([...alerts].map(([name, alert]) => [name, { alert } as Subject]))
  const inTime = steps.map((line) => ({ line, at: msOf(line.at) })).sort((a, b) => a.at - b.at)
  const played = inTime.flatMap(({ line, at }) => {
    const step = stepOf(line.what, at, all)
    return step ? [{ step, line }] : []
  })
  return played.sort((a, b) => a.step.at - b.step.at)
}

function stepOf(what: Happening, at: number, all: Map<string, Subject>): Step | undefined {
  if (what.kind === 'clock' || what.kind === 'channel') return { ...what, at }
  const one = what.alert === undefined ? [...all.values()][0] : all.get(what.alert)
  if (!one) return undefined
  if (what.kind === 'resolve') return { kind: 'resolve', at, alert: identityOf(one.alert), by: what.by }
  if (what.kind === 'acknowledge') {
    const until = what.lastsMs === undefined ? {} : { until: new Date(at + what.lastsMs).toISOString() }
    const { by, via } = what
    return { kind: 'acknowledge', at, alert: identityOf(one.alert), by, ...(via && { via }), ...until }
  }
  if (what.kind === 'silence' || what.kind === 'extended silence' || what.kind === 'ended silence') {
    return { kind: 'silence', at, does: silencing(what, one.alert, at) }
  }
  if (what.kind === 'duplicate') return one.last && { kind: 'change', at, alert: one.last }
  one.alert = what.fields.reduce(withField, one.alert)
  const before = one.last && { previousStatus: one.last.status }
  one.last = { ...one.alert, ...before, status: what.status, changedAt: new Date(at).toISOString() }
  return { kind: 'change', at: at + what.lateMs, alert: one.last }
}

type OfSilence = Extract<Happening, { kind: `${string}silence` }>

/** Of one alert alone. Its silences are known by it: the last one is extended, or ended. */
function silencing(
  what: OfSilence,
  { fingerprint, name }: Alert,
  at: number,
): Extract<Step, { does: unknown }>['does'] {
  const said = { by: what.by, via: 'cli', at: new Date(at).toISOString() } as const
  return (silences, now) => {
    if (what.kind === 'silence') {
      const { why, lastsMs } = what
      const until = new Date(at + lastsMs).toISOString()
      const id = `silence-${at}`
      return add(silences, { id, when: onlyThis(fingerprint), about: name, until, why, ...said }, now)
    }
    const last = silences.findLast(({ when }) => JSON.stringify(when) === JSON.stringify(onlyThis(fingerprint)))
    if (!last) return { refused: 'it has no silence' }
    if (what.kind === 'ended silence') return expire(silences, last.id, said, now)
    const until = new Date(at + what.lastsMs).toISOString()
    return extend(silences, last.id, { ...said, until }, now)
  }
}

/** `tags.team`, or `metric`. */
function withField(alert: Alert, [field, text]: [string, string]): Alert {
  const [head = '', ...rest] = field.split('.')
  const value = fieldValue(field, text)
  if (rest.length === 0) return { ...alert, [head]: value }
  const group = (alert as Record<string, unknown>)[head]
  return { ...alert, [head]: { ...(group as object), [rest.join('.')]: value } }
}
