import { time } from '../../shared/channels/alert-text.ts'
import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import type { Recipient } from '../../shared/decide/alert-state.ts'
import { knowsOfIt } from '../../shared/decide/marks.ts'
import type { State } from './alert-history.ts'
import { describeTimes, dim, MAX_TEXT, wrapped } from './lines.ts'

type RecipientNow = Omit<Recipient, 'log'>

/** More recipients than these nobody reads at once. */
const MOST = 20

/** Who is owed something now, or knows that it fires: a line for each. */
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

/** `knows that it fires (told 2026-…); is owed that it is over: next try …`. */
export function describeRecipient(one: RecipientNow, once?: true): string {
  const isNow = (status: string) => (once ? 'it happened' : asState(status))
  const { notified, owed, maybe, goneSince } = one
  return [
    ...(notified ? [`knows that ${isNow(notified.status)}, told ${time(notified.notifiedAt)}`] : []),
    ...(maybe && !owed && !notified ? ['may know of it: what came of a message is not known'] : []),
    ...(owed ? [`is owed that ${owed.missed ? 'it fired and is over' : isNow(owed.status)}${howOwed(one)}`] : []),
    ...(goneSince ? [`the rules name no such channel since ${time(goneSince)}`] : []),
  ].join('; ')
}

function asState(status: string): string {
  return status === 'firing' ? 'it fires' : status === 'resolved' ? 'it is over' : 'it has no data'
}

function howOwed({ owed, dead, lease, nextTryAt, lookAt, tries, waits, fallbackTo }: RecipientNow): string {
  const parts = [
    ...(owed?.until ? [`held until ${time(owed.until)}${owed.why ? ` (${oneLine(owed.why)})` : ''}`] : []),
    ...(dead ? [`a dead letter since ${time(dead.at)} (${oneLine(dead.reason)})`] : []),
    ...(lease && lease.until > Date.now() ? ['being sent'] : []),
    ...(tries > 0 ? [`failed ${describeTimes(tries)}`] : []),
    ...(waits > 0 ? [`kept waiting ${describeTimes(waits)}`] : []),
    ...(nextTryAt ? [`tried again at ${time(nextTryAt)}`] : []),
    ...(!owed?.until && !dead && !nextTryAt && lookAt ? [`looked after at ${time(lookAt)}`] : []),
    ...(fallbackTo ? [`told to ${fallbackTo.split(' for ', 1)[0]} in its place`] : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}
