import type { Platform, Publisher, Unit } from '../../schemas/platform.ts'
import { AWS_SERVICES, dimensionsOf } from './aws-metrics.ts'

/** One line of data in CloudWatch, and how to read it. */
export interface Series {
  /** The name in the file: `quality`, or `warehouse.CPUUtilization`. */
  ref: string
  namespace: string
  metric: string
  dimensions: Record<string, string>
  unit: Unit
  statistic: string
  /** So often there is a value. */
  everyS: number
  /** The service of which it is; absent for the platform's own. */
  service?: string
  /** Who publishes it: AWS, when it is a metric of a service. */
  from: Publisher | { by: 'aws' } | undefined
}

const MINUTE_S = 60
const DAY_S = 86_400

/**
 * The data that a name stands for: several lines for a bucket with several storage types.
 * @returns nothing for a name that the file does not define.
 */
export function seriesOf(platform: Platform, ref: string): Series[] {
  const own = Object.hasOwn(platform.metrics, ref) ? platform.metrics[ref] : undefined
  if (own) {
    const { namespace, metric, dimensions, unit, statistic, from } = own
    const isAws = namespace.startsWith('AWS/')
    const everyS = from?.by === 'daily-report' ? DAY_S : MINUTE_S
    return [
      {
        ref,
        namespace,
        metric,
        dimensions,
        unit,
        statistic,
        everyS,
        from: from ?? (isAws ? { by: 'aws' } : undefined),
      },
    ]
  }
  const [name = '', metric = ''] = split(ref)
  return ofService(platform, name, metric)
}

/** `warehouse.CPUUtilization` → `warehouse`, `CPUUtilization` */
export function split(ref: string): string[] {
  const dot = ref.indexOf('.')
  return dot < 0 ? [ref] : [ref.slice(0, dot), ref.slice(dot + 1)]
}

function ofService({ services }: Platform, name: string, metric: string): Series[] {
  const service = Object.hasOwn(services, name) ? services[name] : undefined
  if (!service || service.type === 'http') return []
  const { namespace, metrics } = AWS_SERVICES[service.type]
  const known = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined
  if (!known) return []
  const { unit, statistic, everyS = MINUTE_S } = known
  const types =
    service.type !== 's3' ? [{}] : metric === 'NumberOfObjects' ? [ALL_TYPES] : service.storage.map(ofStorage)
  return types.map((type) => ({
    ref: `${name}.${metric}`,
    namespace,
    metric,
    dimensions: { ...dimensionsOf(service), ...type },
    unit,
    statistic,
    everyS,
    service: name,
    from: { by: 'aws' as const },
  }))
}

const ALL_TYPES = { StorageType: 'AllStorageTypes' }
const ofStorage = (StorageType: string) => ({ StorageType })

/** Every name that stands for data. */
export function refsOf({ metrics, services }: Platform): string[] {
  const ofServices = Object.entries(services).flatMap(([name, { type }]) =>
    type === 'http' ? [] : Object.keys(AWS_SERVICES[type].metrics).map((metric) => `${name}.${metric}`),
  )
  return [...Object.keys(metrics), ...ofServices]
}

/** The log group of a service, if it has one. */
export function logGroupOf(platform: Platform, name: string): string | undefined {
  const service = platform.services[name]
  if (service?.type === 'lambda') return service.logGroup ?? `/aws/lambda/${service.function}`
  return service?.type === 'ecs' ? service.logGroup : undefined
}
