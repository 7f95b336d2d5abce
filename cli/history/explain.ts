import type { Config } from '../../schemas/config.ts'
import type { DecisionTrace } from '../../schemas/trace.ts'
import { storyOf } from '../../shared/explain/story.ts'
import { documentOf, versionOf } from '../../shared/live-config/version.ts'
import { describeDecision, describeMessages } from '../decision-text.ts'
import type { Change } from './alert-history.ts'

/**
 * Tells why a change was decided as it was, rule by rule: as it was kept with it then, whatever the rules are by now. Only
 * of a record that holds no trace it tells how the rules at hand decide it, and whether these are the rules that did.
 */
export function explanationOf(change: Change, rulesAtHand: () => Config, width: number): string {
  const why = change.trace ? asKept(change, change.trace, width) : byRulesAtHand(change, rulesAtHand(), width)
  const sent = change.deliveries.flatMap(({ channel, said }) =>
    said === undefined ? [] : [{ channel, firstLine: said }],
  )
  const messages = sent.length > 0 ? [describeMessages('Messages, as they were sent', sent, width)] : []
  return [why, ...messages].join('\n\n')
}

function asKept(change: Change, trace: DecisionTrace, width: number): string {
  const { alert, configVersion, severity, rule, channels, because } = change
  const decision = { severity, rule, channels, because }
  const sent = describeDecision({ alert, decision, ...trace }, { width, all: false })
  return `As it was decided then, by version ${configVersion ?? 'unknown'} of the rules:\n\n${sent}`
}

function byRulesAtHand({ alert, configVersion, messages }: Change, config: Config, width: number): string {
  const decidedAt = new Date(messages[0]?.recordedAt ?? alert.changedAt)
  const version = versionOf(documentOf(config))
  const whose =
    configVersion === version
      ? `By the rules that decided it (version ${version}):`
      : `By the rules in this folder (version ${version}). It was decided by version ${configVersion ?? 'unknown'}:\nwhere the two differ, so may this.`
  const sent = describeDecision(storyOf(alert, config, decidedAt), { width, all: false })
  return `No trace was kept with it. ${whose}\n\n${sent}`
}
