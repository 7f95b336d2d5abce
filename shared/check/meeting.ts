import { type Conjunction, type Literal, SEVERAL } from '../conditions/conjunction.ts'
import { globBeginning } from '../decide/pattern.ts'
import type { AnalysedRule } from './analysed.ts'

/**
 * Which rules may match the same alert, for rules that name values or what they begin with: of ten thousand that each name a
 * service, those of the same service. Each conjunction is indexed by its rarest values.
 */
export class Meetings {
  readonly #byField = new Map<string, Values>()
  readonly #rest: AnalysedRule[] = []

  constructor(rules: readonly AnalysedRule[]) {
    const counts = countsOf(rules)
    for (const rule of rules) {
      for (const conjunction of rule.conjunctions ?? []) this.#add(rule, rarest(conjunction, counts))
    }
  }

  #add(rule: AnalysedRule, named: Named | undefined): void {
    if (!named) {
      this.#rest.push(rule)
      return
    }
    const values = this.#byField.get(named.field) ?? new Values()
    this.#byField.set(named.field, values)
    for (const beginning of named.beginnings) values.add(beginning, rule)
  }

  /** The later rules that may match the same alert, in order. Includes every rule that does. */
  below({ index, conjunctions = [] }: AnalysedRule): AnalysedRule[] {
    const found = new Set(this.#rest)
    for (const [field, values] of this.#byField) {
      for (const conjunction of conjunctions) {
        const [own] = (conjunction.byField.get(field) ?? []).flatMap(listOf)
        const met = own ? own.beginnings.flatMap((beginning) => values.meeting(beginning)) : values.all
        for (const rule of met) found.add(rule)
      }
    }
    return [...found].filter((rule) => rule.index > index).sort((a, b) => a.index - b.index)
  }
}

/** A value, or what values begin with. */
interface Beginning {
  text: string
  isWhole: boolean
}

/** The values of a field of which a literal wants one. */
interface Named {
  field: string
  beginnings: Beginning[]
}

/** `undefined`: it wants none, or is not as simple. */
function namedBy({ field, wanted, exacts, others }: Literal): Named | undefined {
  if (!wanted || field === SEVERAL) return undefined
  const begins = others.map(({ form, text }) => (form === 'glob' ? globBeginning(text) : ''))
  if (begins.includes('')) return undefined
  const whole = [...exacts].map((text) => ({ text, isWhole: true }))
  return { field, beginnings: [...whole, ...begins.map((text) => ({ text, isWhole: false }))] }
}

/** The rules that name values of one field. */
class Values {
  readonly all: AnalysedRule[] = []
  readonly #whole = new Map<string, AnalysedRule[]>()
  readonly #begins = new Map<string, AnalysedRule[]>()
  readonly #lengths = new Set<number>()
  /** All texts in order, so that those that begin alike are beside each other; made on first use. */
  #inOrder: string[] | undefined

  add({ text, isWhole }: Beginning, rule: AnalysedRule): void {
    this.all.push(rule)
    this.#inOrder = undefined
    const rules = isWhole ? this.#whole : this.#begins
    const others = rules.get(text)
    if (others) others.push(rule)
    else rules.set(text, [rule])
    if (!isWhole) this.#lengths.add(text.length)
  }

  /** Those that some value fits that fits this, too. */
  meeting({ text, isWhole }: Beginning): AnalysedRule[] {
    const shorter = [...this.#lengths].flatMap((length) => {
      return length <= text.length ? (this.#begins.get(text.slice(0, length)) ?? []) : []
    })
    const longer = isWhole ? [text] : this.#beginningWith(text)
    return [...shorter, ...longer.flatMap((one) => this.#whole.get(one) ?? []), ...this.#longer(longer, text)]
  }

  #longer(texts: string[], than: string): AnalysedRule[] {
    return texts.flatMap((one) => (one.length > than.length ? (this.#begins.get(one) ?? []) : []))
  }

  #beginningWith(text: string): string[] {
    this.#inOrder ??= [...new Set([...this.#whole.keys(), ...this.#begins.keys()])].sort(byCharacter)
    const first = firstFrom(this.#inOrder, text)
    let end = first
    while (this.#inOrder[end]?.startsWith(text)) end++
    return this.#inOrder.slice(first, end)
  }
}

const byCharacter = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Where a text is in a sorted list, or would be. */
function firstFrom(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') < text) low = middle + 1
    else high = middle
  }
  return low
}

function keyOf(field: string, { text, isWhole }: Beginning): string {
  return `${field}\n${isWhole ? '=' : '^'}${text}`
}

function countsOf(rules: readonly AnalysedRule[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { conjunctions = [] } of rules) {
    for (const { field, beginnings } of conjunctions.flatMap(({ literals }) => literals.flatMap(listOf))) {
      for (const one of beginnings) counts.set(keyOf(field, one), (counts.get(keyOf(field, one)) ?? 0) + 1)
    }
  }
  return counts
}

const listOf = (literal: Literal) => namedBy(literal) ?? []

/** Whole values first: what a value begins with may be short. */
function rarest({ literals }: Conjunction, counts: Map<string, number>): Named | undefined {
  const shared = ({ field, beginnings }: Named) => {
    return beginnings.reduce((sum, one) => sum + (counts.get(keyOf(field, one)) ?? 0), 0)
  }
  const isWhole = ({ beginnings }: Named) => beginnings.every((one) => one.isWhole)
  return literals
    .flatMap(listOf)
    .map((named) => ({ named, isWhole: isWhole(named), by: shared(named) }))
    .sort((a, b) => Number(b.isWhole) - Number(a.isWhole) || a.by - b.by)[0]?.named
}
