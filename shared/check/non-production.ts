import { type Config, SEVERITIES } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import { type Conjunction, conjunctionsOf } from '../conditions/conjunction.ts'
import { examplesOf } from '../conditions/example.ts'
import { possibleIn } from '../decide/channels-by-field.ts'
import type { AnalysedConfig, AnalysedRule } from './analysed.ts'
import { fixedSeverity } from './analysed.ts'
import { Cover } from './cover.ts'
import type { Finding } from './finding.ts'
import { pagingFallbacks } from './non-production-fallback.ts'
import { checkInTime, type HasTime } from './time.ts'

/** Fields that people use for the environment, and their usual values. */
const ENVIRONMENT = /(^|\.)(env|environment|stage|deployment[-_ ]?env(ironment)?)$/i
const NON_PRODUCTION =
  /^(dev|develop|development|test|testing|qa|uat|stg|stage|staging|sandbox|preprod|pre-prod|nonprod|non-prod)$/i

/** Non-production that pages or has no fallback, and rules with a severity that non-production can't have. */
export function nonProductionFindings(
  analysed: AnalysedConfig,
  hasTime: HasTime,
): { found: Finding[]; left: AnalysedRule[] } {
  const { config, rules } = analysed
  if (!config.nonProduction) return { found: canPage(config) ? [nothingSaid(config)] : [], left: [] }
  const nonProduction = new Cover(hasTime)
  nonProduction.add(0, conjunctionsOf(config.nonProduction.when, config.sets) ?? [])
  const fallbacks = pagingFallbacks(analysed, hasTime)
  const { found, left } = checkInTime(rules, hasTime, (one) => [
    ...pagesAnyway(one, analysed),
    ...neverAsSevere(one, config, nonProduction),
  ])
  return { found: [...fallbacks, ...found], left }
}

function canPage({ severities, rules, channels, default: fallback }: Config): boolean {
  const lists = [
    ...Object.values(severities).map((severity) => severity.channels),
    fallback.channels ?? [],
    ...rules.map((rule) => possibleIn(rule, channels)),
  ]
  return lists.flat().some((name) => pages(channels[name]))
}

function nothingSaid({ rules }: Config): Finding {
  return {
    code: 'non-production-pages',
    path: rules.length > 0 ? ['rules'] : ['severities'],
    message: 'the config has no nonProduction: an alarm of a test environment pages just like production',
    fix: 'Add nonProduction, with a `when` that matches non-production and `highest: warning`',
  }
}

/** A rule that pages for a test environment which `nonProduction` does not match. */
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
          message: `this rule pages for ${field} "${fields[field]}", which nonProduction does not match`,
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
  if (rule.notify) return false
  const severity = fixedSeverity(rule)
  const names = [
    ...(Array.isArray(rule.channels) || severity === undefined ? [] : severities[severity].channels),
    ...possibleIn(rule, channels),
  ]
  return names.some((name) => pages(channels[name]))
}

/** Everything that such a rule matches is non-production, so its severity is lowered. */
function neverAsSevere(
  { index, rule, conjunctions }: AnalysedRule,
  { nonProduction }: Config,
  cover: Cover,
): Finding[] {
  const severity = fixedSeverity(rule)
  if (!nonProduction || severity === undefined || !conjunctions?.length) return []
  if (SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(nonProduction.highest)) return []
  if (!conjunctions.every((conjunction: Conjunction) => cover.of(conjunction))) return []
  return [
    {
      code: 'never-as-severe',
      path: ['rules', index, 'severity'],
      message: `this rule gives ${severity}, but everything it matches is non-production: at most ${nonProduction.highest}`,
      fix: `Write severity: ${nonProduction.highest}, or take it out of nonProduction`,
      also: [['nonProduction', 'highest']],
    },
  ]
}
