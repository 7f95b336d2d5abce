import type { Platform, Service } from '../../schemas/platform.ts'
import { allowed } from '../config/allowed.ts'
import type { Problem } from '../config/problem.ts'
import { zoneProblems } from '../config/window-problems.ts'
import { durationMs } from '../decide/duration.ts'
import { AWS_SERVICES } from './aws-metrics.ts'
import { logGroupOf, seriesOf, split } from './series.ts'

type Path = Problem['path']

/** Names that the file does not define, and entries that say too little or too much. */
export function platformProblems(platform: Platform): Problem[] {
  return [
    ...Object.entries(platform.services).flatMap(([name, service]) => endpointProblems(name, service)),
    ...publisherProblems(platform),
    ...Object.entries(platform.objectives).flatMap(([name, { percent, ratio }]) =>
      measuredProblems(platform, ['objectives', name], { percent, ratio }),
    ),
    ...Object.entries(platform.kpis).flatMap(([name, kpi]) => kpiProblems(platform, name, kpi)),
    ...Object.entries(platform.alarms).flatMap(([name, alarm]) => alarmProblems(platform, name, alarm)),
    ...zoneProblems(platform.timezone, ['timezone']),
    ...retentionProblems(platform),
    ...drillProblems(platform),
    ...variableProblems(platform),
  ]
}

/** The probe asks twice, within its own timeout (deploy/platform/probe.ts). */
const MAX_TIMEOUT_S = 20

function endpointProblems(name: string, service: Service): Problem[] {
  if (service.type !== 'http') return []
  const { username, password } = new URL(service.url)
  const path = ['services', name]
  const open =
    username === '' && password === ''
      ? []
      : [
          {
            path: [...path, 'url'],
            message: 'it has a user name or a password, which the probe does not send: name an address that needs none',
          },
        ]
  const long =
    durationMs(service.timeout) <= MAX_TIMEOUT_S * 1_000
      ? []
      : [{ path: [...path, 'timeout'], message: `found ${service.timeout}: at most ${MAX_TIMEOUT_S}s` }]
  return [...open, ...long]
}

function publisherProblems(platform: Platform): Problem[] {
  return Object.entries(platform.metrics).flatMap(([name, { from }]) => {
    const path = ['metrics', name, 'from']
    if (from?.by === 'probe') {
      return from.services.flatMap((one, at) => serviceProblems(platform, one, [...path, 'services', at], ['http']))
    }
    if (from?.by === 'log' || from?.by === 'emf') {
      const unknown = serviceProblems(platform, from.service, [...path, 'service'])
      if (unknown.length > 0 || logGroupOf(platform, from.service) !== undefined) return unknown
      const message = `the service "${from.service}" has no log group. Add logGroup to services.${from.service}, or name a service that has one`
      return [{ path: [...path, 'service'], message }]
    }
    if (from?.by === 'daily-report' && from.per !== undefined) return refProblems(platform, from.per, [...path, 'per'])
    return []
  })
}

function serviceProblems({ services }: Platform, name: string, path: Path, types?: Service['type'][]): Problem[] {
  const known = Object.entries(services).filter(([, { type }]) => types?.includes(type) ?? true)
  if (known.some(([one]) => one === name)) return []
  const what = Object.hasOwn(services, name)
    ? `"${name}" is of type ${services[name]?.type}`
    : `unknown service "${name}"`
  return [
    {
      path,
      message: `${what}. ${allowed(
        name,
        known.map(([one]) => one),
      )}`,
    },
  ]
}

interface Measured {
  percent?: string | undefined
  metric?: string | undefined
  ask?: string | undefined
  ratio?: { bad: string; total: string; of: string[] } | undefined
}

/** Exactly one of what can be measured, and each name known. */
function measuredProblems(platform: Platform, path: Path, measured: Measured): Problem[] {
  const given = Object.entries(measured).filter(([, value]) => value !== undefined)
  if (given.length !== 1) {
    const names = Object.keys(measured).join(' or ')
    return [{ path, message: `found ${given.length === 0 ? 'none' : 'several'} of them: write ${names}` }]
  }
  const { percent, metric, ratio } = measured
  const ref = percent ?? metric
  if (ref !== undefined) return refProblems(platform, ref, [...path, percent === undefined ? 'metric' : 'percent'])
  return ratio === undefined ? [] : ratioProblems(platform, ratio, [...path, 'ratio'])
}

/** CloudWatch takes ten metrics in the math of one alarm (CloudWatch User Guide, Metric math). */
const MAX_IN_MATH = 10

function ratioProblems(platform: Platform, { bad, total, of }: NonNullable<Measured['ratio']>, path: Path): Problem[] {
  const names = of.flatMap((service, at) => {
    const unknown = serviceProblems(platform, service, [...path, 'of', at])
    if (unknown.length > 0) return unknown
    return [bad, total].flatMap((metric) => refProblems(platform, `${service}.${metric}`, [...path, 'of', at]))
  })
  if (2 * of.length <= MAX_IN_MATH) return names
  const message = `found ${of.length} services: an alarm's math takes ${MAX_IN_MATH} metrics, so at most ${MAX_IN_MATH / 2}. Make two objectives`
  return [...names, { path: [...path, 'of'], message }]
}

function refProblems(platform: Platform, ref: string, path: Path): Problem[] {
  if (seriesOf(platform, ref).length > 0) return []
  const [name = '', metric] = split(ref)
  if (metric === undefined) {
    return [
      {
        path,
        message: `unknown metric "${ref}". ${allowed(ref, Object.keys(platform.metrics))} Or SERVICE.METRIC, as in warehouse.CPUUtilization`,
      },
    ]
  }
  const service = Object.hasOwn(platform.services, name) ? platform.services[name] : undefined
  if (!service)
    return [
      { path, message: `unknown service "${name}" in "${ref}". ${allowed(name, Object.keys(platform.services))}` },
    ]
  const known = service.type === 'http' ? [] : Object.keys(AWS_SERVICES[service.type].metrics)
  const none =
    service.type === 'http'
      ? 'AWS publishes none for an http service: use a metric by the probe'
      : allowed(metric, known)
  return [{ path, message: `"${name}" has no metric "${metric}". ${none}` }]
}

function kpiProblems(platform: Platform, name: string, kpi: Platform['kpis'][string]): Problem[] {
  const path = ['kpis', name]
  const { metric, ask, atLeast, atMost, between, shown } = kpi
  const bounds = [atLeast, atMost, between, shown].filter((bound) => bound !== undefined)
  const unbound =
    bounds.length === 1
      ? []
      : [{ path, message: `found ${bounds.length} bounds: write one of atLeast, atMost, between; or shown: true` }]
  const turned =
    between && between[0] >= between[1]
      ? [{ path: [...path, 'between'], message: `found [${between.join(', ')}]: write the lower bound first` }]
      : []
  return [...measuredProblems(platform, path, { metric, ask }), ...unbound, ...turned]
}

function alarmProblems(platform: Platform, name: string, alarm: Platform['alarms'][string]): Problem[] {
  const path = ['alarms', name]
  const { metric, ratio, above, below, atLeast, datapoints, periods } = alarm
  const bounds = [above, below, atLeast].filter((bound) => bound !== undefined)
  return [
    ...measuredProblems(platform, path, { metric, ratio }),
    ...(bounds.length === 1
      ? []
      : [{ path, message: `found ${bounds.length} bounds: write one of above, below, atLeast` }]),
    ...(datapoints !== undefined && datapoints > periods
      ? [{ path: [...path, 'datapoints'], message: `found ${datapoints}: at most the number of periods, ${periods}` }]
      : []),
  ]
}

/** For how many days CloudWatch Logs keeps lines (CloudWatch Logs API Reference, PutRetentionPolicy). */
const DAYS_KEPT = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

function retentionProblems({ logs: { days } }: Platform): Problem[] {
  if (DAYS_KEPT.includes(days)) return []
  return [
    { path: ['logs', 'days'], message: `found ${days}: CloudWatch Logs keeps lines for ${DAYS_KEPT.join(', ')} days` },
  ]
}

/** Such a name is of no entry: JavaScript would drop it. */
export function droppedProblems(data: unknown, path: Path = []): Problem[] {
  if (typeof data !== 'object' || data === null) return []
  return Object.entries(data).flatMap(([key, value]) => {
    const at = [...path, Array.isArray(data) ? Number(key) : key]
    if (key === '__proto__') return [{ path: at, message: 'unknown key "__proto__": give it another name' }]
    return droppedProblems(value, at)
  })
}

/**
 * The stack's template is made of the file's texts, and `${…}` there is filled in by CloudFormation or by serverless. Of a
 * service, AWS's names have none, and the rest is not in the template.
 */
function variableProblems({ services: _services, ...templated }: Platform): Problem[] {
  return textsIn(templated, [])
    .filter(({ text }) => text.includes('${'))
    .map(({ path, text }) => ({
      path,
      message: `found ${JSON.stringify(text.slice(0, 60))}: \${ begins a variable, which CloudFormation or serverless would fill in or refuse. Write it without`,
    }))
}

function textsIn(value: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => [
    ...(key.includes('${') ? [{ path: [...path, key], text: key }] : []),
    ...textsIn(one, [...path, Array.isArray(value) ? Number(key) : key]),
  ])
}

/** A flexible time window of EventBridge Scheduler is of whole minutes, and of a day at most. */
const MAX_WITHIN_MS = 86_400_000

function drillProblems({ drills }: Platform): Problem[] {
  if (!drills) return []
  const ms = durationMs(drills.within)
  if (ms >= 60_000 && ms <= MAX_WITHIN_MS && ms % 60_000 === 0) return []
  return [{ path: ['drills', 'within'], message: `found ${drills.within}: whole minutes, at most 1d` }]
}
