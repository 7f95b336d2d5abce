import { ConfiguredRetryStrategy } from '@smithy/core/retry'
import { vi } from 'vitest'
import { DEMO_PROJECT, ROUTER_METRICS, ROUTER_TABLE, startDemo } from '../local/demo/start.ts'
import type { AwsStandIn } from '../local/stand-ins/aws.ts'
import { closeClients, openClients } from '../shared/asking/clients.ts'
import { askReport } from '../shared/asking/report.ts'
import type { Report } from '../shared/questions/reports.ts'
import type { AskedReport } from '../shared/reports/report.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'

/** Friday, 07:30 in Berlin. */
export const FRIDAY = '2026-11-27T06:30:00Z'

export interface Asked {
  report: AskedReport
  /** How many requests an operation has had. */
  count(operation: string): number
}

interface How {
  at?: string
  prepare?: (aws: AwsStandIn) => void
  timeoutMs?: number
  /** Whether it runs where npm's project is; not in a Lambda. */
  hasProject?: boolean
}

/** Asks a report of the demo at a time. */
export async function askedReport(
  name: string,
  wanted: Report,
  { at = FRIDAY, prepare = () => {}, timeoutMs = 60_000, hasProject = true }: How = {},
): Promise<Asked> {
  const [platform, now] = [shippedPlatform(), new Date(at)]
  const aws = await startDemo({ platform, rules: SHIPPED_RULES, now })
  prepare(aws)
  const env = { ...aws.env, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' }
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value)
  const clients = openClients({ retryStrategy: new ConfiguredRetryStrategy(3, () => 1) })
  try {
    const context = { platform, rules: SHIPPED_RULES, now, days: 7, routerMetrics: ROUTER_METRICS }
    const about = {
      name,
      stage: 'demo',
      clients,
      timeoutMs,
      router: { table: async () => ROUTER_TABLE, archive: async () => 'archive' },
      ...(hasProject && { project: DEMO_PROJECT }),
    }
    const report = await askReport(wanted, context, about)
    return { report, count: (operation) => aws.count(operation) }
  } finally {
    closeClients(clients)
    await aws.close()
    vi.unstubAllEnvs()
  }
}
