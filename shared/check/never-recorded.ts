import type { Alert } from '../../schemas/alert.ts'
import { VALUE_FIELD } from '../../schemas/config.ts'
import { fieldValues } from '../alert/field.ts'
import { literalOf, textsOf } from '../conditions/conjunction.ts'
import { didYouMean } from '../config/allowed.ts'
import { isNot } from '../decide/pattern.ts'
import { compileWhen } from '../decide/rules.ts'
import type { AnalysedConfig, AnalysedRule } from './analysed.ts'
import { type Finding, named } from './finding.ts'
import { linesIn } from './lines.ts'
import { checkInTime, type HasTime } from './time.ts'

/** Patterns and rules that match no recorded alert: misspelt, or for something that no longer exists. */
export function neverRecorded(
  { config, rules }: AnalysedConfig,
  alerts: Alert[],
  hasTime: HasTime,
): { found: Finding[]; left: AnalysedRule[] } {
  if (alerts.length === 0) return { found: [], left: [] }
  const seen = new Map<string, Set<string>>()
  const valuesOf = (field: string) => {
    const known = seen.get(field) ?? new Set(alerts.flatMap((alert) => fieldValues(alert, field)))
    seen.set(field, known)
    return known
  }
  const count = `${alerts.length} recorded ${alerts.length === 1 ? 'alert' : 'alerts'}`
  return checkInTime(rules, hasTime, ({ index, rule }): Finding[] => {
    const lines = linesIn(rule.when, ['rules', index, 'when']).flatMap(({ field, pattern, path }): Finding[] => {
      // A negated pattern need not occur.
      if (field === 'firingFor' || field.startsWith(VALUE_FIELD) || isNot(pattern) || path.includes('not')) return []
      const values = [...valuesOf(field)]
      const missing = textsOf(literalOf(field, pattern, config.sets)).filter(({ matches }) => !values.some(matches))
      if (missing.length === 0) return []
      const texts = missing.map(({ text }) => text)
      return [
        {
          code: 'never-recorded',
          path,
          message: `${named(texts)} ${texts.length === 1 ? 'matches' : 'match'} no ${field} of ${count}`,
          fix:
            values.length === 0
              ? `None of them has a ${field}`
              : `${didYouMean(texts[0] ?? '', values)}They have ${named(values)}`,
        },
      ]
    })
    // What other rules set decides about it, too.
    if (linesIn(rule.when, []).some(({ field }) => field.startsWith(VALUE_FIELD))) return lines
    const matches = compileWhen(rule.when, config.sets)
    if (lines.length > 0 || alerts.some((alert) => matches({ alert }))) return lines
    return [
      {
        code: 'never-recorded',
        path: ['rules', index, 'name'],
        message: `this rule matches none of ${count}, although each of its patterns matches some of them`,
        fix: 'Check whether its lines belong together',
      },
    ]
  })
}
