import { styleText } from 'node:util'
import { duration } from '../../shared/channels/alert-text.ts'
import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import { widest } from '../wrap.ts'

type Style = (text: string) => string

// Colour only on a terminal: `styleText` checks stdout, NO_COLOR and FORCE_COLOR. Called once, because a history may
// have a million lines.
const isPlain = styleText('bold', 'x') === 'x'
const style = (format: Parameters<typeof styleText>[0]): Style => (isPlain ? String : (text) => styleText(format, text))
export const bold = style('bold')
export const dim = style('dim')
const COLOUR: Record<string, Style> = {
  delivered: style('green'),
  failed: style('red'),
  'dead letter': style('red'),
  'not attempted': style('yellow'),
  waits: style('yellow'),
  held: style('yellow'),
  'not sent': dim,
}

/** A line of the timeline: time, recipient, and event; it starts with `word`, which is coloured. */
export interface Line {
  at?: string | undefined
  /** For an event that happened several times. */
  repeated?: { times: number; last: string }
  who: string
  word: string
  text?: string
}

export type Step = Omit<Line, 'who'>

/** The maximum length of foreign text in a line; `--json` has all of it. */
export const MAX_TEXT = 400

/** Time, recipient and event in columns; the last is wrapped. */
export function table(lines: Line[], from: string, width: number): string[] {
  const rows = lines.map(({ at, who, word, text = '', repeated }) => {
    const times = repeated ? ` (${repeated.times} times, last ${elapsed(from, repeated.last)})` : ''
    return {
      when: at ? elapsed(from, at) : '',
      who: oneLine(who),
      word,
      what: `${word}${times}${shorten(text, MAX_TEXT)}`,
    }
  })
  const whens = Math.max(8, widest(rows.map(({ when }) => when)))
  const whos = widest(rows.map(({ who }) => who))
  const indent = 2 + whens + 2 + whos + 2
  return rows.flatMap(({ when, who, word, what }) => {
    const [first = '', ...rest] = wrapped(what, Math.max(30, width - indent))
    const coloured = `${(COLOUR[word] ?? String)(word)}${first.slice(word.length)}`
    return [
      `  ${dim(when.padStart(whens))}  ${who.padEnd(whos)}  ${coloured}`.trimEnd(),
      ...rest.map((line) => `${' '.repeat(indent)}${line}`),
    ]
  })
}

/** Lines of at most `width` characters, broken between words if possible. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const end = space > width / 2 ? space : width
    lines.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

/** `+1.2 s`, `+4 min 10 s`; `-0.1 s` for what was recorded just before. */
function elapsed(from: string, at: string): string {
  const ms = Date.parse(at) - Date.parse(from)
  if (Number.isNaN(ms)) return oneLine(at)
  return `${ms < 0 ? '-' : '+'}${describeElapsed(Math.abs(ms))}`
}

export function describeElapsed(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`
  return duration(ms) ?? ''
}

/** `2026-09-14 11:18:52.496 UTC` */
export function exactTime(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? oneLine(iso) : `${at.toISOString().slice(0, 23).replace('T', ' ')} UTC`
}

export function describeTimes(n: number): string {
  return n === 1 ? 'once' : `${n} times`
}
