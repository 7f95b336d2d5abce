import { type Config, VALUE_FIELD } from '../../schemas/config.ts'
import {
  type Conjunction,
  isContradictory,
  literalOf,
  optionsFor,
  SEVERAL,
  textsOf,
  withLiterals,
} from '../conditions/conjunction.ts'
import { didYouMean } from '../config/allowed.ts'
import { channelNow } from '../decide/channel-now.ts'
import { writtenIn } from '../decide/channels-by-field.ts'
import { isFixed, isOfAlert, readFilling, type Slot, slotsIn, valueIn } from '../decide/fill.ts'
import { isNot } from '../decide/pattern.ts'
import { fillable } from '../decide/values.ts'
import { type AnalysedConfig, type AnalysedRule, momentOf } from './analysed.ts'
import { type Finding, named, type Path } from './finding.ts'
import { linesIn } from './lines.ts'
import { checkInTime, type HasTime } from './time.ts'
import { asksForValues } from './value-examples.ts'

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

/** Values that a `when` asks for, and that no rule before it sets: misspelt, most often. */
export function valuesNeverSet(
  { config, rules }: AnalysedConfig,
  hasTime: HasTime,
): { found: Finding[]; left: AnalysedRule[] } {
  const asking = rules.filter(({ rule }) => asksForValues(rule.when))
  return checkInTime(asking, hasTime, ({ index, rule }) =>
    linesIn(rule.when, ['rules', index, 'when']).flatMap(({ field, pattern, path, isWanted }): Finding[] => {
      if (!field.startsWith(VALUE_FIELD) || !isWanted || isNot(pattern)) return []
      const name = field.slice(VALUE_FIELD.length)
      const { known, isOpen } = possiblySet(name, { config, rules, decided: index, at: index - 1 })
      const missing = textsOf(literalOf(field, pattern, config.sets)).filter(({ matches }) => ![...known].some(matches))
      const texts = missing.map(({ text }) => text)
      if (isOpen || texts.length === 0) return []
      return [
        {
          code: 'value-never-set',
          path,
          message: `no rule above sets the value ${name} to ${named(texts)}`,
          fix: `${didYouMean(texts[0] ?? '', [...known])}They set ${named([...known]) || 'none'}`,
        },
      ]
    }),
  )
}

/** Values that are set, and that no rule, channel or template uses. */
export function unusedValues({ rules, channels }: Config): Finding[] {
  const worded = [...rules, ...Object.values(channels)]
  const used = new Set([
    ...rules.flatMap((rule) => fillable(rule).flatMap((text) => slotsIn(text).map(({ field }) => field))),
    ...rules.flatMap(({ when }) => linesIn(when, []).map(({ field }) => field)),
    ...worded.flatMap(({ groupBy = [] }) => groupBy),
    ...worded.flatMap(({ title = '', text = '' }) =>
      [...`${title} ${text}`.matchAll(IN_TEMPLATE)].map(([, name]) => name),
    ),
  ])
  const seen = new Set<string>()
  return rules.flatMap(({ set = {} }, index) =>
    Object.keys(set).flatMap((name): Finding[] => {
      if (used.has(name) || used.has(`${VALUE_FIELD}${name}`) || seen.has(name)) return []
      seen.add(name)
      return [
        {
          code: 'unused-value',
          path: ['rules', index, 'set', name],
          message: `nothing uses the value ${name}: it is only shown`,
          fix: `Use it, as in channels: ["slack-{${name}}"] or when: { values.${name}: … }, or remove it`,
        },
      ]
    }),
  )
}

const IN_TEMPLATE = /\{\{[#^]?\s*(values\.[\w-]+)\s*\}\}/g

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

function settersOf(name: string, { rules, at }: About): AnalysedRule[] {
  return rules
    .slice(0, at + 1)
    .filter(({ index, rule: { set = {}, continue: goesOn } }) => Object.hasOwn(set, name) && (index === at || goesOn))
}

function possibleValue(name: string, about: About): Possible {
  const { rules, at } = about
  const setters = settersOf(name, about)
  const asked = setters.at(-1)?.index === at ? OPEN : listed(momentOf(name, at, rules), { ...about, at })
  return asked.isOpen ? possiblySet(name, about) : asked
}

/** What this rule, and those before it that continue, may have set, whatever its `when` asks of it. */
function possiblySet(name: string, about: About): Possible {
  const setters = settersOf(name, about)
  const all = setters.map(({ index, rule }) => possibleText(rule.set?.[name] ?? '', { ...about, at: index }))
  return { known: new Set(all.flatMap(({ known }) => [...known])), isOpen: all.some(({ isOpen }) => isOpen) }
}
