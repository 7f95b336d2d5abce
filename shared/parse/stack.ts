import { asObject, asText } from '../../schemas/loose.ts'
import { arnAccount, arnText, parseArn } from './arn.ts'
import type { Draft } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { consolePage, encode } from './links.ts'
import { regionCode } from './region.ts'
import { states, summary } from './state-words.ts'
import { isoTime } from './time.ts'

/*
 * CloudFormation's messages about a stack or a stack set: an event, or the text of a notification.
 */

export function stackEvent({ type, detail }: AwsEvent): Draft {
  const status = asObject(detail['status-details']) ?? {}
  const logicalId = asText(detail['logical-resource-id'])
  return stack({
    id: asText(detail['stack-id']),
    status: asText(status.status) ?? asText(status['stack-drift-status']),
    reason: asText(status['status-reason']),
    logicalId,
    resourceType: logicalId && asText(detail['resource-type']),
    physicalId: logicalId && asText(detail['physical-resource-id']),
    drift: /Drift/i.test(type),
  })
}

/** A stack set, which has stacks in many accounts, and an operation on it. */
export function stackSet({ detail, region }: AwsEvent): Draft {
  const arn = asText(detail['stack-set-arn'])
  const name =
    parseArn(arn)
      ?.resource.replace(/^stackset\//, '')
      .split(':')[0] ?? 'unknown stack set'
  const of = asObject(detail['status-details']) ?? {}
  const status = asText(of.status) ?? asText(detail.status)
  const action = asText(detail.action)
  const operation = asText(detail['stack-set-operation-id']) ?? action
  return {
    kind: 'deployment',
    fingerprint: [arn ?? `stackset:${name}`, operation].filter(Boolean).join('#'),
    name,
    title: `Stack set ${name}${action ? `, ${action.toLowerCase()}` : ''} ${summary(status)}`,
    reason: asText(of['status-reason']),
    source: 'aws.cloudformation',
    region,
    resource: `${name} (stack set)`,
    details: { ...states(status), stackSet: name, operation },
  }
}

/** CloudFormation's notice in plain text: `StackName='…'` and so on, one per line. */
export function stackText(text: string): Draft | undefined {
  if (!/^\s*\w+='/.test(text) || !/^Stack(?:Id|Name)='/m.test(text)) return undefined
  const lines = new Map(
    [...text.slice(0, 50_000).matchAll(/^(\w+)='(.*?)'?$/gm)].map(([, key = '', value = '']) => [key, value]),
  )
  const name = lines.get('StackName')
  const logicalId = lines.get('LogicalResourceId')
  const isStack = lines.get('ResourceType') === 'AWS::CloudFormation::Stack' && logicalId === name
  return {
    ...stack({
      id: lines.get('StackId'),
      name,
      status: lines.get('ResourceStatus'),
      reason: lines.get('ResourceStatusReason'),
      logicalId: isStack ? undefined : logicalId,
      resourceType: isStack ? undefined : lines.get('ResourceType'),
      physicalId: isStack ? undefined : lines.get('PhysicalResourceId'),
    }),
    changedAt: isoTime(lines.get('Timestamp')),
    account: arnAccount(lines.get('StackId')) ?? lines.get('Namespace'),
  }
}

export function stack(of: {
  id?: string
  name?: string
  status?: string
  reason?: string
  logicalId?: string
  resourceType?: string
  physicalId?: string
  drift?: boolean
}): Draft {
  const arn = parseArn(of.id)
  const name = of.name ?? arn?.resource.split('/')[1] ?? 'unknown stack'
  const region = regionCode(arn?.region)
  const subject = of.logicalId ? `Stack ${name}, resource ${of.logicalId}` : `Stack ${name}`
  return {
    kind: 'deployment',
    fingerprint: [arnText(of.id) ?? `stack:${name}`, of.logicalId].filter(Boolean).join('#'),
    name,
    title: of.drift
      ? `${subject}: drift ${of.status ?? 'detected'}`
      : `${subject} ${summary(of.status)}${of.status ? ` (${of.status})` : ''}`,
    reason: of.reason,
    source: 'aws.cloudformation',
    account: arnAccount(of.id),
    region,
    resource: of.logicalId ? `${of.logicalId} (${of.resourceType ?? 'resource'}), ${name} (stack)` : `${name} (stack)`,
    details: {
      ...states(of.status),
      stack: name,
      logicalResource: of.logicalId,
      resourceType: of.resourceType,
      physicalResource: of.physicalId,
    },
    links: {
      console:
        of.id &&
        consolePage(region, `/cloudformation/home?region=${region}#/stacks/stackinfo?stackId=${encode(of.id)}`),
    },
  }
}
