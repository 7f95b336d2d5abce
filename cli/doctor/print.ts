import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import { commandLine } from '../../shared/config/command-line.ts'
import { count } from '../count.ts'
import { timeOf } from './checks/comparing.ts'
import type { Finding } from './finding.ts'
import type { Stage } from './stage.ts'

/** For people. */
export function describe(stage: Stage, findings: Finding[]): string {
  const { name, place, source } = stage
  const where =
    source === 'template'
      ? `The packaged template of stage ${name} for ${place.region} (.serverless/)`
      : `Stage ${name} in ${place.region}, account ${place.account}`
  const parts = [`${where}: ${looked(stage)}`, ...findings.map(describeFinding), ...leftAlone(stage)]
  return [...parts, summary(stage, findings)].join('\n\n')
}

/** So many alarms say enough. */
const LISTED = 10

/** What differs between CloudWatch and the router, and is meant to: no fault. */
function leftAlone({ lastReconcile }: Stage): string[] {
  if (!lastReconcile || lastReconcile.left.length === 0) return []
  const { at, left } = lastReconcile
  const more = left.length - LISTED
  const lines = left
    .slice(0, LISTED)
    .map(({ name, why }) => `  ${shorten(oneLine(name), 80)}: ${shorten(oneLine(why), 120)}`)
  const head = `No fault: CloudWatch and the router differ about these alarms, which reconcile leaves alone (${timeOf(at)}):`
  return [[head, ...lines, ...(more > 0 ? [`  and ${more} more: --json lists them`] : [])].join('\n')]
}

function looked({ topics, queues, functions, schedules, alarms, tables, secrets }: Stage): string {
  const counts: [unknown[] | undefined, string][] = [
    [topics, 'topic'],
    [queues, 'queue'],
    [functions, 'function'],
    [schedules, 'EventBridge rule'],
    [alarms, 'alarm'],
    [tables, 'table'],
    [secrets, 'secret'],
  ]
  return counts.flatMap(([all, one]) => (all ? [count(all.length, one)] : [])).join(', ')
}

function describeFinding({ severity, id, about, what, keeps, fix }: Finding): string {
  return [
    `${severity}  ${id}  ${oneLine(about)}`,
    `  ${oneLine(what)}`,
    ...(severity === 'unknown' ? [] : [`  Not delivered: ${oneLine(keeps)}`]),
    ...fix.map((command, index) => `  ${index === 0 ? '→' : ' '} ${oneLine(command)}`),
  ].join('\n')
}

const OFFLINE = `A template does not show confirmed email addresses, secrets, disabled resources or firing alarms. To check those: ${commandLine('doctor --stage')}`

function summary({ source, name, place }: Stage, findings: Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length
  const [errors, warnings, unknown] = [count('error'), count('warning'), count('unknown')]
  const parts = [
    ...(errors > 0 ? [`${errors} ${errors === 1 ? 'error' : 'errors'}`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
    ...(unknown > 0 ? [`${unknown} unknown, because it could not be read or evaluated`] : []),
  ]
  const result =
    parts.length > 0 ? `${parts.join(', ')}.` : 'Found nothing that would prevent an alert from being delivered.'
  return source === 'template' ? `${result}\n${OFFLINE} ${name} --region ${place.region}` : result
}

/** For scripts: one object. */
export function inJson({ name, place, source, lastReconcile }: Stage, findings: Finding[]): string {
  return JSON.stringify({ stage: name, ...place, source, findings, ...(lastReconcile && { lastReconcile }) })
}
