import { SEVERITIES, type Severity } from '../../schemas/config.ts'
import { type Conjunction, excludes, implies, withLiterals } from '../conditions/conjunction.ts'
import { type Example, examplesOf } from '../conditions/example.ts'
import { type AnalysedConfig, type AnalysedRule, fixedSeverity, hasTimes } from './analysed.ts'
import { type Finding, type IsSuppressed, named } from './finding.ts'
import { Meetings } from './meeting.ts'
import { type HasTime, lookThrough } from './time.ts'

/** Alerts that are tried for each pair. */
const MAX_EXAMPLES = 5

interface How {
  /** Rules of which nothing more is to be said. */
  dead: ReadonlySet<string>
  isSuppressed: IsSuppressed
  /** A team's file comes before that for all: its rules are meant to have the say. */
  fileOf(rule: AnalysedRule): string
  hasTime: HasTime
}

interface Overlap {
  later: AnalysedRule
  example: Example
  isNote: boolean
}

/**
 * Rules that can match the same alert, where neither is the exception to the other, and that give it different
 * severities: which of them is meant to have the say? Each with an alert that the earlier one decides.
 *
 * Most rules can meet in some alert or other. A warning is worth where the earlier one is less severe, for then somebody
 * sleeps on; and where both speak of the same field by its values, so that an order was hardly thought of. The rest is a
 * note.
 */
export function overlappingRules(
  { rules, compiled }: AnalysedConfig,
  { dead, isSuppressed, fileOf, hasTime }: How,
): { found: Finding[]; left: AnalysedRule[] } {
  const said = rules.filter(
    ({ rule }) => fixedSeverity(rule) && !hasTimes(rule) && !rule.continue && !dead.has(rule.name),
  )
  const meant = new Set(said.filter(({ index }) => isSuppressed(['rules', index], 'overlapping-rules')))
  const meetings = new Meetings(said.filter((one) => !meant.has(one)))
  return lookThrough(said, hasTime, (earlier) => {
    if (meant.has(earlier)) return []
    const overlaps: Overlap[] = []
    for (const later of meetings.below(earlier)) {
      if (!hasTime()) break
      if (fixedSeverity(earlier.rule) === fixedSeverity(later.rule)) continue
      const overlap = overlapOf(earlier, later, { compiled, hasTime })
      if (overlap) overlaps.push({ ...overlap, isNote: overlap.isNote || fileOf(earlier) !== fileOf(later) })
    }
    return [overlaps.filter((one) => !one.isNote), overlaps.filter((one) => one.isNote)]
      .filter((list) => list.length > 0)
      .map((list) => findingOf(earlier, list))
  })
}

function overlapOf(
  earlier: AnalysedRule,
  later: AnalysedRule,
  { compiled, hasTime }: Pick<AnalysedConfig, 'compiled'> & { hasTime: HasTime },
): Overlap | undefined {
  const isMilder = rank(fixedSeverity(earlier.rule)) > rank(fixedSeverity(later.rule))
  let note: Overlap | undefined
  for (const a of earlier.conjunctions ?? []) {
    if (later.conjunctions?.some((b) => isWithin(a, b))) continue
    for (const b of later.conjunctions ?? []) {
      const isNote = !isMilder && !shareValues(a, b)
      if ((isNote && note) || excludes(a, b.literals) || isWithin(b, a)) continue
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

/** What kind of alert it is, and whether it fires, nearly every rule says. */
const CLOSED = ['kind', 'status', 'previousStatus']

function shareValues(a: Conjunction, b: Conjunction): boolean {
  return a.literals.some(
    ({ field, wanted }) => wanted && !CLOSED.includes(field) && b.byField.get(field)?.some((other) => other.wanted),
  )
}

function rank(severity: Severity | undefined): number {
  return severity === undefined ? -1 : SEVERITIES.indexOf(severity)
}

function findingOf({ index, rule }: AnalysedRule, overlaps: Overlap[]): Finding {
  const severity = fixedSeverity(rule) as Severity
  const bySeverity = Map.groupBy(overlaps, ({ later }) => fixedSeverity(later.rule) as Severity)
  const others = [...bySeverity]
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([other, list]) => {
      const names = list.map(({ later }) => later.rule.name)
      return `${other} by ${names.length === 1 ? 'rule' : 'rules'} ${named(names)} below`
    })
  const worst = overlaps.toSorted((a, b) => rank(fixedSeverity(a.later.rule)) - rank(fixedSeverity(b.later.rule)))[0]
  return {
    code: 'overlapping-rules',
    ...(overlaps[0]?.isNote && { level: 'note' }),
    path: ['rules', index, 'name'],
    message: `some alerts get ${severity} here that would be ${others.join(', and ')}`,
    fix: 'The first has the say: if that is not meant, move the other above, or say in one of them what it leaves out',
    also: overlaps.map(({ later }) => ['rules', later.index, 'name']),
    ...(worst && { example: worst.example.fields }),
  }
}
