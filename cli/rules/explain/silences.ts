import type { Alert } from '../../../schemas/alert.ts'
import type { Silence } from '../../../schemas/silence.ts'
import { time } from '../../../shared/channels/alert-text.ts'
import { oneLine } from '../../../shared/channels/outside-text.ts'
import type { Silences } from '../../../shared/decide/in-force.ts'
import { silencesOn } from '../../../shared/decide/silence.ts'
import { bold } from '../../decision-text.ts'
import { wrap } from '../../wrap.ts'

/** A silence that covers an alert. */
export interface Covering extends Pick<Silence, 'id' | 'about' | 'by' | 'until' | 'why'> {
  /** It is in force at the time of the decision; else only now. */
  holds: boolean
}

/** Those that hold an alert at a time, and those that would now. A resolve goes through. */
export function coveringOf(alert: Alert, silences: Silences, at: Date, now: Date): Covering[] {
  if (alert.status === 'resolved') return []
  const then = silencesOn(alert, { silences }, at)
  const present = silencesOn(alert, { silences }, now)
  return [...new Set([...then, ...present])].map((one) => {
    const { id, about, by, until, why } = one
    return { id, about, by, until, why, holds: then.includes(one) }
  })
}

/** `k3x9qf holds it until 2026-11-27 11:30:00 UTC, by ann: load test (name: orders-*)` */
export function describeSilences(covering: Covering[], width: number): string {
  if (covering.length === 0) return ''
  const lines = covering.flatMap(({ id, about, by, until, why, holds }) => {
    const does = holds ? 'holds it' : 'was not in force then, but would hold it now,'
    const text = `${id} ${does} until ${time(until)}, by ${oneLine(by)}: ${oneLine(why)} (${oneLine(about)})`
    return wrap(text, width, '  ', '    ')
  })
  return `\n\n${[bold('Silences'), ...lines].join('\n')}`
}
