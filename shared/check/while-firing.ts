import type { Config, Rule } from '../../schemas/config.ts'
import { SEVERITIES } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import { durationMs } from '../decide/duration.ts'
import { WHILE_FIRING } from '../decide/extras.ts'
import { fixedSeverity } from './analysed.ts'
import { type Finding, named, type Path } from './finding.ts'

type Plan = Pick<Config, (typeof WHILE_FIRING)[number]>

/** A plan, where it is written, and who has been notified before anything of it happens. */
interface Place {
  path: Path
  /** With what it leaves to others. */
  plan: Plan
  /** Only what is written here. */
  own: Plan
  /** Those that are notified at first; none, where that is not known. */
  notified: string[]
  isCritical: boolean
}

/** Holds that take longer than people may, escalations to nobody new, or that wake nobody. */
export function whileFiringFindings(config: Config): Finding[] {
  return placesOf(config).flatMap((place) => [
    ...holds(place),
    ...counts(place),
    ...reminders(place),
    ...escalations(place, config),
  ])
}

function placesOf(config: Config): Place[] {
  const { severities, rules } = config
  const file = given(config)
  return [
    { path: [], plan: file, own: file, notified: [], isCritical: false },
    ...SEVERITIES.map((name): Place => {
      const { channels, ...own } = severities[name]
      return {
        path: ['severities', name],
        plan: { ...file, ...given(own) },
        own,
        notified: channels,
        isCritical: name === 'critical',
      }
    }),
    ...rules.map((rule, index): Place => {
      const severity = fixedSeverity(rule)
      const ofSeverity = severity === undefined ? {} : given(severities[severity])
      return {
        path: ['rules', index],
        plan: { ...file, ...ofSeverity, ...given(rule) },
        own: rule,
        notified: severity === undefined ? [] : notifiedBy(rule, severities[severity].channels),
        isCritical: severity === 'critical',
      }
    }),
  ]
}

/** Without what is absent. */
function given(from: Plan): Plan {
  return Object.fromEntries(WHILE_FIRING.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])))
}

function notifiedBy({ channels, continue: isGoingOn }: Rule, ofSeverity: string[]): string[] {
  if (isGoingOn) return []
  if (channels === undefined) return ofSeverity
  return Array.isArray(channels) ? channels : [...ofSeverity, ...channels.add]
}

/** Of what is held, and of what flaps, for which a critical one is not held. */
function holds({ path, plan, own, isCritical }: Place): Finding[] {
  const { hold, flapping, response } = plan
  if (typeof response !== 'object') return []
  const [shortest] = [response.acknowledge, response.resolve]
    .filter((time) => time !== undefined)
    .sort((a, b) => durationMs(a) - durationMs(b))
  const holding: ['hold' | 'flapping', string, string | undefined][] = [
    ['hold', 'nobody is notified', hold === 'none' ? undefined : hold],
    [
      'flapping',
      'once it flaps, nobody is notified',
      isCritical || typeof flapping !== 'object' ? undefined : flapping.calmAfter,
    ],
  ]
  return holding.flatMap(([key, what, time]): Finding[] => {
    if (time === undefined || shortest === undefined || durationMs(time) < durationMs(shortest)) return []
    if (own[key] === undefined && own.response === undefined) return []
    return [
      {
        code: 'hold-too-long',
        path: [...path, own[key] === undefined ? 'response' : key],
        message: `${what} for ${time}, which is longer than the ${shortest} within which people are expected to react to it`,
        fix: key === 'hold' ? 'Make the hold shorter' : 'Make calmAfter shorter',
      },
    ]
  })
}

/** One alone reaches nobody. */
function counts({ path, own, isCritical }: Place): Finding[] {
  const { count } = own
  if (!isCritical || typeof count !== 'object') return []
  const { atLeast, within } = count
  return [
    {
      code: 'counts-critical',
      path: [...path, 'count'],
      message: `a critical alert is sent only once ${atLeast} fire within ${within}: fewer reach nobody`,
      fix: 'Leave it out for what is critical (count: none), or make the alert less severe until several fire',
    },
  ]
}

/** Who was notified first is reminded only once it has gone to the last. */
function reminders({ path, plan, own }: Place): Finding[] {
  const { remind, escalate } = plan
  if (remind === undefined || remind === 'none' || !Array.isArray(escalate)) return []
  if (own.remind === undefined && own.escalate === undefined) return []
  const [first = ''] = [remind].flat()
  const last = escalate.at(-1)?.after ?? ''
  if (durationMs(first) <= durationMs(last)) return []
  return [
    {
      code: 'escalates-before-reminder',
      path: [...path, own.remind === undefined ? 'escalate' : 'remind'],
      message: `the first reminder comes after ${first}, and by then, after ${last}, it has been escalated to everybody: whoever was notified first hears nothing before that`,
      fix: 'Remind earlier, or escalate later',
    },
  ]
}

function escalations({ path, own, notified, isCritical }: Place, config: Config): Finding[] {
  const { escalate } = own
  if (!Array.isArray(escalate)) return []
  const known = new Set(notified)
  const findings = escalate.flatMap(({ after, to }, index): Finding[] => {
    const isNew = to.some((name) => !known.has(name))
    for (const name of to) known.add(name)
    if (isNew || notified.length === 0) return []
    return [
      {
        code: 'escalates-to-nobody-new',
        path: [...path, 'escalate', index],
        message: `after ${after}, it goes to ${named(to)} again, and to nobody else: ${to.length === 1 ? 'it was' : 'they were'} notified before`,
        fix: 'Name somebody else in "to", or remind them with "remind"',
      },
    ]
  })
  const all = [...notified, ...escalate.flatMap(({ to }) => to)]
  if (!isCritical || notified.length === 0 || all.some((name) => pages(config.channels[name]))) return findings
  return [
    ...findings,
    {
      code: 'escalation-wakes-nobody',
      path: [...path, 'escalate'],
      message: 'nobody who is notified of it, and nobody whom it is escalated to, has a pager: at night nobody sees it',
      fix: 'Escalate to a PagerDuty channel',
    },
  ]
}
