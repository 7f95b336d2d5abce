import { Cron } from 'croner'
import { oneLine } from '../../channels/outside-text.ts'
import { nameIn } from '../../parse/alarm-rule.ts'
import type { Named } from '../actions.ts'
import type { EstateAlarm } from '../alarm.ts'
import type { MuteRule } from '../estate.ts'
import { type Finding, found } from '../finding.ts'
import { awsOf } from '../fix.ts'
import type { Check } from '../judged.ts'

/** Whether CloudWatch keeps an alarm quiet for longer than a maintenance takes. */

const DAY_MS = 86_400_000
/** A week back, and a week ahead. */
const AROUND_MS = 7 * DAY_MS
/** Of these two weeks. */
const MOST_SHARE = 0.5
/** A rule that begins each minute, for as long. */
const MOST_BEGINNINGS = 25_000

export const mutedForWeeks: Check = ({ estate, all, at, named }) => {
  if (!('data' in estate.muteRules)) return []
  const spans = new Map(estate.muteRules.data.map((rule) => [rule, spansOf(rule, at)]))
  const rulesOf = Map.groupBy(
    estate.muteRules.data.flatMap((rule) => rule.alarms.map((name) => ({ name, rule }))),
    ({ name }) => name,
  )
  return all.flatMap(({ alarm }) => {
    const rules = (rulesOf.get(alarm.name) ?? []).map(({ rule }) => rule)
    const share = shareOf(rules.flatMap((rule) => spans.get(rule) ?? []))
    if (share <= MOST_SHARE) return suppressedForWeeks(alarm, named, at)
    const active = rules.filter((rule) => (spans.get(rule) ?? []).length > 0)
    const commands = active.map(({ name }) =>
      awsOf(alarm, 'cloudwatch delete-alarm-mute-rule', { 'alarm-mute-rule-name': name }),
    )
    const days = Math.round((share * 2 * AROUND_MS) / DAY_MS)
    const by = active.map(({ name }) => oneLine(name)).join(' and ')
    return [found('muted-for-weeks', alarm, `by ${by}: ${days} of 14 days around today`, { commands })]
  })
}

/** Its suppressor has been in ALARM for as long: it sends nothing, nor does what it combines. */
function suppressedForWeeks(alarm: EstateAlarm, named: Named, at: Date): Finding[] {
  const { ActionsSuppressor, ActionsSuppressedBy } = alarm.raw
  if (ActionsSuppressedBy !== 'Alarm' || typeof ActionsSuppressor !== 'string') return []
  const name = nameIn(ActionsSuppressor)
  const by = named(alarm, name)
  const days = Math.floor((at.getTime() - Date.parse(by?.since?.at ?? '')) / DAY_MS)
  if (by?.state !== 'ALARM' || !(days * DAY_MS >= AROUND_MS)) return []
  return [found('muted-for-weeks', alarm, `by its suppressor ${oneLine(name)}, in ALARM for ${days} days`)]
}

/** When a rule mutes in the two weeks around a moment, in ms. */
function spansOf(rule: MuteRule, at: Date): [from: number, to: number][] {
  const bounds = { from: at.getTime() - AROUND_MS, to: at.getTime() + AROUND_MS }
  const from = Math.max(bounds.from, rule.from === undefined ? bounds.from : Date.parse(rule.from))
  const to = Math.min(bounds.to, rule.until === undefined ? bounds.to : Date.parse(rule.until))
  return beginningsOf(rule, bounds.from - rule.durationS * 1_000, to).flatMap((start): [number, number][] => {
    const [opens, closes] = [Math.max(start, from), Math.min(start + rule.durationS * 1_000, to)]
    return closes > opens ? [[opens, closes]] : []
  })
}

/** How much of the two weeks is within any of the spans: 0 to 1. */
function shareOf(spans: [from: number, to: number][]): number {
  let [muted, end] = [0, Number.NEGATIVE_INFINITY]
  for (const [opens, closes] of spans.toSorted(([a], [b]) => a - b)) {
    muted += Math.max(0, closes - Math.max(opens, end))
    end = Math.max(end, closes)
  }
  return muted / (2 * AROUND_MS)
}

/** When its windows open, in order, in ms; none for an expression of another kind. */
function beginningsOf({ expression, timezone }: MuteRule, from: number, to: number): number[] {
  const [, kind, inside = ''] = /^(cron|at)\((.*)\)$/.exec(expression.trim()) ?? []
  try {
    if (kind === undefined) return []
    const cron = new Cron(inside, { timezone, mode: kind === 'cron' ? '5-part' : 'auto', paused: true })
    const starts: number[] = []
    let next = kind === 'at' ? cron.nextRun(new Date(0)) : cron.nextRun(new Date(from - 1))
    while (next && next.getTime() < to && starts.length < MOST_BEGINNINGS) {
      starts.push(next.getTime())
      next = kind === 'at' ? null : cron.nextRun(next)
    }
    return starts
  } catch {
    return []
  }
}
