import { oneLine } from '../../channels/outside-text.ts'
import { parseArn } from '../../parse/arn.ts'
import { isTopic, nameOf, ourTopic } from '../actions.ts'
import type { EstateAlarm } from '../alarm.ts'
import type { Estate, Key, Topic } from '../estate.ts'
import { found } from '../finding.ts'
import { awsOf, type Edit } from '../fix.ts'
import { type Check, each } from '../judged.ts'
import { judge, type Policy, type Statement } from '../policy.ts'

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
    .map(({ arn }) => found('dead-topic', alarm, oneLine(arn), { edits: toOurs(estate, alarm, arn) })),
)

/** In place of a topic that is gone. */
export function toOurs({ router }: Estate, alarm: EstateAlarm, gone: string): Edit[] {
  const ours = ourTopic(router, alarm)
  return ours === undefined || ours === gone ? [] : [{ replace: gone, by: ours }]
}

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

const SERVICE = 'cloudwatch.amazonaws.com'

/** Of CloudWatch's request, when it publishes for an alarm. */
function contextOf({ account, arn }: EstateAlarm): Record<string, string | null> {
  return {
    ...{ 'aws:SecureTransport': 'true', 'aws:PrincipalArn': null, 'aws:PrincipalOrgID': null },
    'aws:PrincipalIsAWSService': 'true',
    ...(account !== undefined && { 'aws:SourceAccount': account }),
    ...(arn !== undefined && { 'aws:SourceArn': arn }),
  }
}

export const topicRefuses: Check = each(({ alarm }, { estate }) =>
  topicsOf(estate, alarm).flatMap(({ arn, topic }) => {
    const why = whyRefused(arn, topic, alarm)
    if (why === undefined) return []
    return [
      found('topic-refuses', alarm, oneLine(`${nameOf(arn)}: ${why}`), { commands: policyCommands(arn, topic, alarm) }),
    ]
  }),
)

/** A topic's first policy lets anything publish that belongs to its account: by the name that SNS has for that. */
const asked = (arn: string, alarm: EstateAlarm) => ({
  ...{ who: SERVICE, action: 'sns:Publish', resource: arn },
  context: { ...contextOf(alarm), ...(alarm.account !== undefined && { 'aws:SourceOwner': alarm.account }) },
})

const statementsOf = ({ Statement }: Policy): Statement[] => (Array.isArray(Statement) ? Statement : [Statement])

/** Undefined where CloudWatch may publish, or where that depends on what is not known here. */
function whyRefused(arn: string, { isThere, policy }: Topic, alarm: EstateAlarm): string | undefined {
  if (!isThere || !policy) return undefined
  const verdict = judge(policy, asked(arn, alarm))
  if (verdict === 'not allowed') return `its policy does not let ${SERVICE} publish${ofAccount(alarm)}`
  if (verdict !== 'denied') return undefined
  const denying = statementsOf(policy).find((one) => judge({ Statement: one }, asked(arn, alarm)) === 'denied')
  const name = denying?.Sid === undefined ? 'a statement' : `the statement "${denying.Sid}"`
  return `${name} of its policy denies it to ${SERVICE}${ofAccount(alarm)}`
}

const ofAccount = ({ account }: EstateAlarm) => (account === undefined ? '' : ` for account ${account}`)

/** First what is there now: whoever puts a policy replaces it. What is denied, no further statement allows. */
export function policyCommands(arn: string, { policy }: Topic, alarm: EstateAlarm): string[] {
  const show = awsOf(alarm, 'sns get-topic-attributes', {
    ...{ 'topic-arn': arn, query: 'Attributes.Policy', output: 'text' },
  })
  if (!policy || judge(policy, asked(arn, alarm)) !== 'not allowed') return [show]
  const changed = JSON.stringify({ ...policy, Statement: withSids([...statementsOf(policy), allowing(arn, alarm)]) })
  const put = { 'topic-arn': arn, 'attribute-name': 'Policy', 'attribute-value': changed }
  return [show, awsOf(alarm, 'sns set-topic-attributes', put)]
}

const allowing = (Resource: string, { account }: EstateAlarm): Statement => ({
  ...{
    Sid: 'AllowCloudWatchAlarms',
    Effect: 'Allow',
    Principal: { Service: SERVICE },
    Action: 'sns:Publish',
    Resource,
  },
  ...(account !== undefined && { Condition: { StringEquals: { 'aws:SourceAccount': account } } }),
})

/** SNS takes several statements only if each has a name of its own. */
function withSids(statements: Statement[]): Statement[] {
  const taken = new Set<string>()
  return statements.map((one, at) => {
    const wanted = String(one.Sid ?? `Statement${at + 1}`)
    const Sid = taken.has(wanted) ? `${wanted}${at + 1}` : wanted
    taken.add(Sid)
    return { ...one, Sid }
  })
}

/** For publishing to a topic that it encrypts. */
const ACTIONS = ['kms:GenerateDataKey', 'kms:Decrypt']

/** Undefined where it is usable, or where that depends on what is not known here. */
function whyUnusable({ name, isOfAws, arn = name, state, policy }: Key, alarm: EstateAlarm): string | undefined {
  if (isOfAws) return `${name} is a key of AWS’s own, which lets no service use it`
  if (state !== undefined && state !== 'Enabled') return `its key is ${state}`
  if (!policy) return undefined
  const context = contextOf(alarm)
  const verdicts = ACTIONS.map((action) => judge(policy, { who: SERVICE, action, resource: arn, context }))
  const isRefused = verdicts.some((verdict) => verdict === 'not allowed' || verdict === 'denied')
  return isRefused ? `the policy of its key does not let ${SERVICE} use it` : undefined
}

/** First the policy that is there now: whoever puts one replaces it. Nothing for a key that CloudWatch can use. */
export function keyCommands(key: Key, topic: string, alarm: EstateAlarm): string[] {
  const { arn, isOfAws, state, policy } = key
  if (whyUnusable(key, alarm) === undefined) return []
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
  const changed = JSON.stringify({ ...policy, Statement: [...statementsOf(policy), statement] })
  const of = { 'key-id': arn, 'policy-name': 'default' }
  const show = awsOf(alarm, 'kms get-key-policy', { ...of, query: 'Policy', output: 'text' })
  return [show, awsOf(alarm, 'kms put-key-policy', { ...of, policy: changed })]
}
