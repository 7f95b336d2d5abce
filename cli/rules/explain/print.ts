import { time } from '../../../shared/channels/alert-text.ts'
import { READERS } from '../../../shared/channels/types.ts'
import type { Explanation } from '../../../shared/explain/explanation.ts'
import { describeDecision, describeMessages, dim } from '../../decision-text.ts'
import { describeInhibitions } from './inhibitions.ts'
import { type Covering, describeSilences } from './silences.ts'

/**
 * The explanation for a person: the decision, and what each channel is sent. `all`: every line that was evaluated,
 * whole messages.
 */
export function describeExplanation(
  explanation: Explanation & { silences?: Covering[] },
  { width, all }: { width: number; all: boolean },
): string {
  const messages = explanation.notifications.map((notification) => {
    const { headline, body } = READERS[notification.type].read(notification)
    return { channel: notification.channel, firstLine: headline, ...(all && { body }) }
  })
  const more = all || messages.length === 0 ? '' : dim('  (--all shows all of it)')
  const notes = [...(explanation.alert.notes ?? []), ...(explanation.decision.notes ?? [])]
    .map((note) => `\n\nNote: ${note}`)
    .join('')
  const decision = describeDecision(explanation, { width, all })
  const ahead = describeAhead(explanation.ahead)
  const silences = describeSilences(explanation.silences ?? [], width)
  const inhibitions = describeInhibitions(explanation.inhibitions, width)
  return `${decision}${notes}${silences}${inhibitions}\n\n${describeMessages('Messages', messages, width, more)}${ahead}`
}

/** `If nobody reacts: 15:10Z reminds slack-critical`. */
function describeAhead(ahead: Explanation['ahead']): string {
  if (ahead.length === 0) return ''
  const lines = ahead.map(({ at, what }) => `  ${time(at)}  ${what}`)
  return `\n\nIf it goes on firing, and nobody reacts\n${lines.join('\n')}`
}
