import { SEVERITIES, type Severity } from '../../schemas/config.ts'
import type { RoutedAlert } from './ask.ts'

type Change = RoutedAlert['changes'][number]

/** From the change with which an alert began to fire to its end, as far as both are in the span that was asked. */
export interface Episode {
  /** ISO 8601 */
  since: string
  endedAt?: string
  /** The worst that it had. */
  severity: Severity
  /** Somebody was sent something of it. */
  isNotified: boolean
  /** When somebody first acknowledged it, as the router sent that to a channel. */
  acknowledgedAt?: string
}

/** The episodes of an alert, the oldest first. One that began before the span is not among them. */
export function episodesOf({ changes }: Pick<RoutedAlert, 'changes'>): Episode[] {
  const episodes: Episode[] = []
  let open: Episode | undefined
  for (const change of inTime(changes)) {
    const { at, status } = change
    if (status === 'firing' && !open) {
      open = { since: at, severity: severityOf(change), isNotified: false }
      episodes.push(open)
    }
    if (!open) continue
    Object.assign(open, later(open, change))
    if (status !== 'resolved') continue
    open.endedAt = at
    open = undefined
  }
  return episodes
}

/** The changes in the order in which they happened. */
export const inTime = (changes: Change[]): Change[] =>
  changes.toSorted((one, other) => (one.at < other.at ? -1 : other.at < one.at ? 1 : 0))

function later({ severity, isNotified, acknowledgedAt }: Episode, change: Change): Partial<Episode> {
  const times = (change.updates ?? []).flatMap(({ is, at }) => (is === 'acknowledged' ? at : [])).sort()
  const first = acknowledgedAt ?? times[0]
  return {
    severity: change.status === 'firing' ? worse(severity, severityOf(change)) : severity,
    isNotified: isNotified || change.deliveries.some(({ outcome }) => outcome === 'delivered'),
    ...(first !== undefined && { acknowledgedAt: first }),
  }
}

/** As the router does: what is unknown counts as critical. */
export function severityOf({ severity }: Pick<Change, 'severity'>): Severity {
  return SEVERITIES.find((one) => one === severity) ?? 'critical'
}

const worse = (one: Severity, other: Severity): Severity =>
  SEVERITIES.indexOf(one) <= SEVERITIES.indexOf(other) ? one : other
