import { asObject, asText } from '../../schemas/loose.ts'
import type { AwsEvent } from './event-bridge.ts'
import { firstText, nameIn, type Summary, withCause, wordOf, wordsOf } from './summary.ts'

/** Objects, repositories and search domains: mostly for information. */

/** `Object Created`, from EventBridge. */
export function storedObject({ detail, type }: AwsEvent): Summary {
  const object = [asObject(detail.bucket)?.name, asObject(detail.object)?.key].map(asText).filter(Boolean).join('/')
  return {
    title: `S3 ${type.toLowerCase()}: ${object || 'without a key'}`,
    resource: object ? `${object} (S3 object)` : undefined,
    reason: asText(detail.reason),
    severity: 'info',
    identity: ['object', type, object],
    details: { by: asText(detail.requester) },
  }
}

/** Actions on a repository of code or of images. */
export function repository({ detail, resources, type }: AwsEvent): Summary {
  const [, service = 'Repository', what = ''] = /^(\w+) (.*?)(?: State Change| Change)?$/.exec(type) ?? []
  const name = firstText(detail, ['repositoryName', 'repository-name']) ?? (resources[0] && nameIn(resources[0]))
  const event = firstText(detail, ['event', 'action-type'])
  const result = asText(detail.result)
  const isFailed = result === 'FAILURE'
  const tag = firstText(detail, ['image-tag', 'referenceName', 'title'])
  const did = [event && wordOf(wordsOf(event)), isFailed && 'failed']
  return {
    title: withCause(`${service} ${name ?? 'repository'}: ${did.filter(Boolean).join(' ') || what}`, tag),
    resource: name && `${name} (repository)`,
    reason: firstText(detail, ['notificationBody', 'description']),
    severity: isFailed ? 'error' : 'info',
    identity: ['repository', name, event, tag, firstText(detail, ['pullRequestId', 'commitId', 'image-digest'])],
  }
}

/** An OpenSearch domain, whose events say how severe they are. */
export function searchDomain({ detail, resources }: AwsEvent): Summary {
  const name = resources[0] === undefined ? 'a domain' : nameIn(resources[0])
  const event = asText(detail.event) ?? 'notification'
  const status = asText(detail.status)
  return {
    title: `OpenSearch ${name}: ${[event, status?.toLowerCase()].filter(Boolean).join(', ')}`,
    resource: `${name} (domain)`,
    reason: asText(detail.description),
    severity: asText(detail.severity),
    identity: ['domain', name, event],
    details: /disk space|storage|shard count/i.test(event) ? { class: 'resource limits' } : {},
  }
}
