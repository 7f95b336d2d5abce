import type { Config } from '../../schemas/config.ts'
import type { DecisionTrace } from '../../schemas/trace.ts'
import { explanationOf } from '../../shared/explain/explanation.ts'
import type { Change } from '../../shared/history/alert-history.ts'
import { documentOf, versionOf } from '../../shared/live-config/version.ts'
import { describeDecision, describeMessages } from '../decision-text.ts'

/**
 * Explains the decision on a change, rule by rule, from the trace recorded with it, whatever the rules are now. A
 * record without a trace is explained by the rules at hand; the text says whether these are the rules that decided
 * it.
 */
export function explainChange(change: Change, rulesAtHand: () => Config, width: number): string {
  const why = change.trace ? asKept(change, change.trace, width) : byRulesAtHand(change, rulesAtHand(), width)
  const sent = change.deliveries.flatMap(({ channel, said }) =>
    said === undefined ? [] : [{ channel, firstLine: said }],
  )
  const messages = sent.length > 0 ? [describeMessages('Messages, as sent', sent, width)] : []
  return [why, ...messages].join('\n\n')
}

function asKept(change: Change, trace: DecisionTrace, width: number): string {
  const { alert, configVersion, severity, rule, channels, because } = change
  const decision = { severity, rule, channels, because }
  const sent = describeDecision({ alert, decision, ...trace }, { width, all: false })
  return `The recorded decision, by version ${configVersion ?? 'unknown'} of the rules:\n\n${sent}`
}

function byRulesAtHand({ alert, configVersion, messages }: Change, config: Config, width: number): string {
  const decidedAt = new Date(messages[0]?.recordedAt ?? alert.changedAt)
  const version = versionOf(documentOf(config))
  const whose =
    configVersion === version
      ? `Explained by the rules that decided it (version ${version}):`
      : `Explained by the rules in this folder (version ${version}). Version ${configVersion ?? 'unknown'} decided it:\nif the two differ, the explanation may be wrong.`
  const sent = describeDecision(explanationOf(alert, config, decidedAt), { width, all: false })
  return `No trace was recorded. ${whose}\n\n${sent}`
}
