import { asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { labels } from './facts.ts'

/** Far above CloudWatch's 2,048: bounds the text that patterns are matched against. */
const MAX_EXPRESSION = 5_000

/** One line of an alarm's metrics: a metric, or an expression over the others. */
export interface Metric {
  name?: string
  namespace?: string
  dimensions: Record<string, string>
  expression?: string
  label?: string
  /** The line that the alarm compares with its threshold. */
  isResult: boolean
  periodSeconds?: number
  statistic?: string
  unit?: string
  account?: string
}

/** Either spelling: SNS writes `{MetricStat: {Metric: {MetricName}}}`, EventBridge `{metricStat: {metric: {name}}}`. */
export function metricOf(line: unknown): Metric {
  const given = asObject(line) ?? {}
  const stat = asObject(either(given, 'MetricStat')) ?? {}
  const metric = asObject(either(stat, 'Metric')) ?? given
  return {
    name: asText(either(metric, 'MetricName')) ?? asText(metric.name),
    namespace: asText(either(metric, 'Namespace')),
    dimensions: labels(either(metric, 'Dimensions')),
    expression: asText(either(given, 'Expression')),
    label: asText(either(given, 'Label')),
    isResult: either(given, 'ReturnData') === true,
    periodSeconds: asNumber(either(stat, 'Period')) ?? asNumber(either(given, 'Period')),
    statistic: asText(either(stat, 'Stat')) ?? asText(either(given, 'Stat')),
    unit: asText(either(stat, 'Unit')),
    account: asText(either(given, 'AccountId')),
  }
}

function either(object: Json, key: string): unknown {
  return object[key] ?? object[key.charAt(0).toLowerCase() + key.slice(1)]
}

/** The dimensions of all metrics; if two differ in a value, both values are named. */
export function mergedDimensions(all: Record<string, string>[]): Record<string, string> {
  const values = new Map<string, Set<string>>()
  for (const dimensions of all) {
    for (const [name, value] of Object.entries(dimensions)) {
      const known = values.get(name) ?? new Set()
      values.set(name, known.add(value))
    }
  }
  return Object.fromEntries([...values].map(([name, known]) => [name, [...known].join(', ')]))
}

/** What a Metrics Insights query reads: `SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId)`. */
export function insightsQuery(expression: string | undefined): { metric?: string; namespace?: string } | undefined {
  if (expression === undefined || !/^\s*SELECT\b/i.test(expression)) return undefined
  const query = expression.slice(0, MAX_EXPRESSION)
  return {
    metric: /\bSELECT\s+\w+\(\s*"?([^")]+)/i.exec(query)?.[1]?.trim() || undefined,
    namespace: /\bFROM\s+(?:SCHEMA\(\s*)?(?:"([^"]+)"|'([^']+)'|([\w/.:-]+))/i.exec(query)?.slice(1).find(Boolean),
  }
}

/** The namespace in `SEARCH('{AWS/EC2,InstanceId} MetricName="…"', 'Average', 300)`. */
export function searchedNamespace(expression: string | undefined): string | undefined {
  return (
    /\bSEARCH\(\s*['"]\s*\{\s*"?([^",}]+)/i.exec(expression?.slice(0, MAX_EXPRESSION) ?? '')?.[1]?.trim() || undefined
  )
}

/** The texts, each once, in order. */
export function distinct(texts: (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined))]
}
