import type { Ask, Found, MetricAsk, Outcome } from '../questions/ask.ts'
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
  const others = distinct.filter((ask): ask is OtherAsk => ask.kind !== 'metric')
  const signal = AbortSignal.timeout(asking.timeoutMs)
  const [ofMetrics, ofOthers] = await Promise.all([
    askMetrics(asking.clients.cloudWatch, metrics, asking.now, signal),
    Promise.all(others.map(async (ask) => [ask, await askOne(ask, asking, signal)] as const)),
  ])
  const found = new Map([...ofMetrics, ...ofOthers].map(([ask, outcome]) => [JSON.stringify(ask), outcome]))
  return (ask) => found.get(JSON.stringify(ask)) ?? { refused: { why: 'it was not asked' } }
}

type OtherAsk = Exclude<Ask, MetricAsk>

interface Asker<Kind extends OtherAsk['kind']> {
  /** What IAM has to allow. */
  actions: string
  ask(clients: Clients, ask: Extract<OtherAsk, { kind: Kind }>, signal: AbortSignal): Promise<Found[Kind]>
}

const ASKERS: { [Kind in OtherAsk['kind']]: Asker<Kind> } = {
  alarms: {
    actions: 'cloudwatch:DescribeAlarms',
    ask: ({ cloudWatch }, _, signal) => askAlarms(cloudWatch, signal),
  },
  costs: {
    actions: 'ce:GetCostAndUsage',
    ask: ({ costs }, ask, signal) => askCosts(costs, ask, signal),
  },
  backups: {
    actions: 'backup:ListBackupJobs, backup:ListProtectedResources, backup:ListRestoreJobs',
    ask: ({ backup }, ask, signal) => askBackups(backup, ask, signal),
  },
  logs: {
    actions: 'logs:StartQuery, logs:GetQueryResults',
    ask: ({ logs }, ask, signal) => askLogs(logs, ask, signal),
  },
  guardduty: {
    actions: 'guardduty:ListDetectors, guardduty:GetFindingsStatistics',
    ask: ({ guardDuty }, _, signal) => askGuardDuty(guardDuty, signal),
  },
  'security-hub': {
    actions: 'securityhub:GetFindings',
    ask: ({ securityHub }, _, signal) => askSecurityHub(securityHub, signal),
  },
}

function askOne<Kind extends OtherAsk['kind']>(
  ask: Extract<OtherAsk, { kind: Kind }>,
  { clients, now }: Asking,
  signal: AbortSignal,
): Promise<Outcome> {
  const asker = ASKERS[ask.kind as Kind]
  return outcomeOf(asker.actions, now, () => asker.ask(clients, ask, signal))
}
