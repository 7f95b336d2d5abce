import type { Alert } from '../../schemas/alert.ts'
import { type Config, type Rule, SEVERITIES, type Severity } from '../../schemas/config.ts'
import { type CompiledRules, compileRules } from './rules.ts'

/** Where an alert goes, and why. */
export interface Decision {
  severity: Severity
  /** The rule's name, or `default`. */
  rule: string
  /** Names of channels, each once, in the config's order of mention. */
  channels: string[]
  /** Why, one step a line, for a person. */
  because: string[]
}

/** What is known of an alert that has been firing: a resolve follows it. */
export interface Firing {
  /** ISO 8601 */
  since: string
  severity: Severity
  rule: string
  /** Every channel that has been told. */
  channels: string[]
}

/**
 * Decides an alert's severity and channels. Pure: the same alert, config and past give the same answer.
 *
 * 1. A resolved alert follows what it resolves to the same channels, if we saw it fire.
 * 2. Otherwise the first matching rule decides, or the default.
 * 3. Non-production is lowered to its highest severity, and loses every PagerDuty channel, whatever a rule says.
 *
 * An alert that is firing already also goes on telling the channels that were told before, so that a change of its
 * severity never leaves someone with half of the story.
 */
export function decide(alert: Alert, config: Config, firing?: Firing): Decision {
  if (alert.status === 'resolved' && firing) {
    const channels = firing.channels.filter((channel) => Object.hasOwn(config.channels, channel))
    if (channels.length > 0) {
      return {
        severity: firing.severity,
        rule: firing.rule,
        channels,
        because: [`resolves what has been firing since ${firing.since}: it goes to the same channels`],
      }
    }
  }
  const rules = rulesOf(config)
  const decision = byRule(rules.firstMatch(alert), config)
  return rules.isNonProduction(alert) ? withoutPaging(decision, config) : decision
}

function byRule(rule: Rule | undefined, config: Config): Decision {
  const { severity } = rule ?? config.default
  const ofSeverity = config.severities[severity].channels
  if (!rule) {
    return {
      severity,
      rule: 'default',
      channels: unique(config.default.channels ?? ofSeverity),
      because: [`no rule matches: the default severity is ${severity}`],
    }
  }
  const because = [`rule "${rule.name}" matches first: ${severity}`]
  if (!rule.channels) return { severity, rule: rule.name, channels: unique(ofSeverity), because }
  if (Array.isArray(rule.channels)) {
    because.push(`the rule sends to ${rule.channels.join(', ')} in place of the severity's channels`)
    return { severity, rule: rule.name, channels: unique(rule.channels), because }
  }
  because.push(`the rule adds ${rule.channels.add.join(', ')}`)
  return { severity, rule: rule.name, channels: unique([...ofSeverity, ...rule.channels.add]), because }
}

function withoutPaging(decision: Decision, config: Config): Decision {
  const highest = config.nonProduction?.highest ?? 'warning'
  if (SEVERITIES.indexOf(decision.severity) < SEVERITIES.indexOf(highest)) {
    return {
      ...decision,
      severity: highest,
      channels: quiet(config.severities[highest].channels, config),
      because: [...decision.because, `non-production: lowered from ${decision.severity} to ${highest}`],
    }
  }
  const channels = quiet(decision.channels, config)
  if (channels.length === decision.channels.length) return decision
  return {
    ...decision,
    // Nothing is lost by not paging: an alert that had only PagerDuty goes where its severity goes.
    channels: channels.length > 0 ? channels : quiet(config.severities[highest].channels, config),
    because: [...decision.because, 'non-production: never pages'],
  }
}

function quiet(channels: string[], config: Config): string[] {
  return unique(channels.filter((channel) => config.channels[channel]?.type !== 'pagerduty'))
}

function unique(channels: string[]): string[] {
  return [...new Set(channels)]
}

/** Rules are compiled once a config. */
const compiled = new WeakMap<Config, CompiledRules>()

function rulesOf(config: Config): CompiledRules {
  const rules = compiled.get(config) ?? compileRules(config)
  compiled.set(config, rules)
  return rules
}
