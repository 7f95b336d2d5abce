import { asObject, asText, type Json } from '../../schemas/loose.ts'
import type { AwsEvent } from './event-bridge.ts'
import { jsonIn } from './facts.ts'
import { reasonOf } from './other-event.ts'
import { firstText, nameIn, type Summary, withCause, wordOf, wordsOf } from './summary.ts'

/*
 * Runs of something with a name: a failed run fires until a run with the same name succeeds. Runs in progress are for
 * information.
 */

interface Form {
  source: string
  type: RegExp
  /** `EMR step` */
  what: string
  /** Keys that may have its name, best first; otherwise the event's resource names it. */
  name?: readonly string[]
  state: readonly string[]
  reason?: readonly string[]
  /** What it belongs to: a step's cluster. */
  of?: readonly string[]
  failed?: RegExp
  over?: RegExp
  /** Each run has a unique name: no other run resolves it. */
  isUnique?: true
}

const FAILED = /FAIL|ERROR|TIMED?_?OUT|ABORT|FAULT/
const OVER = /^(?:SUCC\w*|COMPLETED?|FINISHED|DONE)$/

const FORMS: Form[] = [
  {
    ...{ source: 'aws.glue', type: /^Glue Crawler State Change$/i, what: 'Glue crawler' },
    ...{ name: ['crawlerName'], state: ['state'], reason: ['errorMessage', 'message'] },
  },
  {
    ...{ source: 'aws.emr', type: /^EMR Step Status Change$/i, what: 'EMR step', of: ['clusterId'] },
    ...{ name: ['name', 'stepId'], state: ['state'], reason: ['message'] },
  },
  {
    ...{ source: 'aws.emr', type: /^EMR Cluster State Change$/i, what: 'EMR cluster' },
    ...{ name: ['name', 'clusterId'], state: ['state'], reason: ['stateChangeReason', 'message'] },
    over: /^(?:WAITING|RUNNING|TERMINATED)$/,
  },
  {
    ...{ source: 'aws.sagemaker', type: /^SageMaker Training Job /i, what: 'SageMaker training job', isUnique: true },
    ...{ name: ['TrainingJobName'], state: ['TrainingJobStatus'], reason: ['FailureReason'] },
  },
  {
    ...{ source: 'aws.sagemaker', type: /^SageMaker Transform Job /i, what: 'SageMaker transform job', isUnique: true },
    ...{ name: ['TransformJobName'], state: ['TransformJobStatus'], reason: ['FailureReason'] },
  },
  {
    ...{ source: 'aws.sagemaker', type: /^SageMaker Processing Job /i, what: 'SageMaker processing job' },
    ...{ name: ['ProcessingJobName'], state: ['ProcessingJobStatus'], reason: ['FailureReason'], isUnique: true },
  },
  {
    ...{ source: 'aws.sagemaker', type: /^SageMaker HyperParameter Tuning Job /i, what: 'SageMaker tuning job' },
    name: ['HyperParameterTuningJobName'],
    ...{ state: ['HyperParameterTuningJobStatus'], reason: ['FailureReason'], isUnique: true },
  },
  {
    ...{ source: 'aws.sagemaker', type: /^SageMaker Endpoint State Change$/i, what: 'SageMaker endpoint' },
    ...{ name: ['EndpointName'], state: ['EndpointStatus'], reason: ['FailureReason'] },
    ...{ failed: /FAIL|OUT_?OF_?SERVICE/, over: /^IN_?SERVICE$/ },
  },
  {
    ...{ source: 'aws.sagemaker', type: /^SageMaker Model Building Pipeline Execution Status /i },
    ...{ what: 'SageMaker pipeline', name: ['pipelineArn'] },
    ...{ state: ['currentPipelineExecutionStatus'], reason: ['failureReason', 'pipelineExecutionDescription'] },
  },
  {
    ...{ source: 'aws.datasync', type: /^DataSync Task Execution State Change$/i, what: 'DataSync' },
    state: ['State'],
  },
  {
    ...{ source: 'aws.ssm', type: /^EC2 Command (?:Invocation )?Status-change /i, what: 'SSM command', isUnique: true },
    ...{ name: ['document-name', 'command-id'], of: ['command-id', 'instance-id'], state: ['status'] },
  },
  {
    ...{ source: 'aws.ssm', type: /^EC2 Automation Execution Status-change /i, what: 'SSM automation' },
    ...{ name: ['Definition', 'ExecutionId'], state: ['Status'], reason: ['FailureMessage'] },
  },
  {
    ...{ source: 'aws.ssm', type: /^EC2 State Manager (?:Instance )?Association /i, what: 'SSM association' },
    ...{ name: ['association-name', 'document-name'], of: ['association-id', 'instance-id'] },
    ...{ state: ['status'], reason: ['error-code', 'detailed-status'] },
  },
  {
    ...{ source: 'aws.ssm', type: /^Maintenance Window Execution State-change /i, what: 'SSM maintenance window' },
    ...{ name: ['window-id'], state: ['status'], reason: ['status-reason'] },
  },
  {
    ...{ source: 'aws.ssm', type: /^Configuration Compliance State Change$/i, what: 'SSM managed node' },
    ...{ name: ['resource-id'], of: ['compliance-type'], state: ['compliance-status'] },
    ...{ failed: /^NON_COMPLIANT$/, over: /^COMPLIANT$/ },
  },
  {
    ...{ source: 'aws.redshift-data', type: /^Redshift Data Statement Status Change$/i, what: 'Redshift statement' },
    ...{ name: ['statementName', 'statementId'], state: ['state'], reason: ['error', 'errorMessage'] },
  },
  {
    ...{ source: 'aws.athena', type: /^Athena Query State Change$/i, what: 'Athena query', of: ['workgroupName'] },
    ...{ name: ['queryExecutionId'], state: ['currentState'], reason: ['athenaError'], isUnique: true },
  },
  {
    ...{ source: 'aws.mediaconvert', type: /^MediaConvert Job State Change$/i, what: 'MediaConvert job' },
    ...{ name: ['jobId'], state: ['status'], reason: ['errorMessage'], isUnique: true },
  },
  {
    ...{ source: 'aws.transcribe', type: /^Transcribe Job State Change$/i, what: 'Transcribe job', isUnique: true },
    ...{ name: ['TranscriptionJobName'], state: ['TranscriptionJobStatus'], reason: ['FailureReason'] },
  },
  {
    ...{ source: 'aws.dlm', type: /^DLM Policy State Change$/i, what: 'DLM policy', isUnique: true },
    ...{ name: ['policy_id'], state: ['state'], reason: ['cause'] },
  },
]

/** For the table of known events: an entry for each form. */
export const JOBS = FORMS.map((form) => ({
  source: form.source,
  type: form.type,
  read: (event: AwsEvent) => runOf(form, event),
}))

function runOf(form: Form, { detail, resources }: AwsEvent): Summary {
  const named = firstText(detail, form.name ?? []) ?? resources[0]
  const name = named === undefined ? 'without a name' : nameIn(named).replace(/\/execution\/.*$/, '')
  const given = firstText(detail, form.state) ?? 'has changed'
  const state = wordsOf(given).replaceAll(' ', '_').toUpperCase()
  const isFailed = (form.failed ?? FAILED).test(state)
  const isOver = !isFailed && (form.over ?? OVER).test(state)
  const cause = form.reason?.map((key) => causeIn(detail[key])).find((text) => text !== undefined)
  const reason = cause ?? (isFailed ? reasonOf(detail) : undefined)
  const of = (form.of ?? []).map((key) => asText(detail[key]))
  const hasLife = !form.isUnique && (isFailed || isOver)
  return {
    // A reason that contains the name only repeats the event.
    title: withCause(`${form.what} ${name} ${wordOf(state)}`, isFailed && !reason?.includes(name) ? reason : undefined),
    resource: name,
    reason,
    severity: asText(detail.severity) ?? (isFailed ? 'error' : 'info'),
    identity: [form.what.toLowerCase(), ...of, name, ...(hasLife ? [] : [wordOf(state)])],
    ...(hasLife && { status: isFailed ? 'firing' : 'resolved' }),
  }
}

/** A cause is a text, or JSON that contains one: `{"code": "BOOTSTRAP_FAILURE", "message": "…"}`. */
export function causeIn(given: unknown): string | undefined {
  const text = asText(given)
  const json: Json | undefined = asObject(given) ?? asObject(jsonIn(text ?? ''))
  if (json === undefined) return text
  const parts = [
    firstText(json, ['code', 'errorCode', 'errorType']),
    firstText(json, ['message', 'errorMessage', 'Cause']),
  ]
  return parts.filter((part) => part !== undefined).join(': ') || undefined
}
