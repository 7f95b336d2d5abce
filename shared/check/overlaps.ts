import { type Conjunction, excludes, implies, withLiterals } from '../conditions/conjunction.ts'
import { type Example, examplesOf } from '../conditions/example.ts'
import { type AnalysedConfig, type AnalysedRule, GIVEN, type GivenBy, givenBy, hasTimes } from './analysed.ts'
import { type Finding, type IsSuppressed, named } from './finding.ts'
import { Meetings } from './meeting.ts'
import { checkInTime, type HasTime } from './time.ts'

/** The most alerts tried per pair of rules. */
const MAX_EXAMPLES = 5
/** Of one rule, the most of each level: where rules name different fields, any two of thousands overlap. */
const MAX_OF_RULE = 20
/** The most rules with a warning, and with a note: nobody reads more at once. */
export const MAX_RULES = 100

interface How {
  /** Rules already reported as dead. */
  dead: ReadonlySet<string>
  isSuppressed: IsSuppressed
  /** A team's file comes before the shared one: its rules are meant to win. */
  fileOf(rule: AnalysedRule): string
  hasTime: HasTime
}

interface Overlap {
  later: AnalysedRule
  example: Example
  isNote: boolean
}

const LAST = `. ${MAX_RULES} rules have such a note; of the rules below none is looked for`

/**
 * Rules that can match the same alert, neither being the exception to the other, and that give it different severities, or
 * notify nobody: which one is meant to win? Each with an example alert that the earlier rule wins.
 *
 * Most rules overlap for some alert. It is a warning when the earlier rule is less severe, because then nobody is woken, and
 * when both name values of the same field, because then the order was probably not considered. The rest are notes.
 */
export function overlappingRules(
  { rules, compiled }: AnalysedConfig,
  { dead, isSuppressed, fileOf, hasTime }: How,
): { found: Finding[]; left: AnalysedRule[]; isEnough: boolean } {
  const candidates = rules.filter(
    ({ rule }) => givenBy(rule) && !hasTimes(rule) && !rule.continue && !dead.has(rule.name),
  )
  const suppressed = new Set(candidates.filter(({ index }) => isSuppressed(['rules', index], 'overlapping-rules')))
  const others = candidates.filter((one) => !suppressed.has(one))
  const byGiven = [...Map.groupBy(others, ({ rule }) => givenBy(rule))].map(
    ([given, of]) => [given, new Meetings(of)] as const,
  )
  const rulesWith = { warnings: 0, notes: 0 }
  const mayGoOn = () => rulesWith.warnings < MAX_RULES && hasTime()
  const checked = checkInTime(candidates, mayGoOn, (earlier) => {
    if (suppressed.has(earlier)) return []
    const [warnings, notes]: [Overlap[], Overlap[]] = [[], []]
    for (const later of belowOf(earlier, byGiven)) {
      if (!hasTime() || warnings.length >= MAX_OF_RULE) break
      const isOfOther = fileOf(earlier) !== fileOf(later)
      const takesNotes = rulesWith.notes < MAX_RULES && notes.length < MAX_OF_RULE
      if (isOfOther && !takesNotes) continue
      const overlap = overlapOf(earlier, later, { compiled, hasTime, takesNotes })
      if (!overlap) continue
      if (overlap.isNote || isOfOther) notes.push({ ...overlap, isNote: true })
      else warnings.push(overlap)
    }
    if (warnings.length > 0) rulesWith.warnings++
    if (notes.length > 0) rulesWith.notes++
    const isLastNote = notes.length > 0 && rulesWith.notes === MAX_RULES
    return [warnings, notes]
      .filter((list) => list.length > 0)
      .map((list) => findingOf(earlier, list, list === notes && isLastNote))
  })
  return { ...checked, isEnough: rulesWith.warnings >= MAX_RULES }
}

/** The later rules that may match the same alert and give it something else, in order. */
function belowOf(earlier: AnalysedRule, byGiven: (readonly [GivenBy | undefined, Meetings])[]): AnalysedRule[] {
  const given = givenBy(earlier.rule)
  return byGiven
    .flatMap(([other, meetings]) => (other === given ? [] : meetings.below(earlier)))
    .sort((a, b) => a.index - b.index)
}

function overlapOf(
  earlier: AnalysedRule,
  later: AnalysedRule,
  { compiled, hasTime, takesNotes }: Pick<AnalysedConfig, 'compiled'> & { hasTime: HasTime; takesNotes: boolean },
): Overlap | undefined {
  const isMilder = rank(givenBy(earlier.rule)) > rank(givenBy(later.rule))
  let note: Overlap | undefined
  for (const a of earlier.conjunctions ?? []) {
    if (later.conjunctions?.some((b) => isWithin(a, b))) continue
    for (const b of later.conjunctions ?? []) {
      const isNote = !isMilder && !shareValues(a, b)
      if ((isNote && (note || !takesNotes)) || excludes(a, b.literals) || isWithin(b, a)) continue
      let tries = 0
      for (const example of examplesOf(withLiterals(a, b.literals))) {
        if (tries++ >= MAX_EXAMPLES || !hasTime()) break
        const isDecidedByEarlier = compiled.matching(example.subject).at(-1)?.name === earlier.rule.name
        if (!isDecidedByEarlier || !later.matches(example.subject)) continue
        if (!isNote) return { later, example, isNote }
        note = { later, example, isNote }
        break
      }
    }
  }
  return note
}

function isWithin(inner: Conjunction, outer: Conjunction): boolean {
  return outer.literals.every((literal) => implies(inner, literal))
}

/** Nearly every rule names the kind or the status, so these do not count. */
const CLOSED = ['kind', 'status', 'previousStatus']

function shareValues(a: Conjunction, b: Conjunction): boolean {
  return a.literals.some(
    ({ field, wanted }) => wanted && !CLOSED.includes(field) && b.byField.get(field)?.some((other) => other.wanted),
  )
}

function rank(given: GivenBy | undefined): number {
  return given === undefined ? -1 : GIVEN.indexOf(given)
}

function findingOf({ index, rule }: AnalysedRule, overlaps: Overlap[], isLast: boolean): Finding {
  const given = givenBy(rule) as GivenBy
  const atLeast = overlaps.length < MAX_OF_RULE ? '' : ', and maybe more'
  const byGiven = Map.groupBy(overlaps, ({ later }) => givenBy(later.rule) as GivenBy)
  const others = [...byGiven]
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([other, list]) => {
      const names = list.map(({ later }) => later.rule.name)
      return `${other === 'nobody' ? 'for nobody' : other} by ${names.length === 1 ? 'rule' : 'rules'} ${named(names)} below`
    })
  const worst = overlaps.toSorted((a, b) => rank(givenBy(a.later.rule)) - rank(givenBy(b.later.rule)))[0]
  return {
    code: 'overlapping-rules',
    ...(overlaps[0]?.isNote && { level: 'note' }),
    path: ['rules', index, 'name'],
    message: `some alerts ${given === 'nobody' ? 'reach nobody' : `get ${given}`} here that would be ${others.join(', and ')}${atLeast}${isLast ? LAST : ''}`,
    fix: 'The first rule wins. If that is unintended, reorder the rules or narrow one of them',
    also: overlaps.map(({ later }) => ['rules', later.index, 'name']),
    ...(worst && { example: worst.example.fields }),
  }
}
