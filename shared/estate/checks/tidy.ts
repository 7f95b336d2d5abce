import { oneLine } from '../../channels/outside-text.ts'
import { namedByComposite } from '../../parse/alarm-rule.ts'
import type { EstateAlarm } from '../alarm.ts'
import { found } from '../finding.ts'
import { awsOf } from '../fix.ts'
import { type Check, each, type Judged } from '../judged.ts'
import { tagsOf } from '../routed.ts'

/** What a person who is woken needs, and what composites combine. */

export const childGone: Check = (judged) => {
  if (isPart(judged)) return []
  return missingChildren(judged).map(({ alarm, missing }) => {
    const what = missing.map(oneLine).join(', ')
    return found('child-gone', alarm, judged.estate.from.kind === 'file' ? `not in this file: ${what}` : what)
  })
}

/** Composites, and what they name that is not there. */
export function missingChildren({ all, named }: Judged): { alarm: EstateAlarm; missing: string[] }[] {
  return all.flatMap(({ alarm }) => {
    const missing = alarm.type === 'composite' ? namedByComposite(alarm).filter((name) => !named(alarm, name)) : []
    return missing.length === 0 ? [] : [{ alarm, missing }]
  })
}

/** Of what composites name: a file with less is taken for a part of its account. */
const LEAST_SHARE = 0.75

/** Whether a file may hold some alarms of its account alone, by prefix or by name: then what is not in it may well be there. */
export function isPart({ estate, all, named }: Judged): boolean {
  if (estate.from.kind !== 'file') return false
  const those = all.flatMap(({ alarm }) =>
    alarm.type === 'composite' ? namedByComposite(alarm).map((name) => ({ alarm, name })) : [],
  )
  const names = Map.groupBy(those, ({ alarm: { account, region }, name }) => [account, region, name].join(' '))
  const there = [...names.values()].filter((by) => by.some(({ alarm, name }) => named(alarm, name)))
  return there.length < LEAST_SHARE * names.size
}

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
