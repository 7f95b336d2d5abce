import type { Alert } from '../../schemas/alert.ts'
import type { Config, Severity } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import { byRules } from './by-rules.ts'
import type { Decision, Firing } from './decision.ts'
import { extrasOf } from './extras.ts'
import { rulesOf } from './rules.ts'

/**
 * Decides an alert's severity and channels. Pure: the same alert, config, history and time give the same answer.
 *
 * 1. A resolve goes to the same channels as its firing, if we saw it.
 * 2. Otherwise the rules that match at that time decide (`byRules`), or the default.
 * 3. Non-production is lowered to its highest severity and loses every PagerDuty channel, whatever a rule says. Other
 * channels that rules name stay; a severity's channels are those of the lowered one.
 * 4. What is to go to a channel that there is not (`slack-{team}`) goes to the severity's, and says so.
 */
export function decide(
  alert: Alert,
  config: Config,
  firing?: Firing,
  /** When it is decided: rules may apply only at some times (`active`, `mute`). */
  at = new Date(alert.changedAt),
): Decision {
  if (firing && follows(alert, config, firing)) {
    return {
      severity: firing.severity,
      rule: firing.rule,
      channels: known(firing.channels, config),
      because: [`resolves the firing since ${firing.since}: sent to the same channels`],
      ...extrasOf(firing),
    }
  }
  const rules = rulesOf(config)
  const subject = { alert, firingSince: firing?.since }
  const skipped: string[] = []
  const matching = rules.matching(subject, at, ({ name }, why) => {
    skipped.push(`rule "${name}" would match, but not at this time: ${why}`)
  })
  const isNonProduction = rules.isNonProduction(subject)
  const byMatching = byRules(alert, matching, config, isNonProduction ? highestOf(config) : undefined)
  const decision = { ...byMatching, because: [...skipped, ...byMatching.because] }
  return withNotes(isNonProduction ? withoutPaging(decision, config) : decision)
}

/** A note says where it went in place of a channel that there is not. */
function withNotes({ notes, ...decision }: Decision): Decision {
  if (!notes) return decision
  const said = notes.map((missing) => `${missing}: sent to ${decision.channels.join(', ')}`)
  return { ...decision, because: [...decision.because, ...said], notes: said.slice(0, 5) }
}

/** Does a resolve go where its firing went? Else the rules decide. */
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
    // Not paging must not lose an alert: one that would only page goes to its severity's channels.
    channels: channels.length > 0 ? channels : quiet(config.severities[highestOf(config)].channels, config),
    because: [...decision.because, 'non-production: never pages'],
  }
}

function quiet(channels: string[], config: Config): string[] {
  return [...new Set(channels.filter((channel) => !pages(config.channels[channel])))]
}
