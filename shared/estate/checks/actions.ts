import { oneLine, shorten } from '../../channels/outside-text.ts'
import { minuteOf } from '../../decide/minute.ts'
import { isTopic, nameOf } from '../actions.ts'
import type { EstateAlarm } from '../alarm.ts'
import type { Estate, Ran } from '../estate.ts'
import { type Finding, found } from '../finding.ts'
import { lookBack } from '../fix.ts'
import type { Check } from '../judged.ts'
import { keyCommands, policyCommands, toOurs } from './topics.ts'

/** Whether what CloudWatch ran for an alarm worked. */

/** Those that it has still, whose newest run did not work. What has worked since, is repaired. */
export const actionFailed: Check = ({ estate, all }) => {
  if (!('data' in estate.history)) return []
  const runs = Map.groupBy(estate.history.data.actions, ({ name }) => name)
  return all.flatMap(({ alarm }) => {
    const { actions } = alarm
    const has = new Set([...actions.alarm, ...actions.ok, ...actions.insufficientData])
    const byAction = Map.groupBy(runs.get(alarm.name) ?? [], ({ action }) => action)
    return [...byAction].flatMap(([arn, those]) => {
      const newest = those.reduce((one, other) => (other.at > one.at ? other : one))
      if (newest.failure === undefined || !has.has(arn)) return []
      const times = those.filter(({ failure }) => failure !== undefined).length
      return [failed(estate, alarm, { ...newest, failure: newest.failure }, times)]
    })
  })
}

type Cause = 'policy' | 'key' | 'gone'

/** What CloudWatch says of it (AWS re:Post, "Why didn't I receive an SNS notification for my CloudWatch alarm trigger?"). */
const CAUSES: { cause: Cause; of: RegExp; says: string }[] = [
  { cause: 'key', of: /encryption key|AWSKMS|\bKMS\b/i, says: 'CloudWatch can’t use the key of the topic' },
  { cause: 'policy', of: /not authorized to perform: SNS:Publish/i, says: 'the policy of the topic refuses it' },
  { cause: 'gone', of: /topic does not exist|\bNotFound/i, says: 'the topic is gone' },
]

function failed(estate: Estate, alarm: EstateAlarm, ran: Ran & { failure: string }, times: number): Finding {
  const { action, at, failure } = ran
  const { cause, says } = CAUSES.find(({ of }) => isTopic(action) && of.test(failure)) ?? {}
  const when = `${times === 1 ? 'once' : `${times} times, last`} at ${minuteOf(at)} UTC`
  const why = [says, shorten(oneLine(failure), 240)].filter(Boolean).join(': ')
  const what = `${oneLine(nameOf(action))}: failed ${when}${why === '' ? '' : `: ${why}`}`
  const edits = cause === 'gone' ? toOurs(estate, alarm, action) : []
  const commands = commandsFor(cause, estate, alarm, action)
  return found('action-failed', alarm, what, {
    edits,
    commands: [...commands, ...(edits.length + commands.length === 0 ? lookBack(alarm) : [])],
  })
}

function commandsFor(cause: Cause | undefined, { topics }: Estate, alarm: EstateAlarm, arn: string): string[] {
  const part = Object.hasOwn(topics, arn) ? topics[arn] : undefined
  if (!part || !('data' in part)) return []
  const { key } = part.data
  if (cause === 'policy') return policyCommands(arn, part.data, alarm)
  return cause === 'key' && key && 'data' in key ? keyCommands(key.data, arn, alarm) : []
}
