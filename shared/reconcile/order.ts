import { asText, type Json } from '../../schemas/loose.ts'
import type { Order } from '../../schemas/wake.ts'
import { messageOf } from '../estate/message.ts'
import { drillInReason } from '../parse/drill.ts'
import { type Difference, isSame, type Seen, stateSent } from './differ.ts'

/** Of what did not arrive: the order to `route`, with which it is handled as if it had. Pure. */
export function orderOf(
  difference: Exclude<Difference, { kind: 'left' }>,
  seen: Seen,
  tags: Record<string, string>,
): Order {
  if (difference.kind === 'ended') {
    const { at, newest, why } = difference
    // As if its OK had arrived. Of a deleted one, and where its time is not after that of the firing, none could have come.
    const message = messageAt(seen, tags, { state: 'OK', at })
    if (seen.alarm && !seen.contributor && at > newest && !isOfDrill(message)) {
      return { found: [message], note: NOTES[why] }
    }
    const known = reasonAt(seen, at)
    const reason = !seen.alarm ? DELETED : ((isOfDrill(known) ? undefined : known.NewStateReason) ?? OK)
    return { ended: difference.fingerprint, at, newest, reason, note: NOTES[why] }
  }
  const fired = messageAt(seen, tags, { state: 'ALARM', at: difference.at })
  if (difference.kind === 'fires') return { found: [fired], note: NOTES.fires }
  const end = messageAt(seen, tags, { state: 'OK', at: difference.endedAt })
  const ended = isOfDrill(end) ? { ...end, NewStateReason: OK } : end
  // The end first: then the firing is late, and one message says both.
  return { found: [ended, fired], note: NOTES.missed }
}

const DELETED = 'The alarm was deleted.'
/** Where its own reason is a drill's: with that, it would end the drill, which is an alert of its own. */
const OK = 'OK in CloudWatch.'

const isOfDrill = ({ NewStateReason }: Json) => drillInReason(asText(NewStateReason)) !== undefined

const NOTES = {
  fires: 'Found by reconcile: CloudWatch’s message about this did not arrive.',
  missed: 'Found by reconcile: CloudWatch’s messages about this did not arrive.',
  lost: 'Found by reconcile: CloudWatch’s OK did not arrive.',
  'no-ok-action': 'Found by reconcile: the alarm has no OK action that leads to the router.',
  deleted: 'Found by reconcile: an alarm that is deleted sends no OK.',
}

/** CloudWatch's own message, where its history has it; else one made of what it says of the alarm. */
function messageAt(
  seen: Seen,
  tags: Record<string, string>,
  { state, at }: { state: 'ALARM' | 'OK'; at: string },
): Json {
  const { contributor, alarm, history } = seen
  const sent = history.filter(({ kind, message }) => kind === 'sent' && message)
  const kept = sent.find((item) => isSame(item.at, at) && stateSent(item, seen) === state)?.message
  if (kept && !contributor) return kept
  const made = alarm ? messageOf(alarm, tags, new Date(at)) : (sent.at(-1)?.message ?? bareMessage(seen, at))
  return {
    ...made,
    ...{ NewStateValue: state, OldStateValue: state === 'ALARM' ? 'OK' : 'ALARM' },
    StateChangeTime: at,
    ...(alarm ? reasonAt(seen, at) : { NewStateReason: DELETED }),
    ...(contributor !== undefined &&
      contributor !== 'quiet' && {
        AlarmContributorId: contributor.id,
        AlarmContributorAttributes: contributor.attributes,
        ...(contributor.reason !== undefined && { NewStateReason: contributor.reason }),
      }),
  }
}

/** Of an alarm that is deleted, without a message of its own: its name is all. */
const bareMessage = ({ name, fingerprint }: Seen, at: string): Json => ({
  ...{ AlarmName: name, AlarmArn: fingerprint, StateChangeTime: at },
})

/** Why it changed then; of its present state, the alarm says so, too. */
function reasonAt({ alarm, history }: Seen, at: string): { NewStateReason?: string; NewStateReasonData?: string } {
  const changed = history.find((item) => item.kind === 'changed' && isSame(item.at, at))
  const isNow = alarm?.since !== undefined && isSame(alarm.since.at, at)
  const reason = changed?.reason ?? (isNow ? alarm.reason : undefined)
  const data = changed?.reasonData ?? (isNow ? asText(alarm.raw.StateReasonData) : undefined)
  return {
    ...(reason !== undefined && { NewStateReason: reason }),
    ...(data !== undefined && { NewStateReasonData: data }),
  }
}
