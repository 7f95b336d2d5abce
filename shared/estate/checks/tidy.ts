import { oneLine } from '../../channels/outside-text.ts'
import { namedByComposite } from '../alarm-rule.ts'
import { found } from '../finding.ts'
import { awsOf } from '../fix.ts'
import { type Check, each } from '../judged.ts'
import { tagsOf } from '../routed.ts'

/** What a person who is woken needs, and what composites combine. */

export const childGone: Check = each(({ alarm }, { names }) => {
  if (alarm.type !== 'composite') return []
  const gone = namedByComposite(alarm).filter((name) => !names.has(name))
  return gone.length === 0 ? [] : [found('child-gone', alarm, gone.map(oneLine).join(', '))]
})

export const noRunbook: Check = each(({ alarm, alert, decision }) => {
  if (alert.links.runbook !== undefined || decision.runbook !== undefined) return []
  return [found('no-runbook', alarm, '')]
}, 'senders')

/** `owner`, `team`, `app:owner`, `OwnerTeam` */
const OWNER = /(^|[^a-z])(owner|team|squad|contact|responsible)s?($|[^a-z])/i
const words = (key: string) => key.replace(/([a-z])([A-Z])/g, '$1-$2')
const SAYS_OWNER = /\b(owner|owned by|team|squad|contact)\b\s*[:=]\s*\S/i

export const noOwner: Check = ({ estate, senders }) =>
  senders.flatMap(({ alarm, alert, decision }) => {
    const keys = Object.keys({ ...tagsOf(estate, alarm), ...decision.labels })
    if (keys.some((key) => OWNER.test(words(key))) || SAYS_OWNER.test(alert.description ?? '')) return []
    // Without its tags, nobody can say that it has none.
    if ('refused' in estate.tags) return []
    const { arn } = alarm
    const tag =
      arn === undefined
        ? []
        : [awsOf(alarm, 'cloudwatch tag-resource', { 'resource-arn': arn, tags: 'Key=team,Value=TEAM' })]
    return [found('no-owner', alarm, '', { commands: tag })]
  })
