import type { Alert } from '../../schemas/alert.ts'
import type { Platform } from '../../schemas/platform.ts'
import { logGroupOf } from '../platform/series.ts'

/** More would be other services' lines. */
const MOST = 5

/** Where AWS writes what a resource logs, by the dimension that names the resource. */
const BY_DIMENSION: Record<string, (name: string) => string> = {
  FunctionName: (name) => `/aws/lambda/${name}`,
  ProjectName: (name) => `/aws/codebuild/${name}`,
}

/** The log groups of what an alert is about: by AWS's names, and by the services and metrics of the platform. */
export function logGroupsOf(alert: Alert, platform: Platform | undefined): string[] {
  const ofAws = Object.entries(alert.dimensions).flatMap(([dimension, value]) => BY_DIMENSION[dimension]?.(value) ?? [])
  if (!platform) return [...new Set(ofAws)].slice(0, MOST)
  const named = new Set(Object.values(alert.dimensions))
  const services = Object.entries(platform.services).flatMap(([name, service]) => {
    const names = [
      ...('function' in service ? [service.function] : []),
      ...('service' in service ? [service.service] : []),
    ]
    return names.some((one) => named.has(one)) ? [name] : []
  })
  const ofMetric = Object.values(platform.metrics).flatMap(({ namespace, metric, from }) =>
    namespace === alert.namespace && metric === alert.metric && from && 'service' in from ? [from.service] : [],
  )
  const ofServices = [...services, ...ofMetric].flatMap((name) => logGroupOf(platform, name) ?? [])
  // A function may write into a group of its own: then that of its name does not exist.
  const all = ofServices.length > 0 ? ofServices : ofAws
  return [...new Set(all)].slice(0, MOST)
}
