import type { Alert } from '../../schemas/alert.ts'
import { DRILL, place, status, statusChange, statusLabel, time, title } from '../../shared/channels/alert-text.ts'
import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import type { Change, State } from '../../shared/history/alert-history.ts'
import { deliveryLines, LATE_MS } from './delivery-text.ts'
import { bold, describeElapsed, dim, exactTime, type Line, MAX_TEXT, table, wrapped } from './lines.ts'
import { stateNow } from './now.ts'

/** The alert and its current state, `width` columns wide. */
export function describeHead(
  { fingerprint, state, newest: alert }: { fingerprint: string; state?: State; newest?: Alert },
  width: number,
): string {
  const name = `${state?.drill === undefined ? '' : DRILL}${state ? oneLine(state.title) : alert ? title(alert) : ''}`
  const resource = alert && oneLine(alert.resource)
  const where = alert && [resource === name ? '' : resource, place(alert)].filter(Boolean).join(', ')
  // An event without a state is neither firing nor resolved.
  const isEvent = alert && state?.status === 'firing' && statusLabel(alert) === 'Kind'
  const now = state && (isEvent ? `${status(alert)} at ${time(state.changedAt)}` : describeState(state))
  return [
    `${bold(name)}  ${now ?? 'its last state has expired'}`,
    ...(where ? [where] : []),
    dim(oneLine(fingerprint)),
    ...stateNow(state, width),
  ].join('\n')
}

/** `firing since 2026-09-14 11:18:52 UTC`. */
export function describeState({ status, changedAt, firingSince }: State): string {
  if (status === 'firing') return `firing since ${time(firingSince ?? changedAt)}`
  return `${status === 'resolved' ? 'resolved' : 'no data'} since ${time(changedAt)}`
}

/** One change for a person. */
export function describeChange(change: Change, width: number): string {
  const { alert, messages } = change
  const routedAt = messages[0]?.recordedAt ?? alert.changedAt
  const lateMs = Date.parse(routedAt) - Date.parse(alert.changedAt)
  // A change that was received late, or sent by a clock that is ahead, is timed from when it was received.
  const isTimedFromChange = lateMs >= 0 && lateMs < LATE_MS
  const from = isTimedFromChange ? alert.changedAt : earliest(change)
  const late = isTimedFromChange
    ? []
    : [
        lateMs < 0
          ? `received ${describeElapsed(-lateMs)} before that by this clock; times are relative to ${exactTime(from)}`
          : `received ${describeElapsed(lateMs)} late; times are relative to ${exactTime(from)}`,
      ]
  const reason = [oneLine(alert.reason ?? '')].filter(Boolean)
  return [
    `${bold(exactTime(alert.changedAt))}  ${bold(statusChange(alert))}${titleOf(change)}`,
    ...[...late, ...reason].flatMap((text) => indented(shorten(text, MAX_TEXT), width)),
    ...table(linesOf(change), from, width),
  ].join('\n')
}

/** An event's title says what happened; an alarm's is its name. */
function titleOf({ alert }: Change): string {
  return title(alert) === oneLine(alert.name) || status(alert) === title(alert) ? '' : `  ${shorten(title(alert), 100)}`
}

function earliest({ messages, deliveries }: Change): string {
  const times = [
    ...messages.map(({ recordedAt }) => recordedAt),
    ...deliveries.flatMap((d) => d.tries.map((t) => t.at)),
  ]
  return times.filter(Boolean).sort()[0] ?? ''
}

function linesOf(change: Change): Line[] {
  const { severity, rule, configVersion, channels, held = [], releasedAt, messages, deliveries } = change
  const [first, ...again] = messages
  const outcomes = messages.map(({ outcome }) => outcome)
  const isNews = outcomes.includes('sent') || (outcomes.includes('held') && !change.isOfEarlierForm)
  const { because, whyNot } = isNews ? { because: change.because, whyNot: undefined } : notSent(change)
  const later = held.map(({ channel }) => channel).filter((channel) => !channels.includes(channel))
  const to = [
    ...(channels.length > 0 ? [`to ${channels.join(', ')}`] : []),
    ...(later.length > 0 && isNews ? [`later to ${later.join(', ')}`] : []),
  ].join('; ')
  return [
    {
      at: first?.recordedAt,
      who: 'routed',
      word: '',
      text: `${severity}, by rule "${oneLine(rule)}": ${to || 'to nobody'}`,
    },
    ...(releasedAt === undefined
      ? []
      : [{ at: releasedAt, who: '', word: '', text: 're-evaluated when its window opened' }]),
    ...because.map((step) => ({ who: '', word: '', text: `because ${oneLine(step)}` })),
    ...(configVersion === undefined ? [] : [{ who: '', word: '', text: `by version ${configVersion} of the rules` }]),
    ...(whyNot === undefined ? [] : [{ who: '', word: 'not sent', text: whyNot }]),
    ...deliveries.flatMap((delivery) => deliveryLines(delivery, roleOf(delivery, change))),
    ...(isNews ? again : again.filter(({ outcome }) => outcome !== first?.outcome)).map(({ recordedAt }) => ({
      at: recordedAt,
      who: 'duplicate',
      word: '',
      text: 'received in another message; not sent again',
    })),
  ]
}

/** Why it is a recipient, if the decision does not say. */
function roleOf(
  { channel, as, missed, fallbackFor, updates }: Change['deliveries'][number],
  change: Change,
): string | undefined {
  if (fallbackFor !== undefined || updates?.some(({ is }) => is === 'escalation')) return undefined
  if (as === 'resolved') return 'as resolved: it arrived after its own resolve'
  const isNamed = change.channels.includes(channel) || change.held?.some((one) => one.channel === channel)
  if (isNamed || missed) return undefined
  return change.isOfEarlierForm ? 'resolve for a fallback delivery' : 'still owed from an earlier decision'
}

/** The last step, if it was recorded. */
function notSent({ messages: [first], because, isOfEarlierForm }: Change): { because: string[]; whyNot: string } {
  const last = because.at(-1)
  if (!isOfEarlierForm && last !== undefined) return { because: because.slice(0, -1), whyNot: `: ${oneLine(last)}` }
  const whyNot =
    first?.outcome === 'held'
      ? ': held by a window, or the firing was never sent'
      : first?.outcome === 'stale'
        ? ': it arrived after a newer change of this alert'
        : ': the same change had been sent before'
  return { because, whyNot }
}

function indented(text: string, width: number): string[] {
  return wrapped(text, width - 2).map((line) => `  ${dim(line)}`)
}

/** Several matching alerts: each with its current state, and its fingerprint. */
export function describeMatches(matches: State[], most: number): string {
  const rows = matches.slice(0, most).map((state) => ({ state, now: describeState(state) }))
  const width = Math.max(...rows.map(({ now }) => now.length))
  const lines = rows.flatMap(({ state, now }) => [
    `  ${now.padEnd(width)}  ${bold(nameIn(state))}`,
    `  ${' '.repeat(width)}  ${dim(oneLine(state.fingerprint))}`,
  ])
  const more = matches.length > most ? [`  … and ${matches.length - most} more`] : []
  return [...lines, ...more].join('\n')
}

function nameIn({ title, drill }: State): string {
  return `${drill === undefined ? '' : DRILL}${shorten(oneLine(title), 200)}`
}
