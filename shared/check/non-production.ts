import { type Config, SEVERITIES, severityField } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import { type Conjunction, conjunctionsOf } from '../conditions/conjunction.ts'
import { examplesOf } from '../conditions/example.ts'
import type { AnalysedConfig, AnalysedRule } from './analysed.ts'
import { fixedSeverity } from './analysed.ts'
import { Cover } from './cover.ts'
import type { Finding } from './finding.ts'
import { pagingFallbacks } from './non-production-fallback.ts'
import { type HasTime, lookThrough } from './time.ts'

/** Fields by which people tell where something runs, and what they write there. */
const ENVIRONMENT = /(^|\.)(env|environment|stage|deployment[-_ ]?env(ironment)?)$/i
const NON_PRODUCTION =
  /^(dev|develop|development|test|testing|qa|uat|stg|stage|staging|sandbox|preprod|pre-prod|nonprod|non-prod)$/i

/** Non-production that wakes somebody or has no fallback, and rules that are more severe than what they match can be. */
export function nonProductionFindings(
  analysed: AnalysedConfig,
  hasTime: HasTime,
): { found: Finding[]; left: AnalysedRule[] } {
  const { config, rules } = analysed
  if (!config.nonProduction) return { found: canPage(config) ? [nothingSaid(config)] : [], left: [] }
  const nonProduction = new Cover(hasTime)
  nonProduction.add(0, conjunctionsOf(config.nonProduction.when, config.sets) ?? [])
  const fallbacks = pagingFallbacks(analysed, hasTime)
  const { found, left } = lookThrough(rules, hasTime, (one) => [
    ...pagesAnyway(one, analysed),
    ...neverAsSevere(one, config, nonProduction),
  ])
  return { found: [...fallbacks, ...found], left }
}

function canPage({ severities, rules, channels, default: fallback }: Config): boolean {
  const lists = [
    ...Object.values(severities).map((severity) => severity.channels),
    fallback.channels ?? [],
    ...rules.map(({ channels: own }) => (own === undefined ? [] : Array.isArray(own) ? own : own.add)),
  ]
  return lists.flat().some((name) => pages(channels[name]))
}

function nothingSaid({ rules }: Config): Finding {
  return {
    code: 'non-production-pages',
    path: rules.length > 0 ? ['rules'] : ['severities'],
    message: 'nothing says what is non-production: an alarm of a test environment wakes somebody, as production does',
    fix: 'Add nonProduction, with `when` for what is not production and `highest: warning`',
  }
}

/** A rule for a test environment that pages, which `nonProduction` does not know. */
function pagesAnyway({ index, rule, conjunctions }: AnalysedRule, { config, compiled }: AnalysedConfig): Finding[] {
  if (!mayPage(rule, config)) return []
  for (const conjunction of conjunctions ?? []) {
    const field = conjunction.literals.find(
      ({ field, wanted, exacts, others }) =>
        wanted &&
        ENVIRONMENT.test(field) &&
        others.length === 0 &&
        [...exacts].every((value) => NON_PRODUCTION.test(value)),
    )?.field
    if (field === undefined) continue
    for (const { fields, subject } of examplesOf(conjunction)) {
      if (compiled.isNonProduction(subject)) continue
      return [
        {
          code: 'non-production-pages',
          path: ['rules', index, 'name'],
          message: `this rule wakes somebody for ${field} "${fields[field]}", which nonProduction does not cover`,
          fix: `Add it to nonProduction, as in - ${field}: ${fields[field]}, or give the rule a severity that does not page`,
          also: [['nonProduction', 'when']],
          example: fields,
        },
      ]
    }
  }
  return []
}

function mayPage(rule: Config['rules'][number], { severities, channels }: Config): boolean {
  const severity = fixedSeverity(rule)
  const own = rule.channels
  const names = [
    ...(Array.isArray(own) || severity === undefined ? [] : severities[severity].channels),
    ...(own === undefined ? [] : Array.isArray(own) ? own : own.add),
  ]
  return names.some((name) => pages(channels[name]))
}

/** Whatever such a rule matches is non-production, and lowered. */
function neverAsSevere(
  { index, rule, conjunctions }: AnalysedRule,
  { nonProduction }: Config,
  cover: Cover,
): Finding[] {
  const severity = fixedSeverity(rule)
  if (!nonProduction || severity === undefined || severityField(severity) !== undefined || !conjunctions?.length)
    return []
  if (SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(nonProduction.highest)) return []
  if (!conjunctions.every((conjunction: Conjunction) => cover.of(conjunction))) return []
  return [
    {
      code: 'never-as-severe',
      path: ['rules', index, 'severity'],
      message: `this rule says ${severity}, and all that it matches is non-production: it is ${nonProduction.highest} at most`,
      fix: `Write severity: ${nonProduction.highest}, or take it out of nonProduction`,
      also: [['nonProduction', 'highest']],
    },
  ]
}
