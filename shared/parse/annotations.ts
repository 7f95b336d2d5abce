import { asObject } from '../../schemas/loose.ts'
import { agreedClaim, bestClaim, claimedSeverity } from '../alert/severity-word.ts'
import type { Draft, Envelope } from './draft.ts'
import { asLines, type Fact, factsOf, isSecret, jsonIn } from './facts.ts'
import { webLink } from './links.ts'
import { unknownSeverity } from './notes.ts'

/*
 * Annotations in an alarm's description or a message's attributes: owner, severity, runbook and dashboard. Written as
 * JSON, as lines of `key: value`, or as a first word (`SEV1 - …`, `[CRITICAL] …`). For alarms that can't be tagged, or
 * whose tags are not in the message.
 */

interface Annotations {
  severity?: string
  runbook?: string
  dashboard?: string
  summary?: string
  tags: Record<string, string>
}

/** Adds the annotations in a draft's description and its message's attributes. The draft's own values win. */
export function annotated(draft: Draft, { attributes }: Envelope): Draft {
  const written = ofDescription(isAlarm(draft.kind) ? draft.description : undefined)
  const sent = fromPairs(Object.entries(attributes ?? {}))
  const { runbook, dashboard, summary } = { ...sent, ...defined(written) }
  return {
    ...draft,
    ...(written.isJson && { description: summary ?? written.lines }),
    tags: { ...sent.tags, ...written.tags, ...draft.tags },
    ...claimOf(draft, [written.severity, sent.severity]),
    links: {
      ...draft.links,
      runbook: webLink(written.runbook) ?? draft.links?.runbook ?? runbook,
      dashboard: draft.links?.dashboard ?? dashboard,
    },
  }
}

/** The severity that the message claims, or else an annotated one. A note names a word that is not a severity. */
function claimOf(draft: Draft, written: (string | undefined)[]): Partial<Draft> {
  const own = draft.declaredSeverity
  const isPeoples = isAlarm(draft.kind) || draft.kind === 'message'
  const severity = isPeoples ? bestClaim([own, ...written]) : (own ?? bestClaim(written))
  const notes = isPeoples || own === undefined ? unknownSeverity(severity) : []
  return { declaredSeverity: severity, notes: [...(draft.notes ?? []), ...notes] }
}

/** Only alarms are described by people: in other descriptions, a pipeline's `stage` is not our environment. */
function isAlarm(kind: Draft['kind']): boolean {
  return kind.endsWith('alarm')
}

/** The keys that `annotated` reads in lines and in a message's attributes: any other may be part of a sentence. */
const TAGS =
  /^(?:team|owner|squad|service|component|app|application|product|tier|stage|env|environment|oncall|on-call|cost-?center)$/i
/** Keys whose value must be a single word, such as `staging`, and not `dev team owns it`. */
const ENVIRONMENT = /^(?:stage|env|environment)$/i
const SEVERITY = /^(?:severity|sev)$/i
const PRIORITY = /^(?:priority|prio)$/i
const RUNBOOK = /^(?:run|play)[\s_-]?book(?:[\s_-]?(?:url|link))?$/i
const DASHBOARD = /^dashboard(?:[\s_-]?(?:url|link))?$/i
const SUMMARY = /^(?:summary|message|text|description|impact)$/i

/** `key: value`, `key=value`, in Markdown's emphasis or not: `**Severity:** critical`, `- _team_ = shop`. */
const LINE = /^[\s>*_#`•-]*([A-Za-z][\w -]{1,30}?)[ \t*_`]*[:=：＝](?![:=/])[ \t*_`]*(\S.*)$/
const KNOWN = [SEVERITY, PRIORITY, TAGS, RUNBOOK, DASHBOARD]

const LEVEL = '[Ss][Ee][Vv][\\s-]?[0-5]|[Pp][\\s-]?[0-5]|CRITICAL'
/** `SEV1 - …`, `P2: …`, `P1—…`, `[P2] …`, `CRITICAL: …`; but not `p3 instances …`, and not advice: `WARNING: …`. */
const FIRST_WORD = new RegExp(
  `^[^\\p{L}\\p{N}[(]*(?:[[(](${LEVEL})[\\])]|(${LEVEL})[*_]*(?:(?::|\\s+[–—|-])[*_]*\\s|\\s*—))`,
  'u',
)

function firstWord(description: string): string | undefined {
  const [, inBrackets, word = inBrackets] = FIRST_WORD.exec(description) ?? []
  return word
}

function ofDescription(description: string | undefined): Annotations & { isJson: boolean; lines?: string } {
  if (description === undefined) return { tags: {}, isJson: false }
  const json = asObject(jsonIn(description))
  if (json) {
    const facts = factsOf(json)
    return { ...ofJson(facts), isJson: true, lines: asLines(facts) }
  }
  const text = description.slice(0, 4_000)
  const found = fromPairs(text.split(/\r\n?|\n/).flatMap(pairsIn))
  return { ...found, isJson: false, severity: bestClaim([found.severity, firstWord(text)]) }
}

/** The pair on a line; or several, if every key is known: `severity: critical | team: shop`. */
function pairsIn(line: string): [string, string][] {
  const parts = line.split(/[|,;]/).map(pairIn)
  if (parts.every(isKnown)) return parts
  const whole = pairIn(line)
  return whole ? [whole] : []
}

function isKnown(pair: [string, string] | undefined): pair is [string, string] {
  return pair !== undefined && KNOWN.some((key) => key.test(pair[0]))
}

function pairIn(text: string): [string, string] | undefined {
  const [, key, value] = LINE.exec(text) ?? []
  return key === undefined || value === undefined ? undefined : [key, unquoted(value)]
}

const QUOTES: Record<string, string> = { '"': '"', "'": "'", '`': '`', '“': '”', '‘': '’', '<': '>' }

/** Without quotes or emphasis around the whole text. */
function unquoted(value: string): string {
  const bare = value.replace(/[*_`\s]{1,10}$/, '')
  const end = QUOTES[bare[0] ?? '']
  return end !== undefined && bare.length > 2 && bare.endsWith(end) ? bare.slice(1, -1).trim() : bare
}

/** Reads keys one level down if the top level has none of them: `{"alert": {"severity": "P1"}}`. */
function ofJson(facts: Fact[]): Annotations {
  const top = fromPairs(facts, true)
  const below = fromPairs(oneDown(facts))
  return { ...below, ...defined(top), tags: { ...below.tags, ...top.tags } }
}

function oneDown(facts: Fact[]): Fact[] {
  return facts.flatMap(([label, value]): Fact[] => {
    const [parent, key, ...deeper] = label.split('.')
    return parent && key && deeper.length === 0 ? [[key, value]] : []
  })
}

/** `isWhole`: every key counts. */
function fromPairs(pairs: [string, string][], isWhole = false): Annotations {
  const claims = (name: RegExp) => pairs.flatMap(([key, value]) => (name.test(key) ? claimedSeverity(value) : []))
  const severity = bestClaim([SEVERITY, PRIORITY].map((name) => agreedClaim(claims(name))))
  const found: Annotations = { severity, tags: {} }
  for (const [key, value] of pairs) {
    if (SEVERITY.test(key) || PRIORITY.test(key)) continue
    if (RUNBOOK.test(key)) found.runbook ??= value
    else if (DASHBOARD.test(key)) found.dashboard ??= value
    else if (SUMMARY.test(key)) found.summary ??= value
    else if (ENVIRONMENT.test(key) && /\s/.test(value)) continue
    else if ((isWhole || TAGS.test(key)) && !isSecret(key)) found.tags[key] ??= value
  }
  return found
}

function defined<T extends object>(facts: T): Partial<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)) as Partial<T>
}
