import type { Alert } from '../../schemas/alert.ts'
import type { Config, Severity } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import { byRules } from './by-rules.ts'
import type { Decision, Firing } from './decision.ts'
import { extrasOf } from './extras.ts'
import { rulesOf } from './rules.ts'

/**
 * Decides an alert's severity and channels. Pure: the same alert, config, past and time give the same answer.
 *
 * 1. A resolved alert follows what it resolves to the same channels, if we saw it fire.
 * 2. Otherwise the rules that match at that time decide (`byRules`), or the default.
 * 3. Non-production is lowered to its highest severity, and loses every PagerDuty channel, whatever a rule says. The other
 *    channels that rules name stay; those of a severity are the lowered one's.
 */
export function decide(
  alert: Alert,
  config: Config,
  firing?: Firing,
  /** When it is decided: rules may hold at some times only (`active`, `mute`). */
  at = new Date(alert.changedAt),
): Decision {
  if (firing && follows(alert, config, firing)) {
    return {
      severity: firing.severity,
      rule: firing.rule,
      channels: known(firing.channels, config),
      because: [`resolves what has been firing since ${firing.since}: it goes to the same channels`],
      ...extrasOf(firing),
    }
  }
  const rules = rulesOf(config)
  const subject = { alert, firingSince: firing?.since }
  const skipped: string[] = []
  const matching = rules.matching(subject, at, ({ name }, why) => {
    skipped.push(`rule "${name}" would match, and holds at other times only: it is ${why}`)
  })
  const isNonProduction = rules.isNonProduction(subject)
  const byMatching = byRules(alert, matching, config, isNonProduction ? highestOf(config) : undefined)
  const decision = { ...byMatching, because: [...skipped, ...byMatching.because] }
  return isNonProduction ? withoutPaging(decision, config) : decision
}

/** Does it go where what it resolves went? Else the rules decide. */
export function follows(alert: Alert, config: Config, firing: Firing | undefined): boolean {
  return alert.status === 'resolved' && firing !== undefined && known(firing.channels, config).length > 0
}

function known(channels: string[], config: Config): string[] {
  return channels.filter((channel) => Object.hasOwn(config.channels, channel))
}

function highestOf({ nonProduction }: Config): Severity {
  return nonProduction?.highest ?? 'warning'
}

function withoutPaging(decision: Decision, config: Config): Decision {
  const channels = quiet(decision.channels, config)
  if (channels.length === decision.channels.length) return { ...decision, neverPages: true }
  return {
    ...decision,
    neverPages: true,
    // Nothing is lost by not paging: an alert that would only page goes where its severity goes.
    channels: channels.length > 0 ? channels : quiet(config.severities[highestOf(config)].channels, config),
    because: [...decision.because, 'non-production: never pages'],
  }
}

function quiet(channels: string[], config: Config): string[] {
  return [...new Set(channels.filter((channel) => !pages(config.channels[channel])))]
}
