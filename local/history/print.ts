import { styleText } from 'node:util'
import { duration, place, status, statusChange, statusLabel, time, title } from '../../shared/channels/in-words.ts'
import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import type { Change, Delivery, State, Story, Try } from './story.ts'

// Colour only on a terminal: `styleText` looks at stdout, NO_COLOR and FORCE_COLOR.
const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text)
const bold = style('bold')
const dim = style('dim')
const COLOUR: Record<string, (text: string) => string> = {
  delivered: style('green'),
  failed: style('red'),
  'dead letter': style('red'),
  'not tried': style('yellow'),
  waits: style('yellow'),
  'not sent': style('dim'),
}

/** A line of the timeline: when, where, and what; `word` comes first and is coloured. */
interface Line {
  at?: string | undefined
  /** Where the same happened several times. */
  repeated?: { times: number; last: string }
  who: string
  word: string
  text?: string
}

/** What is told so long after it happened is timed from when it was told: a replay, or a message that was lost for days. */
const LATE_MS = 3_600_000
type Step = Omit<Line, 'who'>

/** How much of somebody else's text a line shows; `--json` has all. */
const MAX_TEXT = 400

/** The story for a person, `width` columns wide. `hidden`: how many earlier changes are left out. */
export function storyInWords(story: Story, { width, hidden }: { width: number; hidden: number }): string {
  const earlier =
    hidden > 0 ? [dim(`${count(hidden, 'earlier change')}: --since shows more, as in --since 30d`), ''] : []
  const changes = story.changes.flatMap((change) => [...changeInWords(change, width), ''])
  return [...head(story), '', ...earlier, ...changes].join('\n').trimEnd()
}

function head({ fingerprint, state, changes }: Story): string[] {
  const alert = changes.at(-1)?.alert
  const name = state ? oneLine(state.title) : alert ? title(alert) : ''
  const resource = alert && oneLine(alert.resource)
  const where = alert && [resource === name ? '' : resource, place(alert)].filter(Boolean).join(', ')
  // What just happened has no state to be in.
  const isEvent = alert && state?.status === 'firing' && statusLabel(alert) === 'Kind'
  const now = state && (isEvent ? `${status(alert)} at ${time(state.changedAt)}` : stateInWords(state))
  return [`${bold(name)}  ${now ?? 'its last state has expired'}`, ...(where ? [where] : []), dim(oneLine(fingerprint))]
}

/** `firing since 2026-09-14 11:18:52 UTC`. */
function stateInWords({ status, changedAt, firingSince }: State): string {
  if (status === 'firing') return `firing since ${time(firingSince ?? changedAt)}`
  return `${status === 'resolved' ? 'resolved' : 'no data'} since ${time(changedAt)}`
}

function changeInWords(change: Change, width: number): string[] {
  const { alert, messages } = change
  const routedAt = messages[0]?.recordedAt ?? alert.changedAt
  const lateMs = Date.parse(routedAt) - Date.parse(alert.changedAt)
  // What was told late, or by a clock that is ahead, is timed from when it came.
  const isTimedFromChange = lateMs >= 0 && lateMs < LATE_MS
  const from = isTimedFromChange ? alert.changedAt : earliest(change)
  const late = isTimedFromChange
    ? []
    : [
        lateMs < 0
          ? `told ${elapsedInWords(-lateMs)} before that, by this clock: times count from ${exactTime(from)}`
          : `told ${elapsedInWords(lateMs)} later: times count from ${exactTime(from)}`,
      ]
  const reason = [oneLine(alert.reason ?? '')].filter(Boolean)
  return [
    `${bold(exactTime(alert.changedAt))}  ${bold(statusChange(alert))}${titleOf(change)}`,
    ...[...late, ...reason].flatMap((text) => wrap(dim, shorten(text, MAX_TEXT), width, 2)),
    ...table(linesOf(change), from, width),
  ]
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
  const { severity, rule, because, configVersion, channels, messages, deliveries } = change
  const [first, ...again] = messages
  const isSent = messages.some(({ outcome }) => outcome === 'sent')
  const to = channels.length > 0 ? `to ${channels.join(', ')}` : 'to nobody'
  return [
    { at: first?.recordedAt, who: 'routed', word: '', text: `${severity}, by rule "${oneLine(rule)}": ${to}` },
    ...because.map((step) => ({ who: '', word: '', text: `because ${oneLine(step)}` })),
    ...(configVersion === undefined ? [] : [{ who: '', word: '', text: `in version ${configVersion} of the rules` }]),
    ...(isSent ? [] : [{ who: '', word: 'not sent', text: notSent(first?.outcome) }]),
    ...deliveries.flatMap((delivery) => {
      const isExtra = !delivery.fallbackFor && !channels.includes(delivery.channel)
      return deliveryLines(delivery, isExtra ? 'as it was told, in the place of another, that it fires' : undefined)
    }),
    ...(isSent ? again : again.filter(({ outcome }) => outcome !== first?.outcome)).map(({ recordedAt }) => ({
      at: recordedAt,
      who: 'told again',
      word: '',
      text: 'by another message: not sent again',
    })),
  ]
}

function notSent(outcome: string | undefined): string {
  if (outcome === 'held') return ': it is not the time for it, or nobody had been told that it fired'
  return outcome === 'stale'
    ? ': a newer change of this alert was known when it came'
    : ': the same change had been sent before'
}

/** One notification's tries and what became of it, `width` columns wide. */
export function deliveryInWords(delivery: Delivery, changedAt: string, width: number): string[] {
  const first = delivery.tries[0]?.at ?? changedAt
  const isLate = Date.parse(first) - Date.parse(changedAt) > LATE_MS
  const from = isLate ? first : changedAt
  return [`tries   times count from ${exactTime(from)}`, ...table(deliveryLines(delivery), from, width)]
}

/** A notification's tries and what became of it, in time order. */
function deliveryLines(delivery: Delivery, why?: string): Line[] {
  const { channel, status, fallbackFor, fallbackTo, fallbackAt } = delivery
  const steps: Step[] = runs(delivery.tries)
  const now = statusNow(delivery)
  if (now) steps.push(now)
  for (const step of steps) if (step.word === 'delivered') step.text = carriedBy(delivery)
  if (fallbackTo !== undefined) {
    const told = { at: fallbackAt, word: '', text: `${fallbackTo} was told, too, as its fallback` }
    const after = steps.findIndex(({ at }) => at !== undefined && fallbackAt !== undefined && at > fallbackAt)
    steps.splice(after === -1 ? steps.length : after, 0, told)
  }
  const role = fallbackFor === undefined ? why : `as the fallback of ${fallbackFor}`
  if (role !== undefined) steps.unshift({ word: '', text: role })
  if (steps.length === 0) steps.push({ word: status })
  return steps.map((step, index) => ({ ...step, who: index === 0 ? channel : '' }))
}

const SUPERSEDED = { word: 'not sent', text: ': by then a newer change said the opposite' }

/** What the tries do not tell. */
function statusNow(delivery: Delivery): Step | undefined {
  const { status, tries, waits, error, failingSince, deliveredAt, supersededAt } = delivery
  const last = tries.at(-1)?.outcome
  const why = oneLine(error ?? '')
  if (status === 'untried') return { word: 'not tried', text: ' yet, or too long ago: its message may be in the queue' }
  if (status === 'superseded' && last !== status) return { at: supersededAt, ...SUPERSEDED }
  if (status === 'waiting') {
    const times = `kept waiting ${timesInWords(waits)}`
    const since = failingSince ? ` since ${exactTime(failingSince)}` : ''
    return { word: 'waits', text: ` for its next try; ${times}${since}${why ? `: ${why}` : ''}` }
  }
  if (status === 'failed' && last === status) return { word: 'waits', text: ' for its next try' }
  if (status === 'delivered' && last !== status) return { at: deliveredAt, word: status }
  if (status === 'dead-lettered' && last !== status) return { word: 'dead letter', text: `: ${why}` }
  return undefined
}

function timesInWords(n: number): string {
  return n === 1 ? 'once' : `${n} times`
}

function carriedBy({ tries, waits, digest, incident }: Delivery): string {
  const failed = tries.filter(({ outcome }) => outcome === 'failed').length
  return [
    ...(failed > 0 ? [` on try ${failed + 1}`] : []),
    ...(waits > 0 ? [` kept waiting ${timesInWords(waits)}`] : []),
    ...(digest ? [` in a digest with ${count(digest.of - 1, 'other alert')} (${digest.id})`] : []),
    ...(incident !== undefined ? [` in the shared incident "${oneLine(incident)}"`] : []),
  ].join(',')
}

/** A line for each try; the same again and again is one. */
function runs(tries: Try[]): Step[] {
  const all: Step[] = []
  for (const { at, outcome, reason, until } of tries) {
    const due = until === undefined ? '' : `until ${exactTime(until)}`
    const why = [oneLine(reason ?? ''), due].filter(Boolean).map((part) => `: ${part}`)
    const step = outcome === 'superseded' ? SUPERSEDED : { word: wordOf(outcome), text: why.join('') }
    const before = all.at(-1)
    if (before?.word === step.word && before.text === step.text) {
      before.repeated = { times: (before.repeated?.times ?? 1) + 1, last: at }
    } else all.push({ at, ...step })
  }
  return all
}

function wordOf(outcome: string): string {
  return outcome === 'dead-lettered' ? 'dead letter' : oneLine(outcome)
}

/** When, who and what in columns; the last is wrapped. */
function table(lines: Line[], from: string, width: number): string[] {
  const rows = lines.map(({ at, who, word, text = '', repeated }) => {
    const times = repeated ? ` (${repeated.times} times, last ${elapsed(from, repeated.last)})` : ''
    return {
      when: at ? elapsed(from, at) : '',
      who: oneLine(who),
      word,
      what: `${word}${times}${shorten(text, MAX_TEXT)}`,
    }
  })
  const whens = Math.max(8, ...rows.map(({ when }) => when.length))
  const whos = Math.max(...rows.map(({ who }) => who.length))
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

function wrap(colour: (text: string) => string, text: string, width: number, indent: number): string[] {
  return wrapped(text, width - indent).map((line) => `${' '.repeat(indent)}${colour(line)}`)
}

/** Lines of at most `width` characters, broken between words where that is possible. */
function wrapped(text: string, width: number): string[] {
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

/** `+1.2 s`, `+4 min 10 s`; `-0.1 s` for what was written down just before. */
function elapsed(from: string, at: string): string {
  const ms = Date.parse(at) - Date.parse(from)
  if (Number.isNaN(ms)) return oneLine(at)
  return `${ms < 0 ? '-' : '+'}${elapsedInWords(Math.abs(ms))}`
}

function elapsedInWords(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`
  return duration(ms) ?? ''
}

/** `2026-09-14 11:18:52.496 UTC` */
function exactTime(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? oneLine(iso) : `${at.toISOString().slice(0, 23).replace('T', ' ')} UTC`
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

/** Several alerts of which one is meant: each with its last state, and with what names it alone. */
export function matchesInWords(matches: State[], most: number): string {
  const rows = matches.slice(0, most).map((state) => ({ state, now: stateInWords(state) }))
  const width = Math.max(...rows.map(({ now }) => now.length))
  const lines = rows.flatMap(({ state, now }) => [
    `  ${now.padEnd(width)}  ${bold(shorten(oneLine(state.title), 200))}`,
    `  ${' '.repeat(width)}  ${dim(oneLine(state.fingerprint))}`,
  ])
  const more = matches.length > most ? [`  … and ${matches.length - most} more`] : []
  return [...lines, ...more].join('\n')
}
