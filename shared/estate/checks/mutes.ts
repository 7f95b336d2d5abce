import { Cron } from 'croner'
import { oneLine } from '../../channels/outside-text.ts'
import type { MuteRule } from '../estate.ts'
import { found } from '../finding.ts'
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

export const mutedForWeeks: Check = ({ estate, all, at }) => {
  if (!('data' in estate.muteRules)) return []
  const long = estate.muteRules.data.flatMap((rule) => {
    const share = mutedShare(rule, at)
    return share > MOST_SHARE ? [{ rule, share }] : []
  })
  const byName = new Map(long.flatMap((one) => one.rule.alarms.map((name) => [name, one] as const)))
  return all.flatMap(({ alarm }) => {
    const muted = byName.get(alarm.name)
    if (!muted) return []
    const { rule, share } = muted
    const command = awsOf(alarm, 'cloudwatch delete-alarm-mute-rule', { 'alarm-mute-rule-name': rule.name })
    const days = Math.round((share * 2 * AROUND_MS) / DAY_MS)
    return [
      found('muted-for-weeks', alarm, `by ${oneLine(rule.name)}: ${days} of 14 days around today`, {
        commands: [command],
      }),
    ]
  })
}

/** How much of the two weeks around a moment is within its windows: 0 to 1. */
export function mutedShare(rule: MuteRule, at: Date): number {
  const bounds = { from: at.getTime() - AROUND_MS, to: at.getTime() + AROUND_MS }
  const from = Math.max(bounds.from, rule.from === undefined ? bounds.from : Date.parse(rule.from))
  const to = Math.min(bounds.to, rule.until === undefined ? bounds.to : Date.parse(rule.until))
  let [muted, end] = [0, from]
  for (const start of beginningsOf(rule, bounds.from - rule.durationS * 1_000, to)) {
    const [opens, closes] = [Math.max(start, end), Math.min(start + rule.durationS * 1_000, to)]
    if (closes <= opens) continue
    muted += closes - opens
    end = closes
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
