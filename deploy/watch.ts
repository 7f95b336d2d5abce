import { CHANNEL_TYPES, type ChannelType } from '../schemas/channel.ts'
import type { Config } from '../schemas/config.ts'
import { FACTS } from '../shared/channels/types.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { HEARTBEAT } from '../shared/observe/heartbeat.ts'
import type { INBOX_REFUSED_BECAUSE, Metric, RECONCILED_BECAUSE } from '../shared/observe/metrics.ts'
import { NAMESPACE } from './dashboard.ts'
import { delivererOf, idOf } from './deliverers.ts'
import { dimensionsOf } from './dimensions.ts'
import type { TemplatePart } from './email-topics.ts'
import { RECONCILE } from './reconcile-times.ts'

/** A queue and the function that it feeds; `id` is the prefix of its alarms' ids. */
interface Watched {
  id: string
  queue: string
  functionName: string
}

const ROUTE: Watched = { id: 'Alarms', queue: 'alarms', functionName: 'route' }
/**
 * The types of these channels. What ends the heartbeat's way carries nothing else: when it fails, the heartbeat is missing. A
 * type that no channel has is deployed, so that pushed rules may use it, and has alarms from the next deployment on.
 */
export function watchedTypes(channels: Config['channels']): ChannelType[] {
  const used = new Set<ChannelType>(Object.values(channels).map(({ type }) => type))
  return CHANNEL_TYPES.filter((type) => used.has(type) && FACTS[type].addressedBy !== 'nothing')
}

/** While all is well, no message waits longer in a queue, and no heartbeat takes longer (seconds). */
const MAX_WAIT_S = 900

/** Due alerts are evaluated within a minute or two. */
const MAX_DUE_MS = 300_000
/**
 * A failed attempt is retried within a quarter of an hour (backoffMs, shared/deliver/next-step.ts). An alarm on failed
 * attempts lasts twice as long after the last one: else it would end and start again with each.
 */
const TRIES_MINUTES = 30
/** Shows the account's concurrency limit, and how much of it is reserved. */
const CONCURRENCY = 'aws lambda get-account-settings'
/** `tick` runs each minute. */
const NO_TICK_MINUTES = 5
/** So many runs of `reconcile`. */
const NO_RECONCILE = 4
/** One is lost now and then, and was found: many have one cause. */
const MANY_LOST = 3

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless
const PREFIX = '${self:service}-${sls:stage}'
const OPERATOR = '${param:operator}'
const ON_STAGE = '--stage ${sls:stage}'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless

/**
 * Watches the watchman: alarms on the router's own queues, functions and heartbeat, straight from CloudWatch to an
 * email topic for the operator. No part of the router is on that path, so that it works when the router does not. Not
 * even its key, without which CloudWatch drops what it can't encrypt, and notes that in an alarm's history alone (SNS
 * Developer Guide, Key management). The topic carries only names of alarms.
 */
export function watch(channels: Config['channels'], { hasReports = false, hasDrills = false } = {}): TemplatePart {
  const deliverers = watchedTypes(channels).map((type) => ({
    ...{ id: idOf(type), queue: type, functionName: delivererOf(type) },
  }))
  const part: TemplatePart = {
    Resources: {
      OperatorTopic: {
        Type: 'AWS::SNS::Topic',
        Properties: { TopicName: `${PREFIX}-operator` },
      },
      OperatorTopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { Topics: [{ Ref: 'OperatorTopic' }], PolicyDocument: onlyCloudWatchPublishes() },
      },
      OperatorSubscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'OperatorTopic' }, Protocol: 'email', Endpoint: OPERATOR },
      },
      ...alarmsOnTheWhole(),
    },
    Outputs: {
      OperatorTopicArn: {
        Description: 'Notified when the router itself fails; its address must confirm its subscription once',
        Value: { Ref: 'OperatorTopic' },
      },
    },
  }
  for (const one of [ROUTE, ...deliverers]) {
    Object.assign(part.Resources, deadLetterAlarms(one), errorsAlarm(one.id, one.functionName, one.queue))
  }
  // That of `route` is taken by each heartbeat: it is missing when nothing takes messages from there.
  for (const one of deliverers) Object.assign(part.Resources, ageAlarm(one))
  const clocked = ['Tick', ...(hasReports ? ['Report'] : []), ...(hasDrills ? ['Drill'] : [])]
  for (const id of clocked) Object.assign(part.Resources, errorsAlarm(id, id.toLowerCase()))
  // An account has one concurrency for all of its functions: one that runs each minute, and the one that takes every alert,
  // speak for the others.
  Object.assign(part.Resources, throttlesAlarm('Tick', 'tick'), throttlesAlarm('Alarms', 'route', 'alarms'))
  if (hasDrills) Object.assign(part.Resources, drillAlarm())
  return part
}

/** On the way of every alert. */
function alarmsOnTheWhole() {
  return {
    HeartbeatAlarm: alarm('no-heartbeat', {
      why: `No heartbeat for 10 minutes; alerts may not be delivered. The dashboard ${PREFIX} shows where it stops. Logs: ${logsOf('route')}`,
      metric: [NAMESPACE, 'LatencyMs' satisfies Metric, 'SampleCount'],
      of: { Channel: HEARTBEAT.channel },
      missingFor: { periods: 2, periodS: HEARTBEAT.minutes * 60 },
    }),
    ConfigStaleAlarm: alarm('stale-rules', {
      why: `Functions cannot load the deployed rules; the last valid rules stay active. Logs: ${logsOf('route')}`,
      metric: [NAMESPACE, 'ConfigStale' satisfies Metric, 'Sum'],
      of: {},
      // One failed poll is no reason to alert. The heartbeat causes at least two in this time.
      above: 1,
      periodS: 2 * HEARTBEAT.minutes * 60,
    }),
    HeartbeatLatencyAlarm: alarm('late-heartbeat', {
      why: `A heartbeat took more than 15 minutes: messages arrive faster than they are processed, and alerts are equally late. The dashboard ${PREFIX} shows which queue. Logs: ${logsOf('route')}`,
      metric: [NAMESPACE, 'LatencyMs' satisfies Metric, 'Maximum'],
      of: { Channel: HEARTBEAT.channel },
      above: MAX_WAIT_S * 1_000,
    }),
    DueLateAlarm: alarm('late', {
      why: `An alert was due for evaluation more than 5 minutes ago; a notification may be missing. Logs: ${logsOf('route')}`,
      metric: [NAMESPACE, 'DueLateMs' satisfies Metric, 'Maximum'],
      of: {},
      above: MAX_DUE_MS,
    }),
    UnconfirmedAlarm: alarm('email-to-nobody', {
      why: `An email channel has no confirmed address: its alerts are retried, and sent to its fallback if it has one. Logs, with the channel: ${logsOf('deliver-email')}. How to confirm: docs/channels/email.md.`,
      metric: [NAMESPACE, 'Unconfirmed' satisfies Metric, 'Sum'],
      of: {},
      above: 0,
      forMinutes: TRIES_MINUTES,
    }),
    WaitingAlarm: alarm('waiting', {
      why: `A channel has not accepted an alert for more than 15 minutes, or an event is not routed yet. Which, and why: the saved query "${PREFIX}/not sent" of CloudWatch Logs Insights; ${commandLine(`history ALARM ${ON_STAGE}`)}`,
      metric: [NAMESPACE, 'WaitingMs' satisfies Metric, 'Maximum'],
      of: {},
      above: MAX_WAIT_S * 1_000,
      forMinutes: TRIES_MINUTES,
    }),
    NoTickAlarm: alarm('no-tick', {
      why: `The clock (tick) has stopped: held alerts are not sent when their window ends, and maintenances are not announced. Logs: ${logsOf('tick')}`,
      metric: [NAMESPACE, 'DueLateMs' satisfies Metric, 'SampleCount'],
      of: {},
      missingFor: { periods: NO_TICK_MINUTES, periodS: 60 },
    }),
  }
}

/** For so long nothing is heard of the other region: it has had time to take over, or to come back. */
const MAX_SILENT_MS = 600_000
/** A replica is a second or two behind. */
const MAX_BEHIND_MS = 60_000

/** On the other of two regions, and on which of them sends. */
export function pairAlarms(tableName: string, other: string): Record<string, ReturnType<typeof alarm>> {
  const look = `Which region sends: ${commandLine(`regions show ${ON_STAGE}`)}`
  return {
    OtherRegionSilentAlarm: alarm('other-region-silent', {
      why: `Nothing has been heard of the router in ${other} for 10 minutes: it is lost, or the two regions are apart. ${look}. What to do: docs/second-region.md`,
      metric: [NAMESPACE, 'OtherSilentMs' satisfies Metric, 'Maximum'],
      of: {},
      above: MAX_SILENT_MS,
    }),
    TookOverAlarm: alarm('took-over', {
      why: `The router in this region sends from now on, instead of that in ${other}. Some messages of the last minutes may be sent twice. ${look}. What to do: docs/second-region.md`,
      metric: [NAMESPACE, 'TookOver' satisfies Metric, 'Sum'],
      of: {},
      above: 0,
    }),
    ReplicaBehindAlarm: alarm('replica-behind', {
      why: `What is written here reaches the table's replica in ${other} more than a minute later: if this region is lost now, what it has sent meanwhile is sent again. Let no region take over by hand until this ends.`,
      metric: ['AWS/DynamoDB', 'ReplicationLatency', 'Maximum'],
      of: { TableName: tableName, ReceivingRegion: other },
      above: MAX_BEHIND_MS,
      forMinutes: NO_TICK_MINUTES,
    }),
  }
}

/** On what CloudWatch sent and never arrived; and on the comparison that finds it, of which one may fail. */
export function reconcileAlarms(): Record<string, object> {
  return {
    LostMessagesAlarm: alarm('lost-messages', {
      why: `CloudWatch sent ${MANY_LOST} messages or more in a quarter of an hour that did not arrive; they were found by comparing, and their recipients are notified. Who may publish, is the subscription there, is the key enabled: ${commandLine(`doctor ${ON_STAGE}`)}. Which alarms: ${logsOf('reconcile')}`,
      metric: [NAMESPACE, 'Reconciled' satisfies Metric, 'Sum'],
      of: { Reason: 'lost' satisfies (typeof RECONCILED_BECAUSE)[number] },
      above: MANY_LOST - 1,
      periodS: 900,
    }),
    NoReconcileAlarm: alarm('no-reconcile', {
      why: `CloudWatch has not been compared with the router for ${NO_RECONCILE * RECONCILE.minutes} minutes: a message that is lost stays lost. Logs: ${logsOf('reconcile')}`,
      metric: [NAMESPACE, 'ReconcileMs' satisfies Metric, 'SampleCount'],
      of: {},
      missingFor: { periods: NO_RECONCILE, periodS: RECONCILE.minutes * 60 },
    }),
  }
}

/** On emails by SES, which takes each, and says by an event that one was not delivered. `rule`: matches those events. */
export function sesAlarms(rule: string): Record<string, ReturnType<typeof alarm>> {
  return {
    EmailBouncedAlarm: alarm('email-bounced', {
      why: `An email to an address of the rules bounced, was complained about, or was not sent: somebody was not notified. To which, and why: ${commandLine(`history SES ${ON_STAGE}`)}. Is the address suppressed, so that SES sends it nothing more: aws sesv2 list-suppressed-destinations. What to do: docs/channels/email.md.`,
      metric: ['AWS/Events', 'Invocations', 'Sum'],
      of: { RuleName: rule },
      above: 0,
      forMinutes: TRIES_MINUTES,
    }),
  }
}

/** On what the bus of an organization could not hand over. Not among the alarms that roll rules back: no rule causes it. */
export function organizationAlarms(): Record<string, ReturnType<typeof alarm>> {
  return {
    OrganizationDeadLettersAlarm: alarm('organization-dead-letters', {
      why: `Events of other accounts came to the router's event bus, and could not be published to the alarms topic. Does the topic's policy, and the key's, let events.amazonaws.com publish: ${commandLine(`doctor ${ON_STAGE}`)}. How to send them again: docs/organizations.md.`,
      metric: ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum'],
      of: { QueueName: { 'Fn::GetAtt': ['OrganizationDeadLetters', 'QueueName'] } },
      above: 0,
    }),
  }
}

/** More in an hour is no accident: a secret, a permission, an outage. */
const MANY = 5

/**
 * Of what follows alerts. Not among the alarms that roll rules back (live-config.ts), and worded so that nobody looks for an
 * alert that is missing.
 */
export function evidenceAlarms(): Record<string, object> {
  const none = 'Every alert is delivered: only what should follow it, is missing (docs/evidence.md).'
  const of = { above: MANY, periodS: 3_600 }
  return {
    EvidenceDroppedAlarm: alarm('evidence-dropped', {
      why: `Evidence was dropped again and again. ${none} Logs, with the reason: ${logsOf('evidence')}`,
      metric: [NAMESPACE, 'EvidenceDropped' satisfies Metric, 'Sum'],
      of: {},
      ...of,
    }),
    EvidenceErrorsAlarm: alarm('evidence-errors', {
      why: `The function that makes evidence fails: it does not start, times out, or crashes. ${none} Logs: ${logsOf('evidence')}`,
      metric: ['AWS/Lambda', 'Errors', 'Sum'],
      of: { FunctionName: `${PREFIX}-evidence` },
      ...of,
    }),
  }
}

/** So many in a quarter of an hour are no accident. PagerDuty disables a subscription after three of them in a row. */
const MANY_FORGED = 2

/** Of where people answer from. Not among the alarms that roll rules back: every alert is delivered. */
export function inboxAlarms(): Record<string, object> {
  const of = { FunctionName: `${PREFIX}-inbox` }
  const none = 'Every alert is delivered; what people answer in Slack, PagerDuty and by links'
  return {
    InboxErrorsAlarm: alarm('inbox-errors', {
      why: `The function that people's answers go to fails: it does not start, times out, or crashes. ${none} may be lost. Logs: ${logsOf('inbox')}`,
      metric: ['AWS/Lambda', 'Errors', 'Sum'],
      of,
      above: 0,
    }),
    InboxThrottlesAlarm: alarm('inbox-throttles', {
      why: `More requests than the inbox has reserved concurrency for: its URL is flooded, or many answer at once. ${none} is refused for now. Who: the metric AnswersRefused by Reason; docs/inbox.md says how to close it.`,
      metric: ['AWS/Lambda', 'Throttles', 'Sum'],
      of,
      above: 0,
    }),
    InboxSignatureAlarm: alarm('inbox-signature', {
      why: `Requests are signed with a secret that the inbox does not know: Slack's or PagerDuty's secret was replaced there and not here, or somebody tries to forge one. PagerDuty disables a webhook after three such answers. How to replace a secret: docs/inbox.md.`,
      metric: [NAMESPACE, 'AnswersRefused' satisfies Metric, 'Sum'],
      of: { Reason: 'signature' satisfies (typeof INBOX_REFUSED_BECAUSE)[number] },
      above: MANY_FORGED,
      periodS: 900,
    }),
  }
}

/** The command that shows a function's logs. */
function logsOf(functionName: string): string {
  return `npx serverless logs -f ${functionName} ${ON_STAGE}`
}

function deadLetterAlarms({ id, queue: short }: Watched) {
  const deadLetters = { QueueName: { 'Fn::GetAtt': [`${id}DeadLetters`, 'QueueName'] } }
  const look = `List them with their reasons: ${commandLine(`dead-letters list ${ON_STAGE}`)}`
  return {
    [`${id}DeadLettersAlarm`]: alarm(`${short}-dead-letters`, {
      why: `Undelivered alerts. ${look}. Fix the cause, then redrive: ${commandLine(`dead-letters redrive --all ${ON_STAGE}`)}`,
      metric: ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum'],
      of: deadLetters,
      above: 0,
    }),
    [`${id}MoreDeadLettersAlarm`]: alarmOnMore(`${short}-more-dead-letters`, {
      why: `More undelivered alerts, in addition to those reported before. ${look}. This alarm ends after a minute, even if nothing is fixed.`,
      of: deadLetters,
    }),
  }
}

function ageAlarm({ id, queue: short, functionName }: Watched) {
  const queue = { QueueName: { 'Fn::GetAtt': [`${id}Queue`, 'QueueName'] } }
  return {
    // This metric ignores messages that were received a few times (shared/observe/waiting.ts).
    [`${id}AgeAlarm`]: alarm(`${short}-oldest-message`, {
      why: `A message has waited more than 15 minutes: the function that handles it does not run. Logs: ${logsOf(functionName)}; concurrency: ${CONCURRENCY}`,
      metric: ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum'],
      of: queue,
      above: MAX_WAIT_S,
    }),
  }
}

/** By name: a roll-out of rules depends on these alarms, and the functions depend on the rules. */
const ofFunction = (functionName: string) => ({ FunctionName: `${PREFIX}-${functionName}` })

function errorsAlarm(id: string, functionName: string, name = functionName) {
  return {
    [`${id}ErrorsAlarm`]: alarm(`${name}-errors`, {
      why: `The function failed: it did not start, timed out, or crashed. Logs: ${logsOf(functionName)}`,
      metric: ['AWS/Lambda', 'Errors', 'Sum'],
      of: ofFunction(functionName),
      above: 0,
    }),
  }
}

function throttlesAlarm(id: string, functionName: string, name = functionName) {
  return {
    [`${id}ThrottlesAlarm`]: alarm(`${name}-throttles`, {
      why: `Lambda throttled the function: the account's concurrency is used up, for the other functions of the router, too. Messages wait. Check the limit: ${CONCURRENCY}`,
      metric: ['AWS/Lambda', 'Throttles', 'Sum'],
      of: ofFunction(functionName),
      above: 0,
    }),
  }
}

/** Past the router: what a drill has shown to be broken may be the way of its own report. */
function drillAlarm() {
  return {
    DrillsMissedAlarm: alarm('drills-missed', {
      why: `A drill did not arrive in every channel that the rules name: a real alert may not either. Which, and why: ${commandLine(`drill ${ON_STAGE}`)}. Logs: ${logsOf('drill')}`,
      metric: [NAMESPACE, 'DrillsMissed' satisfies Metric, 'Sum'],
      of: {},
      above: 0,
    }),
  }
}

interface Alarm {
  why: string
  metric: [namespace: string, name: string, statistic: string]
  of: Record<string, unknown>
}
/**
 * More than this in a minute, or in another period; `forMinutes`: in any of that many minutes. Or no data for some
 * periods.
 */
type Bound =
  | { above: number; periodS?: number; forMinutes?: number }
  | { missingFor: { periods: number; periodS: number } }

function alarm(name: string, watched: Alarm & Bound) {
  const [Namespace, MetricName, Statistic] = watched.metric
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ...named(name, watched.why),
      Namespace,
      MetricName,
      Dimensions: dimensionsOf(watched.of),
      Statistic,
      ...when(watched),
      AlarmActions: [{ Ref: 'OperatorTopic' }],
      OKActions: [{ Ref: 'OperatorTopic' }],
    },
  }
}

/**
 * Fires each time messages are added to a dead-letter queue. An alarm on their number fires once, and says nothing
 * about those added while it lasts (CloudWatch User Guide, Alarm actions). A message that somebody reads is invisible
 * for a minute and then returns: it counts all the time. The alarm's end means nothing.
 */
function alarmOnMore(name: string, { why, of }: Pick<Alarm, 'why' | 'of'>) {
  const count = (MetricName: string) => ({
    Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions: dimensionsOf(of) },
    Period: 60,
    Stat: 'Maximum',
  })
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ...named(name, why),
      Metrics: [
        { Id: 'visible', MetricStat: count('ApproximateNumberOfMessagesVisible'), ReturnData: false },
        { Id: 'looked', MetricStat: count('ApproximateNumberOfMessagesNotVisible'), ReturnData: false },
        { Id: 'count', Expression: 'visible + looked', ReturnData: false },
        // Only if there were some before: the other alarm reports the first.
        { Id: 'more', Expression: 'IF(count > DIFF(count), DIFF(count), 0)', ReturnData: true },
      ],
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'OperatorTopic' }],
    },
  }
}

function named(name: string, why: string) {
  return { AlarmName: `${PREFIX}-${name.toLowerCase()}`, AlarmDescription: why }
}

function when(bound: Bound) {
  if ('above' in bound) {
    return {
      Period: bound.periodS ?? 60,
      EvaluationPeriods: bound.forMinutes ?? 1,
      // One of them is enough.
      ...(bound.forMinutes !== undefined && { DatapointsToAlarm: 1 }),
      Threshold: bound.above,
      ComparisonOperator: 'GreaterThanThreshold',
      // A queue or function that is not used reports nothing.
      TreatMissingData: 'notBreaching',
    }
  }
  return {
    Period: bound.missingFor.periodS,
    EvaluationPeriods: bound.missingFor.periods,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  }
}

function onlyCloudWatchPublishes(): object {
  const topic = { Ref: 'OperatorTopic' }
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'CloudWatchMayPublish',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: topic,
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: topic,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  }
}
