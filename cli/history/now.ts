import { time } from '../../shared/channels/alert-text.ts'
import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import type { Recipient } from '../../shared/decide/alert-state.ts'
import { knowsOfIt } from '../../shared/decide/marks.ts'
import type { State } from '../../shared/history/alert-history.ts'
import { describeTimes, dim, MAX_TEXT, wrapped } from './lines.ts'

type RecipientNow = Omit<Recipient, 'log'>

/** The number of recipients that are shown. */
const MOST = 20

/** Recipients that are owed something, or have received the firing: a line for each. */
export function stateNow(state: State | undefined, width: number): string[] {
  if (state?.once) return lines(state, width, ({ owed }) => owed !== undefined)
  return state ? lines(state, width, (one) => one.owed !== undefined || knowsOfIt(one as Recipient)) : []
}

function lines({ recipients = {}, once }: State, width: number, isShown: (one: RecipientNow) => boolean): string[] {
  const shown = Object.entries(recipients).filter(([, one]) => isShown(one))
  const column = Math.max(0, ...shown.slice(0, MOST).map(([name]) => oneLine(name).length)) + 2
  const all = shown.slice(0, MOST).flatMap(([name, one]) => {
    const [first = '', ...more] = wrapped(shorten(describeRecipient(one, once), MAX_TEXT), width - column - 2)
    return [`  ${oneLine(name).padEnd(column)}${first}`, ...more.map((line) => ' '.repeat(column + 2) + line)]
  })
  return [...all, ...(shown.length > MOST ? [dim(`  … and ${shown.length - MOST} more`)] : [])]
}

/** `received the firing at 2026-…; is owed the resolve: next attempt …`. */
export function describeRecipient(one: RecipientNow, once?: true): string {
  const isNow = (status: string) => (once ? 'the event' : asState(status))
  const { notified, owed, maybe, goneSince } = one
  return [
    ...(notified ? [`received ${isNow(notified.status)} at ${time(notified.notifiedAt)}`] : []),
    ...(maybe && !owed && !notified ? ['may have received it: the outcome of a delivery is unknown'] : []),
    ...(owed ? [`is owed ${owed.missed ? 'the firing and the resolve' : isNow(owed.status)}${howOwed(one)}`] : []),
    ...(goneSince ? [`removed from the rules at ${time(goneSince)}`] : []),
  ].join('; ')
}

function asState(status: string): string {
  return status === 'firing' ? 'the firing' : status === 'resolved' ? 'the resolve' : 'the missing data'
}

function howOwed({ owed, dead, lease, nextTryAt, lookAt, tries, waits, fallbackTo }: RecipientNow): string {
  const parts = [
    ...(owed?.until
      ? [`held${owed.isOpen ? '' : ` until ${time(owed.until)}`}${owed.why ? ` (${oneLine(owed.why)})` : ''}`]
      : []),
    ...(dead ? [`a dead letter since ${time(dead.at)} (${oneLine(dead.reason)})`] : []),
    ...(lease && lease.until > Date.now() ? ['being sent'] : []),
    ...(tries > 0 ? [`failed ${describeTimes(tries)}`] : []),
    ...(waits > 0 ? [`delayed ${describeTimes(waits)}`] : []),
    ...(nextTryAt ? [`next attempt at ${time(nextTryAt)}`] : []),
    ...(!owed?.until && !dead && !nextTryAt && lookAt ? [`checked at ${time(lookAt)}`] : []),
    ...(fallbackTo ? [`sent to fallback ${fallbackTo.split(' for ', 1)[0]}`] : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}
