import type { Platform } from '../../schemas/platform.ts'
import { openAlerts } from '../history/firing.ts'
import type { Ask, Found, MetricAsk, Outcome } from '../questions/ask.ts'
import { openAccount } from './accounts.ts'
import { askAlarmHistory } from './alarm-history.ts'
import { askAlerts } from './alerts.ts'
import { askBackups } from './backups.ts'
import { askCertificates } from './certificates.ts'
import { type Clients, closeClients } from './clients.ts'
import { askCosts } from './costs.ts'
import { askOutdated, askVulnerable, type Project } from './dependencies.ts'
import { askDrills } from './drills.ts'
import { askGuardDuty, askSecurityHub } from './findings.ts'
import { FIRST_ASKERS } from './first-asked.ts'
import { askForecast } from './forecast.ts'
import { askFunctionSizes, askFunctions, askInvocations } from './functions.ts'
import { askHealth } from './health.ts'
import { askKept } from './kept.ts'
import { askLambdaLimits } from './lambda.ts'
import { askMetrics, GET_METRICS } from './metrics.ts'
import { askPatches } from './patches.ts'
import { askQuotas } from './quotas.ts'
import { outcomeOf } from './refused.ts'

/** For all asks together, and one call of the clock for how old each answer is. */
export interface Asking {
  clients: Clients
  /** Others, by their names in the file: each role is taken once, when something is asked of it. */
  accounts: Platform['accounts']
  router: RouterNames
  /** What has been asked before in the same run, by the ask: it is not asked again, and what is asked joins it. */
  known?: Map<string, Outcome> | undefined
  /** Where the report runs; absent in a Lambda. */
  project?: Project
  now: () => Date
  timeoutMs: number
}

/** What CloudFormation has named. Each @throws {Error} with the name `NoSuchRouter`. */
export interface RouterNames {
  table(): Promise<string>
  archive(): Promise<string>
}

/** Asks everything at once, nothing twice. What fails is an answer, too: the rest stands. */
export async function askAll(asks: Ask[], asking: Asking): Promise<(ask: Ask) => Outcome> {
  const found = asking.known ?? new Map<string, Outcome>()
  const distinct = [...new Map(asks.map((ask) => [JSON.stringify(ask), ask]))].flatMap(([key, ask]) =>
    found.has(key) ? [] : [ask],
  )
  const signal = AbortSignal.timeout(asking.timeoutMs)
  const answered = await Promise.all(
    [...Map.groupBy(distinct, ({ account }) => account)].map(([account, of]) =>
      account === undefined ? askOwn(of, asking, signal) : askOther(account, of, asking, signal),
    ),
  )
  for (const [ask, outcome] of answered.flat()) found.set(JSON.stringify(ask), outcome)
  return (ask) => found.get(JSON.stringify(ask)) ?? { refused: { why: 'it was not asked' } }
}

type Answered = [ask: Ask, outcome: Outcome]

async function askOwn(asks: Ask[], asking: Asking, signal: AbortSignal): Promise<Answered[]> {
  const metrics = asks.filter((ask): ask is MetricAsk => ask.kind === 'metric')
  const others = asks.filter((ask): ask is OtherAsk => ask.kind !== 'metric')
  const [ofMetrics, ofOthers] = await Promise.all([
    askMetrics(asking.clients.cloudWatch, metrics, asking.now, signal),
    Promise.all(others.map(async (ask): Promise<Answered> => [ask, await askOne(ask, asking, signal)])),
  ])
  return [...ofMetrics, ...ofOthers]
}

/** With the role of another account. Without it, each of its questions says what is missing. */
async function askOther(name: string, asks: Ask[], asking: Asking, signal: AbortSignal): Promise<Answered[]> {
  const of = asking.accounts[name]
  const account = of ? await openAccount(of, signal) : { refused: { why: `there is no account ${name}` } }
  if ('refused' in account) return asks.map((ask) => [ask, account])
  const { clients } = account
  return askOwn(asks, { ...asking, clients }, signal).finally(() => closeClients(clients))
}

type OtherAsk = Exclude<Ask, MetricAsk>

interface Asker<Kind extends OtherAsk['kind']> {
  /** What IAM has to allow; of what is asked of this machine, the command. */
  actions: string
  ask(asking: Asking, ask: Extract<OtherAsk, { kind: Kind }>, signal: AbortSignal): Promise<Found[Kind]>
}

const ASKERS: { [Kind in OtherAsk['kind']]: Asker<Kind> } = {
  ...FIRST_ASKERS,
  costs: {
    actions: 'ce:GetCostAndUsage',
    ask: ({ clients: { costs } }, ask, signal) => askCosts(costs, ask, signal),
  },
  forecast: {
    actions: 'ce:GetCostForecast',
    ask: ({ clients: { costs } }, ask, signal) => askForecast(costs, ask, signal),
  },
  'alarm-history': {
    actions: 'cloudwatch:DescribeAlarmHistory',
    ask: ({ clients: { cloudWatch } }, ask, signal) => askAlarmHistory(cloudWatch, ask, signal),
  },
  alerts: {
    actions: 'dynamodb:ListTables, dynamodb:Scan',
    ask: async ({ clients: { dynamoDb }, router }, ask, signal) =>
      askAlerts(dynamoDb, await router.table(), ask, signal),
  },
  open: {
    actions: 'dynamodb:ListTables, dynamodb:GetItem, dynamodb:Scan, dynamodb:Query',
    ask: async ({ clients: { dynamoDb }, router, now }, _, signal) =>
      openAlerts(dynamoDb, await router.table(), now(), signal),
  },
  kept: {
    actions: 's3:ListAllMyBuckets, s3:ListBucket, s3:GetObject',
    ask: async ({ clients: { s3 }, router }, ask, signal) => askKept(s3, await router.archive(), ask, signal),
  },
  health: {
    actions: 'health:DescribeEvents',
    ask: ({ clients: { health } }, ask, signal) => askHealth(health, ask, signal),
  },
  drills: {
    actions: 'dynamodb:ListTables, dynamodb:Query',
    ask: async ({ clients: { dynamoDb }, router }, _, signal) => askDrills(dynamoDb, await router.table(), signal),
  },
  backups: {
    actions: 'backup:ListBackupJobs, backup:ListProtectedResources, backup:ListRestoreJobs',
    ask: ({ clients: { backup } }, ask, signal) => askBackups(backup, ask, signal),
  },
  guardduty: {
    actions: 'guardduty:ListDetectors, guardduty:GetDetector, guardduty:GetFindingsStatistics',
    ask: ({ clients: { guardDuty } }, _, signal) => askGuardDuty(guardDuty, signal),
  },
  'security-hub': {
    actions: 'securityhub:GetFindings',
    ask: ({ clients: { securityHub } }, _, signal) => askSecurityHub(securityHub, signal),
  },
  'lambda-limits': {
    actions: 'lambda:GetAccountSettings, lambda:GetFunctionConcurrency',
    ask: ({ clients: { lambda } }, { functions }, signal) => askLambdaLimits(lambda, functions, signal),
  },
  outdated: {
    actions: 'npm outdated',
    ask: ({ project }, _, signal) => askOutdated(project, signal),
  },
  vulnerable: {
    actions: 'npm audit',
    ask: ({ project }, _, signal) => askVulnerable(project, signal),
  },
  functions: {
    actions: 'lambda:ListFunctions',
    ask: ({ clients: { lambda } }, _, signal) => askFunctions(lambda, signal),
  },
  invocations: {
    actions: 'lambda:ListFunctions, cloudwatch:GetMetricData',
    ask: ({ clients: { lambda, cloudWatch } }, ask, signal) => askInvocations(lambda, cloudWatch, ask, signal),
  },
  'function-sizes': {
    // Compute Optimizer asks Lambda on our behalf (its User Guide, Controlling access with IAM).
    actions:
      'compute-optimizer:GetLambdaFunctionRecommendations, lambda:ListFunctions, lambda:ListProvisionedConcurrencyConfigs',
    ask: ({ clients: { optimizer } }, _, signal) => askFunctionSizes(optimizer, signal),
  },
  certificates: {
    actions: 'acm:ListCertificates, acm:DescribeCertificate',
    ask: ({ clients: { acm }, now }, { region }, signal) => askCertificates(acm.in(region), now(), signal),
  },
  patches: {
    actions: 'ssm:DescribeInstanceInformation, ssm:DescribeInstancePatchStates',
    ask: ({ clients: { ssm } }, _, signal) => askPatches(ssm, signal),
  },
  quotas: {
    actions: 'servicequotas:ListServiceQuotas, cloudwatch:GetMetricData',
    ask: ({ clients: { quotas, cloudWatch } }, ask, signal) => askQuotas(quotas, cloudWatch, ask, signal),
  },
}

/** What IAM has to allow for a kind of ask; nothing for what is asked of this machine. */
export function actionsOf(kind: Ask['kind']): string[] {
  return kind === 'metric' ? [GET_METRICS] : ASKERS[kind].actions.split(', ').filter((action) => action.includes(':'))
}

function askOne<Kind extends OtherAsk['kind']>(
  ask: Extract<OtherAsk, { kind: Kind }>,
  asking: Asking,
  signal: AbortSignal,
): Promise<Outcome> {
  const asker = ASKERS[ask.kind as Kind]
  return outcomeOf(asker.actions, asking.now, () => asker.ask(asking, ask, signal))
}
