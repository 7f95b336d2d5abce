import { oneLine } from '../../channels/outside-text.ts'
import { parseArn } from '../../parse/arn.ts'
import { isTopic, nameOf, ourTopic } from '../actions.ts'
import type { EstateAlarm } from '../alarm.ts'
import type { Estate, Key, Topic } from '../estate.ts'
import { found } from '../finding.ts'
import { awsOf } from '../fix.ts'
import { type Check, each } from '../judged.ts'
import { judge } from '../policy.ts'

/** Whether what an alarm publishes arrives at its topics. */

/** Each topic of an alarm's ALARM that could be read. */
function topicsOf({ topics }: Estate, { actions }: EstateAlarm): { arn: string; topic: Topic }[] {
  return actions.alarm.filter(isTopic).flatMap((arn) => {
    const part = Object.hasOwn(topics, arn) ? topics[arn] : undefined
    return part && 'data' in part ? [{ arn, topic: part.data }] : []
  })
}

export const deadTopic: Check = each(({ alarm }, { estate }) =>
  topicsOf(estate, alarm)
    .filter(({ topic }) => !topic.isThere)
    .map(({ arn }) => {
      const ours = ourTopic(estate.router, alarm)
      const edits = ours === undefined || ours === arn ? [] : [{ replace: arn, by: ours }]
      return found('dead-topic', alarm, oneLine(arn), { edits })
    }),
)

export const noSubscription: Check = each(({ alarm }, { estate }) =>
  topicsOf(estate, alarm)
    .filter(({ topic }) => topic.isThere && topic.confirmed === 0)
    .map(({ arn, topic: { pending } }) => {
      const what = pending > 0 ? `${nameOf(arn)}: ${pending} not confirmed` : nameOf(arn)
      const to = { 'topic-arn': arn, protocol: 'email', 'notification-endpoint': 'ADDRESS' }
      return found('no-subscription', alarm, oneLine(what), { commands: [awsOf(alarm, 'sns subscribe', to)] })
    }),
)

export const keyUnusable: Check = each(({ alarm }, { estate }) =>
  topicsOf(estate, alarm).flatMap(({ arn, topic: { key } }) => {
    if (!key || !('data' in key)) return []
    const why = whyUnusable(key.data, alarm)
    if (why === undefined) return []
    return [
      found('key-unusable', alarm, oneLine(`${nameOf(arn)}: ${why}`), { commands: keyCommands(key.data, arn, alarm) }),
    ]
  }),
)

/** For publishing to a topic that it encrypts. */
const ACTIONS = ['kms:GenerateDataKey', 'kms:Decrypt']
const SERVICE = 'cloudwatch.amazonaws.com'

/** Undefined where it is usable, or where that depends on what is not known here. */
function whyUnusable({ name, isOfAws, arn = name, state, policy }: Key, alarm: EstateAlarm): string | undefined {
  if (isOfAws) return `${name} is a key of AWS’s own, which lets no service use it`
  if (state !== undefined && state !== 'Enabled') return `its key is ${state}`
  if (!policy) return undefined
  const context = {
    'aws:SecureTransport': 'true',
    'aws:PrincipalArn': null,
    ...(alarm.account !== undefined && { 'aws:SourceAccount': alarm.account }),
    ...(alarm.arn !== undefined && { 'aws:SourceArn': alarm.arn }),
  }
  const verdicts = ACTIONS.map((action) => judge(policy, { who: SERVICE, action, resource: arn, context }))
  const isRefused = verdicts.some((verdict) => verdict === 'not allowed' || verdict === 'denied')
  return isRefused ? `the policy of its key does not let ${SERVICE} use it` : undefined
}

function keyCommands({ arn, isOfAws, state, policy }: Key, topic: string, alarm: EstateAlarm): string[] {
  if (isOfAws) {
    const with_ = { 'topic-arn': topic, 'attribute-name': 'KmsMasterKeyId', 'attribute-value': 'YOUR-KEY' }
    return [awsOf(alarm, 'sns set-topic-attributes', with_)]
  }
  if (arn === undefined) return []
  if (state === 'Disabled') return [awsOf(alarm, 'kms enable-key', { 'key-id': arn })]
  if (!policy || (state !== undefined && state !== 'Enabled')) return []
  const account = parseArn(arn)?.account
  const statement = {
    Effect: 'Allow',
    Principal: { Service: SERVICE },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    Resource: '*',
    ...(account && { Condition: { StringEquals: { 'aws:SourceAccount': account } } }),
  }
  const statements = Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement]
  const changed = JSON.stringify({ ...policy, Statement: [...statements, statement] })
  return [awsOf(alarm, 'kms put-key-policy', { 'key-id': arn, 'policy-name': 'default', policy: changed })]
}
