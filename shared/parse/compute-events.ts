import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { resourceName } from './arn.ts'
import type { AwsEvent } from './event-bridge.ts'
import { consolePage, encode } from './links.ts'
import { firstText, nameIn, type Summary, withCause, wordOf, wordsOf } from './summary.ts'
import { isoTime } from './time.ts'

/** Events about instances, tasks, their groups, disks and networks. */

function instanceOf({ detail, resources }: AwsEvent): string {
  return asText(detail['instance-id']) ?? nameIn(resources[0] ?? 'an instance')
}

export function spotInterruption(event: AwsEvent): Summary {
  const instance = instanceOf(event)
  const action = asText(event.detail['instance-action']) ?? 'terminate'
  return {
    title: `EC2 Spot interruption: ${instance}, ${action} in 2 min`,
    resource: `${instance} (instance)`,
    severity: 'info',
    identity: ['spot', instance],
  }
}

export function rebalance(event: AwsEvent): Summary {
  const instance = instanceOf(event)
  return {
    title: `EC2 Spot: ${instance} is likely to be interrupted`,
    resource: `${instance} (instance)`,
    severity: 'info',
    identity: ['rebalance', instance],
  }
}

export function ecsTask({ detail, region }: AwsEvent): Summary | undefined {
  if (asText(detail.lastStatus) !== 'STOPPED') return undefined
  const cluster = nameIn(asText(detail.clusterArn) ?? 'a cluster')
  const group = asText(detail.group)
  const service = group?.replace(/^(?:service|family):/, '') ?? nameIn(asText(detail.taskDefinitionArn) ?? 'a task')
  const exits = exitsOf(detail)
  const causes = exits.map(({ text }) => text)
  const task = nameIn(asText(detail.taskArn) ?? 'a task')
  return {
    title: withCause(`ECS task of ${service} stopped`, causes[0] ?? asText(detail.stoppedReason)),
    resource: `${service} in ${cluster}`,
    reason: causes.join('\n') || asText(detail.stoppedReason),
    severity: isMeantToStop(detail, exits) ? 'info' : 'warning',
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

/** Exit codes of a process that ECS stopped: a clean exit, SIGTERM, or SIGKILL when that takes too long. */
const STOPPED_BY_ECS = new Set([0, 143, 137])

interface Exit {
  text: string
  isFailure: boolean
}

/**
 * Why the containers of a task ended. The one that failed comes first: ECS stops the others because of it. A container that
 * ECS stopped is not a cause.
 */
function exitsOf(detail: Json): Exit[] {
  const isKnown = isOrdered(detail)
  const exits = asList(detail.containers)
    .map(asObject)
    .flatMap((one): (Exit & { weight: number })[] => {
      const code = asNumber(one?.exitCode)
      const reason = asText(one?.reason)
      if ((code ?? 0) === 0 && reason === undefined) return []
      const isStopped = reason === undefined && STOPPED_BY_ECS.has(code ?? 0)
      if (isStopped && isKnown) return []
      const text = [asText(one?.name), reason, code !== undefined && `exit code ${code}`].filter(Boolean).join(': ')
      return [{ text, isFailure: !isStopped, weight: isStopped ? (code === 143 ? 0 : 1) : code === 0 ? 2 : 3 }]
    })
  return exits.sort((one, other) => other.weight - one.weight)
}

/** It was stopped by a person or by the service's scheduler. */
function isOrdered(detail: Json): boolean {
  return /^(?:UserInitiated|ServiceSchedulerInitiated)$/i.test(asText(detail.stopCode) ?? '')
}

/** The scheduler also stops unhealthy tasks. A task outside a service may simply finish. */
function isMeantToStop(detail: Json, exits: Exit[]): boolean {
  if (exits.some(({ isFailure }) => isFailure)) return false
  const code = asText(detail.stopCode) ?? ''
  if (/^UserInitiated$/i.test(code)) return true
  if (isOrdered(detail)) return !/fail|unhealthy|error|timed? ?out/i.test(asText(detail.stoppedReason) ?? '')
  const codes = asList(detail.containers).map((one) => asNumber(asObject(one)?.exitCode))
  const isService = asText(detail.group)?.startsWith('service:') ?? false
  const hasEnded = codes.length > 0 && codes.every((code) => code === 0)
  return code === 'EssentialContainerExited' && !isService && hasEnded
}

/**
 * A problem of a service fires until the service is steady again; a problem of its deployment, until a deployment completes.
 * Other events (tasks stop, their count changes, a capacity provider is steady) resolve nothing. The names are from ECS's list
 * of service action events.
 */
export function ecsService({ detail, resources }: AwsEvent): Summary {
  const name = nameIn(resources[0] ?? 'a service')
  const event = asText(detail.eventName) ?? 'SERVICE_EVENT'
  const reason = asText(detail.reason)
  const type = asText(detail.eventType)?.toLowerCase()
  const isOver = /^(?:SERVICE|TASK_?SET)_STEADY_STATE$|DEPLOYMENT_COMPLETED$/.test(event)
  const isNews = !isOver && (type === 'info' || /IN_PROGRESS/.test(event))
  const of = /DEPLOYMENT/.test(event) ? 'deployment' : 'state'
  return {
    title: withCause(`ECS service ${name}: ${wordOf(event).replace(/^service /, '')}`, isOver ? undefined : reason),
    resource: `${name} (service)`,
    reason,
    severity: type?.replace(/^warn$/, 'warning'),
    identity: ['service', resources[0] ?? name, of, ...(isNews ? [wordOf(event)] : [])],
    ...(!isNews && { status: isOver ? ('resolved' as const) : ('firing' as const) }),
    changedAt: isoTime(detail.updatedAt),
    details: { deployment: asText(detail.deploymentId) },
  }
}

/** An instance of a cluster: while its agent is disconnected, no task is placed on it. */
export function containerInstance({ detail, resources }: AwsEvent): Summary {
  const arn = asText(detail.containerInstanceArn) ?? resources[0]
  const name = asText(detail.ec2InstanceId) ?? (arn === undefined ? 'an instance' : nameIn(arn))
  const cluster = nameIn(asText(detail.clusterArn) ?? 'a cluster')
  const isOver = asText(detail.agentConnected) !== 'false'
  const state = asText(detail.status)
  return {
    title: `ECS instance ${name} in ${cluster}: ${isOver ? wordOf(state ?? 'connected') : 'agent disconnected'}`,
    resource: `${name} (instance)`,
    severity: isOver ? 'info' : 'warning',
    identity: ['container-instance', arn ?? name],
    status: isOver ? 'resolved' : 'firing',
    details: { cluster, status: state },
  }
}

export function instanceState(event: AwsEvent): Summary {
  const instance = instanceOf(event)
  const state = asText(event.detail.state) ?? 'has changed'
  return {
    title: `EC2 instance ${instance} ${state}`,
    resource: `${instance} (instance)`,
    severity: /^(?:pending|running|stopping|shutting-down)$/.test(state) ? 'info' : undefined,
    identity: ['instance', instance, state],
  }
}

/** A failed action of an Auto Scaling group fires until that action succeeds. */
export function autoScaling({ detail, type }: AwsEvent): Summary {
  const group = asText(detail.AutoScalingGroupName) ?? 'a group'
  const instance = asText(detail.EC2InstanceId)
  const [, refresh] = /Instance Refresh (\w[\w ]*)$/i.exec(type) ?? []
  const [, verb = 'change', end] =
    /^EC2 Instance[ -](Launch|Terminate)(?: (Successful|Unsuccessful))?/i.exec(type) ?? []
  const what = refresh ? 'instance refresh' : verb.toLowerCase()
  const isFailed = /^(?:Unsuccessful|(?:Rollback )?Failed)$/i.test(end ?? refresh ?? '')
  const isOver = /^(?:Successful|Succeeded)$/i.test(end ?? refresh ?? '')
  const how = refresh?.toLowerCase() ?? (isFailed ? 'failed' : isOver ? 'succeeded' : 'waits')
  const of = instance && !isFailed ? ` of ${instance}` : ''
  const why = firstText(detail, ['StatusMessage', 'Cause', 'Description'])
  return {
    title: withCause(`Auto Scaling group ${group}: ${what}${of} ${how}`, isFailed ? why : undefined),
    resource: [`${group} (Auto Scaling group)`, instance && `${instance} (instance)`].filter(Boolean).join(', '),
    reason: [firstText(detail, ['StatusMessage']), asText(detail.Cause)].filter(Boolean).join('\n') || undefined,
    severity: isFailed ? 'error' : 'info',
    identity: ['group', group, what, ...(isFailed || isOver ? [] : [how, instance])],
    ...((isFailed || isOver) && { status: isFailed ? ('firing' as const) : ('resolved' as const) }),
  }
}

/** Volumes and snapshots: `{"event": "createVolume", "result": "failed", "cause": "…"}`. */
export function disk({ detail, resources, type }: AwsEvent): Summary {
  const what = type.replace(/ (?:Notification|State-change Notification|Completion Status)$/i, '')
  const name = resources.length > 0 ? resources.slice(0, 3).map(nameIn).join(', ') : 'a disk'
  const event = wordsOf(asText(detail.event) ?? '')
  const result = asText(detail.result) ?? asText(detail.state) ?? 'changed'
  const cause = firstText(detail, ['cause', 'message'])
  const isFailed = /fail|error/i.test(result)
  return {
    title: withCause([what, name, event, wordsOf(result)].filter(Boolean).join(' '), isFailed ? cause : undefined),
    resource: resources.length > 0 ? resources.slice(0, 3).map(resourceName).join(', ') : name,
    reason: cause,
    severity: isFailed ? 'error' : 'info',
    identity: ['disk', name, event],
  }
}

/** Network Manager: a connection that is down fires until it is up. */
export function network({ detail, resources, type }: AwsEvent): Summary {
  const change = firstText(detail, ['changeType', 'status-change', 'change-type']) ?? ''
  const description = firstText(detail, ['changeDescription', 'change-description'])
  const about = firstText(detail, [
    ...['vpnConnectionArn', 'vpn-connection-arn', 'attachmentArn', 'transitGatewayAttachmentArn'],
    ...['transit-gateway-attachment-arn', 'transitGatewayArn', 'transit-gateway-arn', 'coreNetworkArn'],
  ])
  const name = nameIn(about ?? resources.at(-1) ?? 'a network')
  const address = firstText(detail, ['outsideIpAddress', 'outside-ip-address'])
  const [, what, end] = /^(.+)-(UP|DOWN)$/i.exec(change) ?? []
  const isDown = end?.toUpperCase() === 'DOWN'
  const state = what && `${what.replaceAll('-', ' ').replace(/^VPN CONNECTION /i, '')} is ${isDown ? 'down' : 'up'}`
  return {
    title: `Network ${name}: ${state ? `${state}${address ? ` at ${address}` : ''}` : (description ?? type)}`,
    resource: name,
    reason: description,
    severity: isDown ? 'error' : 'info',
    identity: ['network', about ?? name, address, what ?? change],
    ...(what && { status: isDown ? ('firing' as const) : ('resolved' as const) }),
    details: { region: asText(detail.region) },
  }
}
