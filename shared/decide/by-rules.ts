import type { Alert } from '../../schemas/alert.ts'
import { type Config, type Rule, SEVERITIES, type Severity, severityField } from '../../schemas/config.ts'
import { severityOfWord } from '../alert/severity-word.ts'
import { channelsFor, shown } from './channels-by-field.ts'
import { type Decision, describeNobody, type Nobody } from './decision.ts'
import { EXTRAS, type Extra, withoutPlan } from './extras.ts'
import { describeSlot, fill, NO_VALUES, slotsIn, type Values } from './fill.ts'
import { setBy, valuesAfter } from './values.ts'
import { DOES, type Planned, planOf } from './while-firing.ts'

/** A value, and the name of the rule that set it. */
interface Given<Value> {
  value: Value
  rule: string
}

/** Of an alert that nobody is notified of. */
const NO_PLAN: Planned = { plan: {}, because: [] }

/** What the matching rules have set so far. */
interface Outcome {
  severity?: Given<Severity>
  /** Replaces the severity's channels. */
  channels?: Given<string[]>
  added: string[]
  /** Channels that there are not: of a list, and of those that rules add. */
  missing: { listed: string[]; added: string[] }
  /** Nobody is notified. Whoever is named later is. */
  nobody?: Nobody
  extras: Partial<Pick<Rule, Extra>>
  /** The rule that set each of them last. */
  setBy: Partial<Record<Extra, string>>
  values: Values
  because: string[]
}

/**
 * The combined result of the matching rules, in order. The last rule that sets a value wins; channels that rules add,
 * and labels, accumulate. A rule that notifies nobody drops all channels before it, and whoever a later rule names is
 * notified again. Values that no rule sets come from the severity, or the default.
 *
 * @param highest for non-production: higher severities are lowered to this one, whatever the rules say
 */
export function byRules(alert: Alert, matching: Rule[], config: Config, highest: Severity = 'critical'): Decision {
  const missing = { listed: [], added: [] }
  const outcome: Outcome = { added: [], missing, extras: {}, setBy: {}, values: NO_VALUES, because: [] }
  for (const rule of matching) apply(rule, { alert, config }, outcome)
  if (matching.length === 0) {
    outcome.because.push(`no rule matches: the default severity is ${config.default.severity}`)
  } else if (!outcome.severity) {
    outcome.because.push(`no matching rule sets a severity: the default is ${config.default.severity}`)
  }
  const said = outcome.severity?.value ?? config.default.severity
  const severity = SEVERITIES.indexOf(said) < SEVERITIES.indexOf(highest) ? highest : said
  if (severity !== said) outcome.because.push(`non-production: lowered from ${said} to ${severity}`)
  const ofSeverity = config.severities[severity].channels
  const byDefault = outcome.severity ? ofSeverity : (config.default.channels ?? ofSeverity)
  const { runbook, ...extras } = withoutPlan(outcome.extras)
  // Of what nobody is notified of, nobody is reminded, and it goes to nobody else.
  const { plan, because } = outcome.nobody
    ? NO_PLAN
    : planOf(alert, { byRules: outcome.extras, setBy: outcome.setBy }, severity, config)
  return {
    severity,
    rule: outcome.severity?.rule ?? 'default',
    ...recipientsOf(outcome, byDefault),
    because: [...outcome.because, ...because],
    ...(outcome.nobody && { nobody: outcome.nobody }),
    ...(outcome.values.size > 0 && { values: textsOf(outcome.values) }),
    ...extras,
    ...plan,
    ...(runbook && alert.links.runbook === undefined && { runbook }),
  }
}

/** Where there is no channel of the name that a rule gives, the severity's are notified: no alert is lost by its name. */
function recipientsOf({ channels, added, missing, nobody }: Outcome, byDefault: string[]) {
  const listed = channels && [...channels.value, ...(missing.listed.length > 0 ? byDefault : [])]
  const all = [...(nobody ? [] : (listed ?? byDefault)), ...added]
  const notes = [...missing.listed, ...missing.added]
  return {
    channels: [...new Set(all.length === 0 && notes.length > 0 ? byDefault : all)],
    ...(notes.length > 0 && { notes: [...new Set(notes)] }),
  }
}

const textsOf = (values: Values): Record<string, string> =>
  Object.fromEntries([...values].map(([name, { value }]) => [name, value]))

/** The rules that matched, by what `apply` wrote: those that set no severity, too. */
export const matchedBy = (because: string[]): string[] =>
  because.flatMap((line) => /^rule "(.*)" (?:matches first|also matches): /.exec(line)?.[1] ?? [])

interface About {
  alert: Alert
  config: Config
}

function apply(rule: Rule, about: About, outcome: Outcome): void {
  const { name } = rule
  const { alert } = about
  const because = (what: string, before?: Pick<Given<unknown>, 'rule'>) =>
    outcome.because.push(what + (before ? `, overriding rule "${before.rule}"` : ''))
  const before = outcome.values
  outcome.values = valuesAfter(rule, { alert, values: before }, about.config.tables)
  const found = severityOf(rule, about, outcome.values)
  const order = outcome.because.length === 0 ? 'matches first' : 'also matches'
  const result = [found?.why, rule.continue ? 'later rules are evaluated too' : undefined].filter(Boolean).join('; ')
  because(`rule "${name}" ${order}: ${result}`, found && outcome.severity)
  if (found) outcome.severity = { value: found.severity, rule: name }
  explainValues(rule, about, before, because)
  recipients(rule, about, outcome, because)
  const labels = rule.labels && labelsOf(rule, about, outcome.values, because)
  const filled = rule.labels ? { ...rule, labels } : rule
  for (const extra of EXTRAS) {
    if (filled[extra] === undefined) continue
    const setBefore = outcome.setBy[extra]
    const isOfAlert = extra === 'runbook' && alert.links.runbook !== undefined
    if (!isOfAlert)
      because(
        `rule "${name}" ${SETS[extra](filled)}`,
        extra === 'labels' || !setBefore ? undefined : { rule: setBefore },
      )
    outcome.setBy[extra] = name
    Object.assign(
      outcome.extras,
      extra === 'labels' ? { labels: { ...outcome.extras.labels, ...labels } } : { [extra]: rule[extra] },
    )
  }
}

type Because = (what: string, before?: { rule: string }) => void

function explainValues(rule: Rule, { alert, config }: About, values: Values, because: Because): void {
  for (const [value, set] of setBy(rule, { alert, values }, config.tables)) {
    if ('why' in set) because(`rule "${rule.name}" sets no ${value}: ${shown(set.why)}`)
    else {
      const from = set.from === '' ? '' : `, from ${set.from}`
      because(`rule "${rule.name}" sets ${value} = ${shown(set.value)}${from}`, values.get(value))
    }
  }
}

/** The labels that have a text for this alert; `undefined`: none has. */
function labelsOf({ name, labels = {} }: Rule, { alert, config }: About, values: Values, because: Because) {
  const filled = Object.entries(labels).flatMap(([label, text]): [string, string][] => {
    const found = fill(text, { alert, values, tables: config.tables })
    if ('value' in found) return [[label, found.value]]
    because(`rule "${name}" sets no label ${label}: ${shown(found.why)}`)
    return []
  })
  return filled.length > 0 ? Object.fromEntries(filled) : undefined
}

/** Whom a rule notifies. */
function recipients(rule: Rule, { alert, config }: About, outcome: Outcome, because: Because): void {
  const { name, channels, notify } = rule
  const { found, missing } = channelsFor(rule, { alert, values: outcome.values }, config)
  const names = found.map((one) => one.name)
  const said = [...names, ...missing.map((why) => `(${why})`)].join(', ')
  if (notify) {
    const nobody = { rule: name, reason: notify.nobody }
    because(describeNobody(nobody))
    delete outcome.channels
    Object.assign(outcome, { nobody, added: [], missing: { listed: [], added: [] } })
  } else if (Array.isArray(channels)) {
    because(`rule "${name}" sends to ${said} instead of the severity's channels`, outcome.nobody ?? outcome.channels)
    outcome.channels = { value: names, rule: name }
    outcome.missing.listed = missing
    delete outcome.nobody
  } else if (channels) {
    because(`rule "${name}" adds ${said}`, outcome.nobody)
    // Whoever is added to nobody is notified alone.
    if (outcome.nobody) outcome.channels = { value: [], rule: outcome.nobody.rule }
    delete outcome.nobody
    outcome.added.push(...names)
    outcome.missing.added.push(...missing)
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
function severityOf(
  { severity, otherwise }: Rule,
  { alert, config }: About,
  values: Values,
): { severity: Severity; why: string } | undefined {
  if (severity === undefined) return undefined
  if (severityField(severity) === undefined) return { severity: severity as Severity, why: severity }
  const filled = fill(severity, { alert, values, tables: config.tables })
  const field = slotsIn(severity).map(describeSlot).join()
  const word = 'value' in filled ? filled.value : undefined
  const meant = word === undefined ? undefined : severityOfWord(word)
  if (meant)
    return { severity: meant, why: meant === word ? `${meant}, from ${field}` : `${meant}, from ${field} "${word}"` }
  // `checkConfig` makes sure that there is one.
  const fallback = otherwise ?? 'warning'
  const found = 'why' in filled ? filled.why : `${field} "${filled.value.slice(0, 40)}" is not a severity`
  return { severity: fallback, why: `${fallback}, because ${found}` }
}
