import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import {
  autoScaling,
  containerInstance,
  disk,
  ecsService,
  ecsTask,
  instanceState,
  network,
  rebalance,
  spotInterruption,
} from './compute-events.ts'
import { databaseEvent, migrationTask } from './database-events.ts'
import type { Draft } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { asLines, factsOf } from './facts.ts'
import { causeIn, JOBS } from './job-events.ts'
import { consolePage, encode, logStreamPage } from './links.ts'
import { mailAdvice, mailSending } from './mail-events.ts'
import {
  apiCall,
  certificate,
  consoleSignIn,
  devOpsGuru,
  dnsFirewall,
  encryptionKey,
  scan,
  supportCase,
  trustedAdvisor,
} from './security-events.ts'
import { repository, searchDomain, storedObject } from './storage-events.ts'
import { nameIn, type Summary, withCause, withoutArns, wordOf } from './summary.ts'
import { isoTime } from './time.ts'

/*
 * AWS events that have their own reader, one entry each: what happened to which resource, why, the sender's severity, its
 * identity, and whether it resolves. Other events are read by the fields that most events have (other-event.ts).
 */

interface Known {
  /** Absent: any service. */
  source?: string
  type: RegExp
  read(event: AwsEvent): Summary | undefined
}

const KNOWN: Known[] = [
  ...JOBS,
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
  { source: 'aws.synthetics', type: /^Synthetics Canary Status Change$/i, read: canaryStatus },
  { source: 'aws.rds', type: /^RDS .*Event$/i, read: databaseEvent },
  { source: 'aws.dms', type: /^DMS Replication .*(?:State Change|Event)$/i, read: migrationTask },
  { source: 'aws.glue', type: /^Glue Job State Change$/i, read: glueJob },
  { type: /^(?:Glue )?Data Quality Evaluation Results Available$/i, read: dataQuality },
  { source: 'aws.ssm', type: /^OpsItem (?:Create|Update)$/i, read: opsItem },
  { source: 'aws.autoscaling', type: /^EC2 (?:Instance|Auto Scaling Instance Refresh)\b/i, read: autoScaling },
  { source: 'aws.ec2', type: /^EC2 Instance State-change /i, read: instanceState },
  { source: 'aws.ec2', type: /^EBS /i, read: disk },
  { source: 'aws.ecs', type: /^ECS Container Instance State Change$/i, read: containerInstance },
  { source: 'aws.networkmanager', type: /^Network Manager /i, read: network },
  { source: 'aws.elasticbeanstalk', type: /^Health status change$/i, read: environmentHealth },
  { source: 'aws.es', type: /^(?:Amazon OpenSearch Service|Domain Error) /i, read: searchDomain },
  { source: 'aws.s3', type: /^Object /i, read: storedObject },
  { source: 'aws.codecommit', type: /^CodeCommit /i, read: repository },
  { source: 'aws.ecr', type: /^ECR Image Action$/i, read: repository },
  { source: 'aws.ecr', type: /^ECR Image Scan$/i, read: scan },
  { source: 'aws.inspector2', type: /^Inspector2 (?:Scan|Coverage)$/i, read: scan },
  { source: 'aws.ses', type: /^Advisor Recommendation Status /i, read: mailAdvice },
  { source: 'aws.ses', type: /^Sending Status /i, read: mailSending },
  { source: 'aws.acm', type: /^ACM Certificate /i, read: certificate },
  { source: 'aws.kms', type: /^KMS /i, read: encryptionKey },
  { source: 'aws.route53resolver', type: /^DNS Firewall (?:Block|Alert)$/i, read: dnsFirewall },
  { source: 'aws.support', type: /^Support Case Update$/i, read: supportCase },
  { type: /^AWS (?:API Call|Service Event) via CloudTrail$/i, read: apiCall },
]

/** Reads an event that is in the table; `undefined`: it is not. */
export function knownEvent(event: AwsEvent): Draft | undefined {
  const entry = KNOWN.find(({ source = event.source, type }) => source === event.source && type.test(event.type))
  const summary = entry?.read(event)
  if (!summary) return undefined
  const { title, resource, reason, severity, identity, status, kind = 'aws-event', changedAt, details, links } = summary
  const facts = factsOf(event.detail)
  const key = [event.source, event.account ?? '', event.region ?? '', ...identity.map((part) => part ?? '')]
  return {
    kind,
    fingerprint: key.join(':'),
    ...(status !== undefined && { status, once: false }),
    name: event.type,
    title: withoutArns(title),
    reason,
    description: asLines(facts),
    resource,
    changedAt,
    declaredSeverity: severity,
    details: { ...details, ...Object.fromEntries(facts.slice(0, 30)) },
    links: links ?? {},
  }
}

/** A failed run fires until a run with the same name succeeds. */
function run(name: string, status: string | undefined, ends: string[], failures: string[]) {
  const word = status?.toUpperCase() ?? ''
  if (failures.includes(word)) return { title: `${name} ${wordOf(word)}`, status: 'firing' as const }
  return ends.includes(word) ? { title: `${name} ${wordOf(word)}`, status: 'resolved' as const } : undefined
}

function stateMachine({ detail, region }: AwsEvent): Summary | undefined {
  const machine = asText(detail.stateMachineArn)
  const name = machine === undefined ? 'A state machine' : nameIn(machine)
  const state = run(name, asText(detail.status), ['SUCCEEDED'], ['FAILED', 'TIMED_OUT', 'ABORTED'])
  if (!state) return undefined
  const error = asText(detail.error)
  // An exception's text repeats the name of its error.
  const thrown = causeIn(detail.cause)
  const cause = error !== undefined && thrown?.startsWith(`${error}: `) ? thrown.slice(error.length + 2) : thrown
  const execution = asText(detail.executionArn)
  return {
    title: withCause(state.title, [error, cause].filter(Boolean).join(', ')),
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

function batchJob({ detail, region }: AwsEvent): Summary | undefined {
  const name = asText(detail.jobName) ?? 'a job'
  const state = run(`Batch job ${name}`, asText(detail.status), ['SUCCEEDED'], ['FAILED'])
  if (!state) return undefined
  const { containers, statusReason } = batchRun(detail)
  const failed = containers.filter(({ exitCode }) => (asNumber(exitCode) ?? 0) !== 0)
  const [worst = containers.find(({ reason }) => asText(reason))] = failed
  const code = asText(worst?.exitCode)
  const named = containers.length > 1 ? asText(worst?.name) : undefined
  const reason = [
    statusReason,
    [named, asText(worst?.reason)].filter(Boolean).join(': ') || undefined,
    code && `exit code ${code}`,
  ].filter((text) => text !== undefined)
  const queue = nameIn(asText(detail.jobQueue) ?? '')
  return {
    ...state,
    title: withCause(state.title, state.status === 'firing' ? reason.join(', ') : undefined),
    resource: `${name} (job)`,
    reason: reason.join('\n') || undefined,
    severity: state.status === 'firing' ? 'error' : 'info',
    identity: ['job', queue, name],
    details: { queue, job: asText(detail.jobId) },
    links: { logs: batchLog(worst ?? containers.find(({ logStreamName }) => asText(logStreamName)), region) },
  }
}

/** The last attempt: of one container, of several on ECS, or of a pod's on EKS. */
function batchRun(detail: Json): { containers: Json[]; statusReason: string | undefined } {
  const objects = (given: unknown) => asList(given).map((one) => asObject(one) ?? {})
  const pod = objects(detail.eksAttempts).at(-1)
  const podNow = asObject(asObject(detail.eksProperties)?.podProperties)
  const last = pod ?? objects(detail.attempts).at(-1)
  const container = asObject(detail.container)
  const containers = [
    ...(container ? [container] : []),
    ...objects(asObject(detail.ecsProperties)?.taskProperties).flatMap((task) => objects(task.containers)),
    ...objects(pod?.containers ?? podNow?.containers),
  ]
  return { containers, statusReason: asText(detail.statusReason) ?? asText(last?.statusReason) }
}

/** In the log group of the container's log driver; if it names none, in Batch's default group. */
function batchLog(container: Json | undefined, region: string | undefined): string | undefined {
  const stream = asText(container?.logStreamName)
  const options = asObject(asObject(container?.logConfiguration)?.options)
  const place = asText(options?.['awslogs-region']) ?? region
  return stream && logStreamPage(place, asText(options?.['awslogs-group']) ?? '/aws/batch/job', stream)
}

function glueJob({ detail }: AwsEvent): Summary | undefined {
  const name = asText(detail.jobName) ?? 'a job'
  const state = run(`Glue job ${name}`, asText(detail.state), ['SUCCEEDED'], ['FAILED', 'TIMEOUT', 'STOPPED'])
  if (!state) return undefined
  const message = asText(detail.message)
  return {
    ...state,
    title: withCause(state.title, state.status === 'firing' ? message : undefined),
    resource: `${name} (job)`,
    reason: message,
    severity: asText(detail.severity) ?? (state.status === 'firing' ? 'error' : 'info'),
    identity: ['job', name],
    details: { run: asText(detail.jobRunId) },
  }
}

/** Glue, about a table of its catalog or a job's data: it fires until the data passes its rules. */
function dataQuality({ detail }: AwsEvent): Summary | undefined {
  const context = asObject(detail.context) ?? {}
  const table = [asText(context.databaseName), asText(context.tableName)].filter(Boolean).join('.')
  const job = [asText(context.jobName), asText(context.evaluationContext)].filter(Boolean).join(': ')
  const rules = asList(detail.rulesetNames).map(asText).filter(Boolean).join(', ')
  const name = table || job || rules || 'a table'
  const state = run(`Data quality of ${name}`, asText(detail.state), ['SUCCEEDED', 'COMPLETED'], ['FAILED'])
  if (!state) return undefined
  const count = (what: string) => asNumber(detail[`numRules${what}`]) ?? asNumber(detail[`rules${what}`])
  const [kept, broken] = [count('Succeeded'), count('Failed')]
  const summary = broken === undefined ? undefined : `${broken} of ${broken + (kept ?? 0)} rules broken`
  return {
    ...state,
    title: withCause(state.title, state.status === 'firing' ? summary : undefined),
    resource: name,
    reason: state.status === 'firing' ? summary : undefined,
    severity: state.status === 'firing' ? 'error' : 'info',
    identity: ['data-quality', name, rules],
    details: { score: asText(detail.score) },
  }
}

/** OpsCenter, whose severities are 1 (critical) to 4 (low). */
function opsItem({ detail, resources }: AwsEvent): Summary {
  const id = asText(detail['ops-item-id']) ?? nameIn(resources[0] ?? 'without an id')
  const state = asText(detail.status)
  const isOver = /^(?:Resolved|Closed)$/i.test(state ?? '')
  const title = `OpsItem ${id}${isOver ? ` ${wordOf(state ?? '')}` : ''}`
  return {
    title: withCause(title, asText(detail.title)),
    resource: `${id} (OpsItem)`,
    reason: asText(detail.description),
    severity: ['critical', 'high', 'medium', 'low'][(asNumber(detail.severity) ?? 0) - 1],
    identity: ['ops-item', id],
    status: isOver ? 'resolved' : 'firing',
    details: { from: asText(detail.source) },
  }
}

function canary({ detail, region, type }: AwsEvent): Summary {
  const name = asText(detail['canary-name']) ?? asText(detail.canaryName) ?? 'a canary'
  const isOver = /success/i.test(type) || /^PASSED$/i.test(asText(detail['test-run-status']) ?? '')
  // Its message only says that there is a result, whatever it is.
  const why = asText(detail['state-reason'])?.replaceAll(/^"+|"+$/g, '') ?? asText(detail.message)
  return {
    title: withCause(`Canary ${name} ${isOver ? 'passed' : 'failed'}`, isOver ? undefined : why),
    resource: `${name} (canary)`,
    reason: isOver ? undefined : why,
    severity: isOver ? 'info' : 'critical',
    identity: ['canary', name],
    status: isOver ? 'resolved' : 'firing',
    details: isOver ? {} : { class: 'system down' },
    links: { console: canaryPage(region, name) },
  }
}

/** It was started, changed or stopped, or could not be. */
function canaryStatus({ detail, region }: AwsEvent): Summary {
  const name = asText(detail['canary-name']) ?? 'a canary'
  const state = asText(detail['current-state']) ?? 'changed'
  const isFailed = state === 'ERROR'
  return {
    title: `Canary ${name} is ${isFailed ? 'in error' : wordOf(state)}`,
    resource: `${name} (canary)`,
    reason: asText(detail['state-reason']) ?? asText(detail.message),
    severity: isFailed ? 'error' : 'info',
    identity: ['canary', name, 'status'],
    links: { console: canaryPage(region, name) },
  }
}

function canaryPage(region: string | undefined, name: string): string | undefined {
  return consolePage(region, `/cloudwatch/home?region=${region}#synthetics:canary/detail/${encode(name)}`)
}

/** Elastic Beanstalk: it fires until it is Ok again. */
function environmentHealth({ detail }: AwsEvent): Summary | undefined {
  const name = asText(detail.EnvironmentName)
  const message = asText(detail.Message)
  const health = /health has transitioned from (\w+) to (\w+)/i.exec(message ?? '')?.[2]
  if (name === undefined || health === undefined) return undefined
  const cause = message?.replace(/^.*?transitioned from \w+ to \w+\.? */i, '')
  const isOver = /^ok$/i.test(health)
  return {
    title: withCause(`${name}: health is ${health}`, isOver ? undefined : cause),
    resource: `${name} (environment)`,
    reason: cause,
    severity: isOver ? 'info' : (asText(detail.Severity)?.replace(/^WARN$/i, 'warning') ?? 'warning'),
    identity: [name, 'health'],
    status: isOver ? 'resolved' : 'firing',
    changedAt: isoTime(detail.EventDate),
    details: { application: asText(detail.ApplicationName) },
  }
}
