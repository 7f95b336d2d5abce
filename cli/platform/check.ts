import type { Platform } from '../../schemas/platform.ts'
import { readText } from '../../shared/config/read.ts'
import { budgetOf, burnPairs, firesAfter } from '../../shared/platform/burn.ts'
import { PLATFORM_FINDINGS, platformFindings } from '../../shared/platform/findings.ts'
import { type OpenedPlatform, openPlatform } from '../../shared/platform/read.ts'
import { duration } from '../../shared/questions/figure.ts'
import type { PLATFORM_CHECK } from '../commands/platform.ts'
import { count } from '../count.ts'
import type { Given } from '../frame/spec.ts'
import { type Diagnostic, describe, grouped } from '../rules/check/print.ts'
import { fitting } from '../table.ts'
import { widthOf, wrap } from '../wrap.ts'

export async function checkPlatform({ options }: Given<typeof PLATFORM_CHECK>): Promise<number> {
  const { platform: path, strict, json } = options
  const text = readText(path)
  const opened = openPlatform(text, path)
  const diagnostics = diagnosticsOf(opened)
  const of = (level: Diagnostic['level']) => diagnostics.filter((one) => one.level === level).length
  const [errors, warnings] = [of('error'), of('warning')]
  const objectives = objectivesOf(opened.platform)
  process.stdout.write(
    json
      ? `${JSON.stringify({ platform: path, errors, warnings, findings: diagnostics.map(asJson), objectives })}\n`
      : report({ path, text, diagnostics, opened, objectives }),
  )
  return errors > 0 || (strict && warnings > 0) ? 1 : 0
}

function diagnosticsOf({ platform, problems, placeOf }: OpenedPlatform): Diagnostic[] {
  const invalid = problems.map(({ place, message }) => ({ code: 'invalid', level: 'error' as const, place, message }))
  const found = platform ? platformFindings(platform) : []
  const likely = found.map(({ path, also = [], ...finding }) => ({
    ...finding,
    level: PLATFORM_FINDINGS[finding.code],
    place: placeOf(path),
    also: also.map(placeOf),
  }))
  return [...invalid, ...likely].sort((one, other) => one.place.line - other.place.line)
}

const asJson = ({ place, ...diagnostic }: Diagnostic) => ({ ...diagnostic, ...place })

/** Steady shares of errors for which the table says when an objective notifies: times its budget. */
const TIMES_BUDGET = [1_000, 15, 9, 1]

type Fires = { bad: number; afterS?: number; severity?: 'critical' | 'warning' }[]
interface Shown {
  name: string
  goal: number
  over: string
  /** Percent. */
  budget: number
  fires: Fires
}

function objectivesOf(platform: Platform | undefined): Shown[] {
  return Object.entries(platform?.objectives ?? {}).map(([name, { goal, over }]) => {
    const pairs = burnPairs({ goal })
    const budget = budgetOf(goal)
    const fires = TIMES_BUDGET.map((times) => {
      const bad = Math.min(100, Number((times * budget).toPrecision(6)))
      const fired = firesAfter(pairs, bad)
      return { bad, ...(fired && { afterS: fired.afterS, severity: fired.pair.severity }) }
    })
    return { name, goal, over, budget, fires }
  })
}

interface Report {
  path: string
  text: string
  diagnostics: Diagnostic[]
  opened: OpenedPlatform
  objectives: Shown[]
}

function report({ path, text, diagnostics, opened: { platform }, objectives }: Report): string {
  const width = widthOf(process.stdout)
  const lines = text.trimEnd().split('\n')
  const of = (level: Diagnostic['level']) => diagnostics.filter((one) => one.level === level).length
  const sums = `${count(of('error'), 'error')}, ${count(of('warning'), 'warning')}`
  const parts = [
    ...grouped(diagnostics).map((one) => describe(one, lines, width)),
    ...(objectives.length > 0 ? [tableOf(objectives, width)] : []),
    wrap(`${path}: ${sums}${platform ? ` in ${sizeOf(platform)}` : ''}.`, width).join('\n'),
  ]
  return `${parts.join('\n\n')}\n`
}

function sizeOf({ services, metrics, objectives, kpis, alarms }: Platform): string {
  const size = (of: object, noun: string) => count(Object.keys(of).length, noun)
  return `${size(services, 'service')}, ${size(metrics, 'metric')}, ${size(objectives, 'objective')}, ${size(kpis, 'figure')}, ${size(alarms, 'alarm')}`
}

/** When each objective notifies, from the first error on. */
function tableOf(objectives: Shown[], width: number): string {
  const rows = {
    head: ['objective', 'may fail', 'with errors of', 'notifies'],
    rows: objectives.flatMap(({ name, goal, over, budget, fires }) =>
      fires.map(({ bad, afterS, severity }, at) => [
        at === 0 ? `${name} ${goal} %` : '',
        at === 0 ? `${budget} % in ${over}: ${duration((Number.parseInt(over, 10) * 86_400 * budget) / 100)}` : '',
        `${bad} %`,
        afterS === undefined ? 'never' : `${severity} after ${duration(afterS)}`,
      ]),
    ),
  }
  return fitting(rows, width)
}
