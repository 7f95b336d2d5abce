import { asObject, asText } from '../../schemas/loose.ts'
import type { Draft, Envelope } from './draft.ts'
import { asLines, factsOf, isSecret, jsonIn } from './facts.ts'
import { webLink } from './links.ts'

/*
 * What people write into an alarm's description, or a message's attributes, for those who are told: whose it is, how bad it is,
 * where its runbook and dashboard are. As JSON, as lines of `key: value`, or as a first word (`SEV1 - …`, `[P2] …`). It is the
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
  const sent = fromPairs(attributePairs(attributes))
  const { severity, runbook, dashboard, summary } = { ...sent, ...defined(written) }
  const hasTags = Object.keys(written.tags).length + Object.keys(sent.tags).length > 0
  return {
    ...draft,
    ...(written.isJson && { description: summary ?? written.lines }),
    ...(hasTags && { tags: { ...sent.tags, ...written.tags, ...draft.tags } }),
    ...(severity !== undefined && { declaredSeverity: draft.declaredSeverity ?? severity }),
    ...((runbook ?? dashboard) !== undefined && {
      links: {
        ...draft.links,
        runbook: webLink(written.runbook) ?? draft.links?.runbook ?? runbook,
        dashboard: draft.links?.dashboard ?? dashboard,
      },
    }),
  }
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

const LINE = /^[ \t*-]*([A-Za-z][\w -]{1,30}?)[ \t]*[:=][ \t]+(\S.*)$/
/** `SEV1 - …`, `P2: …`, `[P2] …`; but not `p3 instances …`. */
const FIRST_WORD = /^\s*(?:[[(]((?:sev|p)[-\s]?[0-5])[\])]|((?:sev|p)[-\s]?[0-5])(?::|\s+[-–—|])\s)/i

function ofDescription(description: string | undefined): Annotations & { isJson: boolean; lines?: string } {
  const none = { tags: {}, isJson: false }
  if (description === undefined) return none
  const json = asObject(jsonIn(description))
  if (json) {
    const facts = factsOf(json)
    return { ...fromPairs(facts, true), isJson: true, lines: asLines(facts) }
  }
  const pairs = description
    .slice(0, 4_000)
    .split(/\r\n?|\n/)
    .flatMap((line): [string, string][] => {
      const [, key, value] = LINE.exec(line) ?? []
      return key !== undefined && value !== undefined ? [[key.trim(), value.trim()]] : []
    })
  const [, bracketed, first = bracketed] = FIRST_WORD.exec(description) ?? []
  const found = fromPairs(pairs)
  const severity = found.severity ?? first
  return { ...none, ...found, ...(severity !== undefined && { severity }) }
}

/** `isWhole`: whoever wrote it means every key. */
function fromPairs(pairs: [string, string][], isWhole = false): Annotations {
  const found: Annotations = { tags: {} }
  for (const [key, value] of pairs) {
    if (SEVERITY.test(key)) found.severity ??= value
    else if (RUNBOOK.test(key)) found.runbook ??= value
    else if (DASHBOARD.test(key)) found.dashboard ??= value
    else if (SUMMARY.test(key)) found.summary ??= value
    else if ((isWhole || TAGS.test(key)) && !isSecret(key)) found.tags[key] ??= value
  }
  return found
}

function attributePairs(attributes: unknown): [string, string][] {
  return Object.entries(asObject(attributes) ?? {}).flatMap(([name, attribute]): [string, string][] => {
    const { Type, Value } = asObject(attribute) ?? {}
    const value = Type === 'Binary' ? undefined : asText(Value)
    return value === undefined ? [] : [[name, value]]
  })
}

function defined<T extends object>(facts: T): Partial<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)) as Partial<T>
}
