import type { Alert } from '../../schemas/alert.ts'
import type { Change } from '../history/alert-history.ts'
import { duration } from '../questions/figure.ts'
import { clock, type Episode, type FirstQuestion, type Known, missing } from './ask-first.ts'
import { writesIn } from './changes.ts'

/** How far back the router's history is read. */
export const LAST_DAYS = 30
/** So many writes of the last time are shown. */
const WRITES = 3
/** Of a long episode, its beginning. */
const MOST_MS = 6 * 3_600_000

const BY_HAND = /^Resolved by hand: (.*)$/

/** The firings before this one, the oldest first. */
export function episodesIn(changes: Change[], { changedAt }: Alert): Episode[] {
  const episodes: Episode[] = []
  let open: Episode | undefined
  for (const { alert, messages } of changes) {
    const isRepeated = messages.every(({ outcome }) => outcome === 'duplicate' || outcome === 'stale')
    if (isRepeated || alert.changedAt >= changedAt) continue
    if (alert.once) episodes.push({ from: alert.changedAt })
    else if (alert.status === 'firing') open ??= { from: alert.changedAt }
    else if (alert.status === 'resolved' && open) {
      const by = BY_HAND.exec(alert.reason ?? '')?.[1]
      episodes.push({ ...open, to: alert.changedAt, ...(by !== undefined && { by }) })
      open = undefined
    }
  }
  // What has no end is this one: it began with another severity, or lost its data in between.
  return episodes
}

/** When it fired last, how that ended, and what was done meanwhile. */
export function lastTimeOf({ alert, lastTime, now }: Known): FirstQuestion {
  const title = 'Last time'
  if ('refused' in lastTime) return { title, asks: [], says: () => ({ says: missing(lastTime.refused), lines: [] }) }
  const { episodes, days, hasEarlier } = lastTime
  const last = episodes.at(-1)
  if (!last) {
    const says = hasEarlier ? `not in its last changes` : `it has not fired in ${days} days`
    return { title, asks: [], says: () => ({ says, lines: [] }) }
  }
  const count = `${episodes.length}${hasEarlier ? ' or more' : ''} ${episodes.length === 1 ? 'time' : 'times'} in ${days} days`
  const says = `${clock(last.from, now)}${endOf(last)}; ${count}`
  if (last.to === undefined) return { title, asks: [], says: () => ({ says, lines: [] }) }
  const to = new Date(Math.min(Date.parse(last.to), Date.parse(last.from) + MOST_MS)).toISOString()
  const ask = { kind: 'changes' as const, from: last.from, to }
  return {
    title,
    asks: [ask],
    says: (outcomeOf) => {
      const outcome = outcomeOf(ask)
      if ('refused' in outcome) return { says, lines: [`CloudTrail: ${missing(outcome.refused)}`] }
      return { says, lines: writesIn(outcome.data, alert, now, WRITES) }
    },
  }
}

function endOf({ from, to, by }: Episode): string {
  if (to === undefined) return ''
  const lasted = `, for ${duration(Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 1_000)))}`
  return by === undefined ? lasted : `${lasted}, until ${by} resolved it`
}
