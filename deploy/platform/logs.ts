import type { Platform } from '../../schemas/platform.ts'
import { QUERIES } from '../../shared/platform/queries.ts'
import { logGroupOf } from '../../shared/platform/series.ts'
import type { TemplateResource } from '../email-topics.ts'
import { idOf, PREFIX } from './names.ts'

/** A query reads so many groups at most (CloudWatch Logs API Reference, StartQuery). */
const MAX_GROUPS = 50

/** The group for all that has none, the filters that make metrics of lines, and the saved queries. */
export function logs(platform: Platform): Record<string, TemplateResource> {
  const { group, stream, days } = platform.logs
  return {
    PlatformLogGroup: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: group, RetentionInDays: days } },
    PlatformLogStream: {
      Type: 'AWS::Logs::LogStream',
      Properties: { LogGroupName: { Ref: 'PlatformLogGroup' }, LogStreamName: stream },
    },
    ...metricFilters(platform),
    ...savedQueries(platform),
  }
}

function metricFilters(platform: Platform): Record<string, TemplateResource> {
  const all = Object.entries(platform.metrics).flatMap(([name, { namespace, metric, unit, from }]) => {
    if (from?.by !== 'log') return []
    const Properties = {
      LogGroupName: logGroupOf(platform, from.service),
      FilterName: `${PREFIX}-${name}`,
      FilterPattern: from.filter,
      MetricTransformations: [
        { MetricNamespace: namespace, MetricName: metric, MetricValue: String(from.value), Unit: unit },
      ],
    }
    return [[idOf(name, 'Filter'), { Type: 'AWS::Logs::MetricFilter', Properties }] as const]
  })
  return Object.fromEntries(all)
}

/** The log groups of all services, and the common one. */
export function logGroups(platform: Platform): string[] {
  const ofServices = Object.keys(platform.services).flatMap((name) => logGroupOf(platform, name) ?? [])
  return [...new Set([platform.logs.group, ...ofServices])]
}

/** Each query once for every fifty groups. */
function savedQueries(platform: Platform): Record<string, TemplateResource> {
  const groups = logGroups(platform).map((group) =>
    group === platform.logs.group ? { Ref: 'PlatformLogGroup' } : group,
  )
  const parts = Array.from({ length: Math.ceil(groups.length / MAX_GROUPS) }, (_, at) =>
    groups.slice(at * MAX_GROUPS, (at + 1) * MAX_GROUPS),
  )
  return Object.fromEntries(
    Object.entries(QUERIES).flatMap(([query, QueryString]) =>
      parts.map((LogGroupNames, at) => {
        const name = at === 0 ? query : `${query} ${at + 1}`
        const Properties = { Name: `${PREFIX}/${name}`, QueryString, LogGroupNames }
        return [idOf(name, 'Query'), { Type: 'AWS::Logs::QueryDefinition', Properties }]
      }),
    ),
  )
}
