import type { Config, Rule } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import { excludes, withLiterals } from '../conditions/conjunction.ts'
import { type Example, examplesOf } from '../conditions/example.ts'
import { possibleIn } from '../decide/channels-by-field.ts'
import { type AnalysedConfig, type AnalysedRule, fixedSeverity } from './analysed.ts'
import { type Finding, named } from './finding.ts'
import { Meetings } from './meeting.ts'
import { decisionOn } from './reach.ts'
import { checkInTime, type HasTime } from './time.ts'

/** The most alerts tried per pair of conditions. */
const MAX_EXAMPLES = 5

/**
 * Rules that notify nobody of alerts that would otherwise page: critical ones, and those that a later rule would send to a
 * channel that pages. Only notes: each such rule gives its reason. If only a part of what it matches would page, that is
 * an overlap, too.
 */
export function pagesForNobody(
  { config, rules, timeless }: AnalysedConfig,
  hasTime: HasTime,
): { found: Finding[]; left: AnalysedRule[] } {
  const quiet = rules.filter(({ rule }) => rule.notify)
  if (quiet.length === 0) return { found: [], left: [] }
  const meetings = new Meetings(rules.filter(({ rule }) => wouldPage(rule, config)))
  return checkInTime(quiet, hasTime, (one): Finding[] => {
    if (fixedSeverity(one.rule) === 'critical') return [findingOf(one, 'critical alerts', [])]
    const taken: { later: AnalysedRule; example: Example }[] = []
    for (const later of meetings.below(one)) {
      if (!hasTime()) break
      const example = commonExample(one, later, timeless)
      if (example) taken.push({ later, example })
    }
    if (taken.length === 0) return []
    const names = taken.map(({ later }) => later.rule.name)
    const what = `alerts that would page by ${names.length === 1 ? 'rule' : 'rules'} ${named(names)} below`
    return [
      {
        ...findingOf(
          one,
          what,
          taken.map(({ later }) => later),
        ),
        example: taken[0]?.example.fields ?? {},
      },
    ]
  })
}

/** An alert that the later rule matches, too, and of which nobody is notified because of this one. */
function commonExample(
  { rule, conjunctions = [] }: AnalysedRule,
  later: AnalysedRule,
  config: Config,
): Example | undefined {
  for (const a of conjunctions) {
    for (const b of later.conjunctions ?? []) {
      if (excludes(a, b.literals)) continue
      const found = examplesOf(withLiterals(a, b.literals))
        .take(MAX_EXAMPLES)
        .find((example) => decisionOn(example, config).nobody?.rule === rule.name && later.matches(example.subject))
      if (found) return found
    }
  }
  return undefined
}

function wouldPage(rule: Rule, { severities, channels }: Config): boolean {
  const severity = fixedSeverity(rule)
  if (rule.notify || rule.continue || severity === undefined) return false
  const own = possibleIn(rule, channels)
  const names = Array.isArray(rule.channels) ? own : [...severities[severity].channels, ...own]
  return names.some((name) => pages(channels[name]))
}

function findingOf({ index, rule }: AnalysedRule, what: string, others: AnalysedRule[]): Finding {
  return {
    code: 'nobody-instead-of-page',
    path: ['rules', index, 'notify'],
    message: `nobody is notified of ${what}: "${rule.notify?.nobody}"`,
    fix: 'If that is not meant, narrow the rule',
    also: others.map((other) => ['rules', other.index, 'name']),
  }
}
