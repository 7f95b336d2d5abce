import { readRegex } from '../decide/regex.ts'
import type { Sent } from '../player/step.ts'
import { said, says } from './said.ts'
import type { Expectation, ExpectLine } from './story-line.ts'

/** A message that must be sent within a time, ms since 1970; both ends are included. */
export interface Wanted {
  line: ExpectLine
  what: Expectation
  from: number
  to: number
}

export interface Comparison {
  /** What each message was expected by; one that is not in it was not expected. */
  covered: Map<Sent, Wanted>
  missing: Wanted[]
  /** Messages that were not expected, but would have been with another text. */
  saysOther: Set<Sent>
}

/** Each message covers one expectation at most, and as many as possible do. `alerts`: their keys, by name. */
export function compare(sent: Sent[], wanted: Wanted[], alerts: Map<string, string>): Comparison {
  const covered = matched(sent, wanted, alerts)
  const found = new Set(covered.values())
  const missing = wanted.filter((want) => !found.has(want))
  const ofAnyText = missing.map((want) => ({ ...want, what: { ...want.what, saying: undefined } }))
  const isOther = (one: Sent) => !covered.has(one) && ofAnyText.some((want) => covers(want, one, alerts))
  return { covered, missing, saysOther: new Set(sent.filter(isOther)) }
}

function matched(sent: Sent[], wanted: Wanted[], alerts: Map<string, string>): Map<Sent, Wanted> {
  const inTurn = wanted.toSorted((a, b) => a.to - b.to)
  const by = new Map<Wanted, Sent>()
  /** Finds a place for a message, if need be by giving another message another place. */
  const place = (one: Sent, tried: Set<Wanted>): boolean => {
    for (const want of inTurn) {
      if (tried.has(want) || !covers(want, one, alerts)) continue
      tried.add(want)
      const other = by.get(want)
      if (other && !place(other, tried)) continue
      by.set(want, one)
      return true
    }
    return false
  }
  for (const one of sent) place(one, new Set())
  return new Map([...by].map(([want, one]) => [one, want]))
}

function covers({ what, from, to }: Wanted, one: Sent, alerts: Map<string, string>): boolean {
  return (
    from <= one.at &&
    one.at <= to &&
    what.channel === one.channel &&
    what.kind === one.kind &&
    (what.fallbackFor === undefined || what.fallbackFor === one.fallbackFor) &&
    (what.alert === undefined || alerts.get(what.alert) === one.alert) &&
    (what.saying === undefined || says(said(one.notification), what.saying))
  )
}

/** `email cpu firing for pagerduty`: as one would expect it. */
export function messageText({ channel, alert, kind, fallbackFor, saying }: Expectation): string {
  const words = [channel, alert, kind, fallbackFor && `for ${fallbackFor}`].filter(Boolean).join(' ')
  if (saying === undefined) return words
  return `${words}, saying ${readRegex(saying) ? saying : `"${saying}"`}`
}
