import { asList, asObject, asText } from '../../schemas/loose.ts'
import { resourceName } from './arn.ts'
import { type Draft, hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { labels } from './facts.ts'
import { encode } from './links.ts'
import { partitionOf, regionCode } from './region.ts'
import { isoTime } from './time.ts'

/** AWS Health: an issue at AWS, a scheduled change, a notice to the account, an abuse report. */
export function healthEvent({ type, source, detail, account, region, time, resources }: AwsEvent): Draft | undefined {
  if (source !== 'aws.health' && !/^AWS Health\b/i.test(type)) return undefined
  const arn = asText(detail.eventArn)
  const code = asText(detail.eventTypeCode)
  const service = asText(detail.service)
  const category = asText(detail.eventTypeCategory)
  const statusCode = asText(detail.statusCode)
  const end = isoTime(detail.endTime)
  const ended = category === 'issue' && statusCode !== 'open' && end !== undefined && time !== undefined && end <= time
  const entities = asList(detail.affectedEntities).slice(0, 100).map(asObject)
  const affected = entities.map((entity) => asText(entity?.entityValue)).filter((text) => text !== undefined)
  const named = (affected.length > 0 ? affected : resources).map(resourceName)
  // With an organization, one account receives an event for each affected account: each of these resolves separately.
  const owner = asText(detail.affectedAccount)
  const pages = [detail.page, detail.totalPages].map(asText)
  const isPaged = pages[1] !== undefined && pages[1] !== '1'
  const where = asText(detail.eventRegion)
  const title = titleOf(code, service)
  return {
    kind: 'health',
    fingerprint: arn
      ? [arn, owner].filter(Boolean).join('#')
      : `health:${owner ?? account ?? ''}:${region ?? ''}:${code ?? hash(type, service)}`,
    status: statusCode === 'closed' || ended ? 'resolved' : 'firing',
    name: code ?? type,
    title: `${/abuse/i.test(type) ? 'AWS Health abuse report' : 'AWS Health'}: ${title ?? type}`,
    description: descriptionOf(detail.eventDescription),
    changedAt: isoTime(detail.lastUpdatedTime) ?? time,
    source: 'aws.health',
    account: owner ?? account,
    // The event's own region is where it was delivered.
    region: where === 'global' ? null : regionCode(where),
    resource: named.length > 0 ? shown(named) : service && `${service} (service)`,
    tags: Object.assign({}, ...entities.map((entity) => labels(entity?.tags))),
    details: {
      category,
      service,
      type: code,
      statusCode,
      page: isPaged ? pages.join(' of ') : undefined,
      start: isoTime(detail.startTime),
      end,
      scope: asText(detail.eventScopeCode) ?? (arn?.startsWith('arn:aws:health:global') ? 'global' : undefined),
    },
    links: {
      console:
        arn && partitionOf(region) === 'aws'
          ? `https://health.aws.amazon.com/health/home#/account/event-log?eventID=${encode(arn)}`
          : undefined,
    },
  }
}

function shown(named: string[]): string {
  const more = named.length - 10
  return named.slice(0, 10).join(', ') + (more > 0 ? `, and ${more} more` : '')
}

/** `AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED` → `EC2 instance store drive performance degraded`. */
function titleOf(code: string | undefined, service: string | undefined): string | undefined {
  const words = code?.replace(/^AWS_/, '')
  if (words === undefined) return undefined
  // The title says "abuse" already, and a risk's code describes it.
  const prefix = service === undefined ? '' : `${service}_`
  const rest = prefix && words.startsWith(prefix) ? words.slice(prefix.length) : words
  return [service === 'ABUSE' || service === 'RISK' ? undefined : service, rest.toLowerCase().replaceAll('_', ' ')]
    .filter(Boolean)
    .join(' ')
}

/** In English if there is a choice. In many of them line breaks arrive as `\n`. */
function descriptionOf(given: unknown): string | undefined {
  const texts = asList(given).map(asObject)
  const chosen = texts.find((text) => asText(text?.language)?.startsWith('en')) ?? texts[0]
  return asText(chosen?.latestDescription)?.replaceAll(/\\+n/g, '\n')
}
