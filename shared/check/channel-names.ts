import type { Config } from '../../schemas/config.ts'
import { type Conjunction, isContradictory, optionsFor, SEVERAL, withLiterals } from '../conditions/conjunction.ts'
import { channelNow } from '../decide/channel-now.ts'
import { writtenIn } from '../decide/channels-by-field.ts'
import { isFixed, isOfAlert, readFilling, type Slot, valueIn } from '../decide/fill.ts'
import { type AnalysedConfig, type AnalysedRule, momentOf } from './analysed.ts'
import { type Finding, named, type Path } from './finding.ts'
import { checkInTime, type HasTime } from './time.ts'

/** What a text may become. `isOpen`: anything else, too. */
interface Possible {
  known: Set<string>
  isOpen: boolean
}

const OPEN: Possible = { known: new Set(), isOpen: true }
/** Of more, no person wants to read. */
const MAX_KNOWN = 1_000

/**
 * Channels whose names have slots (`slack-{team}`), and values that are known for them (texts, tables, what `when` lists)
 * for which there is no such channel.
 */
export function missingChannels(
  { config, rules }: AnalysedConfig,
  hasTime: HasTime,
): { found: Finding[]; left: AnalysedRule[] } {
  const byValue = rules.filter(({ rule }) => !writtenIn(rule.channels).every(isFixed))
  return checkInTime(byValue, hasTime, ({ index, rule }) => {
    const path = ['rules', index, 'channels', ...(Array.isArray(rule.channels) ? [] : ['add'])]
    return writtenIn(rule.channels).flatMap((written, at): Finding[] => {
      if (isFixed(written)) return []
      const { known } = possibleText(written, { config, rules, decided: index, at: index })
      const missing = [...known].filter((name) => channelNow(config.channels, name) === undefined)
      return missing.length === 0 ? [] : [findingOf(written, missing, [...path, at])]
    })
  })
}

function findingOf(written: string, missing: string[], path: Path): Finding {
  const isOne = missing.length === 1
  const there = isOne ? 'there is no such channel' : 'there are no such channels'
  return {
    code: 'no-such-channel',
    path,
    message: `"${written}" may be ${named(missing, 5)}, and ${there}: such alerts go to the channels of their severity`,
    fix: isOne ? 'Define it, or correct the value' : 'Define them, or correct the values',
  }
}

/** A text of rule `at`, for the alerts that it and the rule `decided` match. */
interface About {
  config: Config
  rules: AnalysedRule[]
  at: number
  decided: number
}

/** What a text of a rule may become. */
function possibleText(text: string, about: About): Possible {
  return readFilling(text).reduce<Possible>(
    (all, part) => {
      const more = typeof part === 'string' ? { known: new Set([part]), isOpen: false } : possibleSlot(part, about)
      if (all.known.size * more.known.size > MAX_KNOWN) return OPEN
      const known = [...all.known].flatMap((one) => [...more.known].map((other) => one + other))
      return { known: new Set(known), isOpen: all.isOpen || more.isOpen }
    },
    { known: new Set(['']), isOpen: false },
  )
}

function possibleSlot(slot: Slot, about: About): Possible {
  const { tables } = about.config
  const { known, isOpen } = isOfAlert(slot.field) ? listed(slot.field, about) : possibleValue(slot.field, about)
  const found = [...known].flatMap((raw) => {
    const part = valueIn([raw], slot, tables)
    return 'value' in part ? part.value : []
  })
  if (!isOpen || slot.table === undefined) return { known: new Set(found), isOpen }
  // Whatever it is, it becomes one of the table's.
  const entries = Object.hasOwn(tables ?? {}, slot.table) ? (tables?.[slot.table] ?? {}) : {}
  return { known: new Set(Object.values(entries)), isOpen: false }
}

/** The values of a field that the `when`s of both rules list. */
function listed(field: string, { rules, at, decided }: About): Possible {
  const [setter, decider] = [rules[at]?.conjunctions, rules[decided]?.conjunctions]
  if (!setter || !decider) return OPEN
  const both = at === decided ? setter : setter.flatMap((a) => decider.map((b) => withLiterals(a, b.literals)))
  const each = both.filter((one) => !isContradictory(one)).map((one) => listedIn(one, field))
  if (each.some((one) => one === undefined)) return OPEN
  return { known: new Set(each.flatMap((one) => one ?? [])), isOpen: false }
}

function listedIn(conjunction: Conjunction, field: string): string[] | undefined {
  const options = field === SEVERAL ? undefined : optionsFor(conjunction, field)
  if (!options?.every((option) => 'value' in option)) return undefined
  return options.flatMap((option) => ('value' in option ? (option.value ?? []) : []))
}

/** What this rule, and those before it that continue, may have set. */
function possibleValue(name: string, about: About): Possible {
  const { rules, at } = about
  const setters = rules.slice(0, at + 1).filter(({ index, rule: { set = {}, continue: goesOn } }) => {
    return Object.hasOwn(set, name) && (index === at || goesOn)
  })
  const asked = setters.at(-1)?.index === at ? OPEN : listed(momentOf(name, at, rules), { ...about, at })
  if (!asked.isOpen) return asked
  const all = setters.map(({ index, rule }) => possibleText(rule.set?.[name] ?? '', { ...about, at: index }))
  return { known: new Set(all.flatMap(({ known }) => [...known])), isOpen: all.some(({ isOpen }) => isOpen) }
}
