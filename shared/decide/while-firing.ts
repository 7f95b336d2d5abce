import type { Alert } from '../../schemas/alert.ts'
import type { Config, Rule, Severity } from '../../schemas/config.ts'
import { isHeartbeat } from '../observe/heartbeat.ts'
import type { AlertState, FiringNow, Flapping, Recipient, Response } from './alert-state.ts'
import { durationMs } from './duration.ts'
import { type Extras, WHILE_FIRING } from './extras.ts'
import { isNotice } from './maintenance.ts'
import { mayHaveIncidents } from './place.ts'
import type { Hold } from './windows.ts'

/*
 * What happens while an alert fires, and when: it is held, reminded of, escalated, and measured by how soon people
 * react. Pure. What is due then: next-by-time.ts.
 */

type Plan = Pick<Extras, (typeof WHILE_FIRING)[number]>

/** A key of the plan, and who set it: `rule "disk"`, `severity critical`, `the file`. */
export interface Planned {
  plan: Plan
  /** For an explanation, of those that no rule set. */
  because: string[]
}

/** The plan of an alert: what its rules set, else its severity, else the file. */
export function planOf(
  { fingerprint, once, drill }: Pick<Alert, 'fingerprint' | 'once' | 'drill'>,
  { byRules, setBy }: { byRules: Partial<Pick<Rule, keyof Plan>>; setBy: { count?: string } },
  severity: Severity,
  config: Config,
): Planned {
  const planned: Planned = { plan: {}, because: [] }
  // Nobody is escalated to for a test, and a test is not held: it shows the way to people.
  if (drill !== undefined) return planned
  const isOwn = isNotice({ fingerprint }) || isHeartbeat({ fingerprint })
  for (const key of WHILE_FIRING) {
    // What the router says itself is never one of several.
    if (isOwn && key === 'count') continue
    const [value, by] =
      byRules[key] !== undefined
        ? [byRules[key]]
        : config.severities[severity][key] !== undefined
          ? [config.severities[severity][key], `severity ${severity}`]
          : [config[key], 'the file']
    const own = once && typeof value === 'object' ? ofOneTime(key, value) : once ? undefined : value
    if (own === undefined || own === 'none') continue
    Object.assign(planned.plan, { [key]: own })
    if (planned.plan.count && key === 'count') {
      planned.plan.count = { ...planned.plan.count, of: by ?? `rule "${setBy.count}"` }
    }
    if (by !== undefined) planned.because.push(`${by} ${DOES[key]({ [key]: own })}`)
  }
  return planned
}

/** It never ends: somebody may still have to see it, and several of them may be too many. */
function ofOneTime(key: keyof Plan, value: object): unknown {
  if (key === 'escalate' || key === 'count') return value
  if (key === 'response' && 'acknowledge' in value) return { acknowledge: value.acknowledge }
  return undefined
}

/** What each of them does, for an explanation: `holds it for 3m`. */
export const DOES: { [Key in keyof Required<Plan>]: (plan: Partial<Pick<Rule, keyof Plan>>) => string } = {
  hold: ({ hold }) => (hold === 'none' ? 'holds it no longer' : `sends it only if it still fires after ${hold}`),
  count: ({ count }) => {
    if (count === 'none' || count === undefined) return 'sends it however few fire'
    const { atLeast, within, by } = count
    return `sends it only once ${atLeast} fire within ${within}${by ? `, by ${by.join(', ')}` : ''}`
  },
  remind: ({ remind }) =>
    remind === 'none' ? 'sends no reminders' : `reminds after ${[remind].flat().join(', then ')}`,
  escalate: ({ escalate = [] }) =>
    escalate === 'none'
      ? 'escalates to nobody'
      : `escalates to ${escalate.map(({ after, to }) => `${to.join(', ')} after ${after}`).join(', ')}`,
  response: ({ response }) =>
    response === 'none' || response === undefined
      ? 'expects no response in time'
      : `expects it to be ${[
          response.acknowledge && `acknowledged within ${response.acknowledge}`,
          response.resolve && `resolved within ${response.resolve}`,
        ]
          .filter(Boolean)
          .join(', ')}`,
  flapping: ({ flapping }) =>
    flapping === 'none' || flapping === undefined
      ? 'sends it each time, even if it flaps'
      : `says that it flaps after ${flapping.changes} changes within ${flapping.within}, and holds it from then on until it has calmed for ${flapping.calmAfter}`,
}

/** Until when a firing that began then is held, whatever the windows say. */
export function holdOfRule(
  { hold, flaps }: Pick<Plan, 'hold'> & { flaps?: true },
  since: string,
  at: Date,
): Hold | undefined {
  if (hold === undefined) return undefined
  const until = new Date(Date.parse(since) + durationMs(hold))
  return until > at ? { until, why: `${flaps ? 'it flaps: ' : ''}sent if it still fires after ${hold}` } : undefined
}

/** Somebody has acknowledged it, and that has not expired. */
export function isAcknowledged({ acknowledged }: Pick<FiringNow, 'acknowledged'>, now: Date): boolean {
  return acknowledged !== undefined && (acknowledged.until === undefined || acknowledged.until > now.toISOString())
}

/** When a recipient is reminded next (ISO 8601); `undefined`: never, as long as nothing changes. */
export function reminderAt({ remind, acknowledged, at }: FiringNow, one: Recipient): string | undefined {
  const { notified, owed, reminders = 0 } = one
  // A fallback was sent it in another's place: that one is reminded.
  if (remind === undefined || acknowledged || owed || one.fallbackFor || one.goneSince) return undefined
  // After a loss of data, a reminder would be older than what it was sent last.
  if (notified?.status !== 'firing' || notified.at > at) return undefined
  // PagerDuty repeats itself, as its own escalation policy says.
  if (notified.place !== undefined && mayHaveIncidents(notified.place)) return undefined
  const gaps = [remind].flat()
  return later(notified.notifiedAt, gaps[Math.min(reminders, gaps.length - 1)])
}

/** When the next escalation is due (ISO 8601). */
export function escalationAt({ escalate = [], escalated = 0, begunAt, acknowledged }: FiringNow): string | undefined {
  if (acknowledged || begunAt === undefined) return undefined
  return later(begunAt, escalate[escalated]?.after)
}

const RESPONSES: Response[] = ['acknowledge', 'resolve']

/** The deadlines that have not passed yet. */
export function deadlinesOf({
  response,
  begunAt,
  overdue = [],
  acknowledged,
}: FiringNow): { response: Response; at: string }[] {
  if (begunAt === undefined) return []
  return RESPONSES.flatMap((one) => {
    const at = later(begunAt, response?.[one])
    const isMet = one === 'acknowledge' && acknowledged !== undefined
    return at === undefined || isMet || overdue.includes(one) ? [] : [{ response: one, at }]
  })
}

/** What time alone will do to an alert, for people: `reminds slack-critical`. */
export interface Ahead {
  at: string
  what: string
}

/** All that happens if nobody reacts, and nothing else changes, once each; the next first. */
export function aheadOf({ firing, recipients }: Pick<AlertState, 'firing' | 'recipients'>): Ahead[] {
  const held = Object.entries(recipients).flatMap(([name, { owed }]): Ahead[] =>
    owed?.until === undefined
      ? []
      : [
          {
            at: owed.until,
            what: `${owed.isOpen ? 'checks again whether it notifies' : 'notifies'} ${name} (${owed.why ?? 'held'})`,
          },
        ],
  )
  if (!firing) return inTime(held)
  const { acknowledged, escalate = [], escalated = 0, begunAt } = firing
  const ends = acknowledged?.until === undefined ? [] : [{ at: acknowledged.until, what: 'the acknowledgement ends' }]
  const steps = escalate.slice(escalated).flatMap(({ after, to }): Ahead[] => {
    const at = acknowledged || begunAt === undefined ? undefined : later(begunAt, after)
    return at === undefined ? [] : [{ at, what: `escalates to ${to.join(', ')}` }]
  })
  const reminders = Object.entries(recipients).flatMap(([name, one]): Ahead[] => {
    const at = reminderAt(firing, one)
    return at === undefined ? [] : [{ at, what: `reminds ${name}` }]
  })
  const deadlines = deadlinesOf(firing).map(({ response, at }) => ({ at, what: DEADLINES[response] }))
  return inTime([...held, ...ends, ...steps, ...reminders, ...deadlines])
}

const DEADLINES: Record<Response, string> = { acknowledge: 'should be acknowledged', resolve: 'should be resolved' }
const inTime = (all: Ahead[]) => all.sort((a, b) => a.at.localeCompare(b.at))

/** All moments at which time alone changes a firing alert. */
export function momentsOf({ firing, recipients }: Pick<AlertState, 'firing' | 'recipients'>): string[] {
  if (!firing) return []
  const reminders = Object.values(recipients).map((one) => reminderAt(firing, one))
  const deadlines = deadlinesOf(firing).map(({ at }) => at)
  return [firing.acknowledged?.until, escalationAt(firing), ...reminders, ...deadlines].filter((at) => at !== undefined)
}

/** When an alert that flaps has calmed, if it does not change before (ISO 8601). */
export function calmAt({ lastAt, calmAfter }: Pick<Flapping, 'lastAt' | 'calmAfter'>): string {
  return new Date(Date.parse(lastAt) + durationMs(calmAfter)).toISOString()
}

function later(at: string, by: string | undefined): string | undefined {
  return by === undefined ? undefined : new Date(Date.parse(at) + durationMs(by)).toISOString()
}
