import type { Ask, MetricAsk, Outcome } from '../questions/ask.ts'
import { askAlarms } from './alarms.ts'
import { askBackups } from './backups.ts'
import type { Clients } from './clients.ts'
import { askCosts } from './costs.ts'
import { askGuardDuty, askSecurityHub } from './findings.ts'
import { askLogs } from './logs.ts'
import { askMetrics } from './metrics.ts'
import { outcomeOf } from './refused.ts'

/** For all asks together, and one call of the clock for how old each answer is. */
export interface Asking {
  clients: Clients
  now: () => Date
  timeoutMs: number
}

/** Asks everything at once, nothing twice. What fails is an answer, too: the rest stands. */
export async function askAll(asks: Ask[], asking: Asking): Promise<(ask: Ask) => Outcome> {
  const distinct = [...new Map(asks.map((ask) => [JSON.stringify(ask), ask])).values()]
  const metrics = distinct.filter((ask): ask is MetricAsk => ask.kind === 'metric')
  const others = distinct.filter((ask) => ask.kind !== 'metric')
  const signal = AbortSignal.timeout(asking.timeoutMs)
  const [ofMetrics, ofOthers] = await Promise.all([
    askMetrics(asking.clients.cloudWatch, metrics, asking.now, signal),
    Promise.all(others.map(async (ask) => [ask, await askOne(ask, asking, signal)] as const)),
  ])
  const found = new Map([...ofMetrics, ...ofOthers].map(([ask, outcome]) => [JSON.stringify(ask), outcome]))
  return (ask) => found.get(JSON.stringify(ask)) ?? { refused: { why: 'it was not asked' } }
}

function askOne(ask: Exclude<Ask, MetricAsk>, { clients, now }: Asking, signal: AbortSignal): Promise<Outcome> {
  switch (ask.kind) {
    case 'alarms':
      return outcomeOf('cloudwatch:DescribeAlarms', now, () => askAlarms(clients.cloudWatch, signal))
    case 'costs':
      return outcomeOf('ce:GetCostAndUsage', now, () => askCosts(clients.costs, ask, signal))
    case 'backups':
      return outcomeOf('backup:ListBackupJobs, backup:ListProtectedResources, backup:ListRestoreJobs', now, () =>
        askBackups(clients.backup, ask, signal),
      )
    case 'logs':
      return outcomeOf('logs:StartQuery, logs:GetQueryResults', now, () => askLogs(clients.logs, ask, signal))
    case 'guardduty':
      return outcomeOf('guardduty:ListDetectors, guardduty:GetFindingsStatistics', now, () =>
        askGuardDuty(clients.guardDuty, signal),
      )
    case 'security-hub':
      return outcomeOf('securityhub:GetFindings', now, () => askSecurityHub(clients.securityHub, signal))
  }
}
