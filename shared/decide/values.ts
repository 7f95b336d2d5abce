import type { Alert } from '../../schemas/alert.ts'
import type { Config, Rule } from '../../schemas/config.ts'
import { writtenIn } from './channels-by-field.ts'
import { fill, NO_VALUES, type Values } from './fill.ts'

/*
 * The values that rules set for an alert. A text without a value for it changes nothing: what an earlier rule has set
 * stays. Pure.
 */

export interface About {
  alert: Alert
  values?: Values
}

/** What a rule sets, and why not: each by its name. */
export type SetBy = [name: string, set: { value: string; from: string } | { why: string }][]

/** What a rule that matches sets, with the values of the rules before it. */
export function setBy({ set = {} }: Rule, { alert, values = NO_VALUES }: About, tables: Config['tables']): SetBy {
  return Object.entries(set).map(([name, text]) => [name, fill(text, { alert, values, tables })])
}

/** The values after a rule that matches. */
export function valuesAfter(rule: Rule, about: About, tables: Config['tables']): Values {
  const { values = NO_VALUES } = about
  if (!rule.set) return values
  const news = setBy(rule, about, tables).flatMap(([name, set]) =>
    'value' in set ? [[name, { ...set, rule: rule.name }] as const] : [],
  )
  return news.length === 0 ? values : new Map([...values, ...news])
}

/** The values after all of these rules, which match, in order. */
export function valuesOfAll(rules: Rule[], alert: Alert, tables: Config['tables']): Values {
  return rules.reduce((values, rule) => valuesAfter(rule, { alert, values }, tables), NO_VALUES)
}

/** The texts of a rule that may have slots. */
export function fillable({ set = {}, labels = {}, channels, severity }: Rule): string[] {
  return [...Object.values(set), ...Object.values(labels), ...writtenIn(channels), ...(severity ? [severity] : [])]
}
