import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { type Draft, type Envelope, hash } from './draft.ts'
import { type AwsEvent, arnOf } from './event-bridge.ts'
import { factsOf } from './facts.ts'
import { consolePage, encode } from './links.ts'
import { regionCode } from './region.ts'
import { stackEvent, stackSet } from './stack.ts'
import { states, summary } from './state-words.ts'
import { isoTime } from './time.ts'

/** State changes of pipelines, stacks, deployments and builds: CodePipeline, CloudFormation, CodeDeploy, CodeBuild. */
export function deploymentEvent(event: AwsEvent): Draft | undefined {
  const { detail, type, source } = event
  if (source === 'aws.codepipeline' && asText(detail.pipeline)) return pipeline(event)
  if (source === 'aws.cloudformation' && asText(detail['stack-id'])) return stackEvent(event)
  if (source === 'aws.cloudformation' && asText(detail['stack-set-arn'])) return stackSet(event)
  if (source === 'aws.codedeploy') return codeDeploy(detail, event)
  if (source === 'aws.codebuild' && asText(detail['project-name'])) return build(event)
  if (source === 'aws.amplify' && asText(detail.jobStatus)) return amplify(event)
  return source === 'aws.codepipeline' && /CodePipeline/.test(type) ? approval(detail, event) : undefined
}

function pipeline(event: AwsEvent): Draft {
  const { detail, region } = event
  const name = asText(detail.pipeline) ?? 'unknown pipeline'
  const stage = asText(detail.stage)
  const action = asText(detail.action)
  const state = asText(detail.state)
  const arn = arnOf('codepipeline', event, name)
  const part = [stage && `stage ${stage}`, action && `action ${action}`].filter(Boolean)
  const result = asObject(detail['execution-result'])
  return {
    kind: 'deployment',
    fingerprint: [arn, [stage, action].filter(Boolean).join('/')].filter(Boolean).join('#'),
    name,
    title: `Pipeline ${[name, ...part].join(', ')} ${summary(state)}`,
    reason: asText(result?.['external-execution-summary']),
    resource: `${name} (pipeline)`,
    details: {
      ...states(state),
      pipeline: name,
      stage,
      action,
      execution: asText(detail['execution-id']),
      provider: asText(asObject(detail.type)?.provider),
      errorCode: asText(result?.['error-code']),
    },
    links: {
      console: consolePage(region, `/codesuite/codepipeline/pipelines/${encode(name)}/view?region=${region}`),
    },
  }
}

/** Somebody has to approve. The link to do so holds a token, so only the pipeline's page is linked. */
function approval(message: Json, where: { account?: string; region?: string }): Draft | undefined {
  const request = asObject(message.approval)
  const name = asText(request?.pipelineName)
  if (!request || name === undefined) return undefined
  const region = regionCode(asText(message.region)) ?? where.region
  const stage = asText(request.stageName)
  const action = asText(request.actionName)
  return {
    kind: 'deployment',
    fingerprint: `${arnOf('codepipeline', { ...where, region }, name)}#${[stage, action].filter(Boolean).join('/')}`,
    name,
    title: `Pipeline ${[name, stage && `stage ${stage}`].filter(Boolean).join(', ')} waits for approval`,
    description: asText(request.customData),
    source: 'aws.codepipeline',
    region,
    resource: `${name} (pipeline)`,
    details: {
      state: 'in-progress',
      rawState: 'waiting for approval',
      pipeline: name,
      stage,
      action,
      expires: asText(request.expires),
      ...Object.fromEntries(factsOf({ customData: request.customData })),
    },
    links: {
      console:
        asText(message.consoleLink) ??
        consolePage(region, `/codesuite/codepipeline/pipelines/${encode(name)}/view?region=${region}`),
    },
  }
}

/** Other deployment messages on SNS topics: CodeDeploy's triggers and CodePipeline's approvals, as JSON. */
export function deploymentMessage(message: Json, envelope: Envelope): Draft | undefined {
  if (asObject(message.approval)) return approval(message, envelope)
  if (!asText(message.deploymentId) || !asText(message.applicationName)) return undefined
  return codeDeploy(message, {
    account: asText(message.accountId) ?? envelope.account,
    region: regionCode(asText(message.region)) ?? envelope.region,
  })
}

/** In both forms: EventBridge's, and the JSON of a CodeDeploy trigger. */
function codeDeploy(detail: Json, where: { account?: string; region?: string; time?: string }): Draft | undefined {
  const application = asText(detail.application) ?? asText(detail.applicationName)
  const deployment = asText(detail.deploymentId)
  if (application === undefined && deployment === undefined) return undefined
  const group = asText(detail.deploymentGroup) ?? asText(detail.deploymentGroupName)
  const instance = asText(detail.instanceId)
  const state = asText(detail.state) ?? asText(detail.status) ?? asText(detail.instanceStatus)
  const { region } = where
  const name = application ?? `deployment ${deployment}`
  const what = [name, group && `to ${group}`, instance && `on ${instance}`].filter(Boolean).join(' ')
  return {
    kind: 'deployment',
    fingerprint: [
      arnOf('codedeploy', where, `deploymentgroup:${[name, group ?? deployment].filter(Boolean).join('/')}`),
      instance,
    ]
      .filter(Boolean)
      .join('#'),
    name,
    title: `Deployment of ${what} ${summary(state)}`,
    reason: reasonIn(detail.errorInformation) ?? reasonIn(detail.rollbackInformation),
    changedAt: isoTime(detail.completeTime) ?? isoTime(detail.createTime) ?? where.time,
    source: 'aws.codedeploy',
    account: where.account,
    region,
    resource: [`${name} (application)`, group && `${group} (deployment group)`].filter(Boolean).join(', '),
    details: {
      ...states(state),
      application,
      deployment,
      deploymentGroup: group,
      instance,
      trigger: asText(detail.eventTriggerName),
      ...Object.fromEntries(factsOf({ overview: detail.deploymentOverview })),
    },
    links: {
      console:
        deployment && consolePage(region, `/codesuite/codedeploy/deployments/${encode(deployment)}?region=${region}`),
    },
  }
}

function reasonIn(given: unknown): string | undefined {
  return (
    factsOf(given)
      .map((fact) => fact.join(': '))
      .join(', ') || undefined
  )
}

function build(event: AwsEvent): Draft {
  const { detail, region } = event
  const name = asText(detail['project-name']) ?? 'unknown project'
  const state = asText(detail['build-status']) ?? asText(detail['completed-phase-status'])
  const phase = asText(detail['completed-phase'])
  const information = asObject(detail['additional-information']) ?? {}
  const failed = failedPhase(information)
  return {
    kind: 'deployment',
    fingerprint: [arnOf('codebuild', event, `project/${name}`), phase].filter(Boolean).join('#'),
    name,
    title: `Build of ${[name, phase && `phase ${phase}`].filter(Boolean).join(', ')} ${summary(state)}${failed ? ` in ${failed.phase}` : ''}`,
    reason: failed?.why ?? asText(detail['completed-phase-context'])?.replace(/^\[(?:: )?\]$/, ''),
    resource: `${name} (build project)`,
    details: {
      ...states(state),
      project: name,
      phase: phase ?? asText(detail['current-phase']),
      build: asText(detail['build-id']),
      initiator: asText(asObject(detail['additional-information'])?.initiator),
    },
    links: {
      console: consolePage(region, `/codesuite/codebuild/projects/${encode(name)}/history?region=${region}`),
      logs: asText(asObject(information.logs)?.['deep-link']),
    },
  }
}

/** The phase in which a build failed, and its message. */
function failedPhase(information: Json): { phase: string; why?: string } | undefined {
  const phase = asList(information.phases)
    .map(asObject)
    .find((one) => /^(?:FAILED|FAULT|TIMED_OUT|CLIENT_ERROR)$/.test(asText(one?.['phase-status']) ?? ''))
  const name = asText(phase?.['phase-type'])
  if (name === undefined) return undefined
  const why = asList(phase?.['phase-context'])
    .map(asText)
    .filter((text) => text !== undefined && text !== ': ')
  return { phase: name, ...(why.length > 0 && { why: why.join('\n') }) }
}

function amplify(event: AwsEvent): Draft {
  const { detail } = event
  const app = asText(detail.appId) ?? 'unknown app'
  const branch = asText(detail.branchName)
  const state = asText(detail.jobStatus)
  const name = [app, branch].filter(Boolean).join('/')
  return {
    kind: 'deployment',
    fingerprint: arnOf('amplify', event, `apps/${name || hash(event.type)}`),
    name,
    title: `Amplify deployment of ${name} ${summary(state)}`,
    resource: `${name} (app)`,
    details: { ...states(state), app, branch, job: asText(detail.jobId) },
  }
}
