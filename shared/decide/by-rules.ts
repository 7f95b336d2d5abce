import type { Alert } from '../../schemas/alert.ts'
import { type Config, type Rule, SEVERITIES, type Severity, severityField } from '../../schemas/config.ts'
import { fieldValues } from '../alert/field.ts'
import { severityOfWord } from '../alert/severity-word.ts'
import type { Decision } from './decision.ts'

/** A value, and the name of the rule that set it. */
interface Given<Value> {
  value: Value
  rule: string
}

/** What the rules that match have set so far. */
interface Outcome {
  severity?: Given<Severity>
  /** In place of the severity's channels. */
  channels?: Given<string[]>
  added: string[]
  groupBy?: Given<string[]>
  runbook?: Given<string>
  title?: Given<string>
  text?: Given<string>
  labels?: Record<string, string>
  because: string[]
}

/**
 * What the rules that match make of an alert together, in their order. Of each value the last rule that sets it has the
 * say; channels that rules add, and labels, come together. What no rule sets is the severity's, or the default's.
 *
 * @param highest for non-production: a severity that is worse becomes this one, as if the rules had said so
 */
export function byRules(alert: Alert, matching: Rule[], config: Config, highest: Severity = 'critical'): Decision {
  const outcome: Outcome = { added: [], because: [] }
  for (const rule of matching) apply(rule, alert, outcome)
  if (matching.length === 0) {
    outcome.because.push(`no rule matches: the default severity is ${config.default.severity}`)
  } else if (!outcome.severity) {
    outcome.because.push(`no rule that matches gives a severity: the default one is ${config.default.severity}`)
  }
  const said = outcome.severity?.value ?? config.default.severity
  const severity = SEVERITIES.indexOf(said) < SEVERITIES.indexOf(highest) ? highest : said
  if (severity !== said) outcome.because.push(`non-production: lowered from ${said} to ${severity}`)
  const ofSeverity = config.severities[severity].channels
  const base = outcome.channels?.value ?? (outcome.severity ? ofSeverity : (config.default.channels ?? ofSeverity))
  const { groupBy, runbook, labels, title, text, because } = outcome
  return {
    severity,
    rule: outcome.severity?.rule ?? 'default',
    channels: [...new Set([...base, ...outcome.added])],
    because,
    ...(groupBy && { groupBy: groupBy.value }),
    ...(runbook && alert.links.runbook === undefined && { runbook: runbook.value }),
    ...(labels && { labels }),
    ...(title && { title: title.value }),
    ...(text && { text: text.value }),
  }
}

function apply(rule: Rule, alert: Alert, outcome: Outcome): void {
  const { name, channels, groupBy, runbook, labels } = rule
  const because = (what: string, before?: Given<unknown>) =>
    outcome.because.push(what + (before ? `, in place of what rule "${before.rule}" says` : ''))
  const found = severityOf(rule, alert)
  const order = outcome.because.length === 0 ? 'matches first' : 'matches too'
  const result = [found?.why, rule.continue ? 'later rules are looked at too' : undefined].filter(Boolean).join('; ')
  because(`rule "${name}" ${order}: ${result}`, found && outcome.severity)
  if (found) outcome.severity = { value: found.severity, rule: name }
  if (Array.isArray(channels)) {
    because(`rule "${name}" sends to ${channels.join(', ')} in place of the severity's channels`, outcome.channels)
    outcome.channels = { value: channels, rule: name }
  } else if (channels) {
    because(`rule "${name}" adds ${channels.add.join(', ')}`)
    outcome.added.push(...channels.add)
  }
  if (groupBy) {
    because(`rule "${name}" groups by ${groupBy.join(', ')}`, outcome.groupBy)
    outcome.groupBy = { value: groupBy, rule: name }
  }
  if (runbook) {
    if (alert.links.runbook === undefined) because(`rule "${name}" gives the runbook ${runbook}`, outcome.runbook)
    outcome.runbook = { value: runbook, rule: name }
  }
  if (labels) {
    because(
      `rule "${name}" sets ${Object.entries(labels)
        .map(([label, value]) => `${label}=${value}`)
        .join(', ')}`,
    )
    outcome.labels = { ...outcome.labels, ...labels }
  }
  for (const part of ['title', 'text'] as const) {
    const template = rule[part]
    if (template === undefined) continue
    because(`rule "${name}" gives the ${part} in its own words`, outcome[part])
    outcome[part] = { value: template, rule: name }
  }
}

/** The severity that a rule gives, and why; `undefined` where it gives none. */
function severityOf({ severity, otherwise }: Rule, alert: Alert): { severity: Severity; why: string } | undefined {
  if (severity === undefined) return undefined
  const field = severityField(severity)
  if (field === undefined) return { severity: severity as Severity, why: severity }
  const [word] = fieldValues(alert, field)
  const meant = word === undefined ? undefined : severityOfWord(word)
  if (meant)
    return { severity: meant, why: meant === word ? `${meant}, from ${field}` : `${meant}, from ${field} "${word}"` }
  // `checkConfig` sees to it that there is one.
  const fallback = otherwise ?? 'warning'
  const found = word === undefined ? `there is no ${field}` : `${field} "${word.slice(0, 40)}" is no severity`
  return { severity: fallback, why: `${fallback}, for ${found}` }
}
