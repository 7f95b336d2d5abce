import { oneLine } from '../../channels/outside-text.ts'
import { recipientsOf } from '../../decide/decision.ts'
import { isTopic, nameOf, notifies, ourTopic, type Reach } from '../actions.ts'
import type { EstateAlarm } from '../alarm.ts'
import type { Estate } from '../estate.ts'
import { found } from '../finding.ts'
import type { Edit } from '../fix.ts'
import { type Check, each } from '../judged.ts'

/** Whether anybody hears of an alarm. */

/** An account says it of each alarm, if only that there is none; who wrote a file may have left it out. */
export const isUnsaid = ({ from }: Estate, { raw }: EstateAlarm, key: 'AlarmActions' | 'OKActions'): boolean =>
  from.kind === 'file' && raw[key] === undefined

/** Nobody hears of it. */
const isAlone = (estate: Estate, alarm: EstateAlarm, reach: Reach): boolean =>
  !isUnsaid(estate, alarm, 'AlarmActions') && !reach.isReached(alarm)

export const reachesNobody: Check = each(({ alarm }, { estate, reach }) => {
  const { actions, actionsEnabled } = alarm
  // Whom it would notify if its actions were enabled, is not nobody.
  if (!isAlone(estate, alarm, reach) || (!actionsEnabled && actions.alarm.some(notifies))) return []
  const [acts] = actions.alarm
  const says = [
    ...(acts === undefined ? [] : [`it only acts: ${oneLine(nameOf(acts))}`]),
    ...(reach.maybeSentBy.length === 0
      ? []
      : [`unless EventBridge sends it: ${oneLine(reach.maybeSentBy.join(', '))}`]),
  ]
  const what = says.join('; ')
  return [found('reaches-nobody', alarm, what, { edits: toUs(estate, alarm) })]
})

export const notPointedAtUs: Check = each(({ alarm }, { estate, reach }) => {
  if (!estate.router || !reach.isReached(alarm) || reach.isOurs(alarm)) return []
  const [first] = alarm.actions.alarm.filter(notifies)
  const what = first === undefined ? '' : `it goes to ${oneLine(nameOf(first))}`
  return [found('not-pointed-at-us', alarm, what, { edits: toUs(estate, alarm) })]
}, 'senders')

function toUs({ router }: Estate, alarm: EstateAlarm): Edit[] {
  const topic = ourTopic(router, alarm)
  return topic === undefined ? [] : [{ add: topic, to: ['AlarmActions', 'OKActions'] }]
}

/** A rule that says so, has a reason. */
export const rulesNotifyNobody: Check = each(({ alarm, decision }) => {
  if (recipientsOf(decision).length > 0 || decision.nobody) return []
  return [found('rules-notify-nobody', alarm, `${decision.severity}, by ${decision.rule}`)]
}, 'senders')

/** With an action that notifies, or without: what is added to disabled actions is silent, too. */
export const actionsDisabled: Check = each(({ alarm }, { estate, reach }) => {
  const { actionsEnabled, actions } = alarm
  const hasReader = actions.alarm.some(notifies)
  if (actionsEnabled || (!hasReader && !isAlone(estate, alarm, reach))) return []
  const acts = actions.alarm.filter((arn) => !notifies(arn))
  const what = acts.length === 0 ? '' : `enabled, it also acts: ${oneLine(acts.map(nameOf).join(', '))}`
  // Without a reader, and without one to add, nobody gains from it.
  const helps = hasReader || toUs(estate, alarm).length > 0
  return [found('actions-disabled', alarm, what, { edits: helps ? [{ enable: true }] : [] })]
})

export const noOkAction: Check = each(({ alarm, isPage }, { estate, reach }) => {
  const { alarm: firing, ok } = alarm.actions
  if (isUnsaid(estate, alarm, 'OKActions')) return []
  // Another action may do anything: what opens an incident, or restarts something, must not do so at an end.
  const isSent = (arn: string) => (estate.router ? reach.leadsToUs(arn) : isTopic(arn))
  // One that sends its ALARM nowhere has another fault.
  if (!firing.some(isSent) || ok.some(isSent) || reach.isSentByEvents(alarm)) return []
  const target = firing.find(isSent) as string
  const [harm, what] = isPage
    ? (['lost-page', 'its next firing adds to the open incident'] as const)
    : (['noise', ''] as const)
  return [found('no-ok-action', alarm, what, { edits: [{ add: target, to: ['OKActions'] }], harm })]
}, 'senders')

export const onlyDefault: Check = each(({ alarm, decision }) => {
  if (decision.rule !== 'default') return []
  return [found('only-default', alarm, `${decision.severity}, to ${recipientsOf(decision).join(', ') || 'nobody'}`)]
}, 'senders')
