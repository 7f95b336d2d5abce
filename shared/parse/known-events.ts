import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { resourceName } from './arn.ts'
import type { Draft } from './draft.ts'
import { hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { asLines, factsOf, jsonIn } from './facts.ts'
import { consolePage, encode } from './links.ts'
import { isoTime } from './time.ts'

/*
 * AWS's events that have something to say of their own, one entry each: who and what happened in a few words, why, how bad the
 * sender takes it, what tells one of these from another, and whether it is over. What nobody has described here is read by what
 * most events have (aws-event.ts).
 */

interface Told {
  /** Who and what happened, in ten words. */
  title: string
  /** What it is about, for a person: a name and no ARN. */
  resource?: string | undefined
  /** The cause. */
  reason?: string | undefined
  /** As the sender claims it. */
  severity?: string | undefined
  /** What tells it from others of its source and account. */
  identity: (string | undefined)[]
  /** Has it a life? It fires until something says `resolved`. */
  status?: Draft['status']
  kind?: Draft['kind']
  changedAt?: string | undefined
  details?: Draft['details']
  links?: Draft['links']
}

interface Known {
  source: string
  type: RegExp
  read(event: AwsEvent): Told | undefined
}

const KNOWN: Known[] = [
  { source: 'aws.trustedadvisor', type: /^Trusted Advisor Check Item Refresh/i, read: trustedAdvisor },
  { source: 'aws.devops-guru', type: /^DevOps Guru .*Insight/i, read: devOpsGuru },
  { source: 'aws.signin', type: /^AWS Console Sign In/i, read: consoleSignIn },
  { source: 'aws.ec2', type: /^EC2 Spot Instance Interruption/i, read: spotInterruption },
  { source: 'aws.ec2', type: /^EC2 Instance Rebalance/i, read: rebalance },
  { source: 'aws.ecs', type: /^ECS Task State Change$/i, read: ecsTask },
  { source: 'aws.ecs', type: /^ECS (?:Deployment State Change|Service Action)$/i, read: ecsService },
  { source: 'aws.states', type: /^Step Functions Execution Status Change$/i, read: stateMachine },
  { source: 'aws.batch', type: /^Batch Job State Change$/i, read: batchJob },
  { source: 'aws.synthetics', type: /^Synthetics Canary TestRun /i, read: canary },
  { source: 'aws.rds', type: /^RDS DB .*Event$/i, read: database },
  { source: 'aws.glue', type: /^Glue Job State Change$/i, read: glueJob },
]

/** An event that is in the table; `undefined`: it is another. */
export function knownEvent(event: AwsEvent): Draft | undefined {
  const entry = KNOWN.find(({ source, type }) => source === event.source && type.test(event.type))
  const told = entry?.read(event)
  if (!told) return undefined
  const { title, resource, reason, severity, identity, status, kind = 'aws-event', changedAt, details, links } = told
  const facts = factsOf(event.detail)
  const key = [event.source, event.account ?? '', event.region ?? '', ...identity.map((part) => part ?? '')]
  return {
    kind,
    fingerprint: key.join(':'),
    ...(status !== undefined && { status, once: false }),
    name: event.type,
    title,
    reason,
    description: asLines(facts),
    resource,
    changedAt,
    declaredSeverity: severity,
    details: { ...details, ...Object.fromEntries(facts.slice(0, 30)) },
    links: links ?? {},
  }
}

function trustedAdvisor({ detail }: AwsEvent): Told {
  const check = asText(detail['check-name']) ?? 'Trusted Advisor'
  const item = asObject(detail['check-item-detail']) ?? {}
  const id = asText(detail.resource_id)
  const status = asText(detail.status)?.toUpperCase()
  const user = asText(item['User Name (IAM or Root)']) ?? asText(item['IAM User'])
  const where = [item.Service, item['Limit Name']].map(asText).filter(Boolean).join(' ')
  const subject = user ?? (id && nameIn(id)) ?? (where || undefined) ?? firstOf(item)
  const isExposed = /^Exposed Access Keys$/i.test(check)
  return {
    title: isExposed ? `Exposed access key of ${subject ?? 'an unknown user'}` : `${check}: ${subject ?? 'an item'}`,
    resource: subject,
    reason: asText(item.Reason) ?? asText(item['Fraud Type']),
    severity: status === 'ERROR' ? (isExposed ? 'critical' : 'error') : status === 'WARN' ? 'warning' : 'info',
    identity: ['check', check, id ?? hash(asText(item['Access Key ID']), subject, asText(item.Region))],
    status: status === 'OK' ? 'resolved' : 'firing',
    details: isExposed ? { class: 'security breach' } : {},
  }
}

/** `nightly-settlement`, of an ARN that names it. */
function nameIn(arn: string): string {
  return resourceName(arn).replace(/ \([^)]*\)$/, '')
}

function firstOf(item: Json): string | undefined {
  return factsOf(item).find(([label]) => !/status|region|reason|time|date/i.test(label))?.[1]
}

function devOpsGuru({ detail, type }: AwsEvent): Told | undefined {
  return insight(detail, /closed/i.test(type))
}

/** Of DevOps Guru, by EventBridge or by its topic. */
export function insight(detail: Json, isClosed: boolean): Told | undefined {
  const of = (name: string) => asText(detail[name]) ?? asText(detail[name[0]?.toLowerCase() + name.slice(1)])
  const id = of('InsightId')
  if (id === undefined) return undefined
  const stacks = asList(
    asObject(asObject(detail.ResourceCollection ?? detail.resourceCollection)?.cloudFormation)?.stackNames,
  )
  const names = stacks.map(asText).filter((name) => name !== undefined)
  return {
    title: of('InsightDescription') ?? of('InsightName') ?? `${of('InsightType') ?? 'An'} insight of DevOps Guru`,
    resource: names.length > 0 ? `${names.slice(0, 5).join(', ')} (stack)` : undefined,
    severity: of('InsightSeverity'),
    identity: ['insight', id],
    status: isClosed ? 'resolved' : 'firing',
    kind: 'finding',
    changedAt: isoTime(isClosed ? detail.EndTime : undefined) ?? undefined,
    details: { type: of('InsightType') },
    links: { console: of('InsightUrl') },
  }
}

function consoleSignIn({ detail }: AwsEvent): Told {
  const who = asObject(detail.userIdentity) ?? {}
  const isRoot = asText(who.type) === 'Root'
  const name = isRoot ? 'Root' : (asText(who.userName) ?? nameIn(asText(who.arn) ?? 'somebody'))
  const extra = asObject(detail.additionalEventData) ?? {}
  const isFailure = asText(asObject(detail.responseElements)?.ConsoleLogin) === 'Failure'
  const withoutMfa = asText(extra.MFAUsed) === 'No' ? ' without MFA' : ''
  const from = asText(detail.sourceIPAddress)
  const verb = isFailure ? 'failed to sign in' : 'signed in'
  return {
    title: `${name} ${verb} to the console${withoutMfa}${from ? ` from ${from}` : ''}`,
    resource: name,
    reason: asText(detail.errorMessage),
    severity: isRoot ? 'critical' : 'info',
    identity: ['sign-in', name, asText(detail.eventID) ?? asText(detail.eventTime)],
    changedAt: isoTime(detail.eventTime),
    details: isRoot ? { class: 'security breach' } : {},
  }
}

function instanceOf({ detail, resources }: AwsEvent): string {
  return asText(detail['instance-id']) ?? nameIn(resources[0] ?? 'an instance')
}

function spotInterruption(event: AwsEvent): Told {
  const instance = instanceOf(event)
  const action = asText(event.detail['instance-action']) ?? 'terminate'
  return {
    title: `EC2 Spot interruption: ${instance}, ${action} in 2 min`,
    resource: `${instance} (instance)`,
    severity: 'info',
    identity: ['spot', instance],
  }
}

function rebalance(event: AwsEvent): Told {
  const instance = instanceOf(event)
  return {
    title: `EC2 Spot: ${instance} is likely to be interrupted`,
    resource: `${instance} (instance)`,
    severity: 'info',
    identity: ['rebalance', instance],
  }
}

function ecsTask({ detail, region }: AwsEvent): Told | undefined {
  if (asText(detail.lastStatus) !== 'STOPPED') return undefined
  const cluster = nameIn(asText(detail.clusterArn) ?? 'a cluster')
  const group = asText(detail.group)
  const service = group?.replace(/^(?:service|family):/, '') ?? nameIn(asText(detail.taskDefinitionArn) ?? 'a task')
  const containers = asList(detail.containers).map(asObject)
  const failed = containers.filter((one) => (asNumber(one?.exitCode) ?? 0) !== 0 || asText(one?.reason) !== undefined)
  const causes = failed.map((one) => {
    const code = asText(one?.exitCode)
    return [asText(one?.name), asText(one?.reason), code && `exit code ${code}`].filter(Boolean).join(': ')
  })
  const isMeant =
    /^(?:UserInitiated|ServiceSchedulerInitiated)$/.test(asText(detail.stopCode) ?? '') && failed.length === 0
  const task = nameIn(asText(detail.taskArn) ?? 'a task')
  return {
    title: `ECS task of ${service} stopped: ${asText(detail.stoppedReason) ?? causes[0] ?? 'no reason is told'}`,
    resource: `${service} in ${cluster}`,
    reason: causes.join('\n') || asText(detail.stoppedReason),
    severity: isMeant ? 'info' : 'warning',
    identity: ['task', cluster, service, task],
    changedAt: isoTime(detail.stoppedAt),
    details: { stopCode: asText(detail.stopCode) },
    links: {
      console: consolePage(
        region,
        `/ecs/v2/clusters/${encode(cluster)}/tasks/${encode(task.split('/').at(-1) ?? task)}?region=${region}`,
      ),
    },
  }
}

function ecsService({ detail, resources }: AwsEvent): Told {
  const name = nameIn(resources[0] ?? 'a service')
  const event = asText(detail.eventName) ?? 'SERVICE_EVENT'
  const isOver = /STEADY_STATE|COMPLETED/.test(event)
  return {
    title: `ECS service ${name}: ${event.toLowerCase().replaceAll('_', ' ')}`,
    resource: `${name} (service)`,
    reason: asText(detail.reason),
    severity: asText(detail.eventType)?.toLowerCase(),
    identity: ['service', resources[0] ?? name, /DEPLOYMENT/.test(event) ? 'deployment' : 'state'],
    status: isOver
      ? 'resolved'
      : /IN_PROGRESS/.test(event) || asText(detail.eventType) === 'INFO'
        ? 'resolved'
        : 'firing',
  }
}

/** What failed of one name, until one of that name succeeds. */
function run(name: string, status: string | undefined, isEnd: RegExp, isFailure: RegExp) {
  const word = status?.toUpperCase() ?? ''
  if (isFailure.test(word)) return { title: `${name} ${wordOf(word)}`, status: 'firing' as const }
  return isEnd.test(word) ? { title: `${name} ${wordOf(word)}`, status: 'resolved' as const } : undefined
}

function wordOf(status: string): string {
  return status.toLowerCase().replaceAll('_', ' ')
}

function stateMachine({ detail, region }: AwsEvent): Told | undefined {
  const machine = asText(detail.stateMachineArn)
  const name = machine === undefined ? 'A state machine' : nameIn(machine)
  const state = run(name, asText(detail.status), /^SUCCEEDED$/, /^(?:FAILED|TIMED_OUT|ABORTED)$/)
  if (!state) return undefined
  const error = asText(detail.error)
  const cause = causeIn(detail.cause)
  const execution = asText(detail.executionArn)
  return {
    title: [state.title, [error, cause].filter(Boolean).join(', ')].filter(Boolean).join(': '),
    resource: `${name} (state machine)`,
    reason: [error, cause].filter(Boolean).join(': ') || undefined,
    severity: state.status === 'firing' ? 'error' : 'info',
    identity: ['state-machine', machine ?? name],
    status: state.status,
    changedAt: isoTime(detail.stopDate),
    details: { execution: asText(detail.name) },
    links: {
      console:
        execution && consolePage(region, `/states/home?region=${region}#/v2/executions/details/${encode(execution)}`),
    },
  }
}

/** What a Lambda threw comes as JSON. */
function causeIn(given: unknown): string | undefined {
  const text = asText(given)
  const json = text === undefined ? undefined : asObject(jsonIn(text))
  return asText(json?.errorMessage) ?? asText(json?.Cause) ?? text
}

function batchJob({ detail, region }: AwsEvent): Told | undefined {
  const name = asText(detail.jobName) ?? 'a job'
  const state = run(`Batch job ${name}`, asText(detail.status), /^SUCCEEDED$/, /^FAILED$/)
  if (!state) return undefined
  const container = asObject(detail.container) ?? {}
  const code = asText(container.exitCode)
  const reason = [asText(detail.statusReason), asText(container.reason), code && `exit code ${code}`].filter(Boolean)
  const queue = nameIn(asText(detail.jobQueue) ?? '')
  const log = asText(container.logStreamName)
  return {
    ...state,
    title: [state.title, state.status === 'firing' ? reason.join(', ') : undefined].filter(Boolean).join(': '),
    resource: `${name} (job)`,
    reason: reason.join('\n') || undefined,
    severity: state.status === 'firing' ? 'error' : 'info',
    identity: ['job', queue, name],
    details: { queue, job: asText(detail.jobId) },
    links: {
      logs:
        log &&
        consolePage(
          region,
          `/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/$252Faws$252Fbatch$252Fjob/log-events/${encode(encode(log)).replaceAll('%', '$')}`,
        ),
    },
  }
}

function glueJob({ detail }: AwsEvent): Told | undefined {
  const name = asText(detail.jobName) ?? 'a job'
  const state = run(`Glue job ${name}`, asText(detail.state), /^SUCCEEDED$/, /^(?:FAILED|TIMEOUT|STOPPED)$/)
  if (!state) return undefined
  const message = asText(detail.message)
  return {
    ...state,
    title: [state.title, state.status === 'firing' ? message : undefined].filter(Boolean).join(': '),
    resource: `${name} (job)`,
    reason: message,
    severity: asText(detail.severity) ?? (state.status === 'firing' ? 'error' : 'info'),
    identity: ['job', name],
    details: { run: asText(detail.jobRunId) },
  }
}

function canary({ detail, region, type }: AwsEvent): Told {
  const name = asText(detail['canary-name']) ?? asText(detail.canaryName) ?? 'a canary'
  const isOver = /success/i.test(type) || /^PASSED$/i.test(asText(detail['test-run-status']) ?? '')
  const message = asText(detail.message)
  return {
    title: `Canary ${name} ${isOver ? 'passed' : 'failed'}${message && !isOver ? `: ${message}` : ''}`,
    resource: `${name} (canary)`,
    reason: message,
    severity: isOver ? 'info' : 'critical',
    identity: ['canary', name],
    status: isOver ? 'resolved' : 'firing',
    details: isOver ? {} : { class: 'system down' },
    links: {
      console: consolePage(region, `/cloudwatch/home?region=${region}#synthetics:canary/detail/${encode(name)}`),
    },
  }
}

function database({ detail, type }: AwsEvent): Told {
  const name = asText(detail.SourceIdentifier) ?? nameIn(asText(detail.SourceArn) ?? 'a database')
  const message = asText(detail.Message) ?? type
  const id = asText(detail.EventID)
  return { ...databaseTold(name, message, id), changedAt: isoTime(detail.Date) }
}

/** The events of RDS that come in pairs: what begins, and what says that it is over. */
const BEGIN: Record<string, string> = {
  'RDS-EVENT-0004': 'shutdown',
  'RDS-EVENT-0073': 'failover',
  'RDS-EVENT-0013': 'failover',
  'RDS-EVENT-0050': 'failover',
  'RDS-EVENT-0022': 'shutdown',
  'RDS-EVENT-0007': 'storage',
  'RDS-EVENT-0089': 'storage',
  'RDS-EVENT-0045': 'replication',
  'RDS-EVENT-0057': 'replication',
  'RDS-EVENT-0221': 'storage',
  'RDS-EVENT-0222': 'storage',
}
const END: Record<string, string> = {
  'RDS-EVENT-0006': 'shutdown',
  'RDS-EVENT-0071': 'failover',
  'RDS-EVENT-0072': 'failover',
  'RDS-EVENT-0015': 'failover',
  'RDS-EVENT-0049': 'failover',
  'RDS-EVENT-0051': 'failover',
  'RDS-EVENT-0046': 'replication',
  'RDS-EVENT-0062': 'replication',
}
/** The database has stopped, or will. */
const GRAVE = new Set(['RDS-EVENT-0007', 'RDS-EVENT-0221', 'RDS-EVENT-0222'])

/** Of RDS, by EventBridge or by its topic. */
export function databaseTold(name: string, message: string, id: string | undefined): Told {
  const ends = END[id ?? '']
  const begins = BEGIN[id ?? '']
  return {
    title: message.includes(name) ? message : `${name}: ${message}`,
    resource: `${name} (database)`,
    reason: id,
    severity: GRAVE.has(id ?? '') ? 'critical' : undefined,
    identity: ['db', name, ends ?? (begins || (id ?? hash(message)))],
    ...(ends ? { status: 'resolved' as const } : begins ? { status: 'firing' as const } : {}),
    details: GRAVE.has(id ?? '') ? { class: 'system down' } : {},
  }
}
