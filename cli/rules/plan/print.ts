import type { Alert } from '../../../schemas/alert.ts'
import { oneLine, shorten } from '../../../shared/channels/outside-text.ts'
import { type Held, recipientsOf } from '../../../shared/decide/decision.ts'
import { minuteOf } from '../../../shared/decide/minute.ts'
import {
  type AlertVolume,
  type Difference,
  EFFECTS,
  type Effect,
  isOtherNoise,
  type Plan,
  type Treated,
  type Words,
} from '../../../shared/plan/plan.ts'
import { count } from '../../count.ts'
import { widest } from '../../wrap.ts'
import type { KnownAcknowledgements } from './acknowledgements.ts'
import type { RecordedAlerts } from './recorded-alerts.ts'

/** How many alarms of a group are listed. */
const LISTED = 10
const INDENT = '    '

/** With fewer alerts, a plan says little about a month. */
const FEW = 20

interface What {
  before: string
  after: string
  recorded: RecordedAlerts
  known: KnownAcknowledgements
}

/** A plan for a person: first what was compared, for which alerts. `width`: of the terminal. */
export function reportOf(plan: Plan, { before, after, recorded, known }: What, width: number): string {
  const notes = [
    ...(plan.repeated > 0 ? [`${count(plan.repeated, 'repeated or late change')} left out`] : []),
    ...(recorded.refused.length > 0 ? [`${count(recorded.refused.length, 'event')} rejected`] : []),
  ]
  const over = `over ${oneLine(recorded.from)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
  const few = `Only ${count(plan.alerts, 'alert')}: too few to be sure. The edit may change more than this plan shows.`
  const refused = recorded.refused.slice(0, 3).map((one) => wrapped(`Rejected: ${oneLine(one)}`, width))
  const head = [
    wrapped(`${before} → ${after}, ${over}`, width),
    ...refused,
    ...(plan.alerts < FEW ? [wrapped(few, width)] : []),
    ...(known.unknown === undefined ? [] : [wrapped(unheard(known.unknown), width)]),
  ]
  return `${head.join('\n')}\n\n${describePlan(plan, width)}`
}

function unheard(why: string): string {
  return `Acknowledgements are not known: ${oneLine(why)}. Reminders and escalations count as if nobody had acknowledged anything.`
}

/** A plan for a script: an alert only by its identity; the recorded events have the rest. */
export function planAsJson(
  plan: Plan,
  base: string,
  { from, refused }: RecordedAlerts,
  { unknown }: KnownAcknowledgements,
) {
  const { differences, from: since, to, ...rest } = plan
  const shown = ({ alert: { fingerprint, name, title, status, changedAt, resource }, ...difference }: Difference) => ({
    alert: { fingerprint, name, title, status, changedAt, resource },
    ...difference,
  })
  return {
    ...{ base, source: from, from: since, to, ...rest, refused },
    ...(unknown !== undefined && { withoutAcknowledgements: unknown }),
    differences: differences.map(shown),
  }
}

/** The most important first. */
function describePlan(plan: Plan, width: number): string {
  const groups = EFFECTS.flatMap((effect) => {
    const differences = plan.differences.filter((difference) => difference.effect === effect)
    if (differences.length === 0) return []
    const byRules = [...Map.groupBy(differences, groupKey).values()].sort((a, b) => b.length - a.length)
    return byRules.map((group) => describeGroup(effect, group, width))
  })
  const isNoiseShown = plan.volume.length > 0 && (plan.differences.length > 0 || plan.volume.some(isOtherNoise))
  const volume = isNoiseShown ? describeNoise(plan) : []
  return [wrapped(headline(plan), width), ...groups, ...describeChannels(plan, width), ...volume].join('\n\n')
}

/** `Of 214 alerts, 6 change: 3 start paging, 1 goes to other channels.` */
function headline({ alerts, differences, volume, from, to }: Plan): string {
  const period = from && to ? ` (${describePeriod(from, to)})` : ''
  if (differences.length === 0) {
    const sent = volume.filter(isOtherNoise).map(({ channel, before, after }) => {
      return `${channel} ${sum(before)} → ${sum(after)}`
    })
    const but = sent.length > 0 ? `, but other messages do: ${sent.join(', ')}` : ''
    return `Of ${count(alerts, 'alert')}${period}, none changes${but}.`
  }
  const effects = EFFECTS.flatMap((effect) => {
    const those = differences.filter((difference) => difference.effect === effect)
    return those.length === 0 ? [] : [`${those.length} ${verb(effect, those.length)}${resolves(effect, those)}`]
  })
  const changes = differences.length === 1 ? 'changes' : 'change'
  return `Of ${count(alerts, 'alert')}${period}, ${differences.length} ${changes}: ${effects.join(', ')}.`
}

function describePeriod(from: string, to: string): string {
  const [first, last] = [from.slice(0, 10), to.slice(0, 10)]
  return first === last ? first : `${first} to ${last}`
}

/** A resolve does not page: it closes incidents. */
function resolves(effect: Effect, differences: Difference[]): string {
  const n = differences.filter(({ alert }) => alert.status === 'resolved').length
  if (n === 0 || !effect.endsWith('paging')) return ''
  return n === differences.length ? ' (to resolve)' : ` (${n} of them to resolve)`
}

/** `start paging` of many, `starts paging` of one. */
function verb(effect: Effect, n: number): string {
  if (n === 1) return effect
  return effect
    .replace(/^is /, 'are ')
    .replace(/^(start|stop|goe)s /, (_, stem: string) => `${stem === 'goe' ? 'go' : stem} `)
}

function groupKey({ before, after, words }: Difference): string {
  return JSON.stringify([after.rule, before.rule, describeChange(before, after), words])
}

/** All alerts of a group have the same decision, printed once. Then each alarm, with its number of changes. */
function describeGroup(effect: Effect, group: Difference[], width: number): string {
  const [first] = group
  if (!first) return ''
  const alarms = [...Map.groupBy(group, ({ alert }) => alert.fingerprint).values()].sort((a, b) => b.length - a.length)
  const { before, after } = first
  const head = wrapped(`${capital(effect)}: ${count(group.length, 'alert')}, ${describeRules(before, after)}`, width)
  const change = describeChange(before, after)
  const listed = alarms.slice(0, LISTED)
  const more = alarms.length - listed.length
  return [
    head,
    wrapped(`  ${change}`, width),
    ...first.words.map((one) => wrapped(`  ${describeWords(one)}`, width)),
    ...alarmLines(listed, width),
    ...(more > 0 ? [`${INDENT}and ${more} more; --json lists all`] : []),
  ].join('\n')
}

function describeRules(before: Treated, after: Treated): string {
  const name = ({ rule }: Treated) => (rule === 'default' ? 'the default' : `"${oneLine(rule)}"`)
  return before.rule === after.rule ? `by ${name(after)}` : `by ${name(after)}, before by ${name(before)}`
}

/** `warning → critical; + pagerduty; − slack-warning; still email; later: pagerduty, within nights` */
function describeChange(before: Treated, after: Treated): string {
  const [old, now] = [recipientsOf(before), recipientsOf(after)]
  const added = now.filter((channel) => !old.includes(channel))
  const removed = old.filter((channel) => !now.includes(channel))
  const kept = after.channels.filter((channel) => old.includes(channel))
  const severity = before.severity === after.severity ? after.severity : `${before.severity} → ${after.severity}`
  const part = (what: string, names: string[]) => (names.length > 0 ? [`${what}${names.join(', ')}`] : [])
  return [
    severity,
    ...part('+ ', added),
    ...part('− ', removed),
    ...part(added.length + removed.length > 0 ? 'still ' : '', kept),
    ...part('later: ', describeHeld(after.held)),
    ...part('before later: ', describeHeld(before.held)),
    ...part('held and never sent: ', describeHeld(after.unsent)),
    ...part('before held and never sent: ', describeHeld(before.unsent)),
    ...(now.length === 0 ? [after.nobody ? `nobody: ${oneLine(after.nobody.reason)}` : 'no recipient'] : []),
  ].join('; ')
}

/** The maximum length of a template. */
const MAX_TEMPLATE = 80

/** `title in slack-warning, email: none → "{{name}} in {{account}}"` */
function describeWords({ what, channels, before, after }: Words): string {
  const said = (text: string) => (text === '' ? 'none' : `"${shorten(oneLine(text), MAX_TEMPLATE)}"`)
  return `${what}${channels.length > 0 ? ` in ${channels.join(', ')}` : ''}: ${said(before)} → ${said(after)}`
}

/** Why, but not until when, which differs for each alert. */
function describeHeld(held: Held[]): string[] {
  return [...Map.groupBy(held, ({ why }) => why)].map(
    ([why, those]) => `${those.map(({ channel }) => channel).join(', ')} ${oneLine(why)}`,
  )
}

/** `HighErrorRateAlarm: data-processor (FunctionName)   5 firing, 5 resolved, last at 2026-11-03 10:31` */
function alarmLines(alarms: Difference[][], width: number): string[] {
  const lines = alarms.map((differences) => {
    const alerts = differences.map(({ alert }) => alert)
    const { title, resource } = alerts.at(-1) as Alert
    return { what: oneLine(title.includes(resource) ? title : `${title}: ${resource}`), when: describeTimes(alerts) }
  })
  const room = Math.max(20, width - INDENT.length - 2 - widest(lines.map(({ when }) => when)))
  const left = Math.min(room, widest(lines.map(({ what }) => what)))
  return lines.map(({ what, when }) => `${INDENT}${shorten(what, room).padEnd(left)}  ${when}`)
}

function describeTimes(alerts: Alert[]): string {
  const statuses = [...Map.groupBy(alerts, ({ status }) => status)].map(([status, those]) =>
    alerts.length === 1 ? status : `${those.length} ${status}`,
  )
  const at = minuteOf(alerts.at(-1)?.changedAt ?? '')
  return `${statuses.join(', ')}${alerts.length === 1 ? ' at' : ', last at'} ${at}`
}

function describeChannels({ channels }: Plan, width: number): string[] {
  if (channels.length === 0) return []
  const each = channels.map(({ channel, change, formerly }) => {
    if (change === 'renamed') return `${formerly} was renamed to ${channel}`
    return `${channel} ${{ added: 'was added', removed: 'was removed', changed: 'was changed' }[change]}`
  })
  return [
    [`Channels: ${each.join(', ')}.`, ...channels.flatMap(describeAsked)]
      .map((text) => wrapped(text, width))
      .join('\n'),
  ]
}

/** A possible rename without `formerly`. */
function describeAsked({ channel, maybeFormerly: old }: Plan['channels'][number]): string[] {
  if (old === undefined) return []
  return [
    `Is ${channel} a new name for ${old}? It sends to the same place. If so, add formerly: [${old}] to ${channel}. Otherwise what is owed to ${old} is sent to other channels, and resolves of alerts that ${old} received are not sent.`,
  ]
}

/** How many of the recorded alerts each channel is sent per day: on average, and on its busiest day. */
function describeNoise({ volume, from, to }: Plan): string[] {
  if (!from || !to) return []
  const days = 1 + Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / 86_400_000)
  const lines = volume.map(({ channel, before, after }) => {
    const [old, now] = [sum(before), sum(after)]
    const difference = old === now ? '' : `${now > old ? '+' : '−'}${aDay(Math.abs(now - old), days)}`
    return [channel, aDay(old, days), aDay(now, days), difference, String(most(before)), String(most(after))]
  })
  const head = ['Alerts per day', 'before', 'after', '', 'busiest day: before', 'after']
  const table = [head, ...lines]
  const widths = head.map((_, column) => Math.max(...table.map((line) => (line[column] ?? '').length)))
  const rows = table.map((line, row) =>
    line
      .map((cell, column) =>
        column === 0
          ? `${row === 0 ? '' : '  '}${cell}`.padEnd((widths[0] ?? 0) + 2)
          : cell.padStart((widths[column] ?? 0) + 2),
      )
      .join('')
      .trimEnd(),
  )
  return [rows.join('\n')]
}

function sum(volume: AlertVolume): number {
  return Object.values(volume).reduce((total, n) => total + n, 0)
}

function most(volume: AlertVolume): number {
  return Object.values(volume).reduce((busiest, n) => Math.max(busiest, n), 0)
}

function aDay(total: number, days: number): string {
  return (total / days).toFixed(total >= days * 10 ? 0 : 2)
}

/** At most `width` characters per line, broken at blanks; later lines are indented. */
function wrapped(text: string, width: number): string {
  const indent = `${/^ */.exec(text)}  `
  const lines: string[] = []
  for (let rest = text; ; ) {
    const at = rest.length <= width ? -1 : rest.lastIndexOf(' ', width)
    if (at <= indent.length) return [...lines, rest].join('\n')
    lines.push(rest.slice(0, at))
    rest = indent + rest.slice(at + 1)
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
