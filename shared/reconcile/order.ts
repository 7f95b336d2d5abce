import { asText, type Json } from '../../schemas/loose.ts'
import type { Order } from '../../schemas/wake.ts'
import { messageOf } from '../estate/message.ts'
import { isoTime } from '../parse/time.ts'
import type { Difference } from './differ.ts'
import { changeAt, isOfDrill, isSentByDrill, stateSent } from './history.ts'
import { isSame, type Seen } from './seen.ts'

/**
 * Of what did not arrive: the order to `route`, with which it is handled as if it had. `undefined`: it would be that of a
 * drill, which follows what it has set itself. Pure.
 */
export function orderOf(
  difference: Exclude<Difference, { kind: 'left' }>,
  seen: Seen,
  tags: Record<string, string>,
): Order | undefined {
  if (difference.kind === 'ended') return endOf(difference, seen, tags)
  const fired = messageAt(seen, tags, { state: 'ALARM', at: difference.at })
  if (isDrills(fired)) return undefined
  if (difference.kind === 'fires') return firingOf(difference, seen, fired)
  const end = messageAt(seen, tags, { state: 'OK', at: difference.endedAt })
  const ended = isDrills(end) ? { ...end, NewStateReason: OK } : end
  // The end first: then the firing is late, and one message says both.
  return { found: [ended, fired], note: NOTES.missed }
}

type Of<Kind> = Extract<Difference, { kind: Kind }>

function endOf({ at, newest, why, fingerprint }: Of<'ended'>, seen: Seen, tags: Record<string, string>): Order {
  const note = NOTES[why]
  // As if its OK had arrived. Of a deleted one, and where its time is not after that of the firing, none could have come.
  const message = messageAt(seen, tags, { state: 'OK', at })
  const isAfter = timeOf(message, at) > (seen.state?.firing?.at ?? newest)
  if (why !== 'deleted' && !seen.contributor && isAfter && !isDrills(message)) return { found: [message], note }
  const known = reasonAt(seen, at)
  const reason = why === 'deleted' ? DELETED : ((isDrills(known) ? undefined : known.NewStateReason) ?? OK)
  return { ended: fingerprint, at, newest, reason, note }
}

/** It fires after the end that is known, though a clock says otherwise. */
function firingOf({ at, isAbout }: Of<'fires'>, { state, history }: Seen, message: Json): Order {
  const after = state?.ended && new Date(Date.parse(state.ended.at) + 1).toISOString()
  const own = timeOf(message, at)
  const [time = own] = [own, after ?? own].sort().reverse()
  const isMoved = isAbout === true || !isSame(time, at)
  return {
    found: [{ ...message, ...(time !== own && { StateChangeTime: time }) }],
    note: isOfDrill(changeAt(history, at)?.reason) ? NOTES.drilled : NOTES.fires,
    ...(isMoved && { isAbout: true as const }),
  }
}

/** CloudWatch's own message may have another time than its API. */
const timeOf = ({ StateChangeTime }: Json, at: string): string => isoTime(StateChangeTime) ?? at

const DELETED = 'The alarm was deleted.'
/** Where its own reason is a drill's: with that, it would end the drill, which is an alert of its own. */
const OK = 'OK in CloudWatch.'

const isDrills = ({ NewStateReason }: Json) => isOfDrill(asText(NewStateReason))

const NOTES = {
  fires: 'Found by reconcile: CloudWatch’s message about this did not arrive.',
  drilled: 'Found by reconcile: it really fires since a drill had set it, and CloudWatch sends no message about that.',
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
  const sent = history.filter((item) => item.kind === 'sent' && item.message && !isSentByDrill(item, history))
  const kept = sent.find((item) => isSame(item.at, at) && stateSent(item, seen) === state)?.message
  if (kept && !contributor) return kept
  const made = alarm ? messageOf(alarm, tags, new Date(at)) : (sent.at(-1)?.message ?? bareMessage(seen, at))
  return {
    ...made,
    ...{ NewStateValue: state, OldStateValue: state === 'ALARM' ? 'OK' : 'ALARM' },
    StateChangeTime: at,
    ...reasonAt(seen, at),
    ...(typeof contributor === 'object' && {
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

/** Why it changed then; of its present state, the alarm says so, too. A drill's reason is not why it really fires. */
function reasonAt({ alarm, history }: Seen, at: string): { NewStateReason?: string; NewStateReasonData?: string } {
  const isDeletion = history.some((item) => item.kind === 'deleted' && item.at === at)
  if (!alarm || isDeletion) return { NewStateReason: DELETED }
  const change = changeAt(history, at)
  const changed = isOfDrill(change?.reason) ? undefined : change
  const isNow = alarm.since !== undefined && isSame(alarm.since.at, at)
  const reason = changed?.reason ?? (isNow ? alarm.reason : undefined)
  const data = changed?.reasonData ?? (isNow ? asText(alarm.raw.StateReasonData) : undefined)
  return {
    ...(reason !== undefined && { NewStateReason: reason }),
    ...(data !== undefined && { NewStateReasonData: data }),
  }
}
