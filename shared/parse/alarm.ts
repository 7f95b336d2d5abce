import { alarmChangeSchema, alarmMessageSchema } from '../../schemas/alarm.ts'
import { LIMITS } from '../../schemas/alert.ts'
import { asObject, asText, type Json } from '../../schemas/loose.ts'
import { type AlarmFacts, factsOfChange, factsOfMessage, originOf, statusOf } from './alarm-facts.ts'
import { arnAccount, arnText, parseArn } from './arn.ts'
import type { Draft, Envelope } from './draft.ts'
import { drillInReason } from './drill.ts'
import { alarmPage, logGroupPage, runbookIn } from './links.ts'
import { logQueryIn } from './log-query.ts'
import { distinct, insightsQuery, type Metric, mergedDimensions, searchedNamespace } from './metrics.ts'
import { partitionOf, regionCode } from './region.ts'
import { withoutKnownSecrets } from './secrets.ts'
import { thresholdOf } from './threshold.ts'

/** A CloudWatch alarm, from its SNS action or its Lambda action. */
export function isAlarm(message: Json): boolean {
  return isMessage(message) || asObject(message.alarmData) !== undefined
}

function isMessage(message: Json): boolean {
  const hasState = Object.hasOwn(message, 'NewStateValue') || Object.hasOwn(message, 'NewStateReason')
  return hasState && asText(message.AlarmName) !== undefined
}

/** A CloudWatch alarm's message, as its SNS action publishes it or a person pastes it from a log. */
export function alarmMessage(message: Json, envelope: Envelope): Draft[] | undefined {
  if (!isMessage(message)) return undefined
  return [alarm(factsOfMessage(alarmMessageSchema.parse(message), message), envelope)]
}

/** CloudWatch's payload for a Lambda action. Almost every field can be missing. */
export function alarmAction(message: Json, envelope: Envelope): Draft[] | undefined {
  const data = asObject(message.alarmData)
  if (!data) return undefined
  const origin = {
    arn: asText(message.alarmArn),
    account: asText(message.accountId),
    region: asText(message.region),
    time: message.time,
  }
  return [alarm(factsOfChange(alarmChangeSchema.parse(data), data, origin), envelope)]
}

/** EventBridge's event for a state change, of the alarm or of one contributor. */
export function alarmEvent(event: Json, detail: Json, envelope: Envelope): Draft[] {
  return [alarm(factsOfChange(alarmChangeSchema.parse(detail), detail, originOf(event)), envelope)]
}

/**
 * EventBridge's event for a deleted alarm, the only one that resolves it. Its contributors are separate alerts, and the event
 * does not say which of them are firing.
 */
export function deletedAlarm(event: Json, detail: Json, envelope: Envelope): Draft {
  const state = { value: 'OK', reason: 'The alarm was deleted.' }
  const configuration = detail.configuration ?? detail.previousConfiguration
  const gone = { ...detail, configuration, state, previousState: detail.state }
  const facts = factsOfChange(alarmChangeSchema.parse(gone), gone, originOf(event))
  return { ...alarm(facts, envelope), kind: 'alarm' }
}

function alarm(facts: AlarmFacts, envelope: Envelope): Draft {
  const { metrics, contributor, children } = facts
  const arn = parseArn(facts.arn)
  const region = regionCode(arn?.region) ?? regionCode(facts.region) ?? envelope.region
  const account = facts.account?.trim() ?? arnAccount(facts.arn) ?? envelope.account
  const name = facts.name?.trim() ?? arn?.resource.replace(/^alarm:/, '') ?? 'unnamed alarm'
  const kind = kindOf(facts)
  const expression = (
    metrics.find((metric) => metric.isResult && metric.expression) ?? metrics.find((m) => m.expression)
  )?.expression
  const query = insightsQuery(expression)
  const logQuery = kind === 'log-alarm' ? logQueryIn(facts.logSource) : undefined
  const dimensions = mergedDimensions([...metrics.map((metric) => metric.dimensions), contributor?.attributes ?? {}])
  const namespaces = distinct(metrics.map((metric) => metric.namespace))
  const namespace = (namespaces.join(', ') || query?.namespace) ?? searchedNamespace(expression)
  const metric = distinct(metrics.map((metric) => metric.name)).join(', ') || query?.metric || labelOf(metrics)
  const status = statusOf(facts.state)
  return {
    kind,
    fingerprint: alarmFingerprint({ arn: facts.arn, region, account, name, contributor: contributor?.id }),
    status: status ?? 'firing',
    drill: drillInReason(facts.reason),
    previousStatus: statusOf(facts.previousState),
    name,
    title: name,
    description: facts.description,
    reason: facts.reason,
    changedAt: facts.changedAt,
    source: 'aws.cloudwatch',
    account,
    region,
    namespace,
    metric,
    expression: expression ?? logQuery?.query,
    dimensions,
    tags: facts.tags,
    resource:
      named(contributor?.attributes) ??
      named(dimensions) ??
      (listed(children.map((child) => child.name)) || listed(alarmsIn(facts.rule))) ??
      listed(logQuery?.groups ?? []) ??
      query?.namespace ??
      (metric && namespace ? `${metric} (${namespace})` : (metric ?? namespace)) ??
      name,
    threshold: thresholdOf({
      ...facts.threshold,
      periodSeconds: facts.threshold.periodSeconds ?? agreed(metrics.map((metric) => metric.periodSeconds)),
      statistic: facts.threshold.statistic ?? agreed(metrics.map((metric) => metric.statistic)),
      unit: facts.threshold.unit ?? agreed(metrics.map((metric) => metric.unit)),
      isAnomaly: kind === 'anomaly-alarm',
      reason: facts.reason,
      reasonData: facts.reasonData,
    }),
    children,
    alarmRule: facts.rule,
    details: {
      ...facts.details,
      state: status === undefined ? (facts.state ?? 'unknown') : undefined,
      contributor: contributor?.id,
      metricAccount: distinct(metrics.map((metric) => metric.account)).join(', '),
      logGroups: logQuery?.groups.join(', '),
    },
    links: {
      console: alarmPage(region, name),
      logs: logsPage(region, dimensions, logQuery?.groups),
      runbook: runbookIn(facts.description?.slice(0, LIMITS.description)),
    },
  }
}
/** The alarm's ARN, actual or constructed; each contributor of an alarm is a separate alert. */
export function alarmFingerprint(of: {
  arn?: string
  region?: string
  account?: string
  name: string
  contributor?: string
}): string {
  const arn =
    parseArn(of.arn)?.service === 'cloudwatch'
      ? arnText(of.arn)
      : `arn:${partitionOf(of.region)}:cloudwatch:${of.region ?? ''}:${of.account ?? ''}:alarm:${of.name}`
  return of.contributor === undefined ? `${arn}` : `${arn}#${of.contributor}`
}

function kindOf({ rule, children, metrics, threshold, reason, logSource }: AlarmFacts): Draft['kind'] {
  if (rule !== undefined || children.length > 0) return 'composite-alarm'
  if (logQueryIn(logSource)) return 'log-alarm'
  const expressions = metrics.map((metric) => metric.expression).filter((expression) => expression !== undefined)
  const isBand =
    /Upper|Lower/.test(threshold.comparison ?? '') || expressions.some((e) => e.includes('ANOMALY_DETECTION_BAND'))
  if (threshold.metricId !== undefined || isBand) return 'anomaly-alarm'
  if (expressions.some((expression) => insightsQuery(expression))) return 'insights-alarm'
  if (expressions.length > 0) return 'math-alarm'
  if (metrics.length > 0) return 'metric-alarm'
  return reason && /arn:[\w-]+:cloudwatch:\S+ transitioned to /.test(reason.slice(0, 2_000))
    ? 'composite-alarm'
    : 'alarm'
}

/** The alarms that a composite's rule names, by name: `ALARM("a") OR ALARM(arn:…:alarm:b)`. */
function alarmsIn(rule: string | undefined): string[] {
  const names = [...(rule ?? '').slice(0, 10_240).matchAll(/\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*["']?([^"')]+)/g)]
  return distinct(names.map(([, name = '']) => (parseArn(name)?.resource.replace(/^alarm:/, '') ?? name).trim()))
}

/** `orders-api (FunctionName), live (Alias)` */
function named(dimensions: Record<string, string> | undefined): string | undefined {
  return listed(Object.entries(dimensions ?? {}).map(([name, value]) => `${value} (${name})`))
}

/** The most names in a headline, and the most characters of all of them. The alert's facts have every name. */
const MAX_NAMED = 3
const HEADLINE = 240

function listed(names: string[]): string | undefined {
  if (names.length === 0) return undefined
  const rest = names.length - MAX_NAMED
  // A single remaining name is as short as "1 more".
  const shown = rest <= 1 ? names : names.slice(0, MAX_NAMED)
  const room = Math.floor(HEADLINE / shown.length)
  const short = shown.map((name) => shortened(withoutKnownSecrets(name), room))
  return (rest <= 1 ? short : [...short, `${rest} more`]).join(', ')
}

/** A name's start and its more specific end: `arn:aws:states:…:nightly (StateMachineArn)`. */
function shortened(name: string, room: number): string {
  const characters = [...name]
  if (characters.length <= room) return name
  const end = Math.floor(room / 2)
  return [...characters.slice(0, room - end - 1), '…', ...characters.slice(-end)].join('')
}

/** What all metrics have in common. */
function agreed<T>(facts: (T | undefined)[]): T | undefined {
  const different = new Set(facts.filter((fact) => fact !== undefined))
  return different.size === 1 ? [...different][0] : undefined
}

function labelOf(metrics: Metric[]): string | undefined {
  return (metrics.find((metric) => metric.isResult) ?? metrics[0])?.label
}

function logsPage(region: string | undefined, dimensions: Record<string, string>, groups: string[] = []) {
  const { FunctionName, LogGroupName = groups[0] } = dimensions
  // Two functions have no common log.
  if (FunctionName && !FunctionName.includes(', ')) return logGroupPage(region, `/aws/lambda/${FunctionName}`)
  return LogGroupName && !LogGroupName.includes(', ') ? logGroupPage(region, LogGroupName) : undefined
}
