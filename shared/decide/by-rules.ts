import type { Alert } from '../../schemas/alert.ts'
import { type Config, type Rule, SEVERITIES, type Severity, severityField } from '../../schemas/config.ts'
import { fieldValues } from '../alert/field.ts'
import { severityOfWord } from '../alert/severity-word.ts'
import type { Decision } from './decision.ts'
import { EXTRAS, type Extra } from './extras.ts'
import { DOES, planOf } from './while-firing.ts'

/** A value, and the name of the rule that set it. */
interface Given<Value> {
  value: Value
  rule: string
}

/** What the matching rules have set so far. */
interface Outcome {
  severity?: Given<Severity>
  /** Replaces the severity's channels. */
  channels?: Given<string[]>
  added: string[]
  extras: Partial<Pick<Rule, Extra>>
  /** The rule that set each of them last. */
  setBy: Partial<Record<Extra, string>>
  because: string[]
}

/**
 * The combined result of the matching rules, in order. The last rule that sets a value wins; channels that rules add,
 * and labels, accumulate. Values that no rule sets come from the severity, or the default.
 *
 * @param highest for non-production: higher severities are lowered to this one, whatever the rules say
 */
export function byRules(alert: Alert, matching: Rule[], config: Config, highest: Severity = 'critical'): Decision {
  const outcome: Outcome = { added: [], extras: {}, setBy: {}, because: [] }
  for (const rule of matching) apply(rule, alert, outcome)
  if (matching.length === 0) {
    outcome.because.push(`no rule matches: the default severity is ${config.default.severity}`)
  } else if (!outcome.severity) {
    outcome.because.push(`no matching rule sets a severity: the default is ${config.default.severity}`)
  }
  const said = outcome.severity?.value ?? config.default.severity
  const severity = SEVERITIES.indexOf(said) < SEVERITIES.indexOf(highest) ? highest : said
  if (severity !== said) outcome.because.push(`non-production: lowered from ${said} to ${severity}`)
  const ofSeverity = config.severities[severity].channels
  const base = outcome.channels?.value ?? (outcome.severity ? ofSeverity : (config.default.channels ?? ofSeverity))
  const { runbook, hold, remind, escalate, response, ...extras } = outcome.extras
  const { plan, because } = planOf(alert, { hold, remind, escalate, response }, severity, config)
  return {
    severity,
    rule: outcome.severity?.rule ?? 'default',
    channels: [...new Set([...base, ...outcome.added])],
    because: [...outcome.because, ...because],
    ...extras,
    ...plan,
    ...(runbook && alert.links.runbook === undefined && { runbook }),
  }
}

/** The rules that matched, by what `apply` wrote: those that set no severity, too. */
export const matchedBy = (because: string[]): string[] =>
  because.flatMap((line) => /^rule "(.*)" (?:matches first|also matches): /.exec(line)?.[1] ?? [])

function apply(rule: Rule, alert: Alert, outcome: Outcome): void {
  const { name, channels } = rule
  const because = (what: string, before?: Pick<Given<unknown>, 'rule'>) =>
    outcome.because.push(what + (before ? `, overriding rule "${before.rule}"` : ''))
  const found = severityOf(rule, alert)
  const order = outcome.because.length === 0 ? 'matches first' : 'also matches'
  const result = [found?.why, rule.continue ? 'later rules are evaluated too' : undefined].filter(Boolean).join('; ')
  because(`rule "${name}" ${order}: ${result}`, found && outcome.severity)
  if (found) outcome.severity = { value: found.severity, rule: name }
  if (Array.isArray(channels)) {
    because(`rule "${name}" sends to ${channels.join(', ')} instead of the severity's channels`, outcome.channels)
    outcome.channels = { value: channels, rule: name }
  } else if (channels) {
    because(`rule "${name}" adds ${channels.add.join(', ')}`)
    outcome.added.push(...channels.add)
  }
  for (const extra of EXTRAS) {
    if (rule[extra] === undefined) continue
    const before = outcome.setBy[extra]
    const isOfAlert = extra === 'runbook' && alert.links.runbook !== undefined
    if (!isOfAlert)
      because(`rule "${name}" ${SETS[extra](rule)}`, extra === 'labels' || !before ? undefined : { rule: before })
    outcome.setBy[extra] = name
    Object.assign(
      outcome.extras,
      extra === 'labels' ? { labels: { ...outcome.extras.labels, ...rule.labels } } : { [extra]: rule[extra] },
    )
  }
}

/** What setting one of them does, for an explanation. */
const SETS: { [Key in Extra]: (rule: Rule) => string } = {
  ...DOES,
  groupBy: ({ groupBy = [] }) => `groups by ${groupBy.join(', ')}`,
  runbook: ({ runbook }) => `sets the runbook ${runbook}`,
  labels: ({ labels = {} }) =>
    `sets ${Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(', ')}`,
  evidence: ({ evidence }) => `sets evidence ${evidence}`,
  title: () => 'sets its own title',
  text: () => 'sets its own text',
}

/** The severity that a rule sets, and why; `undefined` if it sets none. */
function severityOf({ severity, otherwise }: Rule, alert: Alert): { severity: Severity; why: string } | undefined {
  if (severity === undefined) return undefined
  const field = severityField(severity)
  if (field === undefined) return { severity: severity as Severity, why: severity }
  const [word] = fieldValues(alert, field)
  const meant = word === undefined ? undefined : severityOfWord(word)
  if (meant)
    return { severity: meant, why: meant === word ? `${meant}, from ${field}` : `${meant}, from ${field} "${word}"` }
  // `checkConfig` makes sure that there is one.
  const fallback = otherwise ?? 'warning'
  const found = word === undefined ? `${field} is missing` : `${field} "${word.slice(0, 40)}" is not a severity`
  return { severity: fallback, why: `${fallback}, because ${found}` }
}
