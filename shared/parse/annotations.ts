import { asObject } from '../../schemas/loose.ts'
import { bestClaim, claimedSeverity, severityOfWord } from '../decide/severity-word.ts'
import type { Draft, Envelope } from './draft.ts'
import { asLines, type Fact, factsOf, isSecret, jsonIn } from './facts.ts'
import { webLink } from './links.ts'
import { unknownSeverity } from './notes.ts'

/*
 * What people write into an alarm's description, or a message's attributes, for those who are told: whose it is, how bad it is,
 * where its runbook and dashboard are. As JSON, as lines of `key: value`, or as a first word (`SEV1 - …`, `[CRITICAL] …`). It is the
 * way to annotate what can't be tagged, or whose tags a message does not tell.
 */

interface Annotations {
  severity?: string
  runbook?: string
  dashboard?: string
  summary?: string
  tags: Record<string, string>
}

/** A draft with what its description and its message's attributes say of it; what it says by itself stands. */
export function annotated(draft: Draft, { attributes }: Envelope): Draft {
  const written = ofDescription(isAlarm(draft.kind) ? draft.description : undefined)
  const sent = fromPairs(Object.entries(attributes ?? {}))
  const { runbook, dashboard, summary } = { ...sent, ...defined(written) }
  const hasTags = Object.keys(written.tags).length + Object.keys(sent.tags).length > 0
  return {
    ...draft,
    ...(written.isJson && { description: summary ?? written.lines }),
    ...(hasTags && { tags: { ...sent.tags, ...written.tags, ...draft.tags } }),
    ...claimOf(draft, [written.severity, sent.severity]),
    ...((runbook ?? dashboard) !== undefined && {
      links: {
        ...draft.links,
        runbook: webLink(written.runbook) ?? draft.links?.runbook ?? runbook,
        dashboard: draft.links?.dashboard ?? dashboard,
      },
    }),
  }
}

/** The severity that the message claims, or else one that people have written. A note names a word that means none. */
function claimOf(draft: Draft, written: (string | undefined)[]): Partial<Draft> {
  const own = draft.declaredSeverity
  const isPeoples = isAlarm(draft.kind) || draft.kind === 'message'
  const severity = isPeoples ? bestClaim([own, ...written]) : (own ?? bestClaim(written))
  if (severity === undefined) return {}
  const notes = isPeoples || own === undefined ? unknownSeverity(severity) : []
  return { declaredSeverity: severity, ...(notes.length > 0 && { notes: [...(draft.notes ?? []), ...notes] }) }
}

/** What others than people describe holds their own words: a pipeline's stage is none of ours. */
function isAlarm(kind: Draft['kind']): boolean {
  return kind.endsWith('alarm')
}

/** What `annotated` looks for in lines, and in a message's attributes: any other key may be part of a sentence. */
const TAGS =
  /^(?:team|owner|squad|service|component|app|application|product|tier|stage|env|environment|oncall|on-call|cost-?center)$/i
const SEVERITY = /^(?:severity|sev|priority|prio)$/i
const RUNBOOK = /^(?:run|play)[\s_-]?book(?:[\s_-]?(?:url|link))?$/i
const DASHBOARD = /^dashboard(?:[\s_-]?(?:url|link))?$/i
const SUMMARY = /^(?:summary|message|text|description|impact)$/i

/** `key: value`, `key=value`, in Markdown's emphasis or not: `**Severity:** critical`, `- _team_ = shop`. */
const LINE = /^[\s>*_#`•-]*([A-Za-z][\w -]{1,30}?)[ \t*_`]*[:=：＝](?![:=/])[ \t*_`]*(\S.*)$/
const KEYS = [SEVERITY, TAGS, RUNBOOK, DASHBOARD].map(({ source }) => source.slice(1, -1)).join('|')
/** Before the next pair on a line: `severity: critical | team: shop`, `severity=critical team=shop`. */
const NEXT_PAIR = new RegExp(`(?:[|;,][ \\t]{0,3}|[ \\t])(?=(?:${KEYS})[ \\t]?[:=：＝])`, 'i')

const LEVEL = '(?:sev|p)[\\s-]?[0-5]'
/** `SEV1 - …`, `P2: …`, `P1—…`, `[P2] …`; but not `p3 instances …`. */
const FIRST_LEVEL = new RegExp(
  `^[^\\p{L}\\p{N}[(]*(?:[[(](${LEVEL})[\\])]|(${LEVEL})[*_]*(?:(?::|\\s+[–—|-])[*_]*\\s|\\s*[–—]))`,
  'iu',
)
/**
 * `[CRITICAL] …`, `[WARNING] …`: a word alone in brackets, in capitals. Without brackets only what raises an alert counts
 * (`CRITICAL: …`), as `WARNING: do not restart it by hand` is advice.
 */
const FIRST_WORD = /^[^\p{L}\p{N}[(]*(?:[[(]([A-Z]{2,20})[\])]|([A-Z]{2,20})[*_]*(?::[*_]*\s|\s+[–—|-]\s|[–—]))/u

function firstWord(description: string): string | undefined {
  const [, inBrackets, level = inBrackets] = FIRST_LEVEL.exec(description) ?? []
  if (level !== undefined) return level
  const [, bracketed, plain] = FIRST_WORD.exec(description) ?? []
  const meant = severityOfWord(bracketed ?? plain ?? '')
  return meant === 'critical' || (meant && bracketed !== undefined) ? (bracketed ?? plain) : undefined
}

function ofDescription(description: string | undefined): Annotations & { isJson: boolean; lines?: string } {
  if (description === undefined) return { tags: {}, isJson: false }
  const json = asObject(jsonIn(description))
  if (json) {
    const facts = factsOf(json)
    return { ...ofJson(facts), isJson: true, lines: asLines(facts) }
  }
  const text = description.slice(0, 4_000)
  const found = fromPairs([...text.split(/\r\n?|\n/).flatMap(pairsIn), ...pairsAtTheEnd(description)])
  const severity = bestClaim([found.severity, firstWord(text)])
  return { ...found, isJson: false, ...(severity !== undefined && { severity }) }
}

/** The pair on a line. Where its key is a severity or a tag, the line may hold more pairs. */
function pairsIn(line: string): [string, string][] {
  const whole = pairIn(line)
  if (!whole || !(SEVERITY.test(whole[0]) || TAGS.test(whole[0]))) return whole ? [whole] : []
  return line.split(NEXT_PAIR).flatMap((part) => {
    const pair = pairIn(part)
    return pair ? [pair] : []
  })
}

function pairIn(text: string): [string, string] | undefined {
  const [, key, value] = LINE.exec(text) ?? []
  return key === undefined || value === undefined ? undefined : [key.trim(), unquoted(value.trim())]
}

const QUOTES: Record<string, string> = { '"': '"', "'": "'", '`': '`', '“': '”', '‘': '’', '<': '>' }

/** Without the quotes or the emphasis around the whole of it. */
function unquoted(value: string): string {
  const bare = value.replace(/[*_`\s]{1,10}$/, '')
  const end = QUOTES[bare[0] ?? '']
  return end !== undefined && bare.length > 2 && bare.endsWith(end) ? bare.slice(1, -1).trim() : bare
}

/** The pairs of JSON that ends the text: `Owned by us. {"severity": "P1"}`. */
function pairsAtTheEnd(description: string): [string, string][] {
  const json = asObject(jsonIn(description.slice(Math.max(0, description.indexOf('{')))))
  if (!json) return []
  const found = factsOf(json)
  return [...found, ...oneDown(found)]
}

/** Keys one level down count where the top has none of them: `{"alert": {"severity": "P1"}}`. */
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

/** `isWhole`: whoever wrote it means every key. */
function fromPairs(pairs: [string, string][], isWhole = false): Annotations {
  const found: Annotations = { tags: {} }
  for (const [key, value] of pairs) {
    if (SEVERITY.test(key)) found.severity ??= claimedSeverity(value)
    else if (RUNBOOK.test(key)) found.runbook ??= value
    else if (DASHBOARD.test(key)) found.dashboard ??= value
    else if (SUMMARY.test(key)) found.summary ??= value
    else if ((isWhole || TAGS.test(key)) && !isSecret(key)) found.tags[key] ??= value
  }
  return found
}

function defined<T extends object>(facts: T): Partial<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)) as Partial<T>
}
