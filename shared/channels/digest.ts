import type { Alert } from '../../schemas/alert.ts'
import type { Notification } from '../../schemas/notification.ts'
import * as alertText from './alert-text.ts'
import { factLines, oneLine, shorten } from './outside-text.ts'

/**
 * Shared by the digests of all channels: the order of the alerts, counts by state, what the alerts have in common, and how
 * many fit into one message. Pure; nothing here is escaped for a channel.
 */

/** An alert's state in a digest, most important first. One-off alerts, which cannot fire, are events. */
export const STATES = ['firing', 'event', 'no data', 'resolved'] as const
export type State = (typeof STATES)[number]

export function stateOf({ alert }: Notification): State {
  if (alert.status === 'resolved') return 'resolved'
  if (alert.status === 'insufficient-data') return 'no data'
  return alertText.statusLabel(alert) === 'Kind' ? 'event' : 'firing'
}

/** Alerts that are sent together, with what applies to all of them. */
export interface DigestGroup {
  /** By state; within a state, newest first. Alerts without a readable time come last. */
  notifications: Notification[]
  /** How many alerts are in each state that occurs. */
  counts: { state: State; count: number }[]
  /** The first and the last change, in ms; undefined if no alert has a readable time. */
  changes: { first: number; last: number } | undefined
  common: Common
  /** `WARNING`, `RESOLVED`, `STILL FIRING`, if it is that of all. */
  statusTag: string | undefined
  /** Whether each line must name the failed channel: only some alerts are here as a fallback, or for different channels. */
  isFallbackMixed: boolean
}

export function digestGroupOf(notifications: Notification[]): DigestGroup {
  const sorted = notifications
    .map((notification) => {
      const state = stateOf(notification)
      return { notification, state, rank: STATES.indexOf(state), at: changedAtMs(notification.alert) }
    })
    .sort((a, b) => a.rank - b.rank || (b.at ?? 0) - (a.at ?? 0))
  const times = sorted.flatMap(({ at }) => at ?? [])
  const tags = new Set(notifications.map(alertText.statusTag))
  return {
    notifications: sorted.map(({ notification }) => notification),
    counts: STATES.map((state) => ({ state, count: sorted.filter((one) => one.state === state).length })).filter(
      ({ count }) => count > 0,
    ),
    changes:
      times.length === 0
        ? undefined
        : {
            first: times.reduce((a, b) => Math.min(a, b)),
            last: times.reduce((a, b) => Math.max(a, b)),
          },
    common: inCommon(notifications),
    statusTag: tags.size === 1 ? [...tags][0] : undefined,
    isFallbackMixed: new Set(notifications.map(({ fallbackFor }) => fallbackFor?.channel)).size > 1,
  }
}

function changedAtMs({ changedAt }: Alert): number | undefined {
  const at = Date.parse(changedAt)
  return Number.isNaN(at) ? undefined : at
}

/** One of the messages that together name all alerts. Numbers start at 1. */
export interface Part {
  number: number
  of: number
}

/**
 * Severity or state, and the counts: `WARNING` and `37 alerts (1 of 2): 30 firing, 7 resolved`. The counts cover all parts
 * together.
 */
export function headline(
  { notifications, counts, statusTag: ofAll }: DigestGroup,
  part: Part,
): { statusTag: string; counts: string } {
  const only = counts.length === 1 ? counts[0]?.state : undefined
  const statusTag = ofAll ?? (notifications[0]?.severity ?? '').toUpperCase()
  const which = part.of === 1 ? '' : ` (${part.number} of ${part.of})`
  const total = counted(notifications.length, only === 'event' ? 'event' : 'alert') + which
  // When all are resolved, or all have no data, the status tag says so already.
  if (ofAll !== undefined && only !== undefined && only !== 'firing') return { statusTag, counts: total }
  const each = counts.map(({ state, count }) => (state === 'event' ? counted(count, 'event') : `${count} ${state}`))
  return { statusTag, counts: `${total}: ${only === undefined ? each.join(', ') : `all ${only}`}` }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The headline of a digest, which says first if all of it is a drill. */
export function marked({ notifications: [first, ...others] }: DigestGroup, headline: string): string {
  const isDrill = first !== undefined && others.every(({ alert }) => alert.drill !== undefined)
  return isDrill ? alertText.marked(first, headline) : headline
}

/** `within 2 min`: from the first change to the last. Undefined when all came at the same time. */
export function within({ changes }: DigestGroup): string | undefined {
  if (changes === undefined || changes.last - changes.first < 1_000) return undefined
  return words('within', alertText.duration(changes.last - changes.first))
}

const HEADINGS: Record<State, string> = {
  firing: 'Firing',
  event: 'Events',
  'no data': 'No data',
  resolved: 'Resolved',
}

/** The items of one part under their headings, with a count: `30`, or `95 of 250` when the rest are in other parts. */
export function byState<Item extends { state: State }>(
  part: Item[],
  { counts }: DigestGroup,
): { heading: string; count: string; items: Item[] }[] {
  return counts.flatMap(({ state, count }) => {
    const items = part.filter((item) => item.state === state)
    if (items.length === 0) return []
    const shown = items.length === count ? `${count}` : `${items.length} of ${count}`
    return [{ heading: HEADINGS[state], count: shown, items }]
  })
}

/** What all alerts have in common, and so is shown once; undefined where they differ. */
export interface Common {
  account: string | undefined
  region: string | undefined
  metric: string | undefined
  namespace: string | undefined
  /** `are all orders-db-cpu-high`, `start with orders-`. */
  names: string | undefined
  /** `team=payments`, … */
  tags: string[]
}

function inCommon(all: Notification[]): Common {
  const alerts = all.map(({ alert }) => alert)
  const shared = (fact: (alert: Alert) => string | undefined) => {
    const value = alerts[0] && fact(alerts[0])
    return value && alerts.every((alert) => fact(alert) === value) ? value : undefined
  }
  const [first] = alerts
  return {
    account: shared(({ account }) => account && oneLine(account)),
    region: shared(({ region }) => region && oneLine(region)),
    metric: shared((alert) => alert.metric && alertText.metric(alert)),
    namespace: shared(({ namespace }) => namespace && oneLine(namespace)),
    names: alerts.length === 1 ? undefined : commonStart(alerts.map(alertText.title)),
    tags: factLines(
      Object.fromEntries(
        Object.entries(first?.tags ?? {}).filter(([label, value]) =>
          alerts.every(({ tags }) => Object.hasOwn(tags, label) && tags[label] === value),
        ),
      ),
    ).map((pair) => pair.join('=')),
  }
}

/** `123456789012/eu-west-1`, as far as all share it. */
export function commonPlace({ account, region }: Common): string | undefined {
  return [account, region].filter(Boolean).join('/') || undefined
}

function commonStart(names: string[]): string | undefined {
  const [first = ''] = names
  if (names.every((name) => name === first)) return `are all ${shorten(first, 100)}`
  let start = first
  for (const name of names) start = start.slice(0, sameLength(start, name))
  // Whole words only: part of a word says nothing.
  const words = /.*[-_./: ]/.exec(start)?.[0].trimEnd() ?? ''
  return words.length >= 4 && words.length <= 100 ? `start with ${words.toWellFormed()}` : undefined
}

function sameLength(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/** Where it is, without what all share: `orders-api`, `orders-api, 123456789012/eu-west-1`. */
export function where({ alert }: Notification, { common }: DigestGroup): string | undefined {
  const place = [common.account ? undefined : alert.account, common.region ? undefined : alert.region]
  return [alertText.where(alert), oneLine(place.filter(Boolean).join('/'))].filter(Boolean).join(', ') || undefined
}

/** What is wrong, short: `93.2 > 80 Percent`. For an event its kind; for a resolve how long it fired. */
export function whatNow(notification: Notification, { common }: DigestGroup): string | undefined {
  const { alert } = notification
  const metric = common.metric ? '' : shorten(oneLine(alert.metric ?? ''), 60)
  switch (stateOf(notification)) {
    case 'resolved':
      return words('fired for', alertText.firedFor(notification))
    case 'event':
      return alertText.status(alert)
    case 'no data':
      return words('no', metric)
    case 'firing': {
      const condition = alertText.briefCondition(alert)
      if (condition !== undefined) return `${metric} ${condition}`.trim()
      // A composite's place already names what triggered it; other alerts without a threshold show their reason.
      return alert.children.length > 0 ? undefined : shorten(oneLine(alert.reason ?? ''), 80)
    }
  }
}

function words(before: string, value: string | undefined): string | undefined {
  return value ? `${before} ${value}` : undefined
}

/** Which channels failed, and why: one sentence per reason, the most frequent first; at most three. */
export function fallbackNotes({ notifications }: DigestGroup): string[] {
  const failures = notifications.flatMap(({ fallbackFor }) => fallbackFor ?? [])
  const byReason = Map.groupBy(failures, ({ channel, reason }) => `${channel}\n${reason}`)
  const groups = [...byReason.values()].sort((a, b) => b.length - a.length)
  const of = notifications.length
  const notes = groups
    .slice(0, 3)
    .flatMap((group) => group.slice(0, 1).map((one) => alertText.fallbackNote(one, { count: group.length, of })))
  const rest = groups.slice(3).reduce((sum, group) => sum + group.length, 0)
  return rest === 0 ? notes : [...notes, `${rest} more ${rest === 1 ? 'alert' : 'alerts'} fell back for other reasons.`]
}

/** The rules that matched: `rule: high-error-rate`, `rules: a, b`. */
export function rules({ notifications }: DigestGroup): string {
  const names = [...new Set(notifications.map(({ rule }) => oneLine(rule)))].filter((name) => name !== '')
  if (names.length === 0) return ''
  const shown = names.length > 10 ? [...names.slice(0, 10), '…'] : names
  return `${names.length === 1 ? 'rule' : 'rules'}: ${shown.join(', ')}`
}

/**
 * Splits the items, in order, into as few parts as possible. The parts are about equally full, so that each has room left to
 * use. An item bigger than `room` gets its own part.
 */
export function inParts<Item>(items: Item[], sizeOf: (item: Item) => number, room: number): Item[][] {
  const sizes = items.map(sizeOf)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const biggest = sizes.reduce((max, size) => Math.max(max, size), 0)
  const count = fill(items, sizes, room).length
  // Each closed part is then fuller than the average, so there are never more parts than before.
  return fill(items, sizes, Math.min(room, Math.ceil(total / Math.max(1, count)) + biggest))
}

function fill<Item>(items: Item[], sizes: number[], room: number): Item[][] {
  const parts: Item[][] = []
  let left = 0
  for (const [n, item] of items.entries()) {
    const size = sizes[n] ?? 0
    const part = parts.at(-1)
    if (part === undefined || size > left) {
      parts.push([item])
      left = room - size
    } else {
      part.push(item)
      left -= size
    }
  }
  return parts
}
